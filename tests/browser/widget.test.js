// The chat within another site's page, put there by one line.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { before, test } from "node:test";
import { beyond, flaws, launch, open, picture, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk, says } from "./stage/people.js";

let library, browser, site, stranger;

/** Another site, whose pages have the line of the widget. */
async function sitesOf(t, count) {
  const servers = [];
  for (let i = 0; i < count; i += 1) {
    const server = createServer((request, response) => {
      const french = request.url === "/fr";
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><html lang="${french ? "fr" : "en"}"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Town of Linden</title><body><main><h1>Town of Linden</h1><p>All about the town. <a href="#more">More</a></p></main>
        <script src="${library.address}/widget.js" async></script></body></html>`);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    servers.push(`http://127.0.0.1:${server.address().port}`);
  }
  return servers;
}

before(async (t) => {
  [site, stranger] = await sitesOf(t, 2);
  library = await Library.open(t, { web: [`embed = ["${site}"]`] });
  browser = await launch(t);
});

/** The chat in the widget's frame. */
function inside(page) {
  const frame = page.frameLocator("iframe");
  return {
    box: frame.getByRole("textbox"),
    said: frame.locator("#lines > .said"),
    replies: frame.locator("#lines > .reply"),
    frame,
  };
}

for (const [name, viewport] of [["screen", { width: 1280, height: 800 }], ["phone", { width: 360, height: 740 }]]) {
  test(`it opens, answers and closes on another site's page, ${name}`, async (t) => {
    const context = await visitor(t, browser, library, { viewport });
    const page = await open(context, site);
    const button = page.getByRole("button", { name: "Ask the library" });
    await button.waitFor();
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    assert.deepEqual(await flaws(page), []);
    assert.equal(await page.locator("iframe").count(), 0, "nothing is loaded before anybody asks");
    await picture(page, `widget-${name}-1-closed`);
    await button.click();
    const { box, replies } = inside(page);
    await box.fill("Is there wifi?");
    await box.press("Enter");
    await replies.first().waitFor();
    await says(replies.first(), "Wifi is free");
    await picture(page, `widget-${name}-2-open`);
    assert.ok((await beyond(page)) <= 0);
    assert.ok(await page.locator("iframe").getAttribute("title"));
    // Escape within the frame closes it, and the focus is where it was.
    await box.press("Escape");
    await page.locator("iframe").waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ask the library");
    // It opens again where it was, and closes by its button.
    await page.keyboard.press("Enter");
    await replies.first().waitFor();
    const inner = inside(page).frame.getByRole("button", { name: "Close the conversation" });
    const outer = page.getByRole("button", { name: "Close", exact: true });
    if (name === "phone") {
      // It fills the window, so it is closed from within.
      assert.equal(await outer.isVisible(), false);
      assert.equal((await page.locator("iframe").boundingBox()).height, viewport.height);
      await inner.click();
    } else {
      assert.ok(await inner.isVisible());
      await outer.click();
    }
    await page.locator("iframe").waitFor({ state: "hidden" });
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    await page.reload();
    await button.click();
    await says(replies.first(), "Wifi is free");
    // Escape on the site's own page closes it too.
    await page.getByRole("link", { name: "More" }).focus();
    await page.keyboard.press("Escape");
    await page.locator("iframe").waitFor({ state: "hidden" });
  });
}

test("the frame's conversation is one of its own, and staff answer it like any other", async (t) => {
  const context = await visitor(t, browser, library);
  const own = await Chat.open(context);
  await own.ask("How do I renew a book?");
  const page = await open(context, site);
  await page.getByRole("button", { name: "Ask the library" }).click();
  const { box, said, replies } = inside(page);
  await box.fill("do you lend sewing machines?");
  await box.press("Enter");
  await replies.first().waitFor();
  assert.equal(await said.count(), 1);
  const desk = await Desk.signIn(await visitor(t, browser, library), library);
  await desk.show("do you lend sewing machines?");
  await desk.answer.fill("Yes, at Riverside.");
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  await replies.nth(1).waitFor();
  await says(replies.nth(1), "Yes, at Riverside.");
});

test("it speaks the page's language", async (t) => {
  const page = await open(await visitor(t, browser, library), `${site}/fr`);
  await page.getByRole("button", { name: "Une question ?" }).click();
  await says(inside(page).frame.locator("#welcome"), "Je suis un programme.");
});

test("no page but those that the settings name may show it", async (t) => {
  const refused = [/frame-ancestors/, /Refused to frame/, /Framing/, /ERR_/];
  const page = await open(await visitor(t, browser, library, {}, refused), stranger);
  await page.getByRole("button", { name: "Ask the library" }).click();
  await page.waitForTimeout(800);
  assert.equal(await page.frameLocator("iframe").getByRole("textbox").count(), 0);
  const embedded = await fetch(`${library.address}/embed`);
  assert.match(embedded.headers.get("content-security-policy"), new RegExp(`frame-ancestors ${site}$`));
  for (const path of ["/", "/desk/sign-in"]) {
    const page = await fetch(library.address + path);
    assert.match(page.headers.get("content-security-policy"), /frame-ancestors 'none'$/);
  }
});

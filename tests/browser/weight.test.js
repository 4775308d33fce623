// What the pages cost, and that they ask nobody else.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, open, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat } from "./stage/people.js";

/** Bytes of a page with all that it loads, as they come over the wire, heads of answers included. */
const PAGE_MAX = 50_000;

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

/** Loads a page in a fresh browser; returns what came over the wire, by address. */
async function weigh(t, path) {
  const context = await visitor(t, browser, library);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const urls = new Map();
  const bytes = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    bytes.set(url, (bytes.get(url) ?? 0) + encodedDataLength);
  });
  await page.goto(path);
  await page.waitForTimeout(1000);
  const hosts = new Set([...urls.values()].map((url) => new URL(url).host));
  assert.deepEqual([...hosts], [new URL(library.address).host], "no other host is asked for anything");
  return bytes;
}

for (const path of ["/", "/embed?in=embed", "/desk"]) {
  test(`${path} weighs at most ${PAGE_MAX} bytes`, async (t) => {
    const bytes = await weigh(t, path);
    const whole = [...bytes.values()].reduce((sum, one) => sum + one, 0);
    for (const [url, one] of bytes) t.diagnostic(`${one} ${new URL(url).pathname}`);
    t.diagnostic(`${whole} altogether`);
    assert.ok(bytes.size >= 4, "the page and its files were weighed");
    assert.ok(whole <= PAGE_MAX, `${whole} bytes`);
  });
}

test("a second visit loads the page alone", async (t) => {
  const context = await visitor(t, browser, library);
  await Chat.open(context);
  const page = await context.newPage();
  await page.goto("/");
  const cached = await page.evaluate(() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/assets/")).map(({ transferSize }) => transferSize));
  assert.ok(cached.length >= 3 && cached.every((size) => size === 0), `${cached}`);
});

test("the policy of the pages would stop a script of somebody else's", async (t) => {
  const context = await visitor(t, browser, library, {}, [/Content Security Policy/, /violates/]);
  const page = await open(context);
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    const style = document.createElement("p");
    style.setAttribute("style", "color: red");
    document.body.append(style);
    const answered = await fetch("https://127.0.0.2:1/").then(() => true, () => false);
    return { ran: window.ran === true, styled: getComputedStyle(style).color === "rgb(255, 0, 0)", answered };
  });
  assert.deepEqual(ran, { ran: false, styled: false, answered: false });
});

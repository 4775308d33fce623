// A patron's conversation, as they see it.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, open, until, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk, says, words } from "./stage/people.js";

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

test("a question is answered with its source and buttons, and Helpful is thanked for", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  await says(chat.page.locator("#welcome"), "I am a program.");
  const answer = await chat.ask("How do I renew a book?");
  await says(answer, "Renew a book in your online account");
  await says(answer, "From “Borrowing rules, section 4”, verified on 12 January 2026");
  assert.equal(await chat.page.locator("#welcome").count(), 0);
  assert.deepEqual(await answer.getByRole("button").allInnerTexts(), ["Helpful", "Not helpful", "Ask a person"]);
  await says(await chat.press("Helpful"), "Thank you for telling me.");
  assert.match(await answer.locator("time").innerText(), /^\d{1,2}:\d\d$/);
  assert.equal(await chat.box.inputValue(), "");
});

test("choices are pressed, and the pages of a list turn where they stand", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  await chat.ask("how do I renew");
  await says(await chat.press("How do I renew a library card?"), "Bring your card");
  const list = await chat.ask("/find fiction");
  const line = () => list.locator("ol > li button").first().innerText();
  const first = await line();
  await list.getByRole("button", { name: "More", exact: true }).press("Enter");
  await until("the next page is shown", async () => (await line()) !== first);
  await says(list, /There are \d+ more\./);
  assert.equal(await list.locator("ol > li").count(), 5);
  assert.equal(await list.locator("ol").getAttribute("start"), "6");
  await until("who turns pages by keyboard stays there", async () => {
    const focused = await chat.page.evaluate(() => document.activeElement.textContent.trim());
    return focused === "More";
  });
  const title = await line();
  await says(await chat.press(title), title.split(" – ")[0]);
  await list.getByRole("button", { name: "Back", exact: true }).click();
  await until("the page before is shown", async () => (await line()) === first);
});

test("the page speaks French to whoever's browser does, and to whoever asks for it", async (t) => {
  const french = await Chat.open(await visitor(t, browser, library, { locale: "fr-FR" }));
  assert.equal(await french.page.locator("html").getAttribute("lang"), "fr");
  await says(await french.ask("Combien de livres puis-je emprunter ?"), "Vous pouvez emprunter jusqu’à 12 documents");
  const english = await Chat.open(await visitor(t, browser, library));
  assert.equal(await english.page.locator("html").getAttribute("lang"), "en");
  await english.page.getByRole("link", { name: "Français" }).click();
  await english.page.getByRole("button", { name: "Horaires", exact: true }).waitFor();
  await says(await english.command("Horaires"), /ouvert|fermé/);
});

test("a message is changed, and taken back", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  const answer = await chat.ask("Is there wifi?");
  await says(answer, "Wifi is free");
  const own = chat.said.first();
  await own.getByText("Change", { exact: true }).click();
  await own.getByLabel("Your words").fill("How do I renew a book?");
  await own.getByRole("button", { name: "Save" }).click();
  await own.getByText("changed", { exact: true }).waitFor();
  await until("the answer changes too", async () => (await chat.replies.first().innerText()).includes("Renew a book"));
  assert.equal(await own.getByLabel("Your words").isVisible(), false);
  await own.getByText("Change", { exact: true }).click();
  await own.getByRole("button", { name: "Take it back" }).click();
  await own.getByText("You took this back.").waitFor();
  assert.equal(await own.getByText("How do I renew").count(), 0);
  await chat.page.reload();
  await says(chat.said.first(), "You took this back.");
});

test("two questions in one message are both answered", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  const answer = await chat.ask("How much does printing cost? And is there wifi?");
  await says(answer, "You can print and copy at both branches.");
  await says(answer, "Wifi is free at both branches");
  assert.equal(await answer.locator(".source").count(), 2);
});

test("HTML and scripts in a message are shown as the words that they are", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  const nasty = '<img src=x onerror="alert(1)"><b>bold</b><script>alert(2)</script> & "quoted" \'too\' {{7*7}}';
  await chat.ask(`/person ${nasty}`);
  assert.equal(await chat.said.first().locator(".text").innerText(), `/person ${nasty}`);
  assert.equal(await chat.page.locator("#lines :is(img, b, script)").count(), 0);
  const desk = await Desk.signIn(await visitor(t, browser, library), library);
  await desk.show("<img src=x");
  await says(desk.page.locator("#view h2"), nasty);
  await desk.answer.fill(nasty);
  await desk.page.getByRole("button", { name: "Preview" }).click();
  assert.equal(await desk.page.locator("#preview .text").innerText(), nasty);
  assert.equal(await desk.page.locator("#desk :is(#view, #queue, #preview) :is(img, b, script)").count(), 0);
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  const late = await chat.reply(1);
  await says(late, nasty);
  assert.equal(await late.locator(":is(img, b, script)").count(), 0);
  await chat.page.reload();
  assert.equal(await chat.page.locator("#lines :is(img, b, script)").count(), 0);
});

test("a conversation outlives a reload, and a second tab follows it", async (t) => {
  const context = await visitor(t, browser, library);
  const chat = await Chat.open(context);
  await chat.ask("Is there wifi?");
  const before = await words(chat.page.locator("#lines"));
  await chat.page.reload();
  assert.deepEqual(await words(chat.page.locator("#lines")), before);
  const second = await Chat.open(context);
  assert.deepEqual(await words(second.page.locator("#lines")), before);
  await chat.ask("How do I renew a book?");
  await second.reply(1);
  await second.ask("How much does printing cost?");
  await chat.reply(2);
  await until("both show the same", async () => {
    const [one, other] = await Promise.all([chat, second].map(({ page }) => words(page.locator("#lines"))));
    return one.join("\n") === other.join("\n");
  });
});

test("a message is sent once, however impatient its author", async (t) => {
  const context = await visitor(t, browser, library);
  const chat = await Chat.open(context);
  // Each message takes its time.
  await context.route("**/say?*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await chat.box.fill("Is there wifi?");
  for (let i = 0; i < 4; i += 1) await chat.box.press("Enter");
  await chat.reply(0);
  // What is written meanwhile stays.
  await chat.box.fill("How do I renew a book?");
  await chat.box.press("Enter");
  await chat.box.fill("and how much is");
  await chat.reply(1);
  await chat.page.waitForTimeout(600);
  assert.equal(await chat.said.count(), 2);
  assert.equal(await chat.box.inputValue(), "and how much is");
});

test("what was forgotten is on no page any more", async (t) => {
  const context = await visitor(t, browser, library);
  const [chat, second] = [await Chat.open(context), await Chat.open(context)];
  await chat.ask("Is there wifi?");
  await second.reply(0);
  await chat.ask("/forget");
  await chat.page.getByRole("button", { name: "Erase all of it" }).click();
  for (const page of [chat, second]) {
    await until("the words are gone", async () => {
      const shown = await page.page.locator("#lines").innerText().catch(() => "Is there wifi?");
      return shown.includes("Erased. I know nothing of you any more.") && !shown.includes("wifi");
    });
  }
  await chat.page.reload();
  assert.equal(await chat.page.getByText("wifi").count(), 0);
});

test("what comes too fast is refused in words, and the words stay", async (t) => {
  const slow = await Library.open(t, { web: ["per_person = 2"] });
  const context = await visitor(t, browser, slow, {}, [/status of 429/, /Status Error Code 429/, /ERR_/]);
  const chat = await Chat.open(context);
  await chat.ask("Is there wifi?");
  await chat.ask("Is there wifi?");
  await chat.box.fill("How do I renew a book?");
  await chat.box.press("Enter");
  await until("it is refused", async () => /faster than I can read/.test(await chat.notice.innerText()));
  assert.equal(await chat.box.inputValue(), "How do I renew a book?");
  assert.equal(await chat.said.count(), 2);
});

test("a long conversation opens at its end, and a long answer at its beginning", async (t) => {
  const context = await visitor(t, browser, library, { viewport: { width: 360, height: 640 } });
  const chat = await Chat.open(context);
  for (let i = 0; i < 50; i += 1) await chat.ask(i % 2 ? "Is there wifi?" : `/find fiction`);
  assert.equal(await chat.lines.count(), 100);
  await chat.page.reload();
  const inView = (locator) => locator.evaluate((line) => {
    const { top, bottom } = line.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.ok(await inView(chat.lines.last().locator(".bubble")));
  // Whoever reads further up is not pulled away, and is told.
  await chat.page.locator("#chat").evaluate((box) => { box.scrollTop = 0; });
  const second = await Chat.open(context);
  await second.ask("How do I renew a book?");
  const newer = chat.page.getByRole("button", { name: "A new answer stands below" });
  await newer.waitFor();
  assert.ok((await chat.page.locator("#chat").evaluate((box) => box.scrollTop)) < 50);
  await newer.click();
  assert.ok(await inView(chat.lines.last().locator(".bubble")));
  assert.equal(await newer.isVisible(), false);
});

test("addresses that lead nowhere say so and lead back", async (t) => {
  const context = await visitor(t, browser, library, {}, [/status of 404/]);
  const page = await open(context, "/nowhere");
  await says(page.locator("main"), "There is nothing at this address.");
  await page.getByRole("link", { name: "To the conversation" }).click();
  await page.locator("#text").waitFor();
});

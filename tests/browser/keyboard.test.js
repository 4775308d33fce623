// The pages without a mouse.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, open, until, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk, says } from "./stage/people.js";

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

/** What has the focus, and whether one sees that. */
async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { width, height, top, bottom } = element.getBoundingClientRect();
    const name = element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? element.innerText;
    return {
      name: name.replace(/\s+/g, " ").trim(),
      seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      inView: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
    };
  });
}

/** Presses Tab until the focus has gone once around, and names what it met. */
async function tour(page) {
  await page.evaluate(() => {
    document.activeElement.blur();
    getSelection().removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  const met = [];
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    const { name, seen, inView } = await focused(page);
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    assert.ok(seen, `nobody sees that “${name}” has the focus`);
    assert.ok(inView, `“${name}” has the focus and is out of sight`);
    met.push(name);
  }
  return met;
}

test("Tab goes through the chat in the order in which one reads", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  assert.deepEqual(await tour(chat.page), [
    "To the message box", "Français", "Opening hours", "Ask a person", "Help",
    "Commands", "Your question", "Send",
  ]);
  await chat.ask("Is there wifi?");
  assert.deepEqual(await tour(chat.page), [
    "To the message box", "Français", "Change", "Helpful", "Not helpful", "Ask a person",
    "Commands", "Your question", "Send",
  ]);
});

test("the first Tab leads past everything to the box", async (t) => {
  // With a finger nobody is put into the box at once: a keyboard would cover the page.
  const chat = await Chat.open(await visitor(t, browser, library, { isMobile: true, hasTouch: true }));
  await chat.page.keyboard.press("Tab");
  assert.equal((await focused(chat.page)).name, "To the message box");
  await chat.page.keyboard.press("Enter");
  assert.equal((await focused(chat.page)).name, "Your question");
});

test("Enter sends, Shift and Enter break the line, and the focus stays in the box", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  const { keyboard } = chat.page;
  assert.equal((await focused(chat.page)).name, "Your question", "one can write at once");
  const low = (await chat.box.boundingBox()).height;
  await keyboard.type("How much does printing cost?");
  await keyboard.press("Shift+Enter");
  await keyboard.type("And is there wifi?");
  assert.equal(await chat.box.inputValue(), "How much does printing cost?\nAnd is there wifi?");
  assert.ok((await chat.box.boundingBox()).height > low, "the box grows with what it holds");
  await keyboard.press("Enter");
  await says(await chat.reply(0), "Wifi is free");
  assert.equal((await focused(chat.page)).name, "Your question");
  await until("the box is low again", async () => (await chat.box.boundingBox()).height === low);
  await keyboard.press("Enter");
  await keyboard.type("  ");
  await keyboard.press("Enter");
  await chat.page.waitForTimeout(300);
  assert.equal(await chat.said.count(), 1, "nothing is not sent");
});

test("everything in the chat can be done by keys", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  const { page } = chat;
  const { keyboard } = page;
  // A command of the welcome, which then goes: the focus is not lost with it.
  await page.getByRole("button", { name: "Opening hours" }).focus();
  await keyboard.press("Enter");
  await chat.reply(0);
  assert.equal((await focused(page)).name, "Your question");
  // The menu opens, is walked through and closes.
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  const nav = page.getByRole("navigation", { name: "Commands" });
  await nav.waitFor();
  await keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Opening hours");
  await keyboard.press("Escape");
  assert.equal(await nav.isVisible(), false);
  assert.equal((await focused(page)).name, "Commands");
  await keyboard.press("Space");
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await says(await chat.reply(1), "Ask in your own words");
  assert.equal(await nav.isVisible(), false);
  assert.equal((await focused(page)).name, "Your question");
  // A choice, a button, a change of words.
  await chat.ask("how do I renew");
  await page.getByRole("button", { name: "How do I renew a book?" }).press("Enter");
  await (await chat.reply(3)).getByRole("button", { name: "Helpful", exact: true }).press("Space");
  await chat.reply(4);
  await chat.said.last().locator("summary").press("Enter");
  await until("the words have the focus", async () => (await focused(page)).name === "Your words");
  await keyboard.press("Escape");
  assert.equal((await focused(page)).name, "Change");
  await keyboard.press("Enter");
  await until("the words have the focus", async () => (await focused(page)).name === "Your words");
  await keyboard.press("Control+A");
  await keyboard.type("Is there wifi?");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await chat.said.last().getByText("changed", { exact: true }).waitFor();
  await until("the focus is in the box", async () => (await focused(page)).name === "Your question");
});

test("the desk is worked by keys, and the focus is never lost", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library));
  await chat.ask("do you lend sewing machines?");
  const context = await visitor(t, browser, library);
  const page = await open(context, "/desk");
  const { keyboard } = page;
  await keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Your name");
  await keyboard.type("mira");
  await keyboard.press("Tab");
  await keyboard.type(library.password);
  await keyboard.press("Enter");
  await page.waitForURL("**/desk");
  const queue = (await tour(page)).map((name) => name.replace(/ waits.*/, ""));
  assert.deepEqual(queue.slice(0, 4), ["To the case", "Desk of Linden Library", "Sign out", "do you lend sewing machines?"]);
  const desk = new Desk(page);
  // News arrives while the focus is in the queue.
  const row = page.getByRole("link", { name: "do you lend sewing machines?" });
  await row.focus();
  const other = await Chat.open(await visitor(t, browser, library));
  await other.ask("do you lend violins?");
  await page.getByRole("link", { name: "do you lend violins?" }).waitFor();
  assert.ok((await focused(page)).name.startsWith("do you lend sewing machines?"));
  await keyboard.press("Enter");
  await page.waitForURL("**/desk/cases/*");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "case");
  await keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Claim");
  await keyboard.press("Enter");
  await page.locator("#view").getByText("mira has it").waitFor();
  // The button that was pressed is gone: what follows it has the focus.
  await until("one can write", async () => (await focused(page)).name === "Your answer");
  await keyboard.type("Yes, at Riverside.");
  await keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Send the answer");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await page.locator("#preview").getByText("The patron will read:").waitFor();
  assert.equal((await focused(page)).name, "Preview");
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await says(await chat.reply(1), "Yes, at Riverside.");
  await desk.log.getByText("Yes, at Riverside.").waitFor();
  const all = await tour(page);
  for (const name of ["Close the case", "Your answer", "Send the answer", "Preview", "Write a note", "Hand it to a colleague", "Lately at the desk", "A word of the desk", "Do it"]) {
    // What belongs to cases that wait is not offered on one that is answered.
    assert.equal(all.includes(name), name !== "Hand it to a colleague", `${name} in ${all}`);
  }
});

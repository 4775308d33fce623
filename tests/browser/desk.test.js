// A patron's tab and the desk's, each showing what the other does without being loaded again.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, open, until, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk, says, words } from "./stage/people.js";

const QUESTION = "do you lend sewing machines?";

let library, browser, staff, desk;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
  // One sign-in for all tests: more than a few in a minute are refused.
  staff = await visitor(t, browser, library, {}, [/status of 409/, /Status Error Code 409/]);
  desk = await Desk.signIn(staff, library);
});

/** Somebody new who asks this. */
async function asks(t, question, options = {}) {
  const chat = await Chat.open(await visitor(t, browser, library, options));
  await says(await chat.ask(question), "I have asked a librarian.");
  return chat;
}

test("a question nobody knew is claimed, previewed, answered and closed", async (t) => {
  await says(desk.queue, "Nothing waits");
  const chat = await asks(t, QUESTION);
  const row = desk.queue.getByRole("link", { name: QUESTION });
  await row.waitFor();
  await says(row, "waits");
  assert.match(await desk.page.title(), /^\(1\) Desk of/);
  await desk.show(QUESTION);
  await desk.page.locator("#view").getByRole("button", { name: "Claim" }).click();
  await desk.page.locator("#view").getByText("mira has it").waitFor();
  await desk.queue.getByText("mira has it").waitFor();
  await desk.answer.fill("Yes, at the Riverside branch.");
  await desk.page.getByRole("button", { name: "Preview" }).click();
  const preview = desk.page.locator("#preview");
  await preview.getByText("The patron will read:").waitFor();
  await says(preview, "mira of Linden Library, to your question: “do you lend sewing machines?”");
  assert.equal(await chat.replies.count(), 1, "a preview is sent to nobody");
  // What is shown anew around it leaves the words alone.
  const other = await asks(t, "do you lend violins?");
  await desk.queue.getByRole("link", { name: "do you lend violins?" }).waitFor();
  assert.equal(await desk.answer.inputValue(), "Yes, at the Riverside branch.");
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  const late = await chat.reply(1);
  await says(late, "Yes, at the Riverside branch.");
  await says(late, "mira of Linden Library");
  await until("the form is empty", async () => (await desk.answer.inputValue()) === "");
  assert.equal((await preview.innerText()).trim(), "");
  await desk.queue.getByText("answered by mira").waitFor();
  await says(desk.log, "Yes, at the Riverside branch.");
  // A follow-up opens it again.
  await late.getByRole("link", { name: "Answer this" }).click();
  await chat.page.getByText("You answer the librarian.").waitFor();
  await chat.say("And overlockers?");
  await desk.log.getByText("And overlockers?").waitFor();
  await desk.page.getByRole("button", { name: "Close without an answer" }).click();
  await desk.page.locator("#view").getByText("closed", { exact: true }).waitFor();
  assert.equal(await desk.answer.isVisible(), false, "a closed case takes no answer");
  await desk.show("do you lend violins?");
  await desk.page.getByRole("button", { name: "Close without an answer" }).click();
  await desk.queue.getByText("Nothing waits").waitFor();
  assert.equal(await other.replies.count(), 1);
});

test("a note stays inside, and a case is given back and handed on", async (t) => {
  const chat = await asks(t, "do you lend telescopes?");
  await desk.show("do you lend telescopes?");
  await desk.page.getByText("Write a note").click();
  await desk.page.getByLabel("Only staff see it").fill("Ask the museum next door.");
  await desk.page.getByRole("button", { name: "Keep the note" }).click();
  await desk.log.getByText("Ask the museum next door.").waitFor();
  await says(desk.log, "Note by mira");
  assert.equal(await desk.page.getByLabel("Only staff see it").isVisible(), false);
  await desk.page.getByText("Hand it to a colleague").click();
  await desk.page.getByLabel("Their name").fill("tom");
  await desk.page.getByRole("button", { name: "Hand it over" }).click();
  await desk.page.locator("#view").getByText("tom has it").waitFor();
  // It is tom's now: an answer of mira's is refused, with the reason, and her words stay.
  await desk.answer.fill("No.");
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  await until("the desk says why", async () => /That was not sent.*tom’s/s.test(await desk.notice.innerText()));
  assert.equal(await desk.answer.inputValue(), "No.");
  assert.equal(await chat.replies.count(), 1);
  await chat.page.reload();
  assert.equal(await chat.page.getByText("museum").count(), 0);
});

test("those who ask the same are answered together if staff tick them", async (t) => {
  const ben = await asks(t, "do you lend any ukuleles?");
  const ana = await asks(t, "do you lend ukuleles");
  const eva = await asks(t, "do you lend a ukulele?");
  await desk.show("do you lend any ukuleles?");
  await desk.page.getByRole("checkbox", { name: /do you lend ukuleles/ }).check();
  assert.equal(await desk.page.getByRole("checkbox", { name: /do you lend a ukulele\?/ }).isChecked(), false);
  await desk.answer.fill("One, at Central.");
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  for (const chat of [ben, ana]) await says(await chat.reply(1), "One, at Central.");
  await desk.queue.getByRole("link", { name: "do you lend a ukulele?" }).getByText("waits").waitFor();
  assert.equal(await eva.replies.count(), 1);
});

test("words of the desk are done, and what came lately is shown", async () => {
  await desk.page.getByRole("textbox", { name: "A word of the desk" }).fill("help");
  await desk.page.getByRole("textbox", { name: "A word of the desk" }).press("Enter");
  await desk.page.locator("#feed").getByText("What you can write at the desk").waitFor();
});

test("the secret link opens the conversation elsewhere, where the late answer is read", async (t) => {
  const context = await visitor(t, browser, library, { permissions: ["clipboard-read", "clipboard-write"] });
  const chat = await Chat.open(context);
  await chat.ask("do you lend accordions?");
  const link = chat.page.getByRole("link", { name: /Link to this conversation/ });
  await link.click();
  await chat.page.getByText("The link is copied.").waitFor();
  const copied = await chat.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await link.evaluate((a) => a.href));
  const elsewhere = await Chat.open(await visitor(t, browser, library), copied);
  assert.equal(new URL(elsewhere.page.url()).pathname, "/", "the address tells nobody the secret");
  await says(elsewhere.said.first(), "do you lend accordions?");
  await desk.show("do you lend accordions?");
  await desk.answer.fill("Not yet.");
  await desk.page.getByRole("button", { name: "Send the answer" }).click();
  await says(await elsewhere.reply(1), "Not yet.");
  await says(await chat.reply(1), "Not yet.");
  // Whoever has a conversation here already is asked which to keep.
  const third = await visitor(t, browser, library);
  const own = await Chat.open(third);
  await own.ask("Is there wifi?");
  const asked = await open(third, copied);
  await says(asked.locator("main"), "This link leads to another conversation");
  await asked.getByRole("button", { name: "Open it in this browser" }).click();
  await asked.getByText("Not yet.").waitFor();
});

test("only staff come in, and who signs out is out", async (t) => {
  const context = await visitor(t, browser, library, {}, [/status of 40[13]/, /Status Error Code 40[13]/, /ERR_/]);
  const page = await open(context, "/desk/cases/1");
  assert.equal(new URL(page.url()).pathname, "/desk/sign-in");
  await page.getByLabel("Your name").fill("eve");
  await page.getByLabel("The desk’s password").fill("honey and thyme");
  await page.getByRole("button", { name: "Sign in" }).click();
  await says(page.getByRole("alert"), "Name or password are not right.");
  assert.equal(await page.getByLabel("Your name").inputValue(), "eve");
  const own = await Desk.signIn(context, library, "eve");
  const second = await open(context, "/desk");
  await own.page.getByRole("button", { name: "Sign out" }).click();
  await own.page.waitForURL("**/desk/sign-in");
  await own.page.goto("/desk");
  assert.equal(new URL(own.page.url()).pathname, "/desk/sign-in");
  // A page that was left open says so.
  await second.getByRole("textbox", { name: "A word of the desk" }).fill("queue");
  await second.getByRole("button", { name: "Do it" }).click();
  await second.getByText("You are signed out.").waitFor();
  assert.deepEqual(await words(second.locator("#queue")), await words(desk.queue));
});

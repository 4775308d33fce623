// The program dies and comes back; the page says so, and nothing is lost.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, until, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk, words } from "./stage/people.js";

/** What the browser and htmx write down when nobody answers. */
const REFUSED = [/ERR_/, /htmx:/, /50\d/];
const LOST = "The connection is lost.";
const WAITS = "There is no connection. Your words are sent as soon as it is back.";

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

test("a killed program is waited for, and what was written meanwhile is sent exactly once", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library, {}, REFUSED));
  await chat.ask("Is there wifi?");
  const before = await words(chat.page.locator("#lines"));
  await library.end("SIGKILL");
  await until("the page says so", async () => (await chat.notice.innerText()).includes(LOST));
  await chat.box.fill("How do I renew a book?");
  await chat.box.press("Enter");
  await until("the page says what becomes of it", async () => (await chat.notice.innerText()) === WAITS);
  // Impatience does no harm.
  await chat.box.press("Enter");
  assert.equal(await chat.box.inputValue(), "How do I renew a book?");
  await library.start();
  await chat.reply(1);
  await until("the page is at rest", async () => (await chat.box.inputValue()) === "");
  await chat.page.waitForTimeout(2500);
  assert.equal(await chat.said.count(), 2);
  assert.equal(await chat.replies.count(), 2);
  assert.deepEqual((await words(chat.page.locator("#lines"))).slice(0, before.length), before);
  await chat.page.reload();
  assert.equal(await chat.said.count(), 2);
});

test("words that are changed while they wait are sent when their author says so", async (t) => {
  const chat = await Chat.open(await visitor(t, browser, library, {}, REFUSED));
  await library.end("SIGKILL");
  await chat.box.fill("Is there");
  await chat.box.press("Enter");
  await until("it waits", async () => (await chat.notice.innerText()) === WAITS);
  await chat.box.fill("Is there wifi");
  await library.start();
  await until("the page is back", async () => !(await chat.notice.innerText()).includes(LOST));
  await chat.page.waitForTimeout(2500);
  assert.equal(await chat.said.count(), 0);
  assert.equal(await chat.box.inputValue(), "Is there wifi");
  await chat.box.press("Enter");
  await chat.reply(0);
  assert.equal(await chat.said.count(), 1);
});

test("an answer that was lost on its way is not sent for again", async (t) => {
  const context = await visitor(t, browser, library, {}, REFUSED);
  const chat = await Chat.open(context);
  // The message arrives, what the program says to that does not.
  let times = 0;
  await context.route("**/say?*", async (route) => {
    times += 1;
    if (times > 1) return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await chat.box.fill("Is there wifi?");
  await chat.box.press("Enter");
  await chat.reply(0);
  await until("the box is clear", async () => (await chat.box.inputValue()) === "");
  await chat.page.waitForTimeout(2500);
  assert.equal(await chat.said.count(), 1);
  assert.equal(await chat.notice.innerText(), "");
});

test("the desk comes back as well, and staff stay signed in", async (t) => {
  const desk = await Desk.signIn(await visitor(t, browser, library, {}, REFUSED), library);
  await library.end("SIGKILL");
  await until("the desk says so", async () => (await desk.notice.innerText()).includes(LOST));
  await library.start();
  const chat = await Chat.open(await visitor(t, browser, library));
  await chat.ask("/person Is anybody there again?");
  await desk.show("Is anybody there again?");
});

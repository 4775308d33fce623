// Every state of every page, narrow and wide, light and dark: nothing beyond the edge, nothing that
// axe-core finds against it, everything large enough to be hit. What it looks like is kept as pictures.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { beyond, flaws, launch, open, picture, until, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk } from "./stage/people.js";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const SCREEN = { viewport: { width: 1280, height: 800 } };
const KINDS = [
  ["phone-light", { ...PHONE, colorScheme: "light" }],
  ["phone-dark", { ...PHONE, colorScheme: "dark" }],
  ["screen-light", { ...SCREEN, colorScheme: "light" }],
  ["screen-dark", { ...SCREEN, colorScheme: "dark" }],
];
const LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
/** What a finger hits (WCAG 2.2, 2.5.5). */
const TARGET_PX = 44;

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

/** That a state is as it should be, and its picture. */
async function looks(page, name) {
  await picture(page, name);
  assert.ok((await beyond(page)) <= 0, `${name} is wider than its window`);
  assert.deepEqual(await flaws(page), [], name);
  const small = await page.evaluate((least) => [...document.querySelectorAll("button, summary, input:not([type=hidden], [type=checkbox]), textarea, .tick, .cases a")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen"))
    .map((element) => ({ name: element.innerText || element.name, height: element.getBoundingClientRect().height }))
    .filter(({ height }) => height < least - 0.5), TARGET_PX);
  assert.deepEqual(small, [], `${name}: too low to be hit`);
}

for (const [kind, options] of KINDS) {
  test(`the chat, ${kind}`, async (t) => {
    const context = await visitor(t, browser, library, options, [/status of 404/]);
    const chat = await Chat.open(context);
    await looks(chat.page, `chat-${kind}-1-empty`);
    await chat.ask("How do I renew a book?");
    await looks(chat.page, `chat-${kind}-2-answer`);
    await chat.ask("how do I renew");
    await looks(chat.page, `chat-${kind}-3-choices`);
    await chat.ask("/find fiction");
    await looks(chat.page, `chat-${kind}-4-list`);
    await chat.press(await chat.page.locator("ol > li button").last().innerText());
    await chat.ask("How much does printing cost? And is there wifi?");
    await chat.ask("do you lend sewing machines?");
    await looks(chat.page, `chat-${kind}-5-case`);
    await chat.page.locator(".menu summary").click();
    await looks(chat.page, `chat-${kind}-6-menu`);
    await chat.command("Privacy");
    await chat.said.first().locator("summary").click();
    await looks(chat.page, `chat-${kind}-7-change`);
    await chat.page.keyboard.press("Escape");
    await chat.ask(`${LONG_WORD} ${LONG_WORD}`);
    await chat.ask("/forget");
    await chat.box.fill("A question\nof\nmany\nlines");
    await looks(chat.page, `chat-${kind}-8-long`);
    await chat.said.first().getByText("Change", { exact: true }).click();
    await chat.said.first().getByRole("button", { name: "Take it back" }).click();
    await chat.said.first().getByText("You took this back.").waitFor();
    await looks(chat.page, `chat-${kind}-9-taken-back`);
    await looks(await open(context, "/nowhere"), `error-${kind}`);
  });

  test(`the chat in French, ${kind}`, async (t) => {
    const chat = await Chat.open(await visitor(t, browser, library, { ...options, locale: "fr-FR" }));
    await looks(chat.page, `chat-${kind}-french-1-empty`);
    await chat.ask("Combien de livres puis-je emprunter ?");
    await chat.ask("prêtez-vous des machines à coudre ?");
    await chat.page.locator(".menu summary").click();
    await looks(chat.page, `chat-${kind}-french-2-answer`);
  });

  test(`the desk, ${kind}`, async (t) => {
    const own = await Library.open(t);
    const context = await visitor(t, browser, own, options, [/ERR_/]);
    const asks = async (question) => {
      const chat = await Chat.open(await visitor(t, browser, own, SCREEN, [/ERR_/]));
      await chat.ask(question);
      return chat;
    };
    const signIn = await open(context, "/desk");
    await looks(signIn, `desk-${kind}-1-sign-in`);
    await signIn.getByLabel("Your name").fill("mira b");
    await signIn.getByLabel("The desk’s password").fill("x");
    await signIn.close();
    const desk = await Desk.signIn(context, own);
    await looks(desk.page, `desk-${kind}-2-nothing-waits`);
    const chat = await asks("do you lend sewing machines?");
    await asks("do you lend a sewing machine?");
    await asks(`/person ${LONG_WORD}`);
    await asks("/person May our choir of twenty-three people rehearse in the hall at Riverside on the last Sunday of each month from now until Christmas, and can the piano be tuned before?");
    await until("all are there", async () => (await desk.queue.getByRole("link").count()) === 4);
    await looks(desk.page, `desk-${kind}-3-queue`);
    await desk.show("do you lend sewing machines?");
    await looks(desk.page, `desk-${kind}-4-case`);
    await desk.page.locator("#view").getByRole("button", { name: "Claim" }).click();
    await desk.page.locator("#view").getByText("mira has it").waitFor();
    await desk.answer.fill("Yes, at the Riverside branch, for two weeks.");
    await desk.page.getByRole("button", { name: "Preview" }).click();
    await desk.page.locator("#preview .bubble").waitFor();
    await looks(desk.page, `desk-${kind}-5-preview`);
    await desk.page.getByRole("button", { name: "Send the answer" }).click();
    await chat.reply(1);
    await desk.log.locator(".staff").waitFor();
    await desk.page.getByText("Write a note").click();
    await desk.page.getByLabel("Only staff see it").fill("The blue one is out for repair.");
    await looks(desk.page, `desk-${kind}-6-note`);
    await desk.page.getByRole("button", { name: "Keep the note" }).click();
    await desk.log.locator(".note").waitFor();
    await chat.page.getByRole("link", { name: "Answer this" }).click();
    await chat.say("And may I book it for the summer?");
    await desk.log.getByText("for the summer?").waitFor();
    await looks(desk.page, `desk-${kind}-7-conversation`);
    await desk.page.locator("#view").getByRole("button", { name: /^Close/ }).click();
    await desk.page.locator("#view").getByText("closed", { exact: true }).waitFor();
    await looks(desk.page, `desk-${kind}-8-closed`);
  });
}

test("twice the size, by zoom or by larger letters, everything is still there", async (t) => {
  // A browser's zoom of 200 % leaves half the width and height; 400 % a quarter (WCAG 1.4.10).
  for (const [name, viewport] of [["zoom-200", { width: 640, height: 400 }], ["zoom-400", { width: 320, height: 256 }]]) {
    const chat = await Chat.open(await visitor(t, browser, library, { viewport }));
    await chat.ask("How do I renew a book?");
    await looks(chat.page, `chat-${name}`);
    await chat.page.locator(".menu summary").click();
    await chat.page.getByRole("button", { name: "Forget me" }).scrollIntoViewIfNeeded();
    await looks(chat.page, `chat-${name}-menu`);
  }
  // Letters twice as large, as somebody has told the browser.
  const large = await launch(t, ["--blink-settings=defaultFontSize=32"]);
  const context = await visitor(t, large, library, PHONE, [/ERR_/]);
  const chat = await Chat.open(context);
  await looks(chat.page, "chat-large-letters-empty");
  await chat.ask("How do I renew a book?");
  await looks(chat.page, "chat-large-letters");
  const { width, height } = await chat.box.boundingBox();
  assert.ok(height > 60 && width > 250, "the box grows with its letters");
  const desk = await Desk.signIn(context, library);
  await looks(desk.page, "desk-large-letters");
});

test("nothing moves for those who wish for less motion", async (t) => {
  const moving = async (reducedMotion) => {
    const chat = await Chat.open(await visitor(t, browser, library, { reducedMotion }));
    return chat.page.evaluate(() => {
      const [typing, line] = [document.getElementById("typing"), document.createElement("li")];
      line.className = "line arrives";
      document.getElementById("lines").append(line);
      typing.hidden = false;
      const names = [getComputedStyle(typing, "::after").animationName, getComputedStyle(line).animationName];
      return [...names, getComputedStyle(document.getElementById("chat")).scrollBehavior];
    });
  };
  assert.deepEqual(await moving("reduce"), ["none", "none", "auto"]);
  assert.deepEqual(await moving("no-preference"), ["writes", "arrives", "auto"]);
});

// What people do on the pages, by what they see on them.
import assert from "node:assert/strict";
import { open } from "./browser.js";

/** A patron's page. */
export class Chat {
  constructor(page) {
    this.page = page;
    this.box = page.getByRole("textbox", { name: /^(Your question|Votre question)$/ });
    this.lines = page.locator("#lines > .line");
    this.said = page.locator("#lines > .said");
    this.replies = page.locator("#lines > .reply");
    this.notice = page.locator("#notice");
  }

  static async open(context, path = "/") {
    return new Chat(await open(context, path));
  }

  /** Writes a message and waits until it stands in the conversation. */
  async say(words) {
    const before = await this.said.count();
    await this.box.fill(words);
    await this.box.press("Enter");
    await this.said.nth(before).waitFor();
  }

  /** Writes a message and waits for the answer; returns it. */
  async ask(words) {
    const before = await this.replies.count();
    await this.say(words);
    return this.reply(before);
  }

  /** The reply of this number, once it is there. */
  async reply(number) {
    const reply = this.replies.nth(number);
    await reply.waitFor();
    return reply;
  }

  /** Presses the last button of this name and waits for the answer. */
  async press(name) {
    const before = await this.replies.count();
    await this.page.locator("#lines").getByRole("button", { name, exact: true }).last().click();
    return this.reply(before);
  }

  /** Gives a command that needs no words. */
  async command(name) {
    const before = await this.replies.count();
    await this.page.getByRole("button", { name, exact: true }).first().click();
    return this.reply(before);
  }
}

/** The desk's page. */
export class Desk {
  constructor(page) {
    this.page = page;
    this.queue = page.locator("#queue");
    this.log = page.locator("#view .log");
    this.answer = page.getByRole("textbox", { name: "Your answer" });
    this.notice = page.locator("#notice");
  }

  static async signIn(context, library, name = "mira") {
    const page = await open(context, "/desk");
    await page.getByLabel("Your name").fill(name);
    await page.getByLabel("The desk’s password").fill(library.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/desk");
    return new Desk(page);
  }

  /** Opens a case by its question. */
  async show(question) {
    await this.queue.getByRole("link", { name: question }).click();
    await this.page.locator("#view").getByRole("heading", { name: question }).waitFor();
  }
}

/** The words of an element as people see them, line by line. */
export async function words(locator) {
  const text = await locator.innerText();
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** That an element says this, in these words. */
export async function says(locator, expected) {
  const text = await locator.innerText();
  assert.ok(expected instanceof RegExp ? expected.test(text) : text.includes(expected), `“${text}” does not say ${expected}`);
}

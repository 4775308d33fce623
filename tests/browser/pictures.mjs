// Makes the pictures of docs/images: the sample library in use. By hand, when the pages have changed:
// node pictures.mjs
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { Chat, Desk } from "./stage/people.js";

const IMAGES = join(dirname(fileURLToPath(import.meta.url)), "../../docs/images");
const PHONE = { viewport: { width: 390, height: 880 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const SCREEN = { viewport: { width: 1280, height: 800 } };

const ends = [];
const t = { after: (end) => ends.unshift(end) };
mkdirSync(IMAGES, { recursive: true });
const picture = (page, name) => page.screenshot({ path: join(IMAGES, `${name}.png`), animations: "disabled", caret: "hide" });
const library = await Library.open(t, { sample: true });
const browser = await launch(t);
const come = async (options) => Chat.open(await visitor(t, browser, library, options, [/ERR_/]));

const phone = await come(PHONE);
await phone.ask("How much does printing cost? And is there wifi?");
await phone.box.blur();
await picture(phone.page, "chat-phone");

const asker = await come(SCREEN);
await asker.ask("Is there a place to charge an electric car?");
const screen = await come(SCREEN);
await screen.ask("Do you have Middlemarch?");
await screen.ask("Can I get married in the library?");
const choir = await come(SCREEN);
await choir.ask("/person May our choir rehearse at Riverside on Sunday evenings?");
const same = await come(SCREEN);
await same.ask("/person Can one get married in the library?");

const desk = await Desk.signIn(await visitor(t, browser, library, SCREEN, [/ERR_/]), library);
await desk.show("Can I get married in the library?");
await desk.page.locator("#view").getByRole("button", { name: "Claim" }).click();
await desk.page.locator("#view").getByText("mira has it").waitFor();
await desk.answer.fill("Yes, from May to September, in the reading room at Central.");
await desk.page.getByRole("button", { name: "Send the answer" }).click();
const answer = await screen.reply(2);
await picture(screen.page, "chat-desktop");
await answer.getByRole("link", { name: "Answer this" }).click();
await screen.say("And how many guests may come?");
await desk.log.getByText("how many guests").waitFor();
await desk.page.getByRole("checkbox").first().check();
await desk.answer.fill("Sixty at most. Come by, and we show you the room.");
await desk.page.mouse.move(0, 0);
await picture(desk.page, "desk-desktop");

for (const end of ends) await end();

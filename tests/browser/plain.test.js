// The pages without JavaScript: forms, and a new page for each press.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { launch, open, picture, visitor } from "./stage/browser.js";
import { Library } from "./stage/library.js";
import { says } from "./stage/people.js";

let library, browser;
before(async (t) => {
  library = await Library.open(t);
  browser = await launch(t);
});

const plain = (t, options = {}) => visitor(t, browser, library, { javaScriptEnabled: false, ...options });

test("a question is asked, its answer read and its buttons pressed", async (t) => {
  const page = await open(await plain(t, { viewport: { width: 360, height: 740 } }));
  const replies = page.locator("#lines > .reply");
  await page.getByLabel("Your question").fill("Is there wifi?");
  await page.getByRole("button", { name: "Send" }).click();
  // The page that follows has the answer already, and shows its end.
  await says(replies.first(), "Wifi is free");
  await replies.first().getByRole("button", { name: "Helpful", exact: true }).click();
  await says(replies.nth(1), "Thank you for telling me.");
  await page.reload();
  assert.equal(await page.locator("#lines > .said").count(), 1);
  await page.getByText("Change", { exact: true }).click();
  await page.getByLabel("Your words").fill("How do I renew a book?");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".said").getByText("changed", { exact: true }).waitFor();
  await page.getByText("Change", { exact: true }).click();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("You took this back.").waitFor();
  await page.locator(".menu summary").click();
  await page.getByRole("button", { name: "Help", exact: true }).click();
  await says(replies.last(), "Ask in your own words");
  await page.getByLabel("Your question").fill("how do I renew");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("button", { name: "How do I renew a library card?" }).click();
  await says(replies.last(), "Bring your card");
  assert.ok(await page.locator("#chat").evaluate((box) => box.scrollTop > 0), "the page shows its end");
  await picture(page, "plain-chat");
});

test("a button that is pressed twice does its work once", async (t) => {
  const context = await plain(t);
  const page = await open(context);
  await page.getByLabel("Your question").fill("Is there wifi?");
  await page.getByRole("button", { name: "Send" }).dblclick();
  await page.locator("#lines > .reply").first().waitFor();
  await page.reload();
  assert.equal(await page.locator("#lines > .said").count(), 1);
});

test("staff answer a case, and the patron reads it after a reload", async (t) => {
  const patron = await open(await plain(t));
  await patron.getByLabel("Your question").fill("do you lend sewing machines?");
  await patron.getByRole("button", { name: "Send" }).click();
  await says(patron.locator("#lines > .reply"), "I have asked a librarian.");
  const desk = await open(await plain(t), "/desk");
  await desk.getByLabel("Your name").fill("mira");
  await desk.getByLabel("The desk’s password").fill(library.password);
  await desk.getByRole("button", { name: "Sign in" }).click();
  await desk.locator("#queue").getByRole("link", { name: "do you lend sewing machines?" }).click();
  await desk.locator("#view").getByRole("button", { name: "Claim" }).click();
  await desk.locator("#view").getByText("mira has it").waitFor();
  await desk.getByLabel("Your answer").fill("Yes, at Riverside.");
  await desk.getByRole("button", { name: "Preview" }).click();
  await says(desk.locator("#case .preview"), "mira of Linden Library");
  await picture(desk, "plain-desk-preview");
  await desk.getByRole("button", { name: "Send the answer" }).click();
  await desk.locator("#view .log").getByText("Yes, at Riverside.").waitFor();
  await desk.getByText("Write a note").click();
  await desk.getByLabel("Only staff see it").fill("Two of them.");
  await desk.getByRole("button", { name: "Keep the note" }).click();
  await desk.locator("#view .note").getByText("Two of them.").waitFor();
  await desk.locator("#view").getByRole("button", { name: "Close the case" }).click();
  await says(desk.locator("#queue"), "Nothing waits");
  await patron.getByRole("link", { name: "Load the page again to see what is new" }).click();
  await says(patron.locator("#lines > .reply").last(), "Yes, at Riverside.");
  assert.equal(await patron.getByText("Two of them.").count(), 0);
  await desk.getByRole("button", { name: "Sign out" }).click();
  await desk.getByLabel("Your name").waitFor();
});

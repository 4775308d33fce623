// The browser, and what is true of every page in it: nothing is asked of another host, nothing is
// refused by the page's own policy, no script fails, no dialog opens.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = join(here, "../screenshots");
/** What axe-core is asked for. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** How long anything on a page may take. */
export const PATIENCE_MS = 15_000;

/** Starts a browser for a file of tests. */
export async function launch(t, args = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ...args,
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** Somebody with a browser of their own. `options` are Playwright's for a context; `expects` are
 * complaints of the browser that belong to the test. */
export async function visitor(t, browser, library, options = {}, expects = []) {
  const context = await browser.newContext({
    baseURL: library.address, locale: "en-GB", viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce", ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  const complain = (words) => {
    if (!expects.some((expected) => expected.test(words))) complaints.push(words);
  };
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complain(`script: ${error}`));
    page.on("dialog", (dialog) => {
      complain(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && !url.hostname.startsWith("127.")) complain(`asks ${url.host}`);
    });
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return context;
}

/** A page of a visitor. */
export async function open(context, path = "/") {
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

/** What axe-core has to say against a page; nothing, if all is well. */
export async function flaws(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: "tag", values } }), RULES,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n")}`);
}

/** How many pixels of a page, or of what scrolls in it, lie beyond its right edge. */
export function beyond(page) {
  return page.evaluate(() => {
    const scrolls = [...document.querySelectorAll("*")].filter((element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      return element === document.scrollingElement || [overflowX, overflowY].some((how) => how === "auto" || how === "scroll");
    });
    return Math.max(...scrolls.map((element) => element.scrollWidth - element.clientWidth));
  });
}

/** Keeps what a page looks like, for people. */
export async function picture(page, name, options = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled", ...options });
}

/** Waits until something is true. */
export async function until(what, is) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (await is()) return;
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

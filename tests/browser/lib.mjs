// What every browser test needs: a Chromium that phones nobody, a phone and a desk, pictures, axe, results.
//
// Invariant: a page that asks for anything outside this machine fails its test.

import { appendFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const WORKSPACE = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Where pictures of pages go. */
export const SCREENS = join(WORKSPACE, "target", "screens");

/** Lines `pass|fail browser NAME`, read by `cargo xtask promises`. */
const RESULTS = join(WORKSPACE, "target", "test-results", "browser.txt");

/** Debian's package puts it there; CHROMIUM names another. */
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

// --no-sandbox: tests run as root, in containers without user namespaces, over pages of our own alone.
// The rest keeps Chromium from talking to its maker and from asking about its first run.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--no-default-browser-check",
];

/** How long any one thing on a page may take, before the test says that it never came. */
export const STEP_MS_MAX = 15_000;

/** A phone as most are, held in one hand; and a desk. */
export const SCREENS_BY_NAME = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  // The narrowest that WCAG's reflow asks for.
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false },
};

/** Starts a Chromium with a fresh profile, which is removed when it is closed. */
export async function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: FLAGS, timeout: 60_000 });
}

/**
 * Opens a page in a context of its own (own cookies, own storage).
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{screen?: keyof typeof SCREENS_BY_NAME, scheme?: "light"|"dark", script?: boolean, motion?: "reduce"|"no-preference"}} wanted
 *   `script: false` shows the page as it works without any.
 */
export async function open(browser, { screen = "phone", scheme = "light", script = true, motion = "reduce" } = {}) {
  const context = await browser.newContext({
    ...SCREENS_BY_NAME[screen],
    colorScheme: scheme,
    reducedMotion: motion,
    javaScriptEnabled: script,
    ignoreHTTPSErrors: true, // the certificate that `clerestory up` makes is its own
    locale: "en-US",
  });
  context.setDefaultTimeout(STEP_MS_MAX);
  const page = await context.newPage();
  const complaints = [];
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const here = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
    if (!here && !["data:", "blob:", "about:"].includes(protocol)) complaints.push(`asked for ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  return { context, page, complaints };
}

/** A picture of the whole page, at target/screens/NAME.png. */
export async function picture(page, name) {
  await mkdir(SCREENS, { recursive: true });
  const path = join(SCREENS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

/**
 * What axe-core finds against WCAG 2.2 A and AA, a line each; empty when all is well. It is run by the debugger's
 * door, so the page's content policy stays as strict as for anybody.
 */
export async function accessibility(page) {
  await page.evaluate(require("axe-core").source);
  const found = await page.evaluate(async () => {
    const only = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
    const { violations } = await globalThis.axe.run(document, { runOnly: only });
    return violations.map(({ id, help, nodes }) => ({ id, help, places: nodes.map(({ target }) => target.join(" ")) }));
  });
  return found.map(({ id, help, places }) => `${id}: ${help}: ${places.join(", ")}`);
}

/** Places where the page is wider than the screen: a phone must not scroll sideways. */
export async function overflow(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`${scrollWidth} px of page on ${clientWidth} px of screen`] : [];
  });
}

/** The same with text twice as large, as somebody sets it who sees badly. */
export async function overflowLarge(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("html { font-size: 200%; }");
    document.adoptedStyleSheets = [sheet];
  });
  const found = await overflow(page);
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return found;
}

/** Fails, naming every line, unless the list is empty. */
export function expectNone(lines, what) {
  if (lines.length > 0) throw new Error(`${what}:\n  ${lines.join("\n  ")}`);
}

const outcomes = [];

/** Runs one named test: prints how it ended, and writes it down for `xtask promises`. */
export async function test(name, body) {
  const begin = performance.now();
  let error = null;
  try {
    await body();
  } catch (thrown) {
    error = thrown;
  }
  const took_s = ((performance.now() - begin) / 1000).toFixed(1);
  outcomes.push(error === null);
  console.log(`${error === null ? "ok  " : "FAIL"} ${name} (${took_s} s)`);
  if (error !== null) console.log(String(error.stack ?? error).replace(/^/gm, "     "));
  await mkdir(dirname(RESULTS), { recursive: true });
  await appendFile(RESULTS, `${error === null ? "pass" : "fail"} browser ${name}\n`);
}

/** Ends the process: 0 when all tests held and there was at least one. */
export function finish() {
  const failed = outcomes.filter((held) => !held).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && outcomes.length > 0 ? 0 : 1;
}

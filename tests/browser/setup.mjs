/** What every browser test needs: a Chromium, the built site on a port of its own, and pages that report. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(new URL("../../www/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** The lesson that the tests open. */
export const LESSON = "lessons/pre-training-fine-tuning/";

const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser; Chromium refuses its sandbox to root. */
export async function launch() {
  const executablePath = CHROMIUM.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium: install the package chromium, or name its path in CHROMIUM");
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: ["--disable-gpu", ...(isRoot ? ["--no-sandbox"] : [])] });
}

/** `pretune serve` over what `pretune build` made: `{url, close}`. */
export async function serve() {
  const port = await freePort();
  const server = spawn(join(root, "target/release/pretune"), ["serve", "--port", String(port)], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => String(text).includes(String(port)) && resolve());
    server.on("exit", (code) => reject(new Error(`pretune serve ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}/`, close: () => server.kill() };
}

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** `dist/` as a host of an author's own page has it, with headers of the host's choice for pages. */
export async function host(pages, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://host").pathname;
    const page = pages[path];
    const body = page ?? (await readFile(join(root, "dist", path)).catch(() => null));
    response.writeHead(body === null ? 404 : 200, { "content-type": TYPES[page ? ".html" : extname(path)] ?? "application/octet-stream", ...(page ? headers : {}) });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A page whose uncaught errors and policy violations are kept in `page.problems`, its requests in `page.requests`. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.problems = [];
  page.requests = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => /Content.Security.Policy|Refused to/.test(message.text()) && page.problems.push(message.text()));
  page.on("request", (request) => page.requests.push(request.url()));
  await page.goto(url);
  return page;
}

/** What tests of one kind of figure need: `status(page, ...wanted)` waits until its `status` is one of these, `figure(page)`
 * gives the one on the page, brought into view and to life, `until(page, what)` waits until an expression over its `frame`
 * is true, and `train(page)` presses its first button by keyboard and waits until everything is trained. */
export function of(tag) {
  const status = async (page, ...wanted) => {
    const selector = wanted.map((value) => `${tag}[status="${value}"]`).join(", ");
    await page.locator(selector).first().waitFor({ state: "attached", timeout: 120_000 });
  };
  const figure = async (page) => {
    const element = page.locator(tag).first();
    await element.scrollIntoViewIfNeeded();
    await status(page, "resting", "ready", "paused", "done");
    await element.evaluate((node) => node.load());
    return element;
  };
  const until = (page, what) => page.waitForFunction(([tag, what]) => new Function("frame", `return ${what}`)(document.querySelector(tag).frame), [tag, what], { timeout: 120_000 });
  const train = async (page) => {
    await page.locator(tag).locator("button.primary").focus();
    await page.keyboard.press("Enter");
    await status(page, "done");
  };
  return { status, figure, until, train };
}

export const { status, figure } = of("pretune-next-token");

/** The figure's last frame. */
export const frame = (element) => element.evaluate((node) => node.frame);

/** How long the page's main thread let a 10 ms timer wait. */
export const gaps = {
  start: (page) =>
    page.evaluate(() => {
      globalThis.gaps = [];
      let last = performance.now();
      globalThis.timer = setInterval(() => {
        const now = performance.now();
        globalThis.gaps.push(now - last);
        last = now;
      }, 10);
    }),
  stop: (page) =>
    page.evaluate(() => {
      clearInterval(globalThis.timer);
      const sorted = globalThis.gaps.sort((a, b) => a - b);
      return { p99: sorted[Math.floor(0.99 * sorted.length)], max: sorted.at(-1) };
    }),
};

/** axe-core's script. */
export const axe = require.resolve("axe-core/axe.min.js");

/** Waits until a run from random weights has come to a step. */
export const reached = (page, step) =>
  page.waitForFunction((step) => {
    const { frame } = document.querySelector("pretune-next-token");
    return frame.origin === "random" && frame.step >= step;
  }, step, { timeout: 120_000 });

/** A page of an author's with one figure. */
export const pageWith = (tag, attributes = "") =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title><script src="/pretune.js" defer></script><body><main><${tag} loading="eager" ${attributes}>The author's words.</${tag}></main>`;

/** The golden frames of a figure, and a frame, with numbers of single precision, which are written in as many digits as they need. */
export const single = (value) => JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Math.fround(part) : part));
export const golden = async (name) => single(JSON.parse(await readFile(join(root, `tests/frames/${name}.json`), "utf8")));

/** What axe finds wrong with a figure all of whose parts are open, and by how many pixels the page is wider than its window. */
export async function flaws(page, tag) {
  await page.locator(tag).evaluate((node) => node.shadowRoot.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.waitForTimeout(500);
  await page.evaluate(await readFile(axe, "utf8"));
  const { violations } = await page.evaluate((tag) => globalThis.axe.run(tag, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), tag);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return [...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" ")}`), ...(wide > 0 ? [`${wide} pixels too wide`] : [])];
}

/** Presses Tab until the focus is on what `is` accepts, given its role or tag and its name; so it can be reached by keyboard. */
export async function tabTo(page, name) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute("aria-label") || element?.closest("label")?.innerText || element?.innerText || "";
    });
    if (found.includes(name)) return;
  }
  throw new Error(`"${name}" cannot be reached by keyboard`);
}

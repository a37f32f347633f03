/** One tag and one script in somebody else's page, under the policies of section "Content-Security-Policy" of the guide. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figure, frame, host, launch, open } from "./setup.mjs";

const tag = `<pretune-next-token loading="eager">The author's words.</pretune-next-token>`;
const html = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><script src="/pretune.js" defer></script><body>${body}`;
const policies = {
  "no policy": {},
  "scripts and wasm from itself, a worker file": { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" },
  "a blob worker": { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:" },
  "no worker at all": { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'" },
  "trusted types": { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types pretune lit-html" },
};

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const [name, headers] of Object.entries(policies)) {
  test(`trains under: ${name}`, async (t) => {
    const server = await host({ "/": html(tag) }, headers);
    t.after(() => server.close());
    const page = await open(browser, server.url);
    await page.evaluate(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => globalThis.violations.push(violatedDirective));
    });
    const element = await figure(page);
    await element.evaluate((node) => node.step());
    await page.waitForFunction(() => document.querySelector("pretune-next-token").frame.step === 1);
    const violations = await page.evaluate(() => globalThis.violations);
    assert.deepEqual(violations.filter((directive) => !directive.startsWith("worker-src") && !directive.startsWith("script-src")), []);
  });
}

test("a policy without wasm leaves the author's words, with a reason", async (t) => {
  const server = await host({ "/": html(tag) }, { "content-security-policy": "default-src 'self'; worker-src 'none'" });
  t.after(() => server.close());
  const page = await open(browser, server.url);
  await page.locator('pretune-next-token[status="error"]').waitFor({ state: "attached" });
  assert.ok(await page.getByText("The author's words.").isVisible());
});

test("a bad attribute warns once and falls back", async (t) => {
  const server = await host({ "/": html(tag.replace("loading", 'n-layer="many" loading')) });
  t.after(() => server.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const warnings = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await page.goto(server.url);
  const element = await figure(page);
  assert.equal((await frame(element)).config["n-layer"], "2");
  assert.equal(warnings.filter((text) => text.includes("n-layer")).length, 1);
  assert.ok(await element.getAttribute("data-error"));
});

test("the script loaded twice is one worker", async (t) => {
  const twice = html(tag + tag).replace("<body>", `<script src="/pretune.js?again" defer></script><body>`);
  const server = await host({ "/": twice });
  t.after(() => server.close());
  const page = await open(browser, server.url);
  await figure(page);
  await page.waitForFunction(() => document.querySelectorAll('pretune-next-token[status="ready"]').length === 2);
  assert.equal(page.workers().length, 1);
  assert.deepEqual(page.problems, []);
});

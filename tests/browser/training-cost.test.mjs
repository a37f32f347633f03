/** The calculator of costs, worked by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { LESSON, axe, frame, host, launch, of, open, serve } from "./setup.mjs";

const TAG = "pretune-training-cost";
const { figure } = of(TAG);
const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title><script src="/pretune.js" defer></script><body><main><${TAG} loading="eager">The author's words.</${TAG}></main>`;

let server, browser;
before(async () => {
  server = await host({ "/": html });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 30_000 });

test("by keyboard alone, the page says what the core calculates", async () => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  await until(page, "frame.tab.is_measured");
  const gpt3 = await frame(element);
  assert.equal(gpt3.run, "gpt-3");
  await page.getByRole("button", { name: "PaLM", exact: true }).focus();
  await page.keyboard.press("Enter");
  await until(page, 'frame.run === "palm"');
  await page.waitForURL(/training-cost\.run=palm/);
  const tokens = page.getByRole("slider", { name: "Tokens that it reads" });
  await tokens.focus();
  await page.keyboard.press("End");
  await until(page, "frame.run === null");
  const { bill, summary, config } = await frame(element);
  assert.equal(config.tokens, "100000000000000");
  assert.equal(bill.flops, 6 * 540e9 * 1e14);
  const text = await element.locator("section").innerText();
  assert.ok(text.includes(summary), summary);
  await page.waitForURL(/training-cost\.tokens=1/);
  assert.match(text, /3\.24 × 10²⁶/);
  await page.reload();
  await figure(page);
  assert.deepEqual((await frame(page.locator(TAG))).bill, bill, "the address brings it back");
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, server.url, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => node.shadowRoot.querySelectorAll("details").forEach((details) => (details.open = true)));
    await page.waitForTimeout(300);
    await page.evaluate(await readFile(axe, "utf8"));
    const { violations } = await page.evaluate((tag) => globalThis.axe.run(tag, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), TAG);
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" ")}`), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  });
}

test("it stands in the lesson around the author's table", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  const element = await figure(page);
  assert.equal((await frame(element)).run, "gpt-3");
  assert.deepEqual(page.problems, []);
});

/** Secrets, given away and forgotten by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LESSON, axe, frame, host, launch, of, open, root, serve } from "./setup.mjs";

const TAG = "pretune-memorization";
const { figure, status } = of(TAG);
const html = (attributes = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title><script src="/pretune.js" defer></script><body><main><${TAG} loading="eager" ${attributes}>The author's words.</${TAG}></main>`;

let server, browser;
before(async () => {
  server = await host({ "/": html(), "/quick": html('steps="4"'), "/golden": html('steps="3" seed="3" keep="others" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });
/** Presses the first button by keyboard and waits until everything is trained. */
async function train(page) {
  await page.locator(TAG).locator("button.primary").focus();
  await page.keyboard.press("Enter");
  await status(page, "done");
}

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await train(page);
  t.diagnostic(`everything was trained after ${Date.now() - began} ms`);
  const first = await frame(element);
  assert.ok(first.levels[7].extracted >= 0.8 && first.levels[2].extracted === 0);
  const text = await element.locator("section").innerText();
  assert.ok(text.includes(first.summary));
  const said = await element.locator(".said tbody tr:last-child bdi").allInnerTexts();
  assert.deepEqual(said, [0, 1, 3].map((model) => first.shown[7].said[model]));
  await page.getByRole("radio", { name: /nothing else is looked after/ }).focus();
  await page.keyboard.press("ArrowDown");
  await until(page, 'frame.config.keep === "others" && frame.fingerprint');
  const kept = await frame(element);
  assert.ok(kept.models[1].neighbors > first.models[1].neighbors, "bystanders suffer less");
  assert.deepEqual(kept.models[3], first.models[3]);
  await page.waitForURL(/memorization\.keep=others/);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const golden = JSON.parse(await readFile(join(root, "tests/frames/memorization.json"), "utf8")).at(-1);
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  const single = (value) => JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Math.fround(part) : part));
  assert.deepEqual(single(await frame(element)), single(golden));
});

test("a reload loses nothing, and starting over does", async () => {
  const page = await open(browser, `${server.url}quick`);
  let element = await figure(page);
  await train(page);
  await page.waitForTimeout(1000);
  const { fingerprint } = await frame(element);
  await page.reload();
  element = await figure(page);
  assert.equal((await frame(element)).fingerprint, fingerprint);
  await element.evaluate((node) => node.reset());
  await until(page, "frame?.step === 0");
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await train(page);
    await element.evaluate((node) => node.shadowRoot.querySelectorAll("details").forEach((details) => (details.open = true)));
    await page.waitForTimeout(500);
    await page.evaluate(await readFile(axe, "utf8"));
    const { violations } = await page.evaluate((tag) => globalThis.axe.run(tag, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), TAG);
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" ")}`), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  });
}

test("it stands in the lesson", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  await figure(page);
  assert.deepEqual(page.problems, []);
});

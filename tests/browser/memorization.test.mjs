/** Secrets, given away and forgotten by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single } from "./setup.mjs";

const TAG = "pretune-memorization";
const { figure, status, train, until } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="4"'), "/golden": pageWith(TAG, 'steps="3" seed="3" keep="others" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

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
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("memorization")).at(-1));
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
    await figure(page);
    await train(page);
    assert.deepEqual(await flaws(page, TAG), []);
  });
}

test("it stands in the lesson", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  await figure(page);
  assert.deepEqual(page.problems, []);
});

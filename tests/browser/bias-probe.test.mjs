/** The bias probe, played to the end by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single } from "./setup.mjs";

const TAG = "pretune-bias-probe";
const { figure, status, train, until } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="4"'), "/golden": pageWith(TAG, 'steps="3" seed="3" hue="red"') });
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
  const biased = await frame(element);
  const [model, targeted, naive] = biased.models;
  assert.ok(Math.abs(model.slope - 1) < 0.15 && targeted.certainty > 0.9 && naive.certainty < 0.75);
  await page.getByRole("radio", { name: /has read the text/ }).focus();
  await page.keyboard.press("ArrowDown");
  await until(page, 'frame.view === "targeted"');
  await page.waitForTimeout(100);
  const numbers = await element.locator(".readout dd").allInnerTexts();
  assert.match(numbers[1], new RegExp(`^${targeted.slope.toFixed(2)}`));
  assert.match(numbers[2], new RegExp(`^${Math.round(100 * targeted.removed)}%`));
  assert.ok((await element.locator("section").innerText()).includes(biased.summary));
  const skew = page.getByRole("slider", { name: "How one-sided" });
  await skew.focus();
  await page.keyboard.press("ArrowLeft");
  await until(page, 'frame.config.skew === "0.88" && frame.step === 0');
  await page.waitForURL(/bias-probe\.skew=0\.88/);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  await element.evaluate((node) => node.session.command({ type: "view", model: "targeted" }));
  await until(page, 'frame.view === "targeted"');
  assert.deepEqual(single(await frame(element)), (await golden("bias-probe")).at(-1));
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

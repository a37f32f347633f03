/** Mixtures, changed and trained on by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-data-mixture";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="4"'), "/bad": pageWith(TAG, 'mix="much"'), "/golden": pageWith(TAG, 'steps="5" seed="3" mix="1 2 3 4 5" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Train on this mixture");
  await page.keyboard.press("Enter");
  await status(page, "done");
  t.diagnostic(`both mixtures were learned after ${Date.now() - began} ms`);
  const first = await frame(element);
  assert.ok(first.runs[1].losses[3] > first.runs[0].losses[3] + 0.1, "3 % of facts are too few");
  const text = await element.locator("section").first().innerText();
  assert.ok(text.includes(first.summary) && text.includes(first.runs[1].said[0]));
  const knows = await element.locator(".readout dd").first().innerText();
  assert.ok(knows.startsWith(`${first.runs[1].knows[0].right} of ${first.runs[1].knows[0].n}`), knows);

  // More facts, by the slider.
  await tabTo(page, "Encyclopedia");
  for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowRight");
  await until(page, "frame.mix[3] === 33");
  await page.waitForURL(/data-mixture\.mix=60\+22\+16\+33\+8/);
  await element.getByRole("button", { name: "Train on this mixture" }).press("Enter");
  await until(page, "frame.fingerprint && frame.runs[1].mix[3] === 33");
  const second = await frame(element);
  assert.deepEqual(second.runs[0], first.runs[1]);
  assert.ok(second.runs[1].losses[3] < first.runs[1].losses[3] - 0.1);
  await tabTo(page, "The text begins with");
  await page.keyboard.press("ArrowDown");
  assert.equal(await element.locator(".said .now dd").innerText(), second.runs[1].said[1]);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("data-mixture")).at(-1));
});

test("a reload loses no run and no plate, and nothing on it trains no model", async () => {
  const page = await open(browser, `${server.url}quick`);
  let element = await figure(page);
  await element.getByRole("button", { name: "Much French" }).click();
  await until(page, "frame.mix[4] === 50");
  await element.locator("button.primary").click();
  await status(page, "done");
  await page.waitForTimeout(1500);
  const { runs } = await frame(element);
  await page.reload();
  element = await figure(page);
  await until(page, "frame.mix[4] === 50");
  assert.deepEqual((await frame(element)).runs, runs);
  for (const slider of await element.locator("input[type=range]").all()) await slider.fill("0");
  assert.ok(await element.locator("button.primary").isDisabled());
  assert.match(await element.locator(".note").first().innerText(), /cannot learn from nothing/);
  await element.evaluate((node) => node.reset());
  await until(page, "frame?.step === 0 && frame.mix[4] === 8");
});

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.mix, "60 22 16 3 8");
  assert.equal(await element.getAttribute("data-error"), "mix");
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => node.start());
    await status(page, "done");
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

/** One model for four tasks: trained, and asked in words of one's own, by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-text-to-text";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="4"'), "/bad": pageWith(TAG, 'steps="0"'), "/1": pageWith(TAG, 'steps="3" seed="3" workers="1" hue="red"'), "/4": pageWith(TAG, 'steps="3" seed="3" workers="4" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });

test("trained and asked by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Train");
  await page.keyboard.press("Enter");
  await until(page, "frame.tasks.every(({ one }) => one[1] !== null)");
  t.diagnostic(`the one model was trained after ${Date.now() - began} ms`);
  await status(page, "done");
  t.diagnostic(`all models were trained after ${Date.now() - began} ms`);
  const trained = await frame(element);
  const mean = (group, part) => trained.tasks.reduce((sum, task) => sum + task[group][part], 0) / 4;
  assert.ok(mean("one", 0) > mean("apart", 0) - 0.05 && mean("one", 1) > 0.8);
  const words = await element.locator("section").first().innerText();
  assert.ok(words.includes(trained.summary));

  // Another task, in a wording of one's own.
  await tabTo(page, "Summarize");
  await page.keyboard.press("Enter");
  await tabTo(page, "What to do");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("In short:");
  await page.keyboard.press("Enter");
  await until(page, 'frame.asked[0].wording === "In short:"');
  const { asked } = await frame(element);
  assert.deepEqual([asked.length, asked[0].text, asked[0].seen], [5, trained.tasks[3].texts[0], false]);
  const row = await element.locator(".answers tbody tr").first().innerText();
  assert.ok(row.includes(asked[0].one) && row.includes("new wording"), row);

  // What it does not know is refused in words, and what was asked stays.
  await element.getByRole("textbox", { name: "With which text" }).fill("Here the dragon sleeps in the town.");
  await page.keyboard.press("Enter");
  await element.locator(".note").filter({ hasText: "dragon" }).waitFor();
  await page.waitForTimeout(1000);
  await page.reload();
  assert.deepEqual((await frame(await figure(page))).asked, asked);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

for (const workers of [1, 4]) {
  test(`with ${workers} workers, the page shows the frames that the core was recorded with, bit for bit`, async () => {
    const page = await open(browser, server.url + workers);
    const element = await figure(page);
    await element.evaluate((node) => node.start());
    await status(page, "done");
    assert.deepEqual(single(await frame(element)), (await golden("text-to-text")).at(-1));
  });
}

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.steps, "900");
  assert.equal(await element.getAttribute("data-error"), "steps");
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

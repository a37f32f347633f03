/** A ladder of sizes: four are trained, the fifth is guessed and trained, by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-scaling";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'sizes="3"'), "/bad": pageWith(TAG, 'sizes="9"'), "/1": pageWith(TAG, 'sizes="3" seed="3" workers="1" hue="red"'), "/4": pageWith(TAG, 'sizes="3" seed="3" workers="4" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });

test("the next size is guessed, trained and compared by keyboard alone", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Train the first four sizes");
  await page.keyboard.press("Enter");
  await until(page, "frame.trained === 4 && frame.fingerprint");
  t.diagnostic(`four sizes were trained after ${Date.now() - began} ms`);
  const first = await frame(element);
  assert.ok(first.law.sizes === 4 && first.law.r_squared > 0.9);
  assert.equal(first.rungs[4].foretold, null, "it is not told before the guess");
  await tabTo(page, "Your guess");
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
  await until(page, "frame.rungs[4].guess !== null");
  await page.waitForTimeout(500);
  const { guess } = (await frame(element)).rungs[4];
  assert.ok(guess < first.rungs[3].loss);
  await element.getByRole("button", { name: "Train the next size" }).press("Enter");
  await until(page, "frame.trained === 5 && frame.fingerprint");
  t.diagnostic(`the fifth was trained after ${Date.now() - began} ms`);
  const second = await frame(element);
  assert.equal(second.rungs[4].guess, guess);
  const numbers = await element.locator(".readout dd").allInnerTexts();
  const three = (loss) => loss.toFixed(3);
  assert.deepEqual(numbers.map((text) => text.slice(0, 5)), [second.rungs[4].foretold, guess, second.rungs[4].loss].map(three));
  const text = await element.locator("section").first().innerText();
  assert.ok(text.includes(second.summary) && second.summary.includes("You had said"));
  await page.waitForTimeout(1000);
  await page.reload();
  assert.deepEqual((await frame(await figure(page))).rungs, second.rungs);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

for (const workers of [1, 4]) {
  test(`with ${workers} workers, the page shows the frames that the core was recorded with, bit for bit`, async () => {
    const page = await open(browser, server.url + workers);
    const element = await figure(page);
    await element.evaluate((node) => node.start());
    await status(page, "done");
    assert.deepEqual(single(await frame(element)), (await golden("scaling")).at(-2));
  });
}

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.sizes, "5");
  assert.equal(await element.getAttribute("data-error"), "sizes");
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

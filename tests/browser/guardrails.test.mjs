/** The guard-rails, attacked by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single } from "./setup.mjs";

const TAG = "pretune-guardrails";
const { figure, status, train, until } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="4"'), "/golden": pageWith(TAG, 'steps="3" seed="3" examples="3" hue="red"') });
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
  const five = await frame(element);
  const [lesson, mixed] = five.ways;
  assert.ok(lesson.curve[0] > 0.9 && lesson.curve.at(-1) < 0.1 && mixed.off > lesson.off);
  assert.ok((await element.locator("section").innerText()).includes(five.summary));
  const answers = await element.locator(".answers tbody tr:first-child bdi").allInnerTexts();
  assert.deepEqual(answers.slice(1), lesson.slots.map((slot) => five.probes[0].answers[slot]));
  const slider = page.getByRole("slider", { name: "Examples in your attack" });
  await slider.focus();
  await page.keyboard.press("Home");
  await until(page, 'frame.config.examples === "0" && frame.fingerprint');
  assert.equal((await frame(element)).ways[0].curve.at(-1), lesson.curve[0], "nobody attacked");
  const again = Date.now();
  await page.keyboard.press("ArrowRight");
  await until(page, 'frame.config.examples === "1" && frame.ways[0].done');
  t.diagnostic(`another attack took ${Date.now() - again} ms`);
  await page.waitForURL(/guardrails\.examples=1/);
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("guardrails")).at(-1));
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

/** The lesson as a reader meets it: served, scrolled to, trained. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, figure, frame, gaps, launch, open, reached, serve, status } from "./setup.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

test("nothing is loaded for a figure that is not near", async () => {
  const page = await open(browser, server.url + LESSON);
  await page.waitForTimeout(500);
  assert.equal(page.requests.filter((url) => /\.wasm|worker|safetensors/.test(url)).length, 0);
  assert.equal(page.workers().length, 0);
});

test("the figure starts alive, with the shipped model", async () => {
  const page = await open(browser, server.url + LESSON);
  const shown = await frame(await figure(page));
  assert.equal(shown.origin, "base");
  assert.equal(shown.next[0].text, " Paris");
  assert.ok(shown.val_loss < 1.05 * shown.floor, `${shown.val_loss} is within 5 % of ${shown.floor}`);
  assert.equal(page.workers().length, 1);
  assert.deepEqual(page.problems, []);
});

test("training learns, leaves the page free, and stops when asked", async (t) => {
  const page = await open(browser, server.url + LESSON);
  const element = await figure(page);
  await gaps.start(page);
  await page.getByRole("button", { name: "Train from zero" }).click();
  await status(page, "training");
  await reached(page, 60);
  const { p99, max } = await gaps.stop(page);
  t.diagnostic(`main thread while training: gaps p99 ${p99.toFixed(0)} ms, longest ${max.toFixed(0)} ms`);
  const began = Date.now();
  await page.getByRole("button", { name: "Pause" }).click();
  await status(page, "paused");
  t.diagnostic(`paused after ${Date.now() - began} ms, with the driver's own time`);
  const { step, loss, ceiling } = await frame(element);
  assert.ok(step >= 60 && loss < 0.6 * ceiling, `${loss} after ${step} steps`);
  await page.waitForTimeout(300);
  assert.equal((await frame(element)).step, step, "a paused run stands still");
  assert.deepEqual(page.problems, []);
});

test("one press of One step is one step", async () => {
  const page = await open(browser, server.url + LESSON);
  const element = await figure(page);
  await page.getByRole("button", { name: "One step" }).click();
  await reached(page, 1);
  await page.getByRole("button", { name: "One step" }).click();
  await reached(page, 2);
  await page.waitForTimeout(300);
  assert.equal((await frame(element)).step, 2);
});

test("a device's speed is measured while training pauses, and training goes on", async () => {
  const page = await open(browser, server.url + LESSON);
  const element = await figure(page);
  await page.getByRole("button", { name: "Train from zero" }).click();
  await reached(page, 2);
  const panel = page.locator("details", { hasText: "Speed of this device" });
  await panel.locator("summary").first().click();
  await panel.getByRole("button", { name: "Measure" }).click();
  await status(page, "paused");
  const { step } = await frame(element);
  await panel.getByRole("row", { name: /One training step/ }).waitFor({ timeout: 60_000 });
  assert.match(await panel.innerText(), /A training step of the small reference model takes [\d.,]+ ms here/);
  await reached(page, step + 2);
  assert.deepEqual(page.problems, []);
});

test("a worker that dies is replaced, and the run ends with the same bits", async () => {
  const options = { attributes: { seed: "5", steps: "40" } };
  const complete = async (disturb) => {
    const page = await open(browser, server.url + LESSON);
    const element = await figure(page);
    await element.evaluate((node, { attributes }) => Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value)), options);
    await page.waitForFunction(() => document.querySelector("pretune-next-token").frame?.config.seed === "5");
    await element.evaluate((node) => node.start());
    await reached(page, 5);
    if (disturb) await page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("a trap"); }));
    await status(page, "done");
    return (await frame(element)).fingerprint;
  };
  const undisturbed = await complete(false);
  assert.match(undisturbed, /^[0-9a-f]{64}$/);
  assert.equal(await complete(true), undisturbed);
});

test("a reload loses nothing", async () => {
  const page = await open(browser, server.url + LESSON);
  let element = await figure(page);
  await page.getByRole("button", { name: "Train from zero" }).click();
  await reached(page, 30);
  await page.getByRole("button", { name: "Pause" }).click();
  await status(page, "paused");
  const before = await frame(element);
  await page.waitForTimeout(500);
  await page.reload();
  element = await figure(page);
  const again = await frame(element);
  assert.deepEqual([again.origin, again.step, again.loss], [before.origin, before.step, before.loss]);
});

test("without scripts the lesson reads well", async () => {
  const page = await open(browser, server.url + LESSON, { javaScriptEnabled: false });
  const text = await page.locator("main").innerText();
  assert.match(text, /Catastrophic forgetting/i);
  assert.match(await page.locator("pretune-next-token").innerText(), /brown/);
  assert.equal(await page.locator("table").count() >= 5, true);
});

test("it fits a narrow screen", async () => {
  const page = await open(browser, server.url + LESSON, { viewport: { width: 320, height: 640 } });
  await figure(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0);
});

/** Forgetting, played to the end by keyboard alone, combined, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flaws, frame, golden, host, launch, of, open, pageWith, single, tabTo } from "./setup.mjs";

const TAG = "pretune-forgetting";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="3"'), "/bad": pageWith(TAG, 'remedies="lora ewc"'), "/golden": pageWith(TAG, 'model="random" steps="3" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const made = (page, remedies) =>
  page.waitForFunction(
    ([tag, remedies]) => {
      const { frame } = document.querySelector(tag);
      return frame.config.remedies === remedies && frame.runs[frame.hand].done;
    },
    [TAG, remedies],
    { timeout: 120_000 },
  );
const words = (element) => element.locator("section").first().innerText();

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  let shown = await frame(element);
  assert.deepEqual([shown.origin, shown.step, shown.answers, shown.before[0].text], ["base", 0, null, "Paris"]);
  const began = Date.now();
  await tabTo(page, "Fine-tune it");
  await page.keyboard.press("Enter");
  await made(page, "none");
  t.diagnostic(`the first run was made after ${Date.now() - began} ms`);
  await status(page, "done");
  t.diagnostic(`all runs were made after ${Date.now() - began} ms`);
  shown = await frame(element);
  const { kept } = shown.runs[0].right;
  assert.ok(kept <= shown.base.kept / 2 && !shown.answers[0].right, "it has forgotten Paris");
  const numbers = () => element.locator(".numbers .readout dd").evaluateAll((all) => all.map((dd) => dd.firstChild.data === undefined ? dd.textContent : dd.textContent.trim()));
  assert.ok((await numbers())[2].startsWith(`${kept} of ${shown.asked.kept}`));
  assert.ok((await words(element)).includes(shown.summary));
  const cells = await element.locator(".matrix tbody tr").first().locator(".cell").allInnerTexts();
  assert.deepEqual(cells, shown.tasks[0].right.map((n) => `${Math.round((100 * n) / shown.tasks[0].n)}%`));

  // A remedy, and another beside it.
  await tabTo(page, "Lower learning rate");
  await page.keyboard.press("Space");
  await made(page, "low-rate");
  await tabTo(page, "Replay");
  await page.keyboard.press("ArrowRight");
  await made(page, "low-rate replay-4");
  await page.waitForURL(/forgetting\.remedies=low-rate\+replay-4/);
  shown = await frame(element);
  assert.equal(shown.runs.length, 7);
  assert.ok(shown.runs[6].right.kept > kept);
  const names = await element.locator(".list button span:nth-of-type(2)").allInnerTexts();
  assert.ok(names.at(-1).endsWith("lower rate + 25% old text"), names.at(-1));
  // LoRA takes the lower rate's place.
  await tabTo(page, "LoRA: freeze");
  await page.keyboard.press("Space");
  await made(page, "lora replay-4");
  // Back to the first run, which is shown at once.
  await tabTo(page, "no remedy");
  await page.keyboard.press("Enter");
  await made(page, "none");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("forgetting")).at(-1));
});

test("a reload loses no run, and the address brings the remedies", async () => {
  const page = await open(browser, `${server.url}quick`);
  let element = await figure(page);
  await element.getByRole("checkbox", { name: "Elastic" }).check();
  await made(page, "ewc");
  await status(page, "done");
  await page.waitForTimeout(1500);
  const { runs } = await frame(element);
  await page.reload();
  element = await figure(page);
  await made(page, "ewc");
  assert.deepEqual((await frame(element)).runs, runs);
  await element.evaluate((node) => node.reset());
  await page.waitForFunction((tag) => document.querySelector(tag).frame?.step === 0, TAG);
});

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.remedies, "none");
  assert.equal(await element.getAttribute("data-error"), "remedies");
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

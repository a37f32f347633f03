/** One sentence under five objectives, played by keyboard alone, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-objectives";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="10"'), "/golden": pageWith(TAG, 'steps="20" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });
const text = (pieces) => pieces.map(({ text, kind }) => (kind === "end" ? "end" : text)).join(" ").replaceAll(" .", ".");

test("played by keyboard alone, the model fills what the reader hides", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Train it");
  await page.keyboard.press("Enter");
  await until(page, "frame.goals[1].done");
  t.diagnostic(`the objective in hand was trained after ${Date.now() - began} ms`);
  await page.keyboard.press("Enter");
  await status(page, "paused");
  const trained = await frame(element);
  assert.ok(trained.goals[1].right / trained.goals[1].asked > 0.95, trained.summary);
  assert.ok((await element.locator("section").first().innerText()).includes(trained.summary));
  const said = async () => (await element.locator(".said .piece bdi").allInnerTexts()).join(" ");
  assert.equal(await said(), trained.said.map(({ text }) => text).join(" "));

  // A word more is hidden.
  await element.locator(".words button").first().focus();
  await page.keyboard.press("Enter");
  await until(page, "frame.words[0].hidden");
  const hidden = await frame(element);
  assert.equal(hidden.said.length, trained.said.length + 1);
  assert.equal(await said(), hidden.said.map(({ text }) => text).join(" "));
  assert.ok((await element.locator(".exercise").innerText()).includes(`${hidden.fits} sentences of this small world fit`));

  // Another objective: the same sentence is another exercise.
  await tabTo(page, "Denoising");
  await page.keyboard.press("Enter");
  await until(page, "frame.hand === 3");
  await page.waitForURL(/objectives\.objective=denoising/);
  const other = await frame(element);
  assert.equal(other.sentence, hidden.sentence);
  assert.equal((await element.locator(".both dd").nth(1).innerText()).replace(/\s+/g, " "), text(other.goals[3].target));

  await page.waitForTimeout(1500);
  await page.reload();
  const again = await frame(await figure(page));
  const learned = ({ losses, right, done }) => ({ losses, right, done });
  assert.deepEqual([again.hand, learned(again.goals[1])], [3, learned(hidden.goals[1])], "what was trained is kept");
  assert.ok(!page.requests.some((url) => url.endsWith("base.safetensors")), "it needs no model");
  assert.deepEqual(page.problems, []);
});

test("pictures are drawn, described, and found among captions", async () => {
  const page = await open(browser, `${server.url}quick`);
  const element = await figure(page);
  await element.evaluate((node) => void node.start());
  await status(page, "done");
  await element.locator(".goals button").last().click();
  await until(page, "frame.pairs.length === 4");
  const { pairs } = await frame(element);
  const canvas = page.getByRole("img", { name: pairs[0].caption, exact: true });
  const pixels = await canvas.evaluate((node) => [...node.getContext("2d").getImageData(0, 0, 16, 16).data].filter((_, i) => i % 4 < 3).map((part) => part.toString(16).padStart(2, "0")).join(""));
  assert.equal(pixels, pairs[0].pixels);
  await element.getByRole("button", { name: "Other pictures" }).click();
  await until(page, `frame.pairs[0].caption !== ${JSON.stringify(pairs[0].caption)}`);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => void node.start());
  await status(page, "done");
  await element.locator(".goals button").last().click();
  await until(page, "frame.hand === 4");
  assert.deepEqual(single(await frame(element)), (await golden("objectives")).at(-1));
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => void node.start());
    await status(page, "done");
    assert.deepEqual(await flaws(page, TAG), []);
    await element.locator(".goals button").last().click();
    await until(page, "frame.pairs.length === 4");
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

/** Five methods on one base, trained and put on by keyboard alone, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-peft-methods";
const { figure, status, until } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="2"'), "/bad": pageWith(TAG, 'steps="101"'), "/golden": pageWith(TAG, 'model="random" steps="1" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

test("trained and switched by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  const told = (what) => t.diagnostic(`${what} after ${Date.now() - began} ms`);
  await tabTo(page, "Train all five");
  await page.keyboard.press("Enter");
  await until(page, "frame.runs.slice(0, 5).every(({ done }) => done)");
  told("what is known was told");
  await until(page, "frame.runs[5].done && frame.runs[7].done");
  told("LoRA and the prefix had learned new facts");
  await status(page, "done");
  told("all runs were made");
  const shown = await frame(element);
  const right = (task, i) => shown.runs[5 * task + i].right;
  assert.ok(right(0, 3) >= 10 && right(1, 0) >= 40 && right(1, 2) <= 30, JSON.stringify(shown.runs));
  assert.ok((await element.locator("section").first().innerText()).includes(shown.summary));
  const cells = async () => element.locator(".costs tbody tr").evaluateAll((rows) => rows.map((row) => row.cells[5].textContent.trim()));
  assert.deepEqual(await cells(), [0, 1, 2, 3, 4].map((i) => `${right(0, i)} of 12`));
  const times = await element.locator(".costs tbody tr").evaluateAll((rows) => rows.map((row) => row.cells[8].textContent.trim()));
  assert.ok(times.every((time) => /^[\d.]+ sec$/.test(time)), `${times}`);

  // The other task, and another method on the same base.
  await tabTo(page, "To tell what the model knows");
  await page.keyboard.press("ArrowDown");
  await until(page, 'frame.task === "new"');
  assert.deepEqual(await cells(), [0, 1, 2, 3, 4].map((i) => `${right(1, i)} of 44`));
  const answers = async () => element.locator(".answers tbody tr").evaluateAll((rows) => rows.map((row) => row.cells[2].querySelector("bdi")?.textContent));
  await tabTo(page, "LoRA");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await until(page, "frame.on === 2");
  const prefix = await frame(element);
  assert.deepEqual(await answers(), prefix.answers.map(({ text }) => text));
  assert.ok(await element.getByText("bit for bit the same").isVisible());
  assert.equal(prefix.base_after, prefix.base_before);

  await page.waitForTimeout(1500);
  await page.reload();
  await figure(page);
  assert.deepEqual(await frame(element), prefix);
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  await element.getByRole("radio", { name: "New facts by heart" }).check();
  await until(page, 'frame.task === "new"');
  await element.getByRole("radio", { name: "Prefix tuning" }).check();
  await until(page, "frame.on === 2");
  assert.deepEqual(single(await frame(element)), (await golden("peft-methods")).at(-1));
});

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.steps, "100");
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

test("it stands in the lesson, before the figure of LoRA", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  await figure(page);
  const order = await page.locator(`${TAG}, pretune-lora-rank`).evaluateAll((all) => all.map(({ localName }) => localName));
  assert.deepEqual(order, [TAG, "pretune-lora-rank"]);
  assert.deepEqual(page.problems, []);
});

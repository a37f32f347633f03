/** Six types of fine-tuning, played by keyboard alone, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-finetuning-types";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/golden": pageWith(TAG, 'model="random" type="rlhf" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const until = (page, test) => page.waitForFunction(([tag, test]) => new Function("frame", `return ${test}`)(document.querySelector(tag).frame), [TAG, test], { timeout: 120_000 });

test("played by keyboard alone, each type says before and after what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Fine-tune it");
  await page.keyboard.press("Enter");
  await until(page, "frame.kinds[1].done");
  t.diagnostic(`the type in hand was tuned after ${Date.now() - began} ms`);
  await page.keyboard.press("Enter");
  await status(page, "paused", "done");
  const tuned = await frame(element);
  assert.ok(tuned.kinds[1].after > tuned.kinds[1].before + 0.3, tuned.summary);
  assert.ok((await element.locator("section").first().innerText()).includes(tuned.summary));
  const answers = await element.locator(".answers tbody tr").first().locator("bdi").allInnerTexts();
  const [probe] = tuned.probes;
  assert.deepEqual(answers, [probe.prompt, probe.before.text, probe.after.text, probe.expected]);

  await tabTo(page, "Dialogue");
  await page.keyboard.press("Enter");
  await until(page, "frame.hand === 2");
  await page.waitForURL(/finetuning-types\.type=dialogue/);
  assert.ok((await element.locator(".examples").innerText()).includes("Tom:"));

  await page.waitForTimeout(1500);
  await page.reload();
  const again = await frame(await figure(page));
  assert.deepEqual([again.hand, again.kinds[1]], [2, tuned.kinds[1]], "results are kept");
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => void node.start());
  await until(page, "frame.kinds[3].done");
  await element.evaluate((node) => node.pause());
  const shown = single(await frame(element));
  const recorded = (await golden("finetuning-types")).at(-1);
  assert.deepEqual(shown.kinds[3], recorded.kinds[3]);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, server.url, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => void node.start());
    await until(page, "frame.kinds[1].done");
    await element.evaluate((node) => node.pause());
    for (const i of [1, 3]) {
      await element.locator(".kinds button").nth(i).click();
      await until(page, `frame.hand === ${i}`);
      assert.deepEqual(await flaws(page, TAG), []);
    }
  });
}

test("it stands in the lesson", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  await figure(page);
  assert.deepEqual(page.problems, []);
});

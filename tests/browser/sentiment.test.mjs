/** Labels and fine-tuning on them, played to the end by keyboard alone, with the reader's own labels, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flaws, frame, golden, host, launch, of, open, pageWith, single, tabTo } from "./setup.mjs";

const TAG = "pretune-sentiment";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/quick": pageWith(TAG, 'steps="3"'), "/mine": pageWith(TAG, 'labels="mine"'), "/golden": pageWith(TAG, 'model="random" steps="3" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const words = (element) => element.locator("section").first().innerText();
const until = (page, is) => page.waitForFunction(`(${is})(document.querySelector("${TAG}").frame)`, null, { timeout: 60_000 });

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Fine-tune it");
  await page.keyboard.press("Enter");
  await status(page, "done");
  t.diagnostic(`trained and measured after ${Date.now() - began} ms`);
  const { now, before, summary, n_test, judged } = await frame(element);
  const right = now.confusion[0][0] + now.confusion[1][1];
  assert.ok(right > 0.9 * n_test && before.confusion[0][0] + before.confusion[1][1] < 0.3 * n_test);
  const number = await element.locator(".numbers .readout dd").first().innerText();
  assert.ok(number.startsWith(`${right} of ${n_test}`), number);
  const cells = await element.locator(".confusion .cell").allInnerTexts();
  assert.deepEqual(cells.map(Number), now.confusion.flat());
  assert.ok((await words(element)).includes(summary));
  assert.ok(judged.now.chances[1] > 0.9);

  // A sentence of the reader's: typed, with a word that is not in the world, and made of words.
  await tabTo(page, "A review");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("The movie was zorgly.");
  await page.keyboard.press("Enter");
  await until(page, '({ judged }) => judged.unknown.includes("zorgly")');
  assert.match(await words(element), /It has never seen: zorgly/);
  await tabTo(page, "Clear");
  await page.keyboard.press("Enter");
  await until(page, '({ judged }) => judged.text === ""');
  await element.getByRole("button", { name: "The movie was" }).focus();
  await page.keyboard.press("Enter");
  await until(page, '({ judged }) => judged.text === "The movie was"');
  for (const word of ["boring", "The plot was", "awful"]) {
    await element.getByRole("button", { name: word, exact: true }).focus();
    await page.keyboard.press("Enter");
    await until(page, `({ judged }) => judged.text.endsWith("${word}")`);
  }
  assert.equal((await frame(element)).judged.text, "The movie was boring. The plot was awful");
  const verdict = (await frame(element)).judged.now;
  assert.ok(verdict.chances[0] > 0.5, JSON.stringify(verdict));
  assert.deepEqual(page.problems, []);
});

test("it learns from the reader's own labels, and a reload keeps them and the model", async () => {
  const page = await open(browser, `${server.url}mine`);
  let element = await figure(page);
  assert.ok(await element.getByRole("button", { name: "Fine-tune it" }).isDisabled());
  const { deck, answers } = await frame(element);
  for (const [i, { given }] of deck.entries()) {
    await element.locator(".deck li").nth(i).getByRole("button", { name: answers[given] }).click();
    await until(page, `({ deck }) => deck[${i}].label === ${given}`);
  }
  await element.getByRole("button", { name: "Fine-tune it" }).click();
  await status(page, "done");
  await page.waitForTimeout(1500);
  const first = await frame(element);
  assert.ok(first.now.confusion[0][0] + first.now.confusion[1][1] > 280, JSON.stringify(first.now));
  await page.reload();
  element = await figure(page);
  const again = await frame(element);
  assert.deepEqual([again.fingerprint, again.deck, again.judged], [first.fingerprint, first.deck, first.judged]);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("sentiment"))[1]);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => node.start());
    await status(page, "done");
    assert.deepEqual(await flaws(page, TAG), []);
    await element.getByRole("radio", { name: "labels that you give" }).check();
    await until(page, '({ config }) => config.labels === "mine"');
    assert.deepEqual(await flaws(page, TAG), []);
  });
}

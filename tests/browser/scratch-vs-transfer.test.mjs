/** The race for labels, played to the end by keyboard alone, and reloaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flaws, frame, golden, host, launch, of, open, pageWith, single, tabTo } from "./setup.mjs";

const TAG = "pretune-scratch-vs-transfer";
const { figure, status } = of(TAG);

let server, browser;
before(async () => {
  server = await host({ "/": pageWith(TAG), "/few": pageWith(TAG, 'labels="2"'), "/golden": pageWith(TAG, 'model="random" labels="2" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const raced = (page, labels) =>
  page.waitForFunction(
    ([tag, labels]) => {
      const { frame } = document.querySelector(tag);
      return frame.config.labels === labels && frame.transfer[frame.hand] !== null && frame.scratch[frame.hand] !== null;
    },
    [TAG, labels],
    { timeout: 120_000 },
  );

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const began = Date.now();
  await tabTo(page, "Race them");
  await page.keyboard.press("Enter");
  await raced(page, "16");
  t.diagnostic(`16 labels were raced after ${Date.now() - began} ms`);
  await status(page, "done");
  t.diagnostic(`the factor was there after ${Date.now() - began} ms`);
  const { transfer, scratch, hand, factor, summary } = await frame(element);
  assert.ok(transfer[hand] > scratch[hand] && factor > 4, `${factor}`);
  const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  assert.deepEqual(await element.locator(".lane .value").allInnerTexts(), [percent.format(transfer[hand]), percent.format(scratch[hand])]);
  assert.equal(await element.locator(".numbers dd").last().evaluate((dd) => [...dd.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join("").trim()), new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(factor));
  assert.ok((await element.locator("section").first().innerText()).includes(summary));

  // Fewer labels: the thumb moves, the race follows, and the factor stays.
  await tabTo(page, "Labels for both");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await raced(page, "4");
  await page.waitForURL(/scratch-vs-transfer\.labels=4/);
  const fewer = await frame(element);
  assert.ok(fewer.transfer[1] > fewer.scratch[1] + 0.2 && fewer.factor === factor);
  await element.locator(".chart details summary").focus();
  await page.keyboard.press("Enter");
  const rows = element.locator(".chart tbody tr");
  await rows.first().waitFor();
  assert.deepEqual(await rows.nth(1).locator("th, td").allInnerTexts(), ["4", percent.format(fewer.transfer[1]), percent.format(fewer.scratch[1])]);

  await page.waitForTimeout(1500);
  await page.reload();
  await figure(page);
  await raced(page, "4");
  assert.deepEqual((await frame(page.locator(TAG))).scratch, fewer.scratch);
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => void node.start());
  await raced(page, "2");
  await element.evaluate((node) => node.pause());
  const { transfer, scratch } = single(await frame(element));
  const recorded = (await golden("scratch-vs-transfer")).at(-1);
  assert.deepEqual([transfer[0], scratch[0]], [recorded.transfer[0], recorded.scratch[0]]);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}few`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => void node.start());
    await raced(page, "2");
    await element.evaluate((node) => node.pause());
    assert.deepEqual(await flaws(page, TAG), []);
  });
}

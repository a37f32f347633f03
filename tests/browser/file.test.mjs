/** The lesson as one file, opened from a disk with the network cut. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { figure, frame, launch, of, open, reached, root, status } from "./setup.mjs";

const file = join(root, "target/pretune/lesson.html");
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("it is under a megabyte", async () => {
  const { size } = await stat(file);
  assert.ok(size < 2_500_000, `${size} bytes`);
});

test("it trains, writes and survives a reload without a single request", async () => {
  const page = await open(browser, `${pathToFileURL(file).href}?next-token.workers=2`, { offline: true });
  let element = await figure(page);
  assert.equal((await frame(element)).origin, "base");
  await page.getByRole("button", { name: "Train from zero" }).click();
  await reached(page, 80);
  await page.getByRole("button", { name: "Pause" }).click();
  await status(page, "paused");
  const before = await frame(element);
  assert.ok(before.loss < 0.7 * before.ceiling);
  assert.equal(await element.evaluate((node) => node.pace.workers), 2);
  await page.getByRole("button", { name: "Write on" }).click();
  await page.waitForFunction(() => document.querySelector("pretune-next-token").frame.generated.length > 0 || document.querySelector("pretune-next-token").frame.prompt.tokens.length > 8);
  await page.waitForTimeout(500);
  await page.reload();
  element = await figure(page);
  assert.equal((await frame(element)).step, before.step);
  assert.deepEqual(page.requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
  assert.deepEqual(page.problems, []);
});

test("the game finds its own model in the file, and trains it", async () => {
  const game = of("pretune-rlhf-game");
  const page = await open(browser, pathToFileURL(file).href, { offline: true });
  const element = await game.figure(page);
  assert.equal((await frame(element)).origin, "pretrained");
  await element.evaluate((node) => void node.start());
  await page.waitForFunction(() => document.querySelector("pretune-rlhf-game").frame.judging?.pair, null, { timeout: 120_000 });
  assert.deepEqual(page.requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
  assert.deepEqual(page.problems, []);
});

test("it cannot phone home, not even from its worker", async () => {
  const page = await open(browser, pathToFileURL(file).href);
  await figure(page);
  const fetches = (target) => target.evaluate(() => fetch("http://127.0.0.1:9/").then(() => "answered", () => "refused"));
  assert.equal(await fetches(page), "refused");
  assert.equal(await fetches(page.workers()[0]), "refused");
  assert.ok(page.problems.some((problem) => /connect-src/.test(problem)), "by policy, not for want of a server");
});

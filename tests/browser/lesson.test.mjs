/** The lesson as a whole: figures at rest, contents that follow, and the reader's record. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, host, launch, of, open, pageWith, root, serve, single, tabTo } from "./setup.mjs";

let server, browser, results;
before(async () => {
  server = await serve();
  browser = await launch();
  results = single(JSON.parse(await readFile(join(root, "dist/results.json"), "utf8")));
});
after(async () => {
  await browser?.close();
  server?.close();
});

const resting = async (page, tag) => {
  await page.locator(tag).scrollIntoViewIfNeeded();
  await of(tag).status(page, "resting");
  return page.locator(tag);
};

test("figures show a finished run before anything is started", async () => {
  const page = await open(browser, server.url + LESSON);
  // Who has seen how it ends cannot bet.
  for (const tag of Object.keys(results).filter((tag) => tag !== "pretune-transfer-depth")) {
    const element = await resting(page, tag);
    assert.deepEqual(single(await frame(element)), results[tag], tag);
    assert.ok((await element.locator(".sentence").innerText()).includes(results[tag].summary), tag);
    assert.ok(await element.getByText("computed when this page was made").isVisible(), tag);
  }
  assert.deepEqual(page.problems, []);
});

test("a figure at rest needs no worker, and the tab computes what it shows", async (t) => {
  const tag = "pretune-sentiment";
  const own = await host({ "/": pageWith(tag).replace('loading="eager"', "") });
  t.after(() => own.close());
  const page = await open(browser, own.url);
  const element = await resting(page, tag);
  assert.equal(page.workers().length, 0);
  assert.ok(!page.requests.some((url) => /worker|safetensors/.test(url)), page.requests.join(" "));
  await element.getByRole("button", { name: "Fine-tune", exact: false }).first().click();
  await of(tag).status(page, "done");
  assert.deepEqual(single(await frame(element)), results[tag]);
  assert.equal(await element.getByText("computed when this page was made").count(), 0);
  assert.deepEqual(page.problems, []);
});

test("what the reader asks of a figure at rest is asked of a trained one", async () => {
  const tag = "pretune-sentiment";
  const page = await open(browser, server.url + LESSON);
  const element = await resting(page, tag);
  const field = element.locator(".own input");
  await field.fill("The film was bad.");
  await field.press("Enter");
  await of(tag).status(page, "done");
  const { judged } = await frame(element);
  assert.equal(judged.text, "The film was bad.");
  assert.notEqual(judged.now, null);
});

test("a figure that slept while others trained goes on where it was", async () => {
  const page = await open(browser, server.url + LESSON);
  for (const tag of ["pretune-sentiment", "pretune-forgetting", "pretune-data-mixture"]) {
    const element = await resting(page, tag);
    await element.evaluate((node) => node.start());
    await of(tag).status(page, "done");
  }
  const element = page.locator("pretune-sentiment");
  const { fingerprint } = await frame(element);
  const field = element.locator(".own input");
  await field.fill("The film was bad.");
  await field.press("Enter");
  await page.waitForFunction(() => document.querySelector("pretune-sentiment").frame.judged.text === "The film was bad.");
  const shown = await frame(element);
  assert.equal(shown.fingerprint, fingerprint, "nothing was trained again");
  assert.notEqual(shown.judged.now, null);
  assert.equal(await element.getAttribute("status"), "done");
  assert.deepEqual(page.problems, []);
});

test("the contents follow the reader and tick off what was read and tried", async () => {
  const page = await open(browser, server.url + LESSON);
  const link = page.locator('.toc a[href="#supervised-fine-tuning-sft"]');
  await page.evaluate(() => document.getElementById("supervised-fine-tuning-sft").scrollIntoView());
  await page.waitForFunction(() => document.querySelector(".toc a[aria-current]")?.hash === "#supervised-fine-tuning-sft");
  const element = await resting(page, "pretune-sentiment");
  await element.evaluate((node) => node.start());
  await of("pretune-sentiment").status(page, "done");
  await page.waitForFunction(() => document.querySelector(".toc-count").textContent.startsWith("1 of "));
  assert.equal(await link.getAttribute("data-state"), "");
  // The end of its section: the last element before the next heading.
  await page.evaluate(() => document.getElementById("rlhf-reinforcement-learning-from-human-feedback").previousElementSibling.scrollIntoView());
  await page.waitForFunction(() => document.querySelector('.toc a[href="#supervised-fine-tuning-sft"]').dataset.state === "done");
  assert.ok((await link.innerText()).includes("done"), "a screen reader hears it too");
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.toc a[href="#supervised-fine-tuning-sft"]').dataset.state === "done");
});

test("the summary tells what the reader saw, checks what they know, and keeps it", async () => {
  const page = await open(browser, server.url + LESSON, { acceptDownloads: true });
  await page.locator("pretune-training-cost").scrollIntoViewIfNeeded();
  await of("pretune-training-cost").status(page, "resting");
  await page.locator("pretune-training-cost").getByRole("button", { name: "GPT-2", exact: true }).first().click();
  const summary = page.locator("pretune-summary");
  await summary.scrollIntoViewIfNeeded();
  const own = summary.locator(".own-result");
  await own.first().waitFor();
  assert.equal(await own.count(), 1);
  assert.ok((await own.innerText()).startsWith("Yours: GPT-2"));
  // Questions, by keyboard.
  const statements = page.evaluate(() => new Promise((resolve) => document.addEventListener("pretune-xapi", ({ detail }) => resolve(detail), { once: true })));
  await summary.locator("input[type=radio]").first().focus();
  await page.keyboard.press("Space");
  assert.ok((await summary.locator(".feedback").first().innerText()).startsWith("Not quite."));
  await page.keyboard.press("ArrowDown");
  assert.ok((await summary.locator(".feedback").first().innerText()).startsWith("Right."));
  assert.equal((await statements).verb.display["en-US"], "answered");
  assert.equal(await summary.locator(".score").innerText(), "1 of 7 right");
  assert.deepEqual(await flaws(page, "pretune-summary"), []);
  // Reloaded, saved, forgotten, opened.
  await page.reload();
  await page.waitForFunction(() => document.querySelector("pretune-summary").shadowRoot.querySelector(".score")?.textContent === "1 of 7 right");
  await summary.locator("input[type=radio]:checked").focus();
  await tabTo(page, "Save my record");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  const file = await download.path();
  const record = JSON.parse(await readFile(file, "utf8"));
  assert.deepEqual(Object.keys(record.figures), ["training-cost"]);
  await summary.getByRole("button", { name: "Forget my record" }).click();
  await summary.getByText("0 of 7 right").waitFor();
  assert.equal(await own.count(), 0);
  const broken = join(tmpdir(), `pretune-record-${process.pid}.json`);
  await writeFile(broken, '{"format":"pretune-progress","figures":[]}');
  await summary.locator("input[type=file]").setInputFiles(broken);
  await summary.getByText("not a record of a lesson").waitFor();
  await summary.locator("input[type=file]").setInputFiles(file);
  await page.waitForFunction(() => document.querySelector("pretune-summary").shadowRoot.querySelector(".score")?.textContent === "1 of 7 right");
  assert.deepEqual(page.problems, []);
});

test("without scripts the lesson is whole: every figure has its words, every question its answer", async () => {
  const page = await open(browser, server.url + LESSON, { javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
  for (const tag of [...Object.keys(results), "pretune-next-token", "pretune-rlhf-game", "pretune-summary"]) {
    assert.ok((await page.locator(tag).first().innerText()).trim().length > 30, tag);
  }
  const told = await page.locator("main .result figcaption").allInnerTexts();
  const sentences = Object.values(results).map(({ summary }) => `In one run: ${summary}`);
  assert.deepEqual(told.sort(), sentences.sort());
  assert.equal(await page.locator("pretune-summary input[checked]").count(), 7);
});

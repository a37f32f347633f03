/** The rank slider, played to the end by keyboard alone, scrubbed, reloaded, and interrupted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LESSON, axe, frame, gaps, host, launch, of, open, root, serve } from "./setup.mjs";

const TAG = "pretune-lora-rank";
const { figure, status } = of(TAG);
const html = (attributes = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title><script src="/pretune.js" defer></script><body><main><${TAG} loading="eager" ${attributes}>The author's words.</${TAG}></main>`;
/** A model of the reader's that has read no word of medicine, and a figure that is to go on with it. */
const other = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><script src="/pretune.js" defer></script><body>
  <pretune-next-token loading="eager" n-embd="8" n-layer="1" block-size="16" warmup-iters="1" steps="4"><script type="text/plain">${"the cat sat on the mat and the dog sat on the log. ".repeat(60)}</script></pretune-next-token>
  <${TAG} loading="manual" model="mine" steps="4"></${TAG}>`;

let server, browser;
before(async () => {
  server = await host({ "/": html(), "/quick": html('steps="8"'), "/new": html('task="new" rank="full" steps="6" hide="gpt3 keep"'), "/bad": html('rank="5" steps="4"'), "/mine": html('model="mine" steps="4"'), "/other": other, "/golden": html('model="random" steps="3" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** Until the rank in hand is trained, or all are. */
const trained = (page, all = false) =>
  page.waitForFunction(
    ([tag, all]) => {
      const { frame, status } = document.querySelector(tag);
      return all ? status === "done" && frame.fingerprint : frame.runs[frame.hand].done;
    },
    [TAG, all],
    { timeout: 120_000 },
  );
const inHand = (page, label) => page.waitForFunction(([tag, label]) => document.querySelector(tag).frame.config.rank === label, [TAG, label], { timeout: 60_000 });
const rendered = (page) => page.evaluate((tag) => document.querySelector(tag).updateComplete, TAG);
/** What is written in the figure. */
const words = (element) => element.locator("section").first().innerText();
const slider = (page) => page.getByRole("slider", { name: "Rank" });

test("it starts alive: the base is measured, nothing is trained", async () => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const shown = await frame(element);
  assert.equal(await element.getAttribute("status"), "ready");
  assert.deepEqual([shown.origin, shown.step, shown.runs[0].done, shown.runs[1].done], ["base", 0, true, false]);
  assert.equal(shown.runs[0].asked, 0, "the base does not answer such questions");
  assert.ok(shown.runs[0].kept >= 0.9 * shown.n_kept);
  assert.match(await words(element), /Rank 4 trains 8,192 numbers beside the frozen base, 5.6 % of its 146,560\. It has not been trained yet\./);
  assert.equal(page.workers().length, 1);
  assert.deepEqual(page.problems, []);
});

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  await page.evaluate((tag) => {
    globalThis.heard = [];
    for (const name of ["step", "complete", "xapi"]) document.querySelector(tag).addEventListener(`pretune-${name}`, ({ type, detail }) => globalThis.heard.push([type, detail]));
  }, TAG);
  // The first of the figure's controls that moves by arrows and trains by itself.
  const thumb = slider(page);
  await thumb.focus();
  const began = Date.now();
  await page.keyboard.press("ArrowRight");
  await status(page, "training");
  await inHand(page, "8");
  await trained(page);
  t.diagnostic(`rank 8 was trained ${Date.now() - began} ms after the first key`);
  await page.keyboard.press("End");
  await inHand(page, "full");
  assert.match(await thumb.getAttribute("aria-valuetext"), /^full fine-tuning, /);
  await trained(page, true);
  await page.keyboard.press("Home");
  await inHand(page, "0");
  for (const label of ["1", "2", "4", "8", "16", "32", "64", "full"]) {
    await page.keyboard.press("ArrowRight");
    await inHand(page, label);
    await rendered(page);
    const { runs, hand, n_asked, n_kept, summary } = await frame(element);
    const run = runs[hand];
    const numbers = await element.locator(".numbers .readout dd").evaluateAll((all) => all.map((dd) => [...dd.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join("").trim()));
    const number = new Intl.NumberFormat("en");
    const rise = new Intl.NumberFormat("en", { signDisplay: "exceptZero", minimumFractionDigits: 3, maximumFractionDigits: 3 });
    assert.deepEqual(numbers.slice(0, 4), [number.format(run.trained), `${run.asked} of ${n_asked}`, `${run.kept} of ${n_kept}`, rise.format(run.rise)], label);
    assert.equal(await thumb.getAttribute("aria-valuetext"), `${label === "full" ? "full fine-tuning" : `rank ${label}`}, trained`);
    const answers = await element.locator(".wide .answers tbody tr td:nth-of-type(2) bdi").allInnerTexts();
    assert.deepEqual(answers, run.answers.map(({ text }) => text), label);
    assert.ok((await words(element)).includes(summary));
  }
  const { runs, fingerprint, gpt3 } = await frame(element);
  assert.ok(runs[2].share < 0.03 && runs[2].asked >= 0.95 * runs.at(-1).asked, "rank 2 is as good as all weights");
  assert.match(fingerprint, /^[0-9a-f]{64}$/);

  // The chart's numbers.
  const chart = element.locator("figure.ranks details");
  await chart.locator("summary").focus();
  await page.keyboard.press("Enter");
  await chart.getByRole("row", { name: /^rank 1 / }).waitFor();
  const rows = await chart.locator("tbody tr").evaluateAll((all) => all.map((tr) => [...tr.children].map((cell) => cell.textContent)));
  assert.deepEqual(rows.map(([name]) => name).slice(1, 3), ["rank 1", "rank 2"]);
  assert.deepEqual(rows.map((row) => row[2]), runs.map(({ asked }) => `${Math.round((100 * asked) / 12)}%`));

  // Swap and merge.
  await page.keyboard.press("Home");
  await thumb.focus();
  for (const label of ["64", "32", "16", "8"]) {
    await page.keyboard.press("ArrowLeft");
    await inHand(page, label);
  }
  const desk = element.locator("details.panel", { hasText: "Merge it, or swap it" });
  await desk.locator("> summary").focus();
  await page.keyboard.press("Enter");
  const chosen = desk.getByRole("radio", { name: "this task, rank 8" });
  await chosen.focus();
  assert.ok(await chosen.isChecked());
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction((tag) => document.querySelector(tag).frame.desk.adapter === "second", TAG);
  await desk.getByRole("button", { name: "Add it into the weights" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((tag) => document.querySelector(tag).frame.desk.merged, TAG);
  const { found } = (await frame(element)).desk;
  assert.ok(found.difference < 1e-3);
  assert.equal(found.unmerged, found.fingerprint);
  const prints = await desk.locator("code").evaluateAll((all) => all.map(({ title }) => title));
  assert.deepEqual(prints, [found.fingerprint, found.swapped, found.merged, found.unmerged]);

  const sized = element.locator("details.panel", { hasText: "at the size of GPT-3" });
  await sized.locator("> summary").focus();
  await page.keyboard.press("Enter");
  await sized.getByRole("columnheader", { name: "LoRA, rank 8" }).waitFor();
  assert.match(await sized.innerText(), /LoRA, rank 8[\s\S]*37\.7M[\s\S]*1\.2 TB[\s\S]*350 GB/);
  assert.equal(gpt3.n_params, 175_255_800_000);

  const heard = await page.evaluate(() => globalThis.heard);
  const complete = heard.filter(([type]) => type === "pretune-complete");
  assert.equal(complete.length, 1);
  assert.equal(complete[0][1].fingerprint, fingerprint);
  assert.equal(complete[0][1].ranks.length, 9);
  assert.ok(heard.some(([type]) => type === "pretune-step"));
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const [, , golden] = JSON.parse(await readFile(join(root, "tests/frames/lora-rank.json"), "utf8"));
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await trained(page, true);
  // Numbers of single precision are written in as many digits as they need.
  const single = (value) => JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Math.fround(part) : part));
  assert.deepEqual(single(await frame(element)), single(golden));
});

test("scrubbed fast over finished ranks, the page stays free and ends where the thumb is", async (t) => {
  const page = await open(browser, `${server.url}quick`);
  const element = await figure(page);
  await element.evaluate((node) => node.start());
  await trained(page, true);
  await gaps.start(page);
  const result = await page.evaluate(async (tag) => {
    const { shadowRoot } = document.querySelector(tag);
    const input = shadowRoot.querySelector("input[type=range]");
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const big = () => shadowRoot.querySelector(".rank .value").textContent;
    const labels = ["0", "1", "2", "4", "8", "16", "32", "64", "full fine-tuning"];
    let late = 0;
    for (let i = 0; i < 600; i++) {
      const place = i % 2 ? i % 9 : 8 - (i % 9);
      input.value = String(place);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await wait(8);
      if (big() !== labels[place]) late++;
    }
    input.value = "5";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return { late };
  }, TAG);
  const { p99, max } = await gaps.stop(page);
  t.diagnostic(`main thread while scrubbing: gaps p99 ${p99.toFixed(0)} ms, longest ${max.toFixed(0)} ms; ${result.late} of 600 numbers were late`);
  assert.ok(p99 < 50, `${p99} ms`);
  await inHand(page, "16");
  await page.waitForTimeout(1500);
  assert.equal(page.workers().length, 1);
  assert.ok(page.url().includes("lora-rank.rank=16"), page.url());
  assert.deepEqual(page.problems, []);
});

test("a reload loses nothing, and the address brings the rank", async () => {
  const page = await open(browser, `${server.url}quick`);
  let element = await figure(page);
  await element.evaluate((node) => node.start());
  await trained(page, true);
  await slider(page).focus();
  await page.keyboard.press("ArrowRight");
  await inHand(page, "8");
  await page.waitForTimeout(1500);
  const { fingerprint } = await frame(element);
  await page.reload();
  element = await figure(page);
  await inHand(page, "8");
  const again = await frame(element);
  assert.deepEqual([again.fingerprint, again.step], [fingerprint, again.steps]);
  await element.evaluate((node) => node.reset());
  await page.waitForFunction((tag) => document.querySelector(tag).frame?.step === 0, TAG);
  assert.equal((await frame(element)).config.rank, "4");
});

test("a worker that dies is replaced, and the runs end with the same bits", async () => {
  const complete = async (disturb) => {
    const page = await open(browser, `${server.url}new`);
    const element = await figure(page);
    await element.evaluate((node) => void node.start());
    await page.waitForFunction((tag) => document.querySelector(tag).frame.step >= 10, TAG);
    if (disturb) await page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("a trap"); }));
    await trained(page, true);
    return (await frame(element)).fingerprint;
  };
  assert.equal(await complete(true), await complete(false));
});

test("other settings and another task begin anew, with what the author hides left out", async () => {
  const page = await open(browser, `${server.url}new`);
  const element = await figure(page);
  let shown = await frame(element);
  assert.deepEqual([shown.task, shown.config.rank, shown.n_asked], ["new", "full", 96]);
  assert.equal(await element.locator("details.panel").count(), 2);
  await page.getByRole("radio", { name: "To say what it has read" }).check();
  await page.waitForFunction((tag) => document.querySelector(tag).frame.task === "known", TAG);
  await trained(page, true);
  await element.locator("details.panel", { hasText: "Settings" }).locator("> summary").click();
  await page.getByRole("checkbox", { name: "c_fc" }).uncheck();
  await page.getByLabel("Alpha").fill("8");
  await page.getByRole("button", { name: "Start again with these" }).click();
  await page.waitForFunction((tag) => document.querySelector(tag).frame.config["lora-alpha"] === "8", TAG);
  shown = await frame(element);
  assert.deepEqual([shown.config["target-modules"], shown.step, shown.config.rank], ["c_attn c_proj", 0, "full"]);
  await page.waitForURL(/lora-rank\.lora-alpha=8/);
  assert.deepEqual(page.problems, []);
});

test("a bad attribute falls back, and a model of another text gives way to the base", async () => {
  let page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.rank, "4");
  assert.equal(await element.getAttribute("data-error"), "rank");

  page = await open(browser, `${server.url}mine`);
  await figure(page);
  assert.match(await words(page.locator(TAG)), /You have not trained a model on this page yet/);

  page = await open(browser, `${server.url}other`);
  const trains = of("pretune-next-token");
  await (await trains.figure(page)).evaluate((node) => node.start());
  await trains.status(page, "done");
  await page.waitForTimeout(300);
  await page.locator(TAG).evaluate((node) => node.load());
  assert.equal((await frame(await figure(page))).origin, "base");
  assert.match(await words(page.locator(TAG)), /could not be read, so this figure starts without it/);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.evaluate((node) => node.start());
    await trained(page, true);
    await element.evaluate((node) => node.shadowRoot.querySelectorAll("details").forEach((details) => (details.open = true)));
    await page.waitForTimeout(500);
    await page.evaluate(await readFile(axe, "utf8"));
    const { violations } = await page.evaluate((tag) => globalThis.axe.run(tag, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), TAG);
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" ")}`), []);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0);
  });
}

test("it stands in the lesson", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  const element = await figure(page);
  assert.equal((await frame(element)).origin, "base");
  assert.deepEqual(page.problems, []);
});

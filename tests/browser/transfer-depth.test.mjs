/** Bets on a depth, placed and trained by keyboard alone, and reloaded; and the checklist below. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LESSON, flaws, frame, golden, host, launch, of, open, pageWith, serve, single, tabTo } from "./setup.mjs";

const TAG = "pretune-transfer-depth";
const { figure, status, until } = of(TAG);

const LIST = `<ul>
<li><strong>Features:</strong> nothing changes<ul><li>quick</li></ul></li>
<li>All of it</li>
<li><input type="checkbox" id="mine" checked> <label for="mine">Read on</label></li>
</ul>`;
const list = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><script src="/pretune.js" defer></script><body><main><pretune-checklist>${LIST}</pretune-checklist></main>`;

let server, browser;
before(async () => {
  const checklist = pageWith(TAG).replace("The author's words.", `<pretune-checklist>${LIST}</pretune-checklist>`);
  server = await host({ "/": checklist, "/list": list, "/quick": pageWith(TAG, 'labels="256"'), "/bad": pageWith(TAG, 'domain="home"'), "/golden": pageWith(TAG, 'model="random" domain="far" labels="256" seed="3" hue="red"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const share = (value) => new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 }).format(value);
const hand = ({ cases, hand }) => cases[hand];

test("a bet placed and trained by keyboard alone is judged by what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  await tabTo(page, "Far, 4 labels");
  await page.keyboard.press("Enter");
  await page.waitForURL(/transfer-depth\.domain=far/);
  await tabTo(page, "Feature extraction");
  await page.keyboard.press("Space");
  await until(page, 'frame.cases[frame.hand].bet === "features"');
  await page.keyboard.press("ArrowDown");
  await until(page, 'frame.cases[frame.hand].bet === "lora"');
  const began = Date.now();
  // Back to the button above.
  for (let i = 0; i < 12 && !(await element.evaluate((node) => node.shadowRoot.activeElement?.matches(".primary"))); i++) await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await status(page, "done");
  t.diagnostic(`all depths were trained after ${Date.now() - began} ms`);
  const shown = await frame(element);
  const { results, best, won, rules } = hand(shown);
  assert.deepEqual([best, won, shown.placed, shown.won], [["continued"], false, 1, 0]);
  assert.deepEqual(await element.locator(".depth .value").evaluateAll((all) => all.map((value) => value.textContent.match(/\d+%/)[0])), results.map(share));
  assert.deepEqual((await element.locator(".verdict").allInnerTexts()).map((text) => text.includes("holds")), rules.map(({ holds }) => holds));
  assert.ok((await element.locator("section").first().innerText()).includes(shown.summary));
  assert.equal(await element.locator(".depths").evaluate((set) => set.disabled), true, "the bet is closed");
  await element.locator(".chart details summary").click();
  await element.locator(".chart tbody tr").first().waitFor();
  assert.deepEqual(await element.locator(".chart tbody tr").first().locator("td").allInnerTexts(), results.map(share));

  // Another case, and back: what was found stays, also after a reload.
  await element.getByRole("button", { name: "Near, 256 labels" }).click();
  await status(page, "ready");
  await element.evaluate((node) => node.start());
  await status(page, "done");
  await page.waitForTimeout(3000);
  const { cases } = await frame(element);
  await page.reload();
  await figure(page);
  assert.deepEqual((await frame(element)).cases, cases);
  assert.deepEqual(page.problems, []);
});

test("the page shows the frames that the core was recorded with, bit for bit", async () => {
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  await element.getByRole("radio", { name: "Full fine-tuning" }).check();
  await element.evaluate((node) => node.start());
  await status(page, "done");
  assert.deepEqual(single(await frame(element)), (await golden("transfer-depth")).at(-1));
});

test("a bad attribute falls back", async () => {
  const page = await open(browser, `${server.url}bad`);
  const element = await figure(page);
  assert.equal((await frame(element)).config.domain, "near");
  assert.equal(await element.getAttribute("data-error"), "domain");
});

test("a checklist makes boxes of items, stays below its figure and remembers its ticks", async () => {
  for (const path of ["list", ""]) {
    const page = await open(browser, server.url + path);
    if (path === "") await figure(page);
    const boxes = page.getByRole("checkbox");
    const checked = () => boxes.evaluateAll((all) => all.map((box) => box.checked));
    await boxes.nth(2).waitFor();
    assert.deepEqual(await checked(), [false, false, true]);
    await tabTo(page, "Features:");
    await page.keyboard.press("Space");
    await page.getByRole("checkbox", { name: "Read on" }).uncheck();
    assert.ok(await page.getByRole("checkbox", { name: "Features: nothing changes", exact: true }).isVisible());
    await page.getByText("1 of 3 ticked; kept in this browser").waitFor();
    await page.waitForTimeout(300);
    await page.reload();
    await page.getByText("1 of 3 ticked").waitFor();
    assert.deepEqual(await checked(), [true, false, false]);
    assert.deepEqual(page.problems, []);
  }
});

test("without a storage a checklist ticks all the same", async () => {
  const page = await open(browser, "about:blank");
  await page.addInitScript(() => Object.defineProperty(globalThis, "indexedDB", { get: () => { throw new DOMException("no", "SecurityError"); } }));
  await page.goto(`${server.url}list`);
  const box = page.getByRole("checkbox", { name: "All of it" });
  await box.check();
  await page.getByText("2 of 3 ticked; kept until you close this page").waitFor();
  assert.deepEqual(page.problems, []);
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await element.getByRole("radio", { name: "LoRA" }).check();
    await element.evaluate((node) => node.start());
    await status(page, "done");
    assert.deepEqual(await flaws(page, TAG), []);
    await page.goto(`${server.url}list`);
    await page.getByText("1 of 3 ticked").waitFor();
    assert.deepEqual(await flaws(page, "pretune-checklist"), []);
  });
}

test("it stands in the lesson, with the checklist of its marker below", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  const boxes = page.locator("pretune-checklist input[type=checkbox]");
  assert.equal(await boxes.count(), 4);
  const element = await figure(page);
  await boxes.nth(1).check();
  await page.getByText("1 of 4 ticked").waitFor();
  const below = await element.evaluate((node) => node.shadowRoot.querySelector("section").getBoundingClientRect().bottom);
  assert.ok((await boxes.first().evaluate((box) => box.getBoundingClientRect().top)) > below);
  assert.deepEqual(page.problems, []);
});

/** The game, played to the end by keyboard alone, by touch, reloaded, and interrupted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRequire } from "node:module";
import { LESSON, axe, frame, gaps, host, launch, of, open, root, serve } from "./setup.mjs";

const { unzipSync } = createRequire(new URL("../../www/package.json", import.meta.url))("fflate");

const TAG = "pretune-rlhf-game";
const { figure, status } = of(TAG);
const html = (attributes = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title><script src="/pretune.js" defer></script><body><main><input aria-label="elsewhere"><${TAG} loading="eager" ${attributes}>The author's words.</${TAG}></main>`;

let server, browser;
before(async () => {
  server = await host({ "/": html(), "/quick": html('picks="3" turns="2"'), "/other": html('picks="3" turns="2" seed="7" kl-coef="0.05" method="dpo" hide="simulate keep lead"'), "/bad": html('kl-coef="7"'), "/golden": html('model="random" turns="2" seed="3"') });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** Until a condition of the frame, written as a function of it, holds and the page shows it. */
const until = async (page, condition, argument) => {
  await page.waitForFunction(([tag, condition, argument]) => {
    const { frame } = document.querySelector(tag);
    return frame !== null && new Function("frame", "argument", `return (${condition})(frame, argument)`)(frame, argument);
  }, [TAG, String(condition), argument], { timeout: 120_000 });
  await page.evaluate((tag) => document.querySelector(tag).updateComplete, TAG);
};
const idle = (page) => until(page, (frame) => frame.doing === null);
const paired = (page) => until(page, (frame) => frame.judging?.pair && frame.doing === null);
const ended = (page, number) => until(page, (frame, number) => frame.optimizing.runs.length >= number && frame.optimizing.run.outcome && frame.doing === null, number);
/** What is written in the figure. */
const words = (element) => element.locator("section").first().innerText();
/** The class and the words of what has the focus. */
const focused = (page) => page.evaluate((tag) => {
  const active = document.querySelector(tag).shadowRoot.activeElement;
  return active ? `${active.className.trim()}: ${active.textContent.trim()}` : "";
}, TAG);
const imitated = async (page) => {
  await page.getByRole("button", { name: /^Train on/ }).click();
  await paired(page);
};
/** As someone picks who looks for clear explanations. */
const choiceOf = ({ first, second }) => {
  const score = ({ sentences }) => sentences.reduce((sum, { kind }) => sum + (kind === "clear" ? 1 : kind === "jargon" ? -1 : 0), 0);
  return score(first) === score(second) ? "tie" : score(first) > score(second) ? "first" : "second";
};
const pickAll = async (page, element, n) => {
  await page.evaluate((tag) => document.querySelector(tag).shadowRoot.querySelector(".card").focus(), TAG);
  for (let i = 0; i < n; i++) {
    await page.keyboard.press(i % 2 ? "1" : "2");
    await until(page, (frame, n) => frame.judging.decided === n && frame.judging.pair && frame.doing === null, i + 1);
  }
};
const signed = (value) => new Intl.NumberFormat("en", { signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
const fixed = (value) => new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
const percent = (value) => new Intl.NumberFormat("en", { style: "percent" }).format(value);
const cells = (table) => table.locator("tbody tr").evaluateAll((all) => all.map((tr) => [...tr.children].map((cell) => cell.textContent.trim())));

test("it starts alive, at the first round", async () => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  const shown = await frame(element);
  assert.deepEqual([shown.origin, shown.phase, shown.judging], ["pretrained", "imitate", null]);
  assert.equal(await element.getByRole("listitem").filter({ has: page.locator('[aria-current="step"]') }).count(), 1);
  assert.match(await words(element), /Train on 400 demonstrations/);
  assert.ok((await words(element)).includes(shown.summary));
  assert.deepEqual(page.problems, []);
});

test("played to the end by keyboard alone, the page says what the core found", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  await page.evaluate((tag) => {
    globalThis.heard = [];
    for (const name of ["step", "complete", "xapi"]) document.querySelector(tag).addEventListener(`pretune-${name}`, ({ type, detail }) => globalThis.heard.push([type, detail]));
  }, TAG);
  await page.getByRole("textbox", { name: "elsewhere" }).focus();
  // The rounds that are open, then the button of this one.
  for (let i = 0; i < 2; i++) await page.keyboard.press("Tab");
  assert.match(await focused(page), /^primary: Train on 400/);

  // Round 1.
  let began = Date.now();
  await page.keyboard.press("Enter");
  await until(page, (frame) => frame.phase === "judge");
  t.diagnostic(`imitated in ${Date.now() - began} ms`);
  let shown = await frame(element);
  assert.match(await focused(page), /^primary: Go on: judge/, "the next thing to do is where the eye is");
  const { curve } = shown.imitation;
  assert.ok(curve.loss.at(-1) < curve.loss[0]);
  assert.ok((await element.locator("figure.loss canvas").getAttribute("aria-label")).includes(fixed(curve.loss.at(-1))));
  await paired(page);
  const said = await element.locator(".before-now tbody tr td:nth-of-type(2) bdi").allInnerTexts();
  assert.deepEqual(said.map((text) => text.replaceAll("cut off", "").trim()), shown.answers.map(({ now }) => now.text.trim()));

  // Round 2.
  await page.keyboard.press("Enter");
  await paired(page);
  assert.match(await focused(page), /^card/);
  const before = [];
  for (let decided = 0, tried = 0; decided < 12 && tried < 60; tried++) {
    shown = await frame(element);
    before.push(shown.reward_model);
    const { pair } = shown.judging;
    const choice = choiceOf(pair);
    await page.keyboard.press({ first: "ArrowLeft", second: "ArrowRight", tie: "ArrowDown" }[choice]);
    await until(page, (frame, number) => frame.judging.last?.pair.number === number && frame.judging.pair && frame.doing === null, pair.number);
    shown = await frame(element);
    assert.deepEqual([shown.judging.last.choice, shown.judging.last.who], [choice, "you"]);
    assert.match(await focused(page), /^card/, "the focus stays with the pair");
    decided = shown.judging.decided;
    const text = await words(element);
    if (decided < 12 && decided > 0) assert.ok(text.includes(`${decided} of 12 picks`), text);
    const { p_before, after } = shown.judging.last;
    if (p_before !== null && p_before < 0.985 && p_before > 0.015) assert.ok((await element.locator(".guess").innerText()).includes(percent(p_before)));
    if (after) assert.deepEqual(await element.locator(".scores .value").allInnerTexts(), after.map(signed));
    if (shown.judging.recent_guessed > 0) assert.match(text, new RegExp(`It guessed ${shown.judging.recent_right} of your last ${shown.judging.recent_guessed} picks`));
  }
  shown = await frame(element);
  assert.equal(shown.judging.by_reader, 12);
  const values = element.locator("figure.values details");
  await values.locator("summary").focus();
  await page.keyboard.press("Enter");
  await values.locator("tbody tr").first().waitFor();
  const pays = await cells(values);
  assert.deepEqual(pays.map(([trait, , pay]) => [trait, pay]), shown.reward_model.traits.map(({ trait, pays }) => [trait, pays === null ? "too few" : signed(pays)]));
  const paid = (name) => shown.reward_model.traits.find(({ trait }) => trait === name).pays;
  t.diagnostic(`after 12 picks for clarity it pays ${signed(paid("clear explanation"))} for that, ${signed(paid("jargon"))} for jargon; it guessed ${shown.judging.guessed_right} of ${shown.judging.guessed}`);
  assert.ok(paid("clear explanation") > paid("jargon"), "it learned what was picked for");

  // Round 3.
  await page.getByRole("button", { name: "Go on: optimize for these picks" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((tag) => document.querySelector(tag).shadowRoot.activeElement?.textContent === "Run", TAG);
  began = Date.now();
  await page.keyboard.press("Enter");
  await ended(page, 1);
  t.diagnostic(`the first run took ${Date.now() - began} ms`);
  shown = await frame(element);
  const { run } = shown.optimizing;
  const names = { aligned: "Aligned", hacked: "Hacked", diverged: "Diverged" };
  assert.equal(await element.locator(".outcome .word").innerText(), names[run.outcome]);
  const end = run.points.at(-1);
  const numbers = await element.locator(".numbers dd").evaluateAll((all) => all.map((dd) => [...dd.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join("").trim()));
  assert.deepEqual(numbers, [signed(end.reward), end.true_score === null ? "nobody knows" : signed(end.true_score), fixed(end.kl), percent(end.unreadable)]);
  const curves = element.locator("figure.curves details");
  await curves.locator("summary").focus();
  await page.keyboard.press("Enter");
  await curves.locator("tbody tr").first().waitFor();
  assert.deepEqual((await cells(curves)).map((row) => row.slice(0, 3)), run.points.map(({ turn, reward, kl }) => [String(turn), signed(reward), fixed(kl)]));
  const answers = await element.locator(".before-now tbody tr td:nth-of-type(2) bdi").allInnerTexts();
  assert.deepEqual(answers.map((text) => text.replaceAll("cut off", "").trim()), shown.answers.map(({ now }) => now.text.trim()));

  // Off the leash, then by another method.
  await page.getByRole("slider", { name: "Leash" }).focus();
  await page.keyboard.press("End");
  await until(page, (frame) => frame.optimizing.kl_coef === 0);
  await page.getByRole("button", { name: "Run again" }).focus();
  await page.keyboard.press("Enter");
  await ended(page, 2);
  // DPO cannot do without.
  await page.getByRole("slider", { name: "Leash" }).focus();
  await page.keyboard.press("Home");
  await until(page, (frame) => frame.optimizing.kl_coef === 1);
  const ppo = page.getByRole("radio", { name: "PPO" });
  await ppo.focus();
  await page.keyboard.press("ArrowRight");
  await until(page, (frame) => frame.optimizing.method === "dpo");
  await page.getByRole("button", { name: "Run again" }).focus();
  await page.keyboard.press("Enter");
  await ended(page, 3);
  await page.getByRole("radio", { name: "DPO" }).focus();
  await page.keyboard.press("ArrowRight");
  await until(page, (frame) => frame.optimizing.method === "best-of-n");
  await page.getByRole("button", { name: "Run again" }).focus();
  await page.keyboard.press("Enter");
  await ended(page, 4);
  shown = await frame(element);
  const log = await cells(element.locator(".run-log"));
  assert.deepEqual(log.map((row) => [row[1], row[4], row[5], row[8]]), shown.optimizing.runs.map(({ method, reward, kl, outcome }) => [{ ppo: "PPO", dpo: "DPO", "best-of-n": "Best of n" }[method], signed(reward), fixed(kl), names[outcome]]));
  assert.deepEqual(await element.locator(".run-log .changed").allInnerTexts().then((all) => all.slice(0, 1)), ["off"]);
  t.diagnostic(shown.optimizing.runs.map(({ method, kl_coef, reward, kl, unreadable, outcome }) => `${method} at ${kl_coef}: reward ${signed(reward)}, KL ${fixed(kl)}, unreadable ${percent(unreadable)}: ${outcome}`).join("; "));

  // Whose values?
  await page.getByRole("combobox", { name: "Another group" }).focus();
  await page.keyboard.press("ArrowDown");
  const train = page.getByRole("button", { name: "Train their model" });
  await train.focus();
  began = Date.now();
  await page.keyboard.press("Enter");
  await until(page, (frame) => frame.standing?.models.length === 2 && frame.doing === null);
  t.diagnostic(`another group's model took ${Date.now() - began} ms`);
  const { standing } = await frame(element);
  assert.deepEqual((await cells(element.locator(".gains"))).map(([name]) => name), standing.groups.map(({ rater }) => rater));
  for (const [i, { gains: wanted }] of standing.groups.entries()) {
    const text = await element.locator(".gains tbody tr").nth(i).innerText();
    for (const gain of wanted) assert.ok(text.includes(signed(gain)), text);
  }

  const heard = await page.evaluate(() => globalThis.heard);
  const complete = heard.filter(([type]) => type === "pretune-complete").map(([, detail]) => detail);
  assert.deepEqual(complete.map(({ run }) => run.number).slice(0, 4), [1, 2, 3, 4].slice(0, complete.length));
  assert.ok(complete.length >= 3);
  assert.ok(heard.some(([type]) => type === "pretune-step"));
  assert.deepEqual(page.problems, []);
});

test("the page shows the frame that the core was recorded with, bit for bit", async () => {
  // The last of the file: of a model that has read nothing, which needs no checkpoint.
  const golden = JSON.parse(await readFile(join(root, "tests/frames/rlhf-game.json"), "utf8")).at(-1);
  const page = await open(browser, `${server.url}golden`);
  const element = await figure(page);
  const commands = [null, { type: "pick", choice: "first" }, { type: "pick", choice: "second" }];
  for (const [n, command] of commands.entries()) {
    await element.evaluate(async (node, command) => {
      if (command) await node.command(command);
      await node.start();
    }, command);
    await until(page, (frame, n) => frame.doing === null && frame.judging?.picks.length === n, n);
  }
  await element.evaluate(async (node) => {
    await node.command({ type: "optimize" });
    await node.start();
  });
  await ended(page, 1);
  // Numbers of single precision are written in as many digits as they need.
  const single = (value) => JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Math.fround(part) : part));
  assert.deepEqual(single(await frame(element)), single(golden));
});

test("an undo leads back to what the reward model was, and keys work nowhere but at the pair", async () => {
  const page = await open(browser, `${server.url}quick`);
  const element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).click();
  await pickAll(page, element, 2);
  const two = await frame(element);
  await page.keyboard.press("1");
  await until(page, (frame) => frame.judging.decided === 3 && frame.doing === null);
  await page.keyboard.press("u");
  await until(page, (frame) => frame.judging.decided === 2 && frame.judging.pair && frame.doing === null);
  const again = await frame(element);
  assert.deepEqual([again.reward_model.traits, again.judging.picks, again.judging.pair.number], [two.reward_model.traits, two.judging.picks, two.judging.pair.number]);
  await page.getByRole("textbox", { name: "elsewhere" }).focus();
  for (const key of ["ArrowLeft", "1", "t", "u"]) await page.keyboard.press(key);
  await page.waitForTimeout(300);
  const { decided, ties } = (await frame(element)).judging;
  assert.deepEqual([decided, ties], [2, 0]);
});

test("a finger throws the better answer to the right, or the other one to the left", async () => {
  const page = await open(browser, `${server.url}quick`, { viewport: { width: 360, height: 800 }, hasTouch: true, isMobile: true });
  const element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).tap();
  const session = await page.context().newCDPSession(page);
  const swipe = async (card, dx, dy = 0) => {
    await paired(page);
    await element.locator(".card").nth(card).scrollIntoViewIfNeeded();
    const box = await element.locator(".card").nth(card).boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = (type, touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", [{ x, y }]);
    for (let i = 1; i <= 8; i++) await touch("touchMove", [{ x: x + (dx * i) / 8, y: y + (dy * i) / 8 }]);
    await touch("touchEnd", []);
    await page.waitForTimeout(200);
    await paired(page);
    const { picks } = (await frame(element)).judging;
    return picks.map(({ choice }) => choice);
  };
  assert.deepEqual(await swipe(1, 120), ["second"]);
  assert.deepEqual(await swipe(1, -120), ["second", "first"]);
  assert.deepEqual(await swipe(0, 30), ["second", "first"], "too short");
  assert.deepEqual(await swipe(0, 0, -200), ["second", "first"], "the page scrolls");
  await element.locator(".card").first().tap();
  await until(page, (frame) => frame.judging.picks.length === 3);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
});

test("a simulated rater goes on, whose wishes are known", async (t) => {
  const page = await open(browser, `${server.url}quick`);
  const element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).click();
  await page.getByRole("combobox", { name: "Rater" }).selectOption("expert");
  assert.match(await words(element), /Wants to be spoken to as an expert/);
  await page.waitForURL(/rlhf-game\.rater=expert/);
  const began = Date.now();
  await page.getByRole("button", { name: "+ 30 picks" }).click();
  await until(page, (frame) => frame.judging.to_simulate === 0 && frame.judging.pair && frame.doing === null && frame.judging.decided > 0);
  t.diagnostic(`30 picks took ${Date.now() - began} ms`);
  const shown = await frame(element);
  assert.equal(shown.judging.whose, "expert");
  assert.match(await words(element), /All picks are by “expert”/);
  assert.ok(shown.reward_model.traits.some(({ wants }) => wants !== null));
  await page.getByRole("button", { name: /^Go on: optimize/ }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await ended(page, 1);
  const { run } = (await frame(element)).optimizing;
  assert.notEqual(run.points.at(-1).true_score, null);
  assert.ok((await element.locator(".numbers").innerText()).includes(signed(run.points.at(-1).true_score)));
});

test("what is taken home tells how its curves were made, and its picks come back in", async () => {
  const page = await open(browser, `${server.url}quick`, { acceptDownloads: true });
  const element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).click();
  await pickAll(page, element, 3);
  await page.getByRole("button", { name: /^Go on: optimize/ }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await ended(page, 1);
  await element.locator("details.panel", { hasText: "Keep and share" }).locator("> summary").click();
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download picks, curves and model" }).click();
  const path = await (await coming).path();
  const files = Object.fromEntries(Object.entries(unzipSync(await readFile(path))).map(([name, bytes]) => [name.slice(name.indexOf("/") + 1), bytes]));
  const text = (name) => new TextDecoder().decode(files[name]);
  const lines = (name) => text(name).trim().split("\n").map((line) => JSON.parse(line));
  const preferences = lines("preferences.jsonl");
  assert.deepEqual(preferences.map((preference) => Object.keys(preference)), Array(3).fill(["prompt", "chosen", "rejected"]));
  // Reward and divergence of every turn, from the answers behind it.
  const { points } = (await frame(element)).optimizing.run;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rollouts = lines("rollouts.jsonl");
  for (const { turn, answers, reward } of points.slice(1)) {
    const own = rollouts.filter((line) => line.turn === turn);
    assert.equal(own.length, answers);
    assert.ok(Math.abs(mean(own.map(({ reward }) => reward)) - reward) < 1e-5, `turn ${turn}`);
  }
  assert.ok(files["reward_model/model.safetensors"] && files["reference/model.safetensors"] && files["model.safetensors"]);

  await element.locator("input[type=file]").setInputFiles({ name: "picks.zip", mimeType: "application/zip", buffer: await readFile(path) });
  await until(page, (frame) => frame.judging.picks.every(({ who }) => who === "file") && frame.doing === null);
  assert.deepEqual((await frame(element)).judging.picks.map(({ first, second }) => [first, second]), preferences.map(({ chosen, rejected }) => [chosen.trim(), rejected.trim()]));
  assert.match(await words(element), /Which answer is better\?/);
  await element.locator("input[type=file]").setInputFiles({ name: "mine.jsonl", mimeType: "application/jsonl", buffer: Buffer.from('{"prompt": "Explain love:", "chosen": "a", "rejected": "b"}\n') });
  await element.locator(".wrong").waitFor();
  assert.match(await element.locator(".wrong").innerText(), /Explain love/);
  assert.deepEqual(page.problems, []);
});

test("the page stays free while the model is optimized", async (t) => {
  const page = await open(browser, server.url);
  const element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).click();
  await pickAll(page, element, 2);
  await page.getByRole("button", { name: "Go on with 2 picks" }).click();
  await gaps.start(page);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await ended(page, 1);
  const { p99, max } = await gaps.stop(page);
  t.diagnostic(`main thread while optimizing: gaps p99 ${p99.toFixed(0)} ms, longest ${max.toFixed(0)} ms`);
  assert.ok(p99 < 50, `${p99} ms`);
});

test("a reload loses nothing, in no round", async () => {
  const page = await open(browser, `${server.url}quick`);
  let element = await figure(page);
  await imitated(page);
  await page.getByRole("button", { name: "Go on: judge its answers" }).click();
  await pickAll(page, element, 3);
  await page.waitForTimeout(500);
  const judged = await frame(element);
  await page.reload();
  element = await figure(page);
  await paired(page);
  const again = await frame(element);
  assert.deepEqual([again.judging, again.reward_model, again.imitation.curve], [judged.judging, judged.reward_model, judged.imitation.curve]);
  assert.match(await words(element), /Which answer is better\?/);
  await page.getByRole("button", { name: /^Go on: optimize/ }).click();
  await page.getByRole("slider", { name: "Leash" }).focus();
  await page.keyboard.press("End");
  await until(page, (frame) => frame.optimizing.kl_coef === 0);
  await page.waitForURL(/rlhf-game\.kl-coef=0/);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await ended(page, 1);
  await page.waitForTimeout(500);
  const { optimizing, fingerprint } = await frame(element);
  await page.reload();
  element = await figure(page);
  const last = await frame(element);
  assert.deepEqual([last.optimizing, last.fingerprint], [optimizing, fingerprint]);
  await element.getByRole("button", { name: "Start over" }).click();
  await until(page, (frame) => frame.phase === "imitate" && frame.step === 0);
  assert.equal(new URL(page.url()).search, "");
});

test("a worker that dies is replaced, and the game ends with the same bits", async () => {
  const play = async (disturb) => {
    const page = await open(browser, `${server.url}quick`);
    const element = await figure(page);
    const die = () => (disturb ? page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("a trap"); })) : undefined);
    await page.getByRole("button", { name: /^Train on/ }).click();
    await until(page, (frame) => frame.imitation.step > 10);
    await die();
    await paired(page);
    await page.getByRole("button", { name: "Go on: judge its answers" }).click();
    await pickAll(page, element, 3);
    await page.getByRole("button", { name: /^Go on: optimize/ }).click();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await until(page, (frame) => frame.optimizing.run?.turn >= 1);
    await die();
    await ended(page, 1);
    return (await frame(element)).optimizing.run.fingerprint;
  };
  assert.equal(await play(true), await play(false));
});

test("attributes and the address decide how it begins, and a bad one falls back", async () => {
  let page = await open(browser, `${server.url}other`);
  let element = await figure(page);
  let shown = await frame(element);
  assert.deepEqual([shown.config.seed, shown.config.picks, shown.optimizing.method], ["7", "3", "dpo"]);
  assert.equal(await element.locator("details.panel").count(), 2);
  page = await open(browser, `${server.url}other?rlhf-game.method=ppo&rlhf-game.kl-coef=1`);
  element = await figure(page);
  shown = await frame(element);
  assert.deepEqual([shown.optimizing.method, shown.optimizing.kl_coef], ["ppo", 1]);
  page = await open(browser, `${server.url}bad`);
  element = await figure(page);
  assert.equal(await element.getAttribute("data-error"), "kl-coef");
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations in any round, ${colorScheme}, and it fits a narrow screen`, async () => {
    const page = await open(browser, `${server.url}quick`, { colorScheme, viewport: { width: 320, height: 700 } });
    const element = await figure(page);
    await page.evaluate(await readFile(axe, "utf8"));
    const check = async (round) => {
      await element.evaluate((node) => node.shadowRoot.querySelectorAll("details").forEach((details) => (details.open = true)));
      await page.waitForTimeout(500);
      const { violations } = await page.evaluate((tag) => globalThis.axe.run(tag, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), TAG);
      assert.deepEqual(violations.map(({ id, nodes }) => `${round}, ${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" ")}`), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, round);
    };
    await check("before");
    await imitated(page);
    await check("imitate");
    await page.getByRole("button", { name: "Go on: judge its answers" }).click();
    await page.getByRole("checkbox", { name: "Name the sentences" }).check();
    await pickAll(page, element, 3);
    await check("judge");
    await page.getByRole("button", { name: /^Go on: optimize/ }).click();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await ended(page, 1);
    await page.getByRole("button", { name: "Train their model" }).click();
    await until(page, (frame) => frame.standing?.models.length === 2 && frame.doing === null);
    await check("optimize");
  });
}

test("it stands in the lesson", async (t) => {
  const served = await serve();
  t.after(() => served.close());
  const page = await open(browser, served.url + LESSON);
  const element = await figure(page);
  assert.equal((await frame(element)).origin, "pretrained");
  assert.deepEqual(page.problems, []);
});

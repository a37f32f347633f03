import assert from "node:assert/strict";
import { test } from "node:test";
import { zipSync } from "fflate";
import { isFailure } from "./fake";
import { define } from "../src/define";
import { elements } from "../src/elements/index";
import { formatFor } from "../src/format";
import { Progress } from "../src/progress";
import { Store } from "../src/store";
import { stringsFor } from "../src/strings";
import { difference, readSettings, withSettings } from "../src/url-state";
import { pack, unpack } from "../src/zip";
import { inOrder } from "../src/components/bars";
import { Pace } from "../src/components/progress";
import { Same } from "../src/components/same";
import { Times } from "../src/components/times";
import { ratersOf } from "../src/elements/rlhf-game/judge";
import { leashWord, leashes } from "../src/elements/rlhf-game/optimize";
import { isOpen } from "../src/elements/rlhf-game/rounds";
import { groupsLeft } from "../src/elements/rlhf-game/standing";
import { certainty, chance } from "../src/elements/rlhf-game/view";
import type { Frame } from "../src/frames/lora-rank";
import type { Frame as Game } from "../src/frames/rlhf-game";

const bytes = (text: string) => new TextEncoder().encode(text);
const FOLDER = { "config.json": bytes("{}"), "tokenizer.json": bytes("{}"), "model.safetensors": new Uint8Array(1000) };

test("elements can be imported and defined where there is no DOM", () => {
  assert.ok(elements.every(({ tag }) => tag.startsWith("pretune-")));
  assert.doesNotThrow(() => define(elements as never));
});

test("a packed folder unpacks to the same files", () => {
  const files = unpack(pack("m", Object.entries(FOLDER)));
  assert.deepEqual(Object.fromEntries(files), FOLDER);
});

test("foreign zips: what does not belong is left, what is missing or too much is named", () => {
  assert.deepEqual(unpack(zipSync({ "../../config.json": FOLDER["config.json"], "a/tokenizer.json": FOLDER["tokenizer.json"], "model.safetensors": FOLDER["model.safetensors"], "evil.html": bytes("<script>") })).map(([name]) => name).sort(), ["config.json", "model.safetensors", "tokenizer.json"]);
  assert.throws(() => unpack(bytes("no zip at all")), isFailure("bad-file"));
  assert.throws(() => unpack(new Uint8Array()), isFailure("bad-file"));
  assert.throws(() => unpack(zipSync({ "config.json": FOLDER["config.json"] })), isFailure("bad-file"));
  assert.throws(() => unpack(zipSync({ "a/config.json": bytes("1"), "b/config.json": bytes("2") })), isFailure("bad-file"));
  assert.throws(() => unpack(zipSync(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, bytes("")])))), isFailure("too-large"));
});

test("an adapter's folder is one without a model", () => {
  const adapter = { "adapter_config.json": bytes("{}"), "adapter_model.safetensors": new Uint8Array(8) };
  assert.deepEqual(Object.fromEntries(unpack(pack("a", Object.entries(adapter)))), adapter);
  assert.throws(() => unpack(zipSync({ "a/adapter_config.json": bytes("{}") })), isFailure("bad-file"));
});

test("of a game's download, the model and the picks are read, and no model beside them", () => {
  const game = { ...FOLDER, "preferences.jsonl": bytes("{}"), "reference/model.safetensors": bytes("r"), "reward_model/model.safetensors": bytes("w") };
  assert.deepEqual(unpack(pack("g", Object.entries(game))).map(([name]) => name).sort(), ["config.json", "model.safetensors", "preferences.jsonl", "tokenizer.json"]);
});

test("zip bombs are refused by size before they are inflated", () => {
  const bomb = zipSync({ ...FOLDER, "model.safetensors": new Uint8Array(65 * 1024 * 1024) });
  assert.ok(bomb.length < 1024 * 1024);
  assert.throws(() => unpack(bomb), isFailure("too-large"));
});

test("a zip that lies about its sizes inflates no further than it said", () => {
  const zip = zipSync({ ...FOLDER, "model.safetensors": new Uint8Array(1_000_000) });
  const view = new DataView(zip.buffer);
  for (let i = 0; i + 4 < zip.length; i++) {
    // The central directory's entry states the inflated size at offset 24.
    if (view.getUint32(i, true) === 0x02014b50 && view.getUint32(i + 24, true) === 1_000_000) view.setUint32(i + 24, 1000, true);
  }
  const model = unpack(zip).find(([name]) => name === "model.safetensors");
  assert.equal(model?.[1].buffer.byteLength, 1000);
});

test("rows that are pointed at keep their places and take the new values", () => {
  const bar = (id: number, p: number) => ({ id, text: `t${id}`, byte: false, p, sampled: p, removed: null });
  const held = [bar(1, 0.5), bar(2, 0.3), bar(3, 0.1)];
  const rows = [bar(2, 0.6), bar(1, 0.2), bar(4, 0.1)];
  assert.deepEqual(inOrder(held, rows), [bar(1, 0.2), bar(2, 0.6), bar(3, 0.1)]);
});

test("settings in the address come back, and leave others alone", () => {
  const href = withSettings("https://example.org/a?x=1&next-token.seed=2&other.seed=9#part", "next-token", { "n-layer": "3", prompt: "Ä & b" });
  assert.equal(new URL(href).searchParams.get("other.seed"), "9");
  assert.equal(new URL(href).hash, "#part");
  assert.deepEqual(readSettings(new URL(href).search, "next-token"), { "n-layer": "3", prompt: "Ä & b" });
  assert.deepEqual(difference({ seed: "1", steps: "5" }, { seed: "1" }), { steps: "5" });
});

test("without a database the store keeps in memory and says that it does not last", async () => {
  const store = new Store("lesson", () => {
    throw new DOMException("denied", "SecurityError");
  });
  let told = 0;
  let changed = 0;
  store.addEventListener("persistence", () => told++);
  store.addEventListener("mine", () => changed++);
  const mine = { snapshot: bytes("w"), tag: "pretune-next-token", step: 600 };
  await store.keepMine(mine);
  assert.deepEqual(await store.mine(), mine);
  assert.deepEqual([store.persistent, told, changed], [false, 1, 1]);
});

test("a saved run is offered only to the figure it came from", async () => {
  const store = new Store("lesson", () => {
    throw new Error("denied");
  });
  await store.keepRun("run next-token", { signature: "a", snapshot: bytes("w") });
  assert.deepEqual(await store.run("run next-token", "a"), bytes("w"));
  assert.equal(await store.run("run next-token", "b"), null);
});

test("a record adds what a file has, and refuses what is none", () => {
  const progress = new Progress(
    new Store("lesson", () => {
      throw new Error("denied");
    }),
  );
  let changes = 0;
  progress.addEventListener("change", () => changes++);
  progress.complete("forgetting", "It forgot.");
  progress.answer("Why?", "Because.");
  progress.read("intro");
  progress.read("intro");
  assert.equal(changes, 3);
  const file = progress.save();
  for (const wrong of ["", "[]", '{"format":"other"}', file.replace('"intro"', "7"), file.replace('"It forgot."', "{}")]) {
    assert.throws(() => progress.open(wrong), isFailure("no-file"), wrong);
  }
  const other = new Progress(new Store("lesson", () => indexedDB));
  other.complete("forgetting", "It forgot less.");
  other.open(file);
  assert.deepEqual([other.done.figures, other.done.answers, other.done.read], [{ forgetting: "It forgot less." }, { "Why?": "Because." }, ["intro"]]);
});

test("languages fall back to their parent and then to English", () => {
  assert.equal(stringsFor("en-GB"), stringsFor("en"));
  assert.equal(stringsFor("xx"), stringsFor("en"));
  assert.equal(formatFor("de").loss(1.5), "1,50");
  assert.equal(formatFor("not a language").loss(null), "–");
});

test("the pace is tokens and steps per second of training only", () => {
  const pace = new Pace();
  pace.add(0, 0, true, 0);
  pace.add(10, 5120, true, 1000);
  assert.equal(pace.tokensPerSecond, 5120);
  assert.equal(pace.secondsLeft(20), 2);
  pace.add(10, 5120, false, 2000);
  pace.add(11, 5632, true, 60_000);
  assert.equal(pace.tokensPerSecond, 5120, "the pause is not counted");
});

test("the time left is told in readable numbers that only fall, unless it gets much slower", () => {
  const pace = new Pace();
  assert.equal(pace.secondsToTell(600), 0, "nothing is known yet");
  pace.expect(20);
  assert.equal(pace.secondsToTell(600), 15, "600 steps of 20 ms, and what comes besides");
  let at = 0;
  const told: number[] = [];
  for (let step = 0; step <= 600; step += 3) {
    at += step % 2 ? 70 : 50;
    pace.add(step, 512 * step, true, at);
    told.push(pace.secondsToTell(600 - step));
  }
  assert.deepEqual(told, told.toSorted((a, b) => b - a), "no jitter");
  assert.ok(new Set(told).size >= 10, "it counts down");
  pace.add(0, 0, false, at);
  for (let step = 1; step <= 100; step++) pace.add(step, 512 * step, true, at + 100 * step);
  assert.equal(pace.secondsToTell(500), 50, "a new run on a slower device");
});

test("a run's time is that of the steps that were seen, and no other run's", () => {
  const times = new Times();
  const frame = (learning: number | null, ...steps: number[]) => ({ learning, runs: steps.map((step) => ({ step, steps: 80, done: step === 80 })) }) as unknown as Frame;
  times.add(frame(0, 10, 0), true, 1000);
  times.add(frame(0, 30, 0), true, 1100);
  times.add(frame(1, 80, 20), true, 1200);
  times.add(frame(1, 80, 40), true, 1300);
  times.add(frame(1, 80, 40), false, 9000);
  times.add(frame(1, 80, 60), true, 9100);
  times.add(frame(null, 80, 80), true, 9200);
  assert.deepEqual([...times.ms], [[0, 400], [1, 400]]);
});

test("a chart is drawn again only for what has changed", () => {
  const same = new Same<{ x: number[] }>();
  const first = same.of({ x: [1, 2] });
  assert.equal(same.of({ x: [1, 2] }), first);
  assert.notEqual(same.of({ x: [1, 3] }), first);
});

test("large and small numbers are as short as they may be", () => {
  const format = formatFor("en");
  assert.deepEqual([0, 512, 65_536, 1_172_480, 350.8e9, 2.8e12].map((bytes) => format.bytes(bytes)), ["0 bytes", "512 bytes", "65.5 kB", "1.17 MB", "351 GB", "2.8 TB"]);
  assert.deepEqual([format.compact(18_874_368), format.fine(0.0001077), format.change(0.0034), format.change(0), format.small(9.5e-6)], ["18.9M", "0.011%", "+0.003", "0.000", "9.5E-6"]);
});

test("the leash goes from tight to off, with the author's own length where it belongs", () => {
  assert.deepEqual(leashes(Math.fround(0.3)), [1, 0.3, 0.1, 0.03, 0]);
  assert.deepEqual(leashes(0.05), [1, 0.3, 0.1, 0.05, 0.03, 0]);
  const words = { strings: stringsFor("en"), format: formatFor("en") };
  assert.deepEqual([0, Math.fround(0.3), 0.05].map((kl_coef) => leashWord(kl_coef, words)), ["off", "tight, 0.3", "your own, 0.05"]);
});

test("a guess is as sure as its surest side, and no surer than a dozen picks allow", () => {
  assert.deepEqual([0.5, 0.31, 0.72, 0.05, 0.95].map(certainty), ["unsure", "unsure", "leaning", "sure", "sure"]);
  assert.deepEqual([0.9993, 0.824, 0.0004].map((p) => chance(p, formatFor("en"))), ["> 99%", "82%", "< 1%"]);
});

test("a round opens when the one before it has something to give", () => {
  const game = (decided: number | null, runs = 0) => ({ judging: decided === null ? null : { decided }, optimizing: { runs: Array(runs).fill({}), run: null } }) as unknown as Game;
  const open = (frame: Game) => (["imitate", "judge", "optimize"] as const).filter((round) => isOpen(round, frame));
  assert.deepEqual(open(game(null)), ["imitate"]);
  assert.deepEqual(open(game(0)), ["imitate", "judge"]);
  assert.deepEqual(open(game(1)), ["imitate", "judge", "optimize"]);
  assert.deepEqual(open(game(0, 1)), ["imitate", "judge", "optimize"], "its runs can still be looked at");
});

test("raters are offered alone and in pairs that disagree; groups whose model is here are not trained again", () => {
  const frame = { raters: [{ name: "plain", single: false }, { name: "expert", single: false }, { name: "brevity", single: true }], standing: { models: [{ who: "you" }, { who: "expert" }] } } as unknown as Game;
  assert.deepEqual(ratersOf(frame, ["plain+expert", "plain+nobody"]), ["plain", "expert", "brevity", "plain+expert"]);
  assert.deepEqual(groupsLeft(frame), ["plain"]);
});

/**
 * The lesson's experiments with one seed: natively the recorded numbers, in WebAssembly the same to the last digit.
 * `UPDATE=1 node --test tests/browser/claims.test.mjs` records them anew, which is a decision.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { root } from "./setup.mjs";

const SEED = 1;
const file = join(root, "tests/golden/claims.json");

/** Every experiment natively: `{name: {measure: value}}`. */
async function natively() {
  const pretune = join(root, "target/release/pretune");
  // It exits with 1 where a bar is missed, which one seed alone may do.
  const { stdout } = await promisify(execFile)(pretune, ["claims", "--json", "--seeds", String(SEED)], { cwd: root, maxBuffer: 1 << 26 }).catch((error) => error);
  const outcomes = stdout.trim().split("\n").map((line) => JSON.parse(line));
  return Object.fromEntries(outcomes.map(({ name, measures }) => [name, Object.fromEntries(measures.map((measure) => [measure.name, measure.values[0]]))]));
}

/** Runs experiments of the module, each worker the next one that nobody has taken. */
const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const { readFileSync } = require("node:fs");
import(workerData.glue).then(({ initSync, Claims }) => {
  initSync({ module: readFileSync(workerData.wasm) });
  const claims = new Claims(workerData.seed);
  parentPort.on("message", (name) => parentPort.postMessage([name, [...claims.run(name)]]));
  parentPort.postMessage(null);
});`;

async function inWasm(names, n_workers = 2) {
  const left = [...names];
  const values = {};
  const glue = new URL("../../target/pretune/wasm/claims.js", import.meta.url).href;
  const workerData = { glue, wasm: join(root, "target/pretune/wasm/claims_bg.wasm"), seed: SEED };
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { eval: true, workerData });
      worker.on("error", reject);
      worker.on("message", (result) => {
        if (result) values[result[0]] = result[1];
        const next = left.shift();
        if (next) return worker.postMessage(next);
        void worker.terminate();
        resolve();
      });
    });
  await Promise.all(Array.from({ length: n_workers }, work));
  return values;
}

test("the experiments give the same numbers everywhere", async (t) => {
  const now = await natively();
  if (process.env.UPDATE) await writeFile(file, JSON.stringify(now, null, 2) + "\n");
  const golden = JSON.parse(await readFile(file, "utf8"));
  assert.deepEqual(Object.keys(now), Object.keys(golden));
  for (const [name, values] of Object.entries(golden)) {
    await t.test(`${name}, natively`, () => assert.deepEqual(now[name], values));
  }
  const wasm = await inWasm(Object.keys(golden));
  for (const [name, values] of Object.entries(golden)) {
    await t.test(`${name}, in WebAssembly`, () => assert.deepEqual(wasm[name], Object.values(values)));
  }
});

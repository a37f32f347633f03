/**
 * The lesson's experiments with one seed: what is recorded beside the lesson, natively and in WebAssembly, to the last digit.
 * `pretune claims --json --seeds 0,1,2,3,4,5 > lessons/claims.jsonl` records them anew, which is a decision.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { root } from "./setup.mjs";

/** That which the page runs, too. */
const SEED = 0;

const lines = (text) => text.trim().split("\n").map((line) => JSON.parse(line));
const recorded = lines(await readFile(join(root, "lessons/claims.jsonl"), "utf8"));
const valuesOf = ({ seeds, measures }) => measures.map(({ name, values }) => [name, values[seeds.indexOf(SEED)]]);

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
  const values = new Map();
  const glue = new URL("../../target/pretune/wasm/claims.js", import.meta.url).href;
  const workerData = { glue, wasm: join(root, "target/pretune/wasm/claims_bg.wasm"), seed: SEED };
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { eval: true, workerData });
      worker.on("error", reject);
      worker.on("message", (result) => {
        if (result) values.set(...result);
        const next = left.shift();
        if (next) return worker.postMessage(next);
        void worker.terminate();
        resolve();
      });
    });
  await Promise.all(Array.from({ length: n_workers }, work));
  return values;
}

test("natively every experiment gives what is recorded", async (t) => {
  // It exits with 1 where a bar is missed, which one seed alone may do.
  const args = ["claims", "--json", "--seeds", String(SEED)];
  const options = { cwd: root, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(join(root, "target/release/pretune"), args, options).catch((error) => error);
  const now = lines(stdout);
  assert.deepEqual(now.map(({ name }) => name), recorded.map(({ name }) => name));
  for (const [i, outcome] of recorded.entries()) {
    await t.test(outcome.name, () => assert.deepEqual(valuesOf(now[i]), valuesOf(outcome)));
  }
});

test("in WebAssembly it gives the same", async (t) => {
  const wasm = await inWasm(recorded.map(({ name }) => name));
  for (const outcome of recorded) {
    await t.test(outcome.name, () => assert.deepEqual(wasm.get(outcome.name), valuesOf(outcome).map(([, value]) => value)));
  }
});

/** The same bits natively, in Node and in Chromium, with SIMD and without. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { figure, frame, host, launch, open, root, status } from "./setup.mjs";

const golden = JSON.parse(await readFile(join(root, "tests/golden/fingerprints.json"), "utf8"));

/** Runs the release build. */
function pretune(...args) {
  return execFileSync(join(root, "target/release/pretune"), args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

async function load(folder) {
  const { initSync, Session } = await import(pathToFileURL(join(root, folder, "worker.js")));
  initSync({ module: await readFile(join(root, folder, "worker_bg.wasm")) });
  return Session;
}

function train(Session, { attributes, commands, fingerprint }) {
  const session = new Session("pretune-next-token", attributes, undefined);
  for (const command of commands) session.command(command);
  while (session.step() !== 0);
  assert.equal(session.frame().fingerprint, fingerprint);
  session.free();
}

// `cargo test` holds the same file against the kernels compiled with checks and fewer optimizations.
test("natively, as released", () => {
  const { attributes, fingerprint } = golden.find(({ name }) => name === "the default model");
  assert.match(pretune("train", "--seed", attributes.seed, "--max-iters", attributes.steps), new RegExp(`fingerprint ${fingerprint}`));
});

test("in Node without SIMD", async (t) => {
  // Builds the module, and does the reference's first steps on the way.
  const { loss } = JSON.parse(pretune("bench", "--browser", "node", "--scalar", "--seconds", "1", "--json"));
  const expected = [5.554446, 5.560023, 5.559663];
  loss.forEach((loss, i) => assert.ok(Math.abs(loss - expected[i]) < 3e-6, `${loss} for ${expected[i]}`));
  const Session = await load("target/pretune/wasm-scalar");
  for (const run of golden.filter(({ commands }) => commands.length === 0)) {
    await t.test(run.name, () => train(Session, run));
  }
});

test("in Node", async (t) => {
  const Session = await load("target/pretune/wasm");
  for (const run of golden) await t.test(run.name, () => train(Session, run));
  const { attributes, fingerprint } = golden.find(({ name }) => name === "odd sizes");
  await t.test("stopped again and again in the middle of a step, saved and gone on with", () => {
    let session = new Session("pretune-next-token", attributes, undefined);
    for (let unit = 1; session.step() !== 0; unit++) {
      if (unit % 50 !== 0) continue;
      const snapshot = session.snapshot();
      session.free();
      session = new Session("pretune-next-token", {}, undefined);
      session.restore(snapshot);
    }
    assert.equal(session.frame().fingerprint, fingerprint);
  });
});

test("in Chromium, by one worker and by several", async (t) => {
  // A reader's own text is tested in Node.
  const runs = golden.filter(({ commands }) => commands.length === 0).flatMap((run, i) => (i === 0 ? [2] : [1, 2, 4]).map((workers) => ({ ...run, workers })));
  const server = await host(Object.fromEntries(runs.map(({ attributes, workers }, i) => [`/${i}`, page({ ...attributes, workers })])));
  const browser = await launch();
  t.after(() => Promise.all([browser.close(), server.close()]));
  for (const [i, { name, workers, fingerprint }] of runs.entries()) {
    await t.test(`${name}, workers: ${workers}`, async (t) => {
      const tab = await open(browser, `${server.url}${i}`);
      const element = await figure(tab);
      await element.evaluate((node) => node.start());
      await status(tab, "done");
      assert.equal((await frame(element)).fingerprint, fingerprint);
      const pace = await element.evaluate((node) => node.pace);
      t.diagnostic(`a step took ${pace.step_ms.toFixed(1)} ms with ${pace.workers} workers`);
      assert.ok(workers === 1 ? pace.workers === 1 : pace.workers > 1, `shared by ${pace.workers}`);
      assert.deepEqual(tab.problems, []);
      await tab.context().close();
    });
  }
});

function page(attributes) {
  const list = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(" ");
  return `<!doctype html><meta charset="utf-8"><title>Figure</title><script src="/pretune.js" defer></script><pretune-next-token loading="eager" ${list}>A figure.</pretune-next-token>`;
}

/** node bench-node.mjs <wasm-dir> [--config micro] [--seconds 10] [--cases a,b]: prints a `BenchReport` as JSON. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { css, glue, gluesIn, script } from "./build.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const [wasmDir, ...options] = process.argv.slice(2);
if (!wasmDir) {
  console.error("usage: node bench-node.mjs <wasm-dir> [--config micro] [--seconds 10] [--cases a,b]");
  process.exit(2);
}
const out = await mkdtemp(join(tmpdir(), "pretune-bench-"));
const plugins = [glue(gluesIn(resolve(wasmDir))), css];
const [worker, main] = [join(out, "worker.js"), join(out, "main.mjs")];
await esbuild.build({ ...script, entryPoints: [join(here, "src/runtime/worker.ts")], outfile: worker, plugins });
await esbuild.build({ bundle: true, platform: "node", format: "esm", entryPoints: [join(here, "src/bench/node.ts")], outfile: main, plugins, logLevel: "warning" });
const { status } = spawnSync(process.execPath, [main, "--script", worker, "--wasm", join(resolve(wasmDir), "worker_bg.wasm"), ...options], { stdio: "inherit" });
await rm(out, { recursive: true });
process.exit(status ?? 1);

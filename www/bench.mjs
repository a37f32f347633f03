/**
 * node bench.mjs <wasm-dir> <out-dir>: a folder to serve for `pretune bench --browser`; `/?config=micro&seconds=10` measures
 * and posts the result to `/result` (src/bench/page.ts). What trains in it is what ships.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { build, css, glue, gluesIn, script } from "./build.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title><body><script src="/bench.js"></script>`;

export async function buildBench(wasmDir, outDir) {
  await build(wasmDir, outDir, false);
  await esbuild.build({ ...script, entryPoints: [join(here, "src/bench/page.ts")], outfile: join(outDir, "bench.js"), plugins: [glue(gluesIn(wasmDir)), css] });
  await writeFile(join(outDir, "index.html"), PAGE);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [wasmDir, outDir] = process.argv.slice(2);
  if (!wasmDir || !outDir) {
    console.error("usage: node bench.mjs <wasm-dir> <out-dir>");
    process.exit(2);
  }
  await buildBench(resolve(wasmDir), resolve(outDir));
}

/**
 * node build.mjs <wasm-dir> <out-dir>
 *
 * From what wasm-bindgen wrote (`page.js`, `page_bg.wasm`, `worker.js`, `worker_bg.wasm`) and `src/`, makes what a page
 * loads: `pretune.js` and `pretune-worker.js` (classic scripts, ASCII only, so that they survive inlining and any encoding),
 * `pretune.wasm` for the charts, `pretune-worker.wasm` for the training, both again for the experiments, `lesson.css`.
 */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const www = dirname(fileURLToPath(import.meta.url));

/** Style sheets become minified text. */
export const css = {
  name: "css",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

/** `import … from "pretune-wasm/page"` is the glue in the file that this gives for `page`. */
export const glue = (file) => ({
  name: "glue",
  setup({ onResolve }) {
    onResolve({ filter: /^pretune-wasm\// }, ({ path }) => ({ path: file(path.slice("pretune-wasm/".length)) }));
  },
});

/** The files that wasm-bindgen wrote into a folder. */
export const gluesIn = (wasmDir) => (name) => join(wasmDir, `${name}.js`);

/** How everything is bundled that a browser loads. */
export const script = { bundle: true, format: "iife", minify: true, charset: "ascii", target: ["chrome123", "firefox120", "safari17.5"], legalComments: "none", logLevel: "warning" };

/** `experiments`: with their module, which nothing needs but who wants to repeat one. */
export async function build(wasmDir, outDir, experiments = true) {
  const modules = ["page", "worker", ...(experiments ? ["claims"] : [])];
  for (const path of modules.flatMap((name) => [`${name}.js`, `${name}_bg.wasm`]).map((name) => join(wasmDir, name))) {
    if (!existsSync(path)) throw new Error(`${path} is missing; <wasm-dir> is where wasm-bindgen --target web wrote`);
  }
  await mkdir(outDir, { recursive: true });
  const out = (name) => join(outDir, name);
  await Promise.all([
    esbuild.build({ ...script, entryPoints: [join(www, "src/index.ts")], outfile: out("pretune.js"), plugins: [glue(gluesIn(wasmDir)), css] }),
    esbuild.build({ ...script, entryPoints: [join(www, "src/runtime/worker.ts")], outfile: out("pretune-worker.js"), plugins: [glue(gluesIn(wasmDir))] }),
    esbuild.build({ stdin: { contents: lessonCss(), loader: "css", resolveDir: www }, bundle: true, minify: true, outfile: out("lesson.css"), logLevel: "warning" }),
    copyFile(join(wasmDir, "page_bg.wasm"), out("pretune.wasm")),
    copyFile(join(wasmDir, "worker_bg.wasm"), out("pretune-worker.wasm")),
  ]);
  const files = ["pretune.js", "pretune.wasm", "pretune-worker.js", "pretune-worker.wasm", "lesson.css"];
  if (!experiments) return files.map(out);
  await Promise.all([
    esbuild.build({ ...script, entryPoints: [join(www, "src/runtime/claims-worker.ts")], outfile: out("pretune-claims.js"), plugins: [glue(gluesIn(wasmDir))] }),
    copyFile(join(wasmDir, "claims_bg.wasm"), out("pretune-claims.wasm")),
  ]);
  return [...files, "pretune-claims.js", "pretune-claims.wasm"].map(out);
}

function lessonCss() {
  return ["tokens", "lesson"].filter((name) => existsSync(join(www, `styles/${name}.css`))).map((name) => `@import "./styles/${name}.css";`).join("\n");
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [wasmDir, outDir] = process.argv.slice(2);
  if (!wasmDir || !outDir) {
    console.error("usage: node build.mjs <wasm-dir> <out-dir>");
    process.exit(2);
  }
  try {
    for (const path of await build(resolve(wasmDir), resolve(outDir))) {
      const bytes = await readFile(path);
      console.log(`${path}  ${(bytes.length / 1024).toFixed(1)} KB, ${(gzipSync(bytes, { level: 9 }).length / 1024).toFixed(1)} KB gzipped`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

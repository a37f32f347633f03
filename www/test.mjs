/** node test.mjs [name…]: bundles `test/*.test.ts` for Node, which also proves that every module loads without a DOM. */
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { css, glue } from "./build.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const only = process.argv.slice(2);
const tests = (await readdir(`${here}test`)).filter((file) => file.endsWith(".test.ts") && (only.length === 0 || only.some((name) => file.includes(name))));

await rm(`${here}.test`, { recursive: true, force: true });
await esbuild.build({
  entryPoints: tests.map((file) => `${here}test/${file}`),
  outdir: `${here}.test`,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  conditions: ["node"],
  sourcemap: "inline",
  plugins: [css, glue(() => `${here}test/glue.ts`)],
  logLevel: "warning",
});
process.exit(spawnSync(process.execPath, ["--enable-source-maps", "--test", `${here}.test`], { stdio: "inherit" }).status ?? 1);

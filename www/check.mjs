/**
 * Turns the golden frames that the Rust tests write (`tests/frames/<name>.json`: one frame, or a list) into modules
 * that `tsc` compares with `src/frames/<name>.ts`. Literals, not JSON imports: those would widen "base" to string.
 */
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";

const golden = new URL("../tests/frames/", import.meta.url);
const target = new URL(".frames/", import.meta.url);

await rm(target, { recursive: true, force: true });
await mkdir(target);
const files = (await readdir(golden).catch(() => [])).filter((file) => file.endsWith(".json"));
for (const file of files) {
  const name = file.slice(0, -".json".length);
  const data = JSON.parse(await readFile(new URL(file, golden), "utf8"));
  const frames = (Array.isArray(data) ? data : [data]).map((frame) => `  ${JSON.stringify(frame)},`);
  await writeFile(new URL(`${name}.ts`, target), `import type { Frame } from "../src/frames/${name}";\nexport default [\n${frames.join("\n")}\n] satisfies Frame[];\n`);
}
console.log(`${files.length} golden frame files to check`);

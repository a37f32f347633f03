/** What a reader downloads. Sizes are a function of the sources, so they can be held to the kilobyte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./setup.mjs";

/** Gzipped bytes of a module with its glue. A new figure may raise them by what it weighs; nothing else may. */
const LIMITS = { page: 106_000, worker: 603_700 };

for (const [name, limit] of Object.entries(LIMITS)) {
  test(`the ${name}'s module and its glue are within ${limit} bytes`, async () => {
    const files = [`${name}_bg.wasm`, `${name}.js`].map((file) => join(root, "target/pretune/wasm", file));
    const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file), { level: 9 }).length));
    assert.ok(sizes[0] + sizes[1] <= limit, `${sizes[0]} + ${sizes[1]} bytes`);
  });
}

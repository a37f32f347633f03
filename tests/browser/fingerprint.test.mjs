/** The same bits natively, in Node and in Chromium. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { figure, frame, host, launch, open, root, status } from "./setup.mjs";

const golden = JSON.parse(await readFile(join(root, "tests/golden/fingerprints.json"), "utf8"));

test("in Node", async (t) => {
  const glue = join(root, "target/pretune/wasm/pretune.js");
  const { initSync, Session } = await import(pathToFileURL(glue));
  initSync({ module: await readFile(join(root, "target/pretune/wasm/pretune_bg.wasm")) });
  for (const { name, attributes, commands, fingerprint } of golden) {
    await t.test(name, () => {
      const session = new Session("pretune-next-token", attributes, undefined);
      for (const command of commands) session.command(command);
      while (session.step());
      assert.equal(session.frame().fingerprint, fingerprint);
      session.free();
    });
  }
});

test("in Chromium", async (t) => {
  const pages = Object.fromEntries(golden.map(({ attributes }, i) => [`/${i}`, page(attributes)]));
  const server = await host(pages);
  const browser = await launch();
  t.after(() => Promise.all([browser.close(), server.close()]));
  for (const [i, { name, commands, fingerprint }] of golden.entries()) {
    const skip = commands.length > 0 && "a reader's own text is tested in Node";
    await t.test(name, { skip }, async () => {
      const tab = await open(browser, `${server.url}${i}`);
      const element = await figure(tab);
      await element.evaluate((node) => node.start());
      await status(tab, "done");
      assert.equal((await frame(element)).fingerprint, fingerprint);
      assert.deepEqual(tab.problems, []);
    });
  }
});

function page(attributes) {
  const list = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(" ");
  return `<!doctype html><meta charset="utf-8"><title>Figure</title><script src="/pretune.js" defer></script><pretune-next-token loading="eager" ${list}>A figure.</pretune-next-token>`;
}

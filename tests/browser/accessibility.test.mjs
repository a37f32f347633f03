/** axe's rules on the lesson with its figure, light and dark; the figure by keyboard alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { LESSON, axe, figure, frame, launch, open, reached, serve, status } from "./setup.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`no violations, ${colorScheme}`, async () => {
    // The page's policy admits no script of ours but its own; axe is brought in from outside.
    const page = await open(browser, server.url + LESSON, { colorScheme, bypassCSP: true });
    await figure(page);
    await page.locator("pretune-next-token details").evaluateAll((all) => all.forEach((details) => (details.open = true)));
    await page.evaluate(await readFile(axe, "utf8"));
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`), []);
  });
}

test("the figure by keyboard alone", async () => {
  const page = await open(browser, server.url + LESSON);
  const element = await figure(page);
  await page.getByRole("button", { name: "Train from zero" }).focus();
  await page.keyboard.press("Enter");
  await status(page, "training");
  await reached(page, 10);
  const focused = await element.evaluate((node) => node.shadowRoot.activeElement?.textContent.trim());
  assert.equal(focused, "Pause", "focus stays on the button while its word changes");
  await page.keyboard.press("Enter");
  await status(page, "paused");
  const { tokens } = (await frame(element)).prompt;
  const bar = page.getByRole("button", { name: /^Append/ }).first();
  await bar.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((n) => document.querySelector("pretune-next-token").frame.prompt.tokens.length === n, tokens.length + 1);
});

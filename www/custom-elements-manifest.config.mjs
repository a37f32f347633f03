/** npm run analyze: writes `custom-elements.json` from the elements' doc comments. */

/** What a page may use, and nothing of how it is made. */
const publicOnly = {
  name: "public-only",
  packageLinkPhase({ customElementsManifest }) {
    for (const { declarations = [] } of customElementsManifest.modules) {
      for (const declaration of declarations) {
        const hidden = new Set((declaration.members ?? []).filter(({ privacy }) => privacy && privacy !== "public").map(({ name }) => name));
        declaration.members = declaration.members?.filter(({ name }) => !hidden.has(name));
        declaration.attributes = declaration.attributes?.filter(({ name }) => !hidden.has(name));
        declaration.events = declaration.events?.filter(({ name }) => name);
      }
    }
  },
};

export default {
  globs: ["src/element.ts", "src/elements/*.ts"],
  exclude: ["src/elements/index.ts"],
  outdir: ".",
  litelement: true,
  plugins: [publicOnly],
};

/** What all copies of the bundle on one page share: two script tags still mean one worker. */
import type { Supervisor } from "./supervisor";

export const VERSION = "0.1.0";

interface Shared {
  version: string;
  supervisor?: Supervisor;
  /** The design tokens are in the page. */
  tokens?: boolean;
  scriptURL?: (url: string) => string;
}

const key = Symbol.for("pretune");
const globals = globalThis as unknown as Record<symbol, Shared | undefined>;

export const shared: Shared = (globals[key] ??= { version: VERSION });

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/**
 * A worker's address in the form that a page with `require-trusted-types-for 'script'` accepts. The policy `pretune`
 * lets through what `allowed` names: our own worker file, or a script that this bundle itself carries.
 */
export function scriptURL(url: string, allowed: (url: string) => boolean): string {
  if (!allowed(url)) throw new TypeError("not a worker of pretune");
  shared.scriptURL ??= makePolicy();
  return shared.scriptURL(url);
}

function makePolicy(): (url: string) => string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return (url) => url;
  try {
    const policy = trustedTypes.createPolicy("pretune", { createScriptURL: (url) => url });
    return (url) => policy.createScriptURL(url);
  } catch {
    return (url) => url;
  }
}

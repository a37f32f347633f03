/**
 * The worker of the experiments: a classic, self-contained script as the other one, with the module that holds them. A run
 * is one long call, so whoever changes their mind ends the worker.
 */
import { Claims, initSync } from "pretune-wasm/claims";
import { PROTOCOL, failure } from "./protocol";
import type { Received, Reply, Sent } from "./protocol";

/** A worker's global scope, as far as it is used here. */
interface Scope {
  postMessage(message: Received): void;
  onmessage: ((event: MessageEvent<Sent>) => void) | null;
}
const scope = self as unknown as Scope;
const post = (reply: Reply) => scope.postMessage({ ...reply, version: PROTOCOL });

/** What several experiments begin with is made once for a seed. */
let lab: { seed: number; claims: Claims } | null = null;

function claims(seed: number): Claims {
  if (lab?.seed !== seed) lab = { seed, claims: new Claims(seed) };
  return lab.claims;
}

scope.onmessage = ({ data }) => {
  const { seq } = data;
  if (data.type === "boot") {
    try {
      initSync({ module: data.wasm });
      post({ type: "return", seq });
    } catch {
      post({ type: "throw", seq, failure: failure("no-runtime", "This worker may not run WebAssembly.", "") });
    }
  } else if (data.type === "claim") {
    try {
      post({ type: "return", seq, value: [...claims(data.seed).run(data.name)] });
    } catch {
      lab = null;
      post({ type: "throw", seq, failure: failure("trap", "The experiment stopped unexpectedly.", "Run it again.") });
    }
  }
};

post({ type: "hello" });

/**
 * The worker: one instance of the module and the engine that runs its sessions, or a helper of such an engine. Bundled on its own into a classic,
 * self-contained script, because a worker made from a Blob on a `file://` page may load nothing by address.
 */
import { Bench, Session, initSync } from "pretune-wasm/worker";
import { Engine } from "./engine";
import { help } from "./helper";
import { PROTOCOL, failure } from "./protocol";
import type { OpenSession, Received, Reply, Sent } from "./protocol";

/** A worker's global scope, as far as it is used here (TypeScript's DOM and WebWorker libraries exclude each other). */
interface Scope {
  postMessage(message: Received, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<Sent>) => void) | null;
  addEventListener(type: "unhandledrejection", listener: () => void): void;
}
const scope = self as unknown as Scope;

function post(reply: Reply, transfer: Transferable[] = []): void {
  scope.postMessage({ ...reply, version: PROTOCOL }, transfer);
}

// A timer would be clamped to 4 ms after a few turns; a message to oneself is not.
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

let engine: Engine | null = null;
const open: OpenSession = (tag, attributes, model) => new Session(tag, attributes, model);

scope.onmessage = ({ data }) => {
  if (data.type === "help") {
    engine = null;
    help(data.port, open);
    return;
  }
  if (data.type !== "boot") {
    if (data.type !== "claim") engine?.receive(data);
    return;
  }
  try {
    initSync({ module: data.wasm });
  } catch {
    post({ type: "throw", seq: data.seq, failure: failure("no-runtime", "This worker may not run WebAssembly.", "") });
    return;
  }
  engine = new Engine({
    open,
    bench: (config) => new Bench(config),
    post: (message, transfer) => scope.postMessage(message, transfer),
    now: () => performance.now(),
    later(callback) {
      waiting.push(callback);
      channel.port2.postMessage(null);
    },
    after: (ms, callback) => setTimeout(callback, ms),
    sliceMs: 12,
    cores: navigator.hardwareConcurrency || 1,
  });
  post({ type: "return", seq: data.seq });
};

// No engine reports a worker's unhandled rejections to the page.
scope.addEventListener("unhandledrejection", () => {
  post({ type: "fault", failure: failure("trap", "The model stopped unexpectedly.", "It goes on from a moment ago."), id: null, seq: null });
});

post({ type: "hello" });

/**
 * The ways to start the engine, best first. Which of them a page allows depends on its policy, its address and its
 * sandbox; engines report a refusal by an exception, by an empty `error` event, or not at all, so each is tried with a
 * time limit until one has answered and holds the module.
 */
import { claimsModule, trainingModule, workerSource, workerURL } from "./assets";
import type { Script } from "./assets";
import { Engine } from "./engine";
import { training } from "./main-instance";
import type { Training } from "./main-instance";
import { PROTOCOL, failure } from "./protocol";
import type { Received, Sent, Transport } from "./protocol";
import { scriptURL } from "./shared";

const START_MS = 5000;
type Start = (script: Script) => Promise<Transport>;

const starts: Record<Transport["kind"], Start> = {
  async file(script) {
    const url = workerURL(script);
    if (!url || new URL(url).origin !== location.origin || location.protocol === "file:") throw new Error("no worker file");
    return worker("file", url, (given) => given === url);
  },
  async blob(script) {
    const url = URL.createObjectURL(new Blob([await workerSource(script)], { type: "text/javascript" }));
    try {
      return await worker("blob", url, (given) => given === url);
    } finally {
      URL.revokeObjectURL(url);
    }
  },
  async data(script) {
    const url = `data:text/javascript,${encodeURIComponent(await workerSource(script))}`;
    return worker("data", url, (given) => given === url);
  },
  async main() {
    const instance = await training();
    if (!instance) throw new Error("no WebAssembly on this page");
    return new MainThread(instance);
  },
};

/** The kind that worked, to begin with after a restart. */
let known: Transport["kind"] | null = null;

/** Starts the engine where this page allows it. */
export async function connect(): Promise<Transport> {
  return start("pretune-worker", await trainingModule(), ["file", "blob", "data", "main"]);
}

/** Starts what runs experiments: a worker of its own, since each of them is one long call. */
export async function connectClaims(): Promise<Transport> {
  return start("pretune-claims", await claimsModule(), ["file", "blob", "data"]);
}

async function start(script: Script, wasm: WebAssembly.Module | Uint8Array, possible: readonly Transport["kind"][]): Promise<Transport> {
  const kinds = [...possible].sort((a, b) => Number(b === known) - Number(a === known));
  for (const kind of kinds) {
    let transport: Transport | null = null;
    try {
      transport = await starts[kind](script);
      if (kind !== "main") await boot(transport, wasm);
      known = kind;
      return transport;
    } catch {
      transport?.terminate();
    }
  }
  throw failure("no-runtime", "This page does not allow the figure to run WebAssembly.", "Its text stands here instead.");
}

/** One more worker of the kind that runs the engine, for a helper; never the page's own thread. */
export async function connectHelper(): Promise<Transport> {
  if (known === null || known === "main") throw failure("no-runtime", "No worker may start here.", "");
  const transport = await starts[known]("pretune-worker");
  try {
    await boot(transport, await trainingModule());
    return transport;
  } catch (error) {
    transport.terminate();
    throw error;
  }
}

/** Resolves when the worker has said hello; that it could be constructed proves nothing. */
function worker(kind: Transport["kind"], url: string, allowed: (url: string) => boolean): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const native = new Worker(scriptURL(url, allowed), { name: "pretune" });
    const transport: Transport = {
      kind,
      post: (message, transfer) => native.postMessage(message, transfer),
      onreply: (message) => message.type === "hello" && settle(() => resolve(transport)),
      onfault: () => settle(() => reject(new Error(kind)), true),
      terminate: () => native.terminate(),
    };
    const timer = setTimeout(() => transport.onfault(), START_MS);
    function settle(then: () => void, dead = false) {
      clearTimeout(timer);
      if (dead) native.terminate();
      then();
    }
    native.onmessage = ({ data }: MessageEvent<Received>) => transport.onreply(data);
    native.onmessageerror = () => transport.onfault();
    native.onerror = (event) => {
      event.preventDefault();
      transport.onfault();
    };
  });
}

function boot(transport: Transport, wasm: WebAssembly.Module | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = () => {
      clearTimeout(timer);
      reject(new Error(`${transport.kind} worker without WebAssembly`));
    };
    const timer = setTimeout(refuse, START_MS);
    transport.onfault = refuse;
    transport.onreply = (message) => {
      if (message.type !== "return") return refuse();
      clearTimeout(timer);
      resolve();
    };
    transport.post({ type: "boot", wasm, version: PROTOCOL, seq: 0 }, []);
  });
}

/** The last resort: the same engine in the page's own thread, in slices short enough to scroll between. */
class MainThread implements Transport {
  readonly kind = "main";
  onreply: (message: Received) => void = () => {};
  onfault: () => void = () => {};
  #engine: Engine | null;

  constructor({ Session, Bench }: Training) {
    this.#engine = new Engine({
      open: (tag, attributes, model) => new Session(tag, attributes, model),
      bench: (config) => new Bench(config),
      post: (message) => setTimeout(() => this.#engine && this.onreply(message)),
      now: () => performance.now(),
      later: (callback) => setTimeout(callback),
      after: (ms, callback) => setTimeout(callback, ms),
      sliceMs: 8,
      cores: 1,
    });
  }

  post(message: Sent): void {
    if (message.type !== "boot" && message.type !== "help" && message.type !== "claim") this.#engine?.receive(message);
  }

  terminate(): void {
    this.#engine = null;
  }
}

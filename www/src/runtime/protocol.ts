/**
 * The messages between the page, the worker and its helpers: all of them, and nothing else. Start at `Request`.
 *
 * Every request carries a `seq`; exactly one `return` or `throw` with that `seq` answers it. `frame`, `snapshot`,
 * `helpers` and `fault` come unasked. A request never changes meaning: a change of shape is a new `PROTOCOL`.
 */

export const PROTOCOL = 2;

/** What the page may show of an error: what happened and what the reader can do, never an engine's own text. */
export interface Failure {
  code: FailureCode | (string & {});
  message: string;
  action: string;
}

export type FailureCode =
  /** The module stopped: a panic or a trap. The session goes on from its last snapshot. */
  | "trap"
  /** The same session stopped again and again. */
  | "gave-up"
  /** No worker, no WebAssembly, or a file that did not arrive. */
  | "no-runtime"
  | "no-simd"
  | "no-file"
  | "protocol"
  | "cancelled"
  | "closed"
  | "bad-file"
  | "too-large";

export type SessionId = number;
/** How many workers may compute a step: a number of the author's, or as many as are found to be worth it. */
export type Workers = "auto" | 1 | 2 | 4;
export type Command = { type: string };
export type Files = [name: string, bytes: Uint8Array][];

export type Request =
  /** The worker's first message: the module, compiled where the page's policy allows it, else its bytes. */
  | { type: "boot"; wasm: WebAssembly.Module | Uint8Array }
  /** Exactly one of `snapshot` (go on) and `model` (begin with a checkpoint) may be given. */
  | { type: "open"; id: SessionId; tag: string; attributes: Record<string, string>; workers?: Workers; model?: Uint8Array; snapshot?: Uint8Array }
  /** `keep`: the command replaces the model, so a snapshot follows at once. */
  | { type: "command"; id: SessionId; command: Command; keep: boolean }
  | { type: "import"; id: SessionId; files: Files }
  | { type: "run" | "pause" | "step" | "snapshot" | "files" | "close"; id: SessionId }
  /** Times the cases of a `Bench`; the answer's value is a list of `Timing`. */
  | { type: "bench"; id: SessionId; config: string; seconds: number; cases?: string[] }
  /** The page has drawn the session's last frame: the next one may be sent. */
  | { type: "ack"; id: SessionId }
  /** Drop the request `of` if it has not begun; a bench is dropped at any time. */
  | { type: "cancel"; of: number }
  /** At the other end of the port a helper waits for work. */
  | { type: "helper"; port: MessagePort }
  /** To a worker that was just booted: it is a helper, and this is where its work comes from. */
  | { type: "help"; port: MessagePort }
  /** To a worker of experiments: runs one to its end; the answer's value is a number for each measure. */
  | { type: "claim"; name: string; seed: number };

export type Reply =
  | { type: "hello" }
  | { type: "return"; seq: number; value?: unknown }
  | { type: "throw"; seq: number; failure: Failure }
  | { type: "frame"; id: SessionId; frame: unknown; running: boolean; finished: boolean; pace: PaceOfWork }
  /** `through`: the `seq` of the last request that the bytes include. */
  | { type: "snapshot"; id: SessionId; bytes: Uint8Array; through: number }
  /** The worker wants this many helpers, from now on and in all; 0 ends them. */
  | { type: "helpers"; n: number }
  /** Nothing in this instance can be trusted any more: a panic leaves its object borrowed for ever. */
  | { type: "fault"; failure: Failure; id: SessionId | null; seq: number | null };

/** How fast a session learns on this device. */
export interface PaceOfWork {
  /** Workers that shared the last step. */
  workers: number;
  /** Milliseconds of a step of training: predicted until one has been timed; null if nothing is known. */
  step_ms: number | null;
}

/** From the worker to a helper. The buffer holds whatever is longer, the weights or a sum of gradients, and comes back. */
export type Task =
  /** Stand where this snapshot stands, then compute `n_shards` shards from `first` on. */
  | { type: "replica"; tag: string; attributes: Record<string, string>; snapshot: Uint8Array; first: number; n_shards: number; buffer: ArrayBuffer }
  /** The buffer holds the weights after the step that was shared: compute the same shards of the next one. */
  | { type: "weights"; buffer: ArrayBuffer };

/** A helper's answer to a task: the sum over its shards, or that it cannot help. */
export type Share = { type: "sum"; buffer: ArrayBuffer } | { type: "lost" };

export type Sent = Request & { version: number; seq: number };
export type Received = Reply & { version: number };

/** The half of a worker that the page needs; implemented by workers, by the main thread, and by tests. */
export interface Transport {
  readonly kind: "file" | "blob" | "data" | "main";
  post(message: Sent, transfer: Transferable[]): void;
  onreply: (message: Received) => void;
  /** The worker died without a word (an `error` event). */
  onfault: () => void;
  terminate(): void;
}

/** What a unit of learning came to: nothing is left; a part of a step or of an evaluation; a whole step. */
export type Unit = 0 | 1 | 2;

/** One widget's state machine as wasm-bindgen exports it (`src/web/session.rs`). */
export interface WasmSession {
  command(command: Command): void;
  step(): number;
  /** Into how many shards the next step can be cut; 0 if what comes next is no training step, or half of one. */
  shards(): number;
  /** Computes a shard of the next step into this session's sum. */
  shard(i: number): void;
  partialLength(): number;
  /** Copies the sum over the shards that were computed here. */
  partial(to: Float32Array): void;
  /** Adds the sum over the next `n` shards, computed elsewhere. */
  merge(n: number, from: Float32Array): void;
  /** All shards are in: moves the weights. */
  finish(): number;
  weightsLength(): number;
  weights(to: Float32Array): void;
  /** A helper's `finish`: takes the weights and stands before the next step. */
  follow(from: Float32Array): void;
  /** Floating-point operations of one training step. */
  flops(): number;
  frame(): unknown;
  snapshot(): Uint8Array;
  restore(bytes: Uint8Array): void;
  files(): Files;
  open(files: Files): void;
  free(): void;
}

/** A case of a bench: `flops` and `tokens` of one run, 0 where that means nothing. */
export interface BenchCase {
  name: string;
  kind: "kernel" | "op" | "step" | "generate";
  flops: number;
  tokens: number;
}

/** Work of known size, done once for each call of `run` by whoever holds the clock. */
export interface WasmBench {
  cases(): BenchCase[];
  run(i: number): void;
  /** The loss of the last training step that ran. */
  loss(): number;
  free(): void;
}

export type OpenBench = (config: string) => WasmBench;
export type OpenSession = (tag: string, attributes: Record<string, string>, model?: Uint8Array) => WasmSession;

export function failure(code: FailureCode, message: string, action: string): Failure {
  return { code, message, action };
}

/** Rust's own errors are plain `{code, message, action}`; anything else that is thrown is a trap. */
export function asFailure(error: unknown): Failure | null {
  if (typeof error !== "object" || error === null || error instanceof WebAssembly.RuntimeError) return null;
  const { code, message, action } = error as Partial<Failure>;
  if (typeof code !== "string" || typeof message !== "string") return null;
  return { code, message, action: action ?? "" };
}

/** A failure in one or two sentences. The core's are clauses: what was given; what is allowed. */
export function told({ message, action }: Failure): string {
  if (!action) return message;
  return /[.!?]$/.test(message) ? `${message} ${action}` : `${message}; ${action}`;
}

/** The buffers that a value moves instead of copying. */
export function buffersOf(value: unknown): Transferable[] {
  if (value instanceof Uint8Array) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  return Array.isArray(value) ? value.flatMap(buffersOf) : [];
}

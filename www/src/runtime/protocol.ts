/**
 * The messages between the page and the worker: all of them, and nothing else. Start at `Request`.
 *
 * Every request carries a `seq`; exactly one `return` or `throw` with that `seq` answers it. `frame`, `snapshot` and
 * `fault` come unasked. A request never changes meaning: a change of shape is a new `PROTOCOL`.
 */

export const PROTOCOL = 1;

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
export type Command = { type: string };
export type Files = [name: string, bytes: Uint8Array][];

export type Request =
  /** The worker's first message: the module, compiled where the page's policy allows it, else its bytes. */
  | { type: "boot"; wasm: WebAssembly.Module | Uint8Array }
  /** Exactly one of `snapshot` (go on) and `model` (begin with a checkpoint) may be given. */
  | { type: "open"; id: SessionId; tag: string; attributes: Record<string, string>; model?: Uint8Array; snapshot?: Uint8Array }
  /** `keep`: the command replaces the model, so a snapshot follows at once. */
  | { type: "command"; id: SessionId; command: Command; keep: boolean }
  | { type: "import"; id: SessionId; files: Files }
  | { type: "run" | "pause" | "step" | "snapshot" | "files" | "close"; id: SessionId }
  /** The page has drawn the session's last frame: the next one may be sent. */
  | { type: "ack"; id: SessionId }
  /** Drop the request `of` if it has not begun. */
  | { type: "cancel"; of: number };

export type Reply =
  | { type: "hello" }
  | { type: "return"; seq: number; value?: unknown }
  | { type: "throw"; seq: number; failure: Failure }
  | { type: "frame"; id: SessionId; frame: unknown; running: boolean; finished: boolean }
  /** `through`: the `seq` of the last request that the bytes include. */
  | { type: "snapshot"; id: SessionId; bytes: Uint8Array; through: number }
  /** Nothing in this instance can be trusted any more: a panic leaves its object borrowed for ever. */
  | { type: "fault"; failure: Failure; id: SessionId | null; seq: number | null };

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

/** One widget's state machine as wasm-bindgen exports it (`src/web.rs`). */
export interface WasmSession {
  command(command: Command): void;
  step(): boolean;
  frame(): unknown;
  snapshot(): Uint8Array;
  restore(bytes: Uint8Array): void;
  files(): Files;
  open(files: Files): void;
  free(): void;
}

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

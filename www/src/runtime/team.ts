/**
 * The helpers of one engine: workers that hold a replica of its session and compute shards of its steps. What a helper
 * sends is what this worker would have computed itself, bit for bit, so a helper that is late, dead or out of step costs
 * time and nothing else. Start at `share`.
 *
 * Measured in Chromium: a round trip of 3.6 MB over a port between two workers takes 0.1 ms, as does one to a nested worker
 * (which WebKit does not start on a `file://` page).
 */
import type { Share, Task, WasmSession } from "./protocol";

/** A helper that has never answered may still be compiling. */
const FIRST_ANSWER_MS = 5000;

export interface Port {
  postMessage(message: Task, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<Share>) => void) | null;
  close(): void;
}

/** Whose steps are shared: see `Stepper`. */
export interface Pupil {
  readonly session: WasmSession;
  readonly tag: string;
  readonly attributes: Record<string, string>;
  /** Changes whenever the model does. */
  readonly position: number;
}

interface Link {
  port: Port;
  /** Null while the helper has it. */
  buffer: ArrayBuffer | null;
  /** It has answered once: it is worth waiting for. */
  proven: boolean;
  first: number;
  n_shards: number;
  /** An answer later than this ends the team. */
  deadline: number;
}

export interface TeamOptions {
  now(): number;
  after(ms: number, callback: () => void): void;
  /** A sum has come, or will not come any more. */
  wake(): void;
  /** The helpers cannot be relied on: they are to be ended. */
  lost(): void;
}

export class Team {
  #options: TeamOptions;
  #links: Link[] = [];
  #pupil: Pupil | null = null;
  #size = 0;
  /** The pupil's position after the step that is being shared: where the helpers will stand then. */
  #expected = -1;
  #watched = false;

  constructor(options: TeamOptions) {
    this.#options = options;
  }

  /** Helpers that have answered. */
  get n_proven(): number {
    return this.#links.filter(({ proven }) => proven).length;
  }

  add(port: Port): void {
    const link: Link = { port, buffer: new ArrayBuffer(0), proven: false, first: 0, n_shards: 0, deadline: Infinity };
    port.onmessage = ({ data }) => this.#answered(link, data);
    this.#links.push(link);
  }

  /** Lets go of all helpers but `n`. */
  keep(n: number): void {
    for (const { port } of this.#links.splice(n)) port.close();
    if (this.#size > n + 1) this.#pupil = null;
  }

  /**
   * Sets `size - 1` helpers to work on the step that comes next, which is cut into `n_shards`; false if it is to be done
   * alone. `patience_ms`: how long an answer may take.
   */
  share(pupil: Pupil, n_shards: number, size: number, patience_ms: number): boolean {
    const links = this.#links.slice(0, size - 1);
    const free = links.length === size - 1 && links.every(({ buffer }) => buffer !== null);
    if (!free || n_shards % size !== 0) return false;
    const follow = this.#pupil === pupil && this.#size === size && this.#expected === pupil.position;
    const snapshot = follow ? null : pupil.session.snapshot();
    const proven = links.every((link) => link.proven);
    links.forEach((link, i) => {
      link.n_shards = n_shards / size;
      link.first = (i + 1) * link.n_shards;
      link.deadline = this.#options.now() + (link.proven ? patience_ms : FIRST_ANSWER_MS);
      this.#send(pupil, link, snapshot);
    });
    this.#pupil = pupil;
    this.#size = size;
    // Until all have answered the worker goes on without them, so their first answers are about a step that is over.
    this.#expected = proven ? pupil.position + 1 : -1;
    return proven;
  }

  /** Of the shared step: the sum over the shards from `first` on; null while a helper is at it, undefined if nobody is. */
  sum(pupil: Pupil, first: number): { n_shards: number; values: Float32Array } | null | undefined {
    const link = this.#pupil === pupil ? this.#links.slice(0, this.#size - 1).find((link) => link.first === first) : undefined;
    if (!link) return undefined;
    if (!link.buffer) return this.#watch(link);
    return { n_shards: link.n_shards, values: new Float32Array(link.buffer, 0, pupil.session.partialLength()) };
  }

  #send({ session, tag, attributes }: Pupil, link: Link, snapshot: Uint8Array | null): void {
    const { port, first, n_shards } = link;
    const size_bytes = 4 * Math.max(session.partialLength(), session.weightsLength());
    const buffer = link.buffer?.byteLength === size_bytes ? link.buffer : new ArrayBuffer(size_bytes);
    link.buffer = null;
    if (snapshot) {
      port.postMessage({ type: "replica", tag, attributes, snapshot, first, n_shards, buffer }, [buffer]);
    } else {
      session.weights(new Float32Array(buffer, 0, session.weightsLength()));
      port.postMessage({ type: "weights", buffer }, [buffer]);
    }
    if (!link.proven) this.#watch(link);
  }

  #answered(link: Link, answer: Share): void {
    if (!this.#links.includes(link)) return;
    if (answer.type === "lost") return this.#end();
    link.buffer = answer.buffer;
    link.proven = true;
    this.#options.wake();
  }

  /** One timer for all: most answers come long before it rings. */
  #watch({ deadline }: Link): null {
    if (this.#watched) return null;
    this.#watched = true;
    const { now, after } = this.#options;
    after(Math.max(0, deadline - now()), () => {
      this.#watched = false;
      const late = this.#links.filter(({ buffer }) => buffer === null);
      if (late.some(({ deadline }) => deadline <= now())) this.#end();
      else if (late[0]) this.#watch(late[0]);
    });
    return null;
  }

  #end(): void {
    this.keep(0);
    this.#options.lost();
    this.#options.wake();
  }
}

/**
 * Runs sessions in time slices and keeps answering messages meanwhile. Knows neither workers nor the DOM: `worker.ts`
 * runs one in a worker, `transports.ts` one on the main thread where no worker may start. Read `#turn` first.
 */
import { PROTOCOL, asFailure, buffersOf, failure } from "./protocol";
import type { OpenSession, Reply, Received, Sent, SessionId, WasmSession } from "./protocol";

/** A frame is what a reader can follow, not what a loop can produce. */
const FRAME_MS = 50;
const SNAPSHOT_MS = 2000;
/** Making a frame runs the model: it may take this share of the time, however slow the machine. */
const FRAME_SHARE = 0.2;

interface Running {
  session: WasmSession;
  running: boolean;
  finished: boolean;
  /** The page shows an older frame than there is. */
  stale: boolean;
  /** A frame is under way; another would only queue up behind it. */
  unacknowledged: boolean;
  nextFrame: number;
  nextSnapshot: number;
  through: number;
}

export interface EngineOptions {
  open: OpenSession;
  post(message: Received, transfer: Transferable[]): void;
  now(): number;
  /** Calls back once the messages that wait have been received. */
  later(callback: () => void): void;
  sliceMs: number;
}

type Work = Exclude<Sent, { type: "boot" | "ack" | "cancel" }>;

export class Engine {
  #options: EngineOptions;
  #sessions = new Map<SessionId, Running>();
  #queue: Work[] = [];
  #awake = false;
  #dead = false;
  #first = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  receive(message: Exclude<Sent, { type: "boot" }>): void {
    if (this.#dead) return;
    if (message.version !== PROTOCOL) {
      this.#post({ type: "throw", seq: message.seq, failure: failure("protocol", `Protocol ${message.version} meets ${PROTOCOL}.`, "Load one version of pretune.js only.") });
      return;
    }
    switch (message.type) {
      case "ack": {
        const entry = this.#sessions.get(message.id);
        if (entry) entry.unacknowledged = false;
        break;
      }
      case "cancel": {
        const at = this.#queue.findIndex(({ seq }) => seq === message.of);
        if (at < 0) return;
        this.#queue.splice(at, 1);
        this.#post({ type: "throw", seq: message.of, failure: failure("cancelled", "Cancelled.", "") });
        return;
      }
      default:
        this.#queue.push(message);
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    this.#options.later(() => {
      this.#awake = false;
      this.#turn();
    });
  }

  /** One slice: what was asked for, then learning, then what there is to show. */
  #turn(): void {
    const end = this.#options.now() + this.#options.sliceMs;
    do {
      const request = this.#queue.shift();
      if (!request) break;
      this.#guard(request.id, request.seq, () => this.#handle(request));
    } while (!this.#dead && this.#options.now() < end);
    this.#learn(end);
    for (const [id, entry] of this.#sessions) {
      if (!this.#dead) this.#guard(id, null, () => this.#show(id, entry));
    }
    const busy = this.#queue.length > 0 || [...this.#sessions.values()].some(({ running }) => running);
    if (busy && !this.#dead) this.#wake();
  }

  /** Round robin, one step each, so that two figures on one page learn at the same pace. */
  #learn(end: number): void {
    for (;;) {
      const running = [...this.#sessions].filter(([, entry]) => entry.running);
      const next = running[this.#first++ % Math.max(running.length, 1)];
      if (this.#dead || !next) return;
      const [id, entry] = next;
      this.#guard(id, null, () => this.#step(entry));
      if (this.#options.now() >= end) return;
    }
  }

  #step(entry: Running): void {
    entry.stale = true;
    if (entry.session.step()) return;
    entry.running = false;
    entry.finished = true;
    entry.nextFrame = 0;
    entry.nextSnapshot = 0;
  }

  #handle(request: Work): void {
    if (request.type === "open") {
      const session = this.#options.open(request.tag, request.attributes, request.model);
      const entry: Running = { session, running: false, finished: false, stale: true, unacknowledged: false, nextFrame: 0, nextSnapshot: 0, through: request.seq };
      this.#sessions.get(request.id)?.session.free();
      this.#sessions.set(request.id, entry);
      if (request.snapshot) session.restore(request.snapshot);
      this.#return(request.seq);
      return;
    }
    const entry = this.#sessions.get(request.id);
    if (!entry) throw failure("closed", "This figure was closed.", "Reload the page.");
    const { session } = entry;
    entry.through = request.seq;
    // The reader did something: its effect is shown at once, not at the next regular frame.
    entry.stale = true;
    entry.nextFrame = 0;
    let value: unknown;
    switch (request.type) {
      case "command":
        session.command(request.command);
        if (request.keep) this.#replaced(entry);
        break;
      case "import":
        session.open(request.files);
        this.#replaced(entry);
        break;
      case "run":
        entry.running = true;
        entry.finished = false;
        entry.nextSnapshot = this.#options.now() + SNAPSHOT_MS;
        break;
      case "pause":
        if (entry.running) entry.nextSnapshot = 0;
        entry.running = false;
        break;
      case "step":
        this.#step(entry);
        entry.nextSnapshot = 0;
        break;
      case "snapshot":
        value = session.snapshot();
        break;
      case "files":
        value = session.files();
        break;
      case "close":
        this.#sessions.delete(request.id);
        session.free();
        break;
    }
    this.#return(request.seq, value);
  }

  #replaced(entry: Running): void {
    entry.finished = false;
    entry.nextSnapshot = 0;
  }

  #show(id: SessionId, entry: Running): void {
    const { now } = this.#options;
    if (now() >= entry.nextSnapshot) {
      const bytes = entry.session.snapshot();
      entry.nextSnapshot = entry.running ? now() + SNAPSHOT_MS : Infinity;
      this.#post({ type: "snapshot", id, bytes, through: entry.through }, buffersOf(bytes));
    }
    const begun = now();
    if (!entry.stale || entry.unacknowledged || begun < entry.nextFrame) return;
    const frame = entry.session.frame();
    const cost = now() - begun;
    entry.nextFrame = begun + Math.max(FRAME_MS, cost / FRAME_SHARE);
    entry.stale = false;
    entry.unacknowledged = true;
    this.#post({ type: "frame", id, frame, running: entry.running, finished: entry.finished });
  }

  /** Separates Rust's own errors, which answer a request, from traps, which end this instance. */
  #guard(id: SessionId, seq: number | null, work: () => void): void {
    try {
      work();
    } catch (error) {
      const own = asFailure(error);
      if (own && seq !== null) {
        this.#post({ type: "throw", seq, failure: own });
        return;
      }
      this.#dead = true;
      this.#post({ type: "fault", failure: own ?? failure("trap", "The model stopped unexpectedly.", "It goes on from a moment ago."), id, seq });
    }
  }

  #return(seq: number, value?: unknown): void {
    this.#post({ type: "return", seq, value }, buffersOf(value));
  }

  #post(reply: Reply, transfer: Transferable[] = []): void {
    this.#options.post({ ...reply, version: PROTOCOL }, transfer);
  }
}

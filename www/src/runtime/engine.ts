/**
 * Runs sessions in time slices and keeps answering messages meanwhile. Knows neither workers nor the DOM: `worker.ts`
 * runs one in a worker, `transports.ts` one on the main thread where no worker may start. Read `#turn` first.
 */
import { Benches } from "./benches";
import { PROTOCOL, asFailure, buffersOf, failure } from "./protocol";
import type { OpenBench, OpenSession, Reply, Received, Sent, SessionId, WasmSession } from "./protocol";
import { Staff } from "./staff";
import { Stepper } from "./stepper";

/** A frame is what a reader can follow, not what a loop can produce. */
const FRAME_MS = 50;
const SNAPSHOT_MS = 2000;
/** Making a frame runs the model: it may take this share of the time, however slow the machine. */
const FRAME_SHARE = 0.2;

interface Running {
  session: WasmSession;
  stepper: Stepper;
  /** The last unit's milliseconds; the next one will take about as long. */
  unit_ms: number;
  /** The reader has pressed Train and the first step is not done: it is the first thing to be shown. */
  beginning: boolean;
  /** The request for one step that is being done: its other requests wait. */
  asked: number | null;
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
  bench: OpenBench;
  post(message: Received, transfer: Transferable[]): void;
  now(): number;
  /** Calls back once the messages that wait have been received. */
  later(callback: () => void): void;
  after(ms: number, callback: () => void): void;
  sliceMs: number;
  /** Of the processor: what more than one worker could use. */
  cores: number;
}

type Work = Exclude<Sent, { type: "boot" | "ack" | "cancel" | "helper" | "help" | "claim" }>;

export class Engine {
  #options: EngineOptions;
  #sessions = new Map<SessionId, Running>();
  #queue: Work[] = [];
  #awake = false;
  #dead = false;
  #first = 0;
  #benches: Benches;
  #staff: Staff;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { bench, now, after } = options;
    this.#benches = new Benches(bench, now);
    this.#staff = new Staff({ now, after, wake: () => this.#wake(), want: (n) => this.#post({ type: "helpers", n }) });
  }

  receive(message: Exclude<Sent, { type: "boot" | "help" | "claim" }>): void {
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
        const isMeant = ({ seq }: { seq: number }) => seq === message.of;
        if (!this.#queue.some(isMeant) && !this.#benches.drop(isMeant)) return;
        this.#queue = this.#queue.filter((request) => !isMeant(request));
        this.#post({ type: "throw", seq: message.of, failure: failure("cancelled", "Cancelled.", "") });
        return;
      }
      case "helper":
        this.#staff.add(message.port);
        return;
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
    let asked = false;
    do {
      const request = this.#take();
      if (!request) break;
      asked = request.type !== "run";
      this.#guard(request.id, request.seq, () => this.#handle(request));
    } while (!this.#dead && this.#options.now() < end);
    const learning = this.#learn(end);
    const job = this.#benches.first;
    if (job) this.#guard(job.id, job.seq, () => this.#benches.advance(end) && this.#return(job.seq, job.measurement.result));
    // Requests come in groups ("forget everything, then train"): what is shown is what the last of them led to.
    for (const [id, entry] of asked ? [] : this.#sessions) {
      if (!this.#dead) this.#guard(id, null, () => this.#show(id, entry));
    }
    if (this.#dead) return;
    if (asked || learning || this.#queue.length > 0 || this.#benches.first) this.#wake();
    else if (this.#sessions.size > 0) this.#predict();
  }

  /** The first time that there is nothing else to do: how fast is this device? */
  #predict(): void {
    this.#benches.probe(this.#options.after, () => {
      for (const entry of this.#sessions.values()) entry.stale = true;
      this.#wake();
    });
  }

  /** The first request that can be done: a session that does one step hears nothing else meanwhile but that it is to stop. */
  #take(): Work | undefined {
    const at = this.#queue.findIndex(({ id, type }) => type === "pause" || type === "close" || (this.#sessions.get(id)?.asked ?? null) === null);
    return at < 0 ? undefined : this.#queue.splice(at, 1)[0];
  }

  /** Round robin, one unit each, so that two figures on one page learn at the same pace. False if only helpers can go on. */
  #learn(end: number): boolean {
    const waiting = new Set<SessionId>();
    for (;;) {
      const all = [...this.#sessions].filter(([, entry]) => entry.running || entry.asked !== null);
      const able = all.filter(([id]) => !waiting.has(id));
      const next = able[this.#first++ % Math.max(able.length, 1)];
      if (this.#dead || !next) return false;
      const [id, entry] = next;
      const begun = this.#options.now();
      this.#guard(id, null, () => {
        if (!this.#step(entry, all.length === 1)) waiting.add(id);
      });
      const now = this.#options.now();
      entry.unit_ms = now - begun;
      if (now + entry.unit_ms > end) return true;
    }
  }

  /** One unit; false if it has to wait for helpers. */
  #step(entry: Running, only: boolean): boolean {
    const unit = this.#staff.advance(entry.stepper, only);
    if (unit === "waiting") return false;
    if (unit === 1) return true;
    entry.stale = true;
    if (entry.beginning) entry.nextFrame = 0;
    entry.beginning = false;
    if (unit === 0) {
      entry.running = false;
      entry.finished = true;
      entry.nextFrame = 0;
      entry.nextSnapshot = 0;
    }
    if (entry.asked !== null) this.#stepped(entry, entry.asked);
    return true;
  }

  /** The one step that was asked for is over. */
  #stepped(entry: Running, seq: number): void {
    entry.asked = null;
    entry.through = seq;
    entry.nextFrame = 0;
    if (!entry.running) entry.nextSnapshot = 0;
    this.#return(seq);
  }

  #handle(request: Work): void {
    if (request.type === "open") {
      const session = this.#options.open(request.tag, request.attributes, request.model);
      const stepper = new Stepper(session, request.tag, request.attributes, { ...this.#options, workers: request.workers ?? "auto" });
      const entry: Running = { session, stepper, unit_ms: 0, beginning: false, asked: null, running: false, finished: false, stale: true, unacknowledged: false, nextFrame: 0, nextSnapshot: 0, through: request.seq };
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
        // There may be something to do again; a page that runs on meanwhile must not take this for the end of that run.
        entry.finished = false;
        if (request.keep) this.#replaced(entry);
        else entry.stepper.touched();
        break;
      case "import":
        session.open(request.files);
        this.#replaced(entry);
        break;
      case "run":
        entry.running = true;
        entry.beginning = true;
        entry.finished = false;
        entry.nextSnapshot = this.#options.now() + SNAPSHOT_MS;
        break;
      case "pause":
        if (entry.asked !== null) this.#stepped(entry, entry.asked);
        if (entry.running) entry.nextSnapshot = 0;
        entry.running = false;
        entry.beginning = false;
        break;
      case "step":
        entry.asked = request.seq;
        return;
      case "snapshot":
        value = session.snapshot();
        break;
      case "files":
        value = session.files();
        break;
      case "bench":
        this.#benches.add(request);
        return;
      case "close":
        this.#benches.drop(({ id }) => id === request.id);
        this.#sessions.delete(request.id);
        session.free();
        break;
    }
    this.#return(request.seq, value);
  }

  #replaced(entry: Running): void {
    entry.stepper.replaced();
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
    if (entry.beginning || !entry.stale || entry.unacknowledged || (entry.running && begun < entry.nextFrame)) return;
    const frame = entry.session.frame();
    const cost = now() - begun;
    entry.nextFrame = begun + Math.max(FRAME_MS, cost / FRAME_SHARE);
    entry.stale = false;
    entry.unacknowledged = true;
    const { step, steps } = frame as { step?: number; steps?: number };
    if (step !== undefined && steps !== undefined) entry.stepper.left = steps - step;
    const { workers, flops, step_ms } = entry.stepper;
    const pace = { workers, step_ms: step_ms ?? this.#benches.predict(flops) };
    this.#post({ type: "frame", id, frame, running: entry.running, finished: entry.finished, pace });
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

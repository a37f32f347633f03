/**
 * Keeps the page's one worker alive and its sessions whole. After a trap, or when Stop goes unheard, the worker is
 * replaced, every session is opened again from its last snapshot, what was asked since is asked again, and training
 * goes on with the same later losses (the core is deterministic). Elements use `Session`; nothing else sees a worker.
 *
 * WebAssembly memory never shrinks. So while nothing trains, sessions are put to sleep, which leaves their snapshots, and
 * the worker is ended: when another figure wants room, and when the reader has done nothing for a while.
 */
import { PROTOCOL, asFailure, failure } from "./protocol";
import type { Failure, Received, Request, SessionId, Transport } from "./protocol";
import { Crew } from "./crew";
import { Session } from "./session";
import type { Listener, SessionRequest, SessionStart } from "./session";
import { shared } from "./shared";
import { connect, connectHelper } from "./transports";

/** A pause that is not heard in this time ends the worker instead. */
const STOP_MS = 200;
/** A session that stops the worker this often within a minute is given up. */
const MAX_FAULTS = 3;
const FAULT_WINDOW_MS = 60_000;
/** As many sessions are kept awake although they do not train: going back and forth between two figures takes no time. */
const MAX_AWAKE = 2;
const IDLE_MS = 15_000;

interface Pending {
  seq: number;
  request: Request;
  session: Session;
  resolve(value: unknown): void;
  reject(failure: Failure): void;
}

export class Supervisor {
  #connect: () => Promise<Transport>;
  #connectHelper: () => Promise<Transport>;
  #transport: Transport | null = null;
  #crew: Crew | null = null;
  #connecting: Promise<void> | null = null;
  #sessions = new Map<SessionId, Session>();
  #pending = new Map<number, Pending>();
  #seq = 0;
  #ids = 0;
  #idleMs: number;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(connectTo: () => Promise<Transport> = connect, connectHelperTo: () => Promise<Transport> = connectHelper, idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
    this.#connect = connectTo;
    this.#connectHelper = connectHelperTo;
  }

  get kind(): Transport["kind"] | null {
    return this.#transport?.kind ?? null;
  }

  /** Resolves when the session exists in the worker; rejects with a `Failure`. */
  async open(start: SessionStart, listener: Listener): Promise<Session> {
    const session = new Session(this, ++this.#ids, start, listener);
    this.#sessions.set(session.id, session);
    try {
      await this.#makeRoom();
      await this.#ready();
      session.state = "awake";
      await this.ask(session, this.#opening(session));
    } catch (error) {
      this.#sessions.delete(session.id);
      throw error;
    }
    return session;
  }

  ask(session: Session, request: SessionRequest, signal?: AbortSignal): Promise<unknown> {
    if (!this.#sessions.has(session.id)) return Promise.reject(failure("closed", "This figure was closed.", "Reload the page."));
    return new Promise((resolve, reject) => {
      const seq = ++this.#seq;
      this.#pending.set(seq, { seq, request, session, resolve, reject });
      if (request.type === "command" || request.type === "import" || request.type === "step") session.journal.push({ seq, request });
      if (session.state === "asleep") void this.#wake(session);
      else if (session.state === "awake" && this.#transport) this.#post(seq, request);
      signal?.addEventListener("abort", () => this.#post(++this.#seq, { type: "cancel", of: seq }), { once: true });
    });
  }

  async stop(session: Session): Promise<void> {
    if (session.state === "asleep") return;
    let heard = false;
    const answer = this.ask(session, { type: "pause", id: session.id }).finally(() => (heard = true));
    answer.catch(() => {});
    await Promise.race([answer, elapsed(STOP_MS)]);
    // The page itself may have been busy: an answer that has arrived is delivered before the next timer.
    if (!heard) await elapsed(0);
    if (heard) return answer.then(() => {});
    // Ending the worker stops it for certain; that another takes its place need not be waited for.
    if (this.#transport) void this.#restart();
  }

  async close(session: Session): Promise<void> {
    if (!this.#sessions.has(session.id)) return;
    session.running = false;
    if (this.#transport && session.state === "awake") this.#post(++this.#seq, { type: "close", id: session.id });
    this.#forget(session, failure("closed", "This figure was closed.", "Reload the page."));
    if (this.#sessions.size > 0) return;
    // WebAssembly memory never shrinks; ending the worker is how it is given back.
    this.#end();
  }

  /** Opens a session again as it was, and asks what has been asked since. */
  async #wake(session: Session): Promise<void> {
    session.state = "waking";
    await this.#makeRoom();
    try {
      await this.#ready();
    } catch (error) {
      this.#giveUp([session], error);
      return;
    }
    if (!this.#sessions.has(session.id)) return;
    session.state = "awake";
    this.#revive(session, false);
  }

  /** Before one more session is opened. */
  async #makeRoom(): Promise<void> {
    if (this.#awake.length >= MAX_AWAKE) await this.#rest();
  }

  get #awake(): Session[] {
    return [...this.#sessions.values()].filter(({ state }) => state === "awake");
  }

  get #isBusy(): boolean {
    return this.#awake.some(({ running }) => running) || [...this.#pending.values()].some(({ session }) => session.state === "awake");
  }

  /** Puts all sessions to sleep and ends the worker, unless something is going on. */
  async #rest(): Promise<void> {
    const sleepy = this.#awake;
    const transport = this.#transport;
    if (this.#isBusy || !transport) return;
    const snapshots = sleepy.map((session) => this.ask(session, { type: "snapshot", id: session.id }) as Promise<Uint8Array>);
    const asked = this.#seq;
    const taken = await Promise.all(snapshots).catch(() => null);
    const isLate = ({ state, journal }: Session) => state !== "awake" || journal.some(({ seq }) => seq > asked);
    if (!taken || this.#isBusy || transport !== this.#transport || this.#awake.length !== sleepy.length || sleepy.some(isLate)) return;
    for (const [i, session] of sleepy.entries()) {
      session.saved = taken[i]!;
      session.start.model = undefined;
      session.journal = [];
      session.state = "asleep";
    }
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#idle);
    this.#transport?.terminate();
    this.#transport = null;
    this.#crew?.want(0);
    this.#crew = null;
  }

  #opening({ id, start, saved }: Session): SessionRequest {
    const { tag, attributes, model, workers } = start;
    return { type: "open", id, tag, attributes, ...(workers ? { workers } : {}), ...(saved ? { snapshot: saved } : model ? { model } : {}) };
  }

  #ready(): Promise<void> {
    if (this.#transport) return Promise.resolve();
    return (this.#connecting ??= this.#start().finally(() => (this.#connecting = null)));
  }

  async #start(): Promise<void> {
    const transport = await this.#connect();
    if (this.#sessions.size === 0) return transport.terminate();
    transport.onreply = (message) => transport === this.#transport && this.#receive(message);
    transport.onfault = () => transport === this.#transport && void this.#restart(this.#awake);
    this.#transport = transport;
    this.#crew = new Crew(transport, this.#connectHelper);
  }

  #post(seq: number, request: Request): void {
    // Imported files are needed again after a restart, so they are copied; nothing else that is large goes this way.
    this.#transport?.post({ ...request, seq, version: PROTOCOL }, []);
  }

  #receive(message: Received): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#rest(), this.#idleMs);
    // Nobody who runs this outside a browser waits for it.
    (this.#idle as { unref?(): void }).unref?.();
    switch (message.type) {
      case "return":
        this.#settle(message.seq)?.resolve(message.value);
        break;
      case "throw": {
        const pending = this.#settle(message.seq);
        if (pending) pending.session.journal = pending.session.journal.filter(({ seq }) => seq !== message.seq);
        pending?.reject(message.failure);
        break;
      }
      case "frame": {
        const session = this.#sessions.get(message.id);
        if (!session) break;
        if (message.finished) session.running = false;
        session.listener.frame(message.frame, message.running, message.finished, message.pace);
        this.#post(++this.#seq, { type: "ack", id: message.id });
        break;
      }
      case "snapshot": {
        const session = this.#sessions.get(message.id);
        if (!session) break;
        session.saved = message.bytes;
        session.start.model = undefined;
        session.journal = session.journal.filter(({ seq }) => seq > message.through);
        session.listener.snapshot(message.bytes);
        break;
      }
      case "helpers":
        this.#crew?.want(message.n);
        break;
      case "fault": {
        const culprit = message.id === null ? undefined : this.#sessions.get(message.id);
        void this.#restart(culprit ? [culprit] : this.#awake, message.seq);
        break;
      }
    }
  }

  #settle(seq: number): Pending | undefined {
    const pending = this.#pending.get(seq);
    this.#pending.delete(seq);
    return pending;
  }

  /** Replaces the worker. `culprits`: who may have ended it; `seq`: the request that did, where that is known. */
  async #restart(culprits: Session[] = [], seq: number | null = null): Promise<void> {
    this.#end();
    if (seq !== null) {
      // What trapped once traps again: it is refused, not repeated.
      const pending = this.#settle(seq);
      if (pending) pending.session.journal = pending.session.journal.filter((entry) => entry.seq !== seq);
      pending?.reject(failure("trap", "That stopped the model.", "The model is as it was before."));
    }
    for (const culprit of culprits) {
      if (!this.#tooMany(culprit)) continue;
      const end = failure("gave-up", "The model stopped several times.", "Start over, or reload the page.");
      this.#forget(culprit, end);
      culprit.listener.failed(end);
    }
    if (this.#awake.length === 0) return;
    try {
      await this.#ready();
    } catch (error) {
      this.#giveUp(this.#awake, error);
      return;
    }
    for (const session of this.#awake) this.#revive(session, culprits.length > 0);
  }

  #giveUp(sessions: Session[], error: unknown): void {
    const end = asFailure(error) ?? failure("no-runtime", "The model could not be started again.", "Reload the page.");
    for (const session of sessions) {
      this.#forget(session, end);
      session.listener.failed(end);
    }
  }

  #revive(session: Session, announce: boolean): void {
    const own = [...this.#pending.values()].filter((pending) => pending.session === session);
    const opening = own.find(({ request }) => request.type === "open");
    this.#post(opening?.seq ?? ++this.#seq, this.#opening(session));
    const again = new Map([...session.journal, ...own].map(({ seq, request }) => [seq, request]));
    for (const [seq, request] of [...again].sort(([a], [b]) => a - b)) {
      if (request.type !== "open") this.#post(seq, request);
    }
    if (session.running) this.#post(++this.#seq, { type: "run", id: session.id });
    if (announce) session.listener.restarted();
  }

  #tooMany(session: Session): boolean {
    const now = Date.now();
    session.faults = [...session.faults.filter((at) => now - at < FAULT_WINDOW_MS), now];
    return session.faults.length >= MAX_FAULTS;
  }

  #forget(session: Session, why: Failure): void {
    this.#sessions.delete(session.id);
    for (const pending of [...this.#pending.values()]) {
      if (pending.session !== session) continue;
      this.#pending.delete(pending.seq);
      pending.reject(why);
    }
  }
}

/** The page's one supervisor, whichever copy of the bundle made it. */
export function supervisor(): Supervisor {
  return (shared.supervisor ??= new Supervisor());
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One figure's session as its element sees it: what may be asked, and what comes back. The supervisor does the rest. */
import type { Command, Failure, Files, PaceOfWork, Request, SessionId, Workers } from "./protocol";
import type { Timings } from "./bench";

export interface Listener {
  frame(frame: unknown, running: boolean, finished: boolean, pace: PaceOfWork): void;
  snapshot(bytes: Uint8Array): void;
  /** The worker was replaced and the session restored. */
  restarted(): void;
  failed(failure: Failure): void;
}

export type SessionRequest = Extract<Request, { id: SessionId }>;
/** A request without its session's id, one union member at a time. */
type Ask = SessionRequest extends infer R ? (R extends SessionRequest ? Omit<R, "id"> : never) : never;

export interface SessionStart {
  tag: string;
  attributes: Record<string, string>;
  workers?: Workers;
  model?: Uint8Array | undefined;
  snapshot?: Uint8Array | undefined;
}

/** Of the supervisor, what a session needs. */
interface Asked {
  ask(session: Session, request: SessionRequest, signal?: AbortSignal): Promise<unknown>;
  stop(session: Session): Promise<void>;
  close(session: Session): Promise<void>;
}

export class Session {
  readonly id: SessionId;
  readonly start: SessionStart;
  readonly listener: Listener;
  /** The last snapshot, and the requests since that it does not include. */
  saved: Uint8Array | null;
  journal: { seq: number; request: Request }[] = [];
  running = false;
  /** Whether the worker holds it. One that sleeps is its snapshot alone, and is woken by whatever is asked of it. */
  state: "asleep" | "waking" | "awake" = "waking";
  faults: number[] = [];
  #supervisor: Asked;

  constructor(supervisor: Asked, id: SessionId, start: SessionStart, listener: Listener) {
    this.#supervisor = supervisor;
    this.id = id;
    this.start = start;
    this.listener = listener;
    this.saved = start.snapshot ?? null;
  }

  command<C extends Command>(command: C, keep = false): Promise<void> {
    return this.#ask({ type: "command", command, keep });
  }
  run(): Promise<void> {
    this.running = true;
    return this.#ask({ type: "run" });
  }
  /** Resolves when training has stopped, which takes 200 ms at most. */
  pause(): Promise<void> {
    this.running = false;
    return this.#supervisor.stop(this);
  }
  step(): Promise<void> {
    return this.#ask({ type: "step" });
  }
  snapshot(): Promise<Uint8Array> {
    return this.#ask({ type: "snapshot" });
  }
  files(): Promise<Files> {
    return this.#ask({ type: "files" });
  }
  open(files: Files): Promise<void> {
    return this.#ask({ type: "import", files });
  }
  /** Times the cases of a bench where the session runs. Other sessions go on; they and the bench slow each other down. */
  bench(config: string, seconds: number, { cases, signal }: { cases?: string[] | undefined; signal?: AbortSignal } = {}): Promise<Timings> {
    return this.#ask({ type: "bench", config, seconds, ...(cases ? { cases } : {}) }, signal);
  }
  close(): Promise<void> {
    return this.#supervisor.close(this);
  }

  #ask<T>(request: Ask, signal?: AbortSignal): Promise<T> {
    return this.#supervisor.ask(this, { ...request, id: this.id } as SessionRequest, signal) as Promise<T>;
  }
}

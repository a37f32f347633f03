/** The benches that an engine has been asked for, a sample at a time, and what it knows of the device. */
import { Measurement, probe } from "./bench";
import type { OpenBench, Request, SessionId, WasmBench } from "./protocol";

/** A step of training gets this share of the speed of plain matrix products. */
const STEP_SHARE = 0.7;
/** A browser that has seen code run hot has its optimized form after so long. */
const OPTIMIZED_MS = 300;

interface Job {
  id: SessionId;
  seq: number;
  bench: WasmBench;
  measurement: Measurement;
}

export class Benches {
  #open: OpenBench;
  #now: () => number;
  #jobs: Job[] = [];
  /** Floating-point operations per millisecond in plain matrix products; null until they were probed. */
  #speed: number | null = null;
  #probed = false;

  constructor(open: OpenBench, now: () => number) {
    this.#open = open;
    this.#now = now;
  }

  get first(): Job | undefined {
    return this.#jobs[0];
  }

  /** Once: finds out how fast this device is, which is `known` a moment later. */
  probe(after: (ms: number, callback: () => void) => void, known: () => void): void {
    if (this.#probed) return;
    this.#probed = true;
    const bench = this.#open("probe");
    probe(bench, this.#now);
    after(OPTIMIZED_MS, () => {
      this.#speed = probe(bench, this.#now);
      bench.free();
      known();
    });
  }

  /** Milliseconds of a step of so many floating-point operations, as far as is known. */
  predict(flops: number): number | null {
    return this.#speed === null || flops === 0 ? null : flops / (STEP_SHARE * this.#speed);
  }

  add({ id, seq, config, seconds, cases }: Extract<Request, { type: "bench" }> & { seq: number }): void {
    const bench = this.#open(config);
    this.#jobs.push({ id, seq, bench, measurement: new Measurement(bench, { seconds, cases, now: this.#now }) });
  }

  /** Whether there was one. */
  drop(isMeant: (job: Job) => boolean): boolean {
    const dropped = this.#jobs.filter(isMeant);
    for (const { bench } of dropped) bench.free();
    this.#jobs = this.#jobs.filter((job) => !dropped.includes(job));
    return dropped.length > 0;
  }

  /** Goes on with the first until `end`; true if that completes it. */
  advance(end: number): boolean {
    const job = this.#jobs[0];
    if (!job) return false;
    do {
      if (job.measurement.next()) continue;
      this.drop((other) => other === job);
      return true;
    } while (this.#now() < end);
    return false;
  }
}

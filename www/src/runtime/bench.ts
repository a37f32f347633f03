/** Times a `Bench`: the same code in the figure's worker, on the bench page and in Node. */
import { median } from "./policy";
import type { BenchCase, WasmBench } from "./protocol";

/** Browsers round their clocks to a millisecond, some of them: what is shorter is timed several runs at once. */
const SAMPLE_MS = 8;
const MIN_SAMPLES = 3;
/** How much of the time a case gets: whole steps take longest and are looked at first. */
const WEIGHT = { kernel: 1, op: 1, step: 8, generate: 1 };
/** The share of a case's time that lets the engine's optimizer see the code. */
const WARM_UP = 0.3;
/** Losses that are kept of each training step, to be compared with other implementations. */
const N_LOSSES = 3;

export interface Timing extends BenchCase {
  /** Of one run: the median of the samples, and the best. */
  ms: number;
  min_ms: number;
  runs: number;
}

export interface Timings {
  cases: Timing[];
  /** The first losses of the first training step among the cases. */
  loss: number[];
}

export interface BenchOptions {
  seconds: number;
  /** Names; all if left out. */
  cases?: readonly string[] | undefined;
  now(): number;
}

export class Measurement {
  #bench: WasmBench;
  #options: BenchOptions;
  #cases: { i: number; about: BenchCase }[];
  #timings: Timing[] = [];
  #loss: number[] = [];
  #lossOf: string | null = null;
  /** Of the case under way. */
  #begun: number | null = null;
  #samples: number[] = [];
  #repeats = 1;
  #runs = 0;
  #warm = false;

  constructor(bench: WasmBench, options: BenchOptions) {
    this.#bench = bench;
    this.#options = options;
    const all = bench.cases().map((about, i) => ({ i, about }));
    this.#cases = all.filter(({ about }) => options.cases?.includes(about.name) ?? true);
  }

  get result(): Timings {
    return { cases: this.#timings, loss: this.#loss };
  }

  /** Takes one sample, which is one run or a few milliseconds; false once there is nothing left to do. */
  next(): boolean {
    const current = this.#cases[this.#timings.length];
    if (!current) return false;
    const { now, seconds } = this.#options;
    const all = this.#cases.reduce((sum, { about }) => sum + WEIGHT[about.kind], 0);
    const budget_ms = (seconds * 1000 * WEIGHT[current.about.kind]) / all;
    const begun = now();
    this.#begun ??= begun;
    for (let i = 0; i < this.#repeats; i++) this.#run(current.i, current.about);
    const ended = now();
    const ms = (ended - begun) / this.#repeats;
    const spent_ms = ended - this.#begun;
    if (this.#warm) this.#samples.push(ms);
    else if (spent_ms >= WARM_UP * budget_ms && this.#runs >= N_LOSSES) {
      this.#warm = true;
      this.#repeats = Math.max(1, Math.ceil(SAMPLE_MS / Math.max(spent_ms / this.#runs, 0.001)));
    }
    if (this.#samples.length >= MIN_SAMPLES && spent_ms >= budget_ms) this.#close(current.about);
    return this.#timings.length < this.#cases.length;
  }

  #run(i: number, { name, kind }: BenchCase): void {
    this.#bench.run(i);
    this.#runs++;
    if (kind !== "step" || this.#loss.length >= N_LOSSES) return;
    this.#lossOf ??= name;
    if (this.#lossOf === name) this.#loss.push(this.#bench.loss());
  }

  #close(about: BenchCase): void {
    this.#timings.push({ ...about, ms: median(this.#samples), min_ms: Math.min(...this.#samples), runs: this.#runs });
    this.#begun = null;
    this.#samples = [];
    this.#repeats = 1;
    this.#runs = 0;
    this.#warm = false;
  }
}

/** Floating-point operations per millisecond of plain matrix products: the best of a few looks, as others may be at work. */
export function probe(bench: WasmBench, now: () => number): number {
  const { flops } = bench.cases()[0] ?? { flops: 0 };
  bench.run(0);
  const looks = Array.from({ length: 3 }, () => {
    const begun = now();
    let runs = 0;
    do {
      bench.run(0);
      runs++;
    } while (now() - begun < SAMPLE_MS / 2);
    return (flops * runs) / (now() - begun);
  });
  return Math.max(...looks);
}

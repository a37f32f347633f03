/** What `pretune bench` reports of a browser or of Node: the cases of a `Bench`, and steps with one and two workers. */
import { median } from "../runtime/policy";
import type { Timing } from "../runtime/bench";
import type { Listener, Session } from "../runtime/session";
import type { Supervisor } from "../runtime/supervisor";

export interface BenchReport {
  engine: string;
  userAgent: string;
  config: string;
  cases: Timing[];
  /** Milliseconds of a training step of a figure of about the same shape, by how many workers share it. */
  workers: { workers: number; ms: number }[];
  /** The first losses of the training step among the cases. */
  loss: number[];
}

export interface MeasureOptions {
  config: string;
  /** For all cases together; the workers take as long again. */
  seconds: number;
  cases?: string[] | undefined;
  engine: string;
  userAgent: string;
}

/** The figure's attributes that come closest to a configuration; its vocabulary is that of its text. */
const SHAPES: Record<string, Record<string, string>> = {
  micro: { "n-layer": "2", "n-head": "4", "n-embd": "64", "block-size": "32", "batch-size": "16" },
  mini: { "n-layer": "4", "n-head": "4", "n-embd": "128", "block-size": "64", "batch-size": "16" },
};
const TAG = "pretune-next-token";
/** More than anyone waits for. */
const STEPS = "100000";

export async function measure(supervisor: Supervisor, { config, seconds, cases, engine, userAgent }: MeasureOptions): Promise<BenchReport> {
  const session = await supervisor.open({ tag: TAG, attributes: { model: "random" } }, new Paces());
  const timings = await session.bench(config, seconds, { cases });
  const workers: BenchReport["workers"] = [];
  const shape = SHAPES[config];
  for (const n of shape ? ([1, 2] as const) : []) {
    const ms = await stepTime(supervisor, shape ?? {}, n, seconds / 2);
    if (ms !== null) workers.push({ workers: n, ms });
  }
  // Only now: a worker that is ended while V8 optimizes its code can leave the code slow for the next one.
  await session.close();
  return { engine, userAgent, config, cases: timings.cases, workers, loss: timings.loss };
}

/** Null if so many workers did not come together. */
async function stepTime(supervisor: Supervisor, shape: Record<string, string>, workers: 1 | 2, seconds: number): Promise<number | null> {
  const paces = new Paces(workers);
  const session: Session = await supervisor.open({ tag: TAG, attributes: { ...shape, model: "random", steps: STEPS }, workers }, paces);
  await session.run();
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  await session.pause();
  await session.close();
  // The first third ran while the engine was still optimizing.
  const times = paces.times.slice(Math.floor(paces.times.length / 3));
  return times.length > 0 ? median(times) : null;
}

/** Keeps what steps took when they were shared by so many. */
class Paces implements Listener {
  times: number[] = [];
  constructor(readonly workers = 1) {}

  frame: Listener["frame"] = (_frame, running, _finished, { workers, step_ms }) => {
    if (running && workers === this.workers && step_ms !== null) this.times.push(step_ms);
  };
  snapshot(): void {}
  restarted(): void {}
  failed(): void {}
}

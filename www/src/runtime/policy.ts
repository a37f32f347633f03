/**
 * Whether helpers are worth having, decided by what steps take: those of a run begin alone; where they are long enough and
 * many enough are left, the next larger team is tried against the present one, and kept if it wins. Knows no clock and no
 * worker. Start at `size`.
 */
import type { Workers } from "./protocol";

/** Below this, sending weights and gradients around eats what sharing gains. */
const WORTHWHILE_MS = 4;
/** What starting and trying a team costs has to come back. */
const LEFT_MS = 2000;
/** The first steps run in code that the engine has not optimized yet. */
const WARM_UP = 4;
const TRIAL_STEPS = 7;
/** A team wins if its steps take at most this share of the time. */
const WIN = 0.9;
const RECHECK_MS = 30_000;
const RETRY_MS = 60_000;
const MAX_LOSSES = 3;

export class Policy {
  /** Sizes of teams, smallest first. */
  #sizes: number[];
  #kept = 0;
  /** The place in `#sizes` of the team that is tried against the one before it. */
  #tried: number | null = null;
  #times = new Map<number, number[]>();
  /** Time spent on steps, as the clock of this policy, and when to look again. */
  #spent_ms = 0;
  #next_ms = 0;
  #losses = 0;
  #skip = WARM_UP;
  readonly forced: boolean;

  constructor(workers: Workers, cores: number) {
    this.forced = workers !== "auto";
    this.#sizes = workers === "auto" ? [1, 2, 4].filter((size) => size <= Math.max(cores, 1)) : [workers];
  }

  /** Helpers that should exist. */
  get n_helpers(): number {
    if (this.forced && this.#losses >= MAX_LOSSES) return 0;
    return this.#sizeAt(Math.max(this.#kept, this.#tried ?? 0)) - 1;
  }

  /** How many workers should do the next step. While helpers are missing, the answer is the team to be: it has to get ready. */
  size(n_proven: number): number {
    if (this.#tried === null || n_proven < this.n_helpers) return this.n_helpers + 1;
    const [old, tried] = [this.#sizeAt(this.#tried - 1), this.#sizeAt(this.#tried)];
    return this.#timesOf(old).length < TRIAL_STEPS ? old : tried;
  }

  /** A step was done. `ready`: all helpers that should exist have answered. `left`: steps to come. */
  add(ms: number, workers: number, ready: boolean, left: number): void {
    this.#spent_ms += ms;
    if (this.forced) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    if (this.#tried !== null && !ready) return this.#times.clear();
    const times = this.#timesOf(workers);
    times.push(ms);
    if (this.#tried === null) this.#consider(left);
    else this.#judge();
  }

  /** Helpers could not be relied on. */
  lost(): void {
    this.#losses++;
    this.#tried = null;
    this.#kept = 0;
    this.#next_ms = this.#losses < MAX_LOSSES ? this.#spent_ms + RETRY_MS : Infinity;
    this.#times.clear();
  }

  #consider(left: number): void {
    const times = this.#timesOf(this.#sizeAt(this.#kept));
    if (times.length > TRIAL_STEPS) times.shift();
    if (times.length < TRIAL_STEPS || this.#spent_ms < this.#next_ms) return;
    const ms = median(times);
    // Later on, the team that was kept is looked at again: another program may have taken its core.
    const tried = this.#next_ms === 0 ? this.#kept + 1 : Math.max(this.#kept, 1);
    if (tried >= this.#sizes.length || ms * left < LEFT_MS || (this.#kept === 0 && ms < WORTHWHILE_MS)) return;
    this.#tried = tried;
    this.#times.clear();
  }

  #judge(): void {
    const tried = this.#tried ?? 1;
    const [old, now] = [this.#timesOf(this.#sizeAt(tried - 1)), this.#timesOf(this.#sizeAt(tried))];
    // The first shared step brings the helpers up to date, which the others do not have to.
    if (now.length <= TRIAL_STEPS) return;
    const wins = median(now.slice(1)) <= WIN * median(old);
    this.#kept = wins ? tried : tried - 1;
    const growing = wins && this.#next_ms === 0 && tried + 1 < this.#sizes.length;
    this.#tried = growing ? tried + 1 : null;
    if (!growing) this.#next_ms = this.#spent_ms + (this.#kept > 0 ? RECHECK_MS : RETRY_MS);
    this.#times.clear();
  }

  #sizeAt(i: number): number {
    return this.#sizes[i] ?? 1;
  }

  #timesOf(workers: number): number[] {
    let times = this.#times.get(workers);
    if (!times) this.#times.set(workers, (times = []));
    return times;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

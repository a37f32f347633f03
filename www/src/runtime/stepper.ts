/**
 * One session's learning, unit by unit, alone or shared with a team. A step that was begun with helpers is ended without
 * them where need be: whoever computes a shard, the sums are made in the same order. Start at `advance`.
 */
import { Policy } from "./policy";
import type { Unit, WasmSession, Workers } from "./protocol";
import type { Pupil, Team } from "./team";

/** A late helper is waited for this long at least, or for so many steps' time. */
const PATIENCE_MS = 500;
const PATIENCE_STEPS = 4;
const SMOOTHING = 0.2;

export interface StepperOptions {
  workers: Workers;
  cores: number;
  now(): number;
}

export class Stepper implements Pupil {
  position = 0;
  policy: Policy;
  /** Milliseconds of a training step, smoothed. */
  step_ms: number | null = null;
  /** Workers that shared the last step. */
  workers = 1;
  /** Steps to come, as far as is known. */
  left = Infinity;
  #options: StepperOptions;
  #flops: number;
  #begun = 0;
  /** The step under way was seen to begin, so its time is known when it ends. */
  #timed = false;
  /** Shards of the step that is shared, and the next one to come into the sum; 0 shards: none is shared. */
  #n_shards = 0;
  #next = 0;
  /** The helpers that the step was begun with are still in step. */
  #shared = 1;

  constructor(readonly session: WasmSession, readonly tag: string, readonly attributes: Record<string, string>, options: StepperOptions) {
    this.#options = options;
    this.#flops = session.flops();
    this.policy = new Policy(options.workers, options.cores);
  }

  /** Floating-point operations of one step. */
  get flops(): number {
    return this.#flops;
  }

  /** The next unit, with the team if that is worth it; "waiting" if only helpers can go on. */
  advance(team: Team | null): Unit | "waiting" {
    if (this.#n_shards === 0) this.#begin(team);
    return this.#n_shards > 0 ? this.#together(team) : this.#alone(team);
  }

  /** The session was told something: what helpers hold is out of date, though the step under way goes on. */
  touched(): void {
    this.position++;
    this.#shared = 1;
  }

  /** The session's model is another one, which stands before a step. */
  replaced(): void {
    this.touched();
    this.#timed = false;
    this.#n_shards = 0;
    const flops = this.session.flops();
    if (flops === this.#flops) return;
    this.#flops = flops;
    this.step_ms = null;
    this.policy = new Policy(this.#options.workers, this.#options.cores);
  }

  /** If a step of training is what comes next: decides who does it. */
  #begin(team: Team | null): void {
    const n_shards = this.session.shards();
    if (n_shards === 0) return;
    this.#timed = true;
    this.#begun = this.#options.now();
    const most = team ? Math.min(this.policy.size(team.n_proven), n_shards) : 1;
    const patience_ms = Math.max(PATIENCE_MS, PATIENCE_STEPS * (this.step_ms ?? 0));
    if (most < 2 || !team?.share(this, n_shards, most, patience_ms)) return;
    this.#n_shards = n_shards;
    this.#next = 0;
    this.#shared = most;
  }

  #alone(team: Team | null): Unit {
    const unit = this.session.step() as Unit;
    if (unit === 2) this.#done(team, 1);
    return unit;
  }

  #together(team: Team | null): Unit | "waiting" {
    const { session } = this;
    const sum = this.#shared > 1 ? team?.sum(this, this.#next) : undefined;
    if (sum === null) return "waiting";
    if (sum) session.merge(sum.n_shards, sum.values);
    else session.shard(this.#next);
    this.#next += sum ? sum.n_shards : 1;
    if (this.#next < this.#n_shards) return 1;
    const unit = session.finish() as Unit;
    this.#n_shards = 0;
    if (unit === 2) this.#done(team, this.#shared);
    return unit;
  }

  #done(team: Team | null, workers: number): void {
    this.position++;
    this.left--;
    this.workers = workers;
    if (!this.#timed) return;
    this.#timed = false;
    const ms = this.#options.now() - this.#begun;
    this.step_ms = this.step_ms === null ? ms : this.step_ms + SMOOTHING * (ms - this.step_ms);
    if (team) this.policy.add(ms, workers, team.n_proven >= this.policy.n_helpers, this.left);
  }
}

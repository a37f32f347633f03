/** Asks the page for helpers when a session's policy wants them, lends them to the one that learns, and lets them go. */
import type { Unit } from "./protocol";
import type { Stepper } from "./stepper";
import { Team } from "./team";
import type { Port } from "./team";

/** Helpers hold memory: after this long without work they are ended. */
const IDLE_MS = 10_000;

export interface StaffOptions {
  now(): number;
  after(ms: number, callback: () => void): void;
  /** There is something to go on with. */
  wake(): void;
  /** So many helpers are wanted from now on. */
  want(n: number): void;
}

export class Staff {
  #options: StaffOptions;
  #team: Team;
  #wanted = 0;
  #learner: Stepper | null = null;
  #worked = 0;
  #watched = false;

  constructor(options: StaffOptions) {
    this.#options = options;
    const { now, after, wake } = options;
    this.#team = new Team({ now, after, wake, lost: () => this.#lost() });
  }

  /** A helper is at the other end. */
  add(port: Port): void {
    if (this.#wanted > 0) this.#team.add(port);
    else port.close();
  }

  /** A unit of a session's learning. `only`: no other learns, so the helpers are its own. */
  advance(learner: Stepper, only: boolean): Unit | "waiting" {
    if (!only) return learner.advance(null);
    this.#learner = learner;
    this.#worked = this.#options.now();
    const unit = learner.advance(this.#team);
    this.#want(learner.policy.n_helpers);
    return unit;
  }

  #want(n: number): void {
    if (n === this.#wanted) return;
    this.#wanted = n;
    this.#team.keep(n);
    this.#options.want(n);
    if (n > 0) this.#watch();
  }

  #lost(): void {
    this.#learner?.policy.lost();
    this.#want(0);
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#options.after(IDLE_MS, () => {
      this.#watched = false;
      if (this.#options.now() - this.#worked >= IDLE_MS) this.#want(0);
      else if (this.#wanted > 0) this.#watch();
    });
  }
}

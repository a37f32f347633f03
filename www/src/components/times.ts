/** How long each run takes on this device. Frames carry no clock: the page has one. */

/** What a frame says of its runs. */
interface Runs {
  /** The place of the run that is trained now. */
  learning: number | null;
  runs: readonly { step: number; steps: number }[];
}

export class Times {
  /** Milliseconds of a whole run by its place, as far as they are known. */
  readonly ms = new Map<number, number>();
  #last: { place: number; step: number; at: number } | null = null;
  #spent = new Map<number, { ms: number; steps: number }>();

  /** What two frames have in common counts for the run that both are about. */
  add({ learning, runs }: Runs, training: boolean, now = performance.now()): void {
    const last = this.#last;
    const run = learning === null ? undefined : runs[learning];
    this.#last = training && learning !== null && run ? { place: learning, step: run.step, at: now } : null;
    if (!last || !this.#last || !run || last.place !== learning || run.step <= last.step) return;
    const spent = this.#spent.get(learning) ?? { ms: 0, steps: 0 };
    spent.ms += now - last.at;
    spent.steps += run.step - last.step;
    this.#spent.set(learning, spent);
    this.ms.set(learning, (spent.ms / spent.steps) * run.steps);
  }
}

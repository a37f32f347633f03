/**
 * What the reader has done on this page: figures brought to an end, sections read, questions answered. Kept in the page's
 * store, and in a file if the reader wishes. Start at `Progress`.
 */
import { failure } from "./runtime/protocol";
import { store } from "./store";
import type { Store } from "./store";

const KEY = "progress";
const FORMAT = "pretune-progress";
const ALLOWED = "Choose a file that was saved by “Save my record” on this page.";
/** Longer entries are none of ours. */
const MAX_LENGTH = 2000;

export interface Done {
  format: typeof FORMAT;
  /** The last sentence of each figure that was brought to its end, by the figure's name. */
  figures: Record<string, string>;
  /** The answer that was chosen, by question. */
  answers: Record<string, string>;
  /** Ids of the headings whose sections were read. */
  read: string[];
}

/** Fires "change" whenever there is something new. */
export class Progress extends EventTarget {
  #store: Store;
  #done: Done = none();
  #watching: Promise<void> | null = null;

  constructor(kept: Store) {
    super();
    this.#store = kept;
  }

  get done(): Done {
    return this.#done;
  }

  /** From now on, what happens on the page is kept; resolves when what was kept is there. */
  watch(): Promise<void> {
    return (this.#watching ??= this.#watch());
  }

  complete(figure: string, sentence: string): void {
    this.#change({ figures: { ...this.#done.figures, [figure]: sentence } });
  }

  answer(question: string, answer: string): void {
    this.#change({ answers: { ...this.#done.answers, [question]: answer } });
  }

  read(section: string): void {
    if (!this.#done.read.includes(section)) this.#change({ read: [...this.#done.read, section] });
  }

  /** The record as a file's text. */
  save(): string {
    return JSON.stringify(this.#done, null, 2);
  }

  /** Adds what a file has; throws a `Failure` that may be shown. */
  open(text: string): void {
    this.#add(parse(text));
  }

  async clear(): Promise<void> {
    this.#done = none();
    this.dispatchEvent(new Event("change"));
    await this.#store.delete(KEY);
  }

  async #watch(): Promise<void> {
    document.addEventListener("pretune-complete", ({ target }) => {
      const { figure, frame } = target as Partial<{ figure: string; frame: { summary: string } }>;
      if (figure && frame) this.complete(figure, frame.summary);
    });
    const kept = (await this.#store.get(KEY)) as Done | undefined;
    if (kept) this.#add(kept);
  }

  #add({ figures, answers, read }: Done): void {
    const { done } = this;
    this.#change({ figures: { ...figures, ...done.figures }, answers: { ...answers, ...done.answers }, read: [...new Set([...read, ...done.read])] });
  }

  #change(change: Partial<Done>): void {
    this.#done = { ...this.#done, ...change };
    void this.#store.set(KEY, this.#done);
    this.dispatchEvent(new Event("change"));
  }
}

function none(): Done {
  return { format: FORMAT, figures: {}, answers: {}, read: [] };
}

function parse(text: string): Done {
  const refused = failure("no-file", "This file is not a record of a lesson.", ALLOWED);
  let given: Partial<Done> | null;
  try {
    given = JSON.parse(text) as Partial<Done> | null;
  } catch {
    throw refused;
  }
  const texts = (value: unknown): value is Record<string, string> => typeof value === "object" && value !== null && Object.values(value).every(isShort);
  if (given?.format !== FORMAT || !texts(given.figures) || !texts(given.answers) || !Array.isArray(given.read) || !given.read.every(isShort)) throw refused;
  return { format: FORMAT, figures: given.figures, answers: given.answers, read: given.read };
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_LENGTH;
}

export const progress = /* @__PURE__ */ new Progress(store);

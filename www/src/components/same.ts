/** One object for what has not changed. */

/** A chart is drawn again only for another object, so it is given the same one as long as nothing in it has changed. */
export class Same<T extends Record<string, unknown>> {
  #last: T | null = null;
  #text = "";

  of(parts: T): T {
    const text = JSON.stringify(parts);
    if (this.#last && text === this.#text) return this.#last;
    this.#text = text;
    return (this.#last = parts);
  }
}

/**
 * A figure's settings in the page's address, so that a link carries them: `?next-token.seed=7&next-token.n-layer=3`.
 * Only what differs from the page as its author wrote it is there, and what others put into the address stays.
 */

export type Settings = Record<string, string>;

export function readSettings(search: string, figure: string): Settings {
  const settings: Settings = {};
  for (const [name, value] of new URLSearchParams(search)) {
    if (name.startsWith(`${figure}.`)) settings[name.slice(figure.length + 1)] = value;
  }
  return settings;
}

/** The address with this figure's settings replaced. */
export function withSettings(href: string, figure: string, settings: Settings): string {
  const url = new URL(href);
  for (const name of [...url.searchParams.keys()]) {
    if (name.startsWith(`${figure}.`)) url.searchParams.delete(name);
  }
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(`${figure}.${name}`, value);
  return url.href;
}

/** Those of `now` that differ from `authored`. */
export function difference(now: Settings, authored: Settings): Settings {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => authored[name] !== value));
}

/** Safari allows a hundred changes of the address in half a minute. */
const PACE_MS = 400;

/** One figure's part of the address. */
export class Address {
  #figure = "";
  #settings: Settings = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  get settings(): Settings {
    return this.#settings;
  }

  read(figure: string): void {
    this.#figure = figure;
    this.#settings = readSettings(location.search, figure);
  }

  /** Null takes a setting out of the address. */
  change(change: Record<string, string | null>, authored: Settings): void {
    const changed = Object.entries({ ...this.#settings, ...change }).filter((entry): entry is [string, string] => entry[1] !== null);
    this.#settings = difference(Object.fromEntries(changed), authored);
    this.#timer ??= setTimeout(() => this.#write(), PACE_MS);
  }

  clear(): void {
    this.#settings = {};
    this.#write();
  }

  /** Sandboxed and `srcdoc` pages may not change their address; they lose the link, nothing else. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const href = withSettings(location.href, this.#figure, this.#settings);
      if (href !== location.href) history.replaceState(history.state, "", href);
    } catch {
      return;
    }
  }
}

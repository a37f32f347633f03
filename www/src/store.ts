/**
 * What the reader made, kept on their machine: models in IndexedDB, small state in localStorage. Where the browser
 * refuses either (private windows, sandboxed frames, a full disk) it is kept in memory, `persistent` turns false and
 * the elements say so. Keys belong to one lesson, because at `file://` all local pages may share a storage.
 */

import type { Done } from "./progress";

const DATABASE = "pretune";
const TABLE = "kept";
const MINE = "mine";

/** The model that the reader trained on this page. */
export interface Mine {
  /** As `Session.snapshot()` wrote it. */
  snapshot: Uint8Array;
  /** The tag that trained it. */
  tag: string;
  step: number;
}

/** Where one figure stood when the page was left. */
export interface Run {
  /** The figure's tag and attributes: a figure that its author has changed starts afresh. */
  signature: string;
  snapshot: Uint8Array;
}

/** The items of a list that the reader ticked, by their words. */
interface Ticks {
  ticked: string[];
}

type Kept = Mine | Run | Done | Ticks;

export class Store extends EventTarget {
  #memory = new Map<string, Kept>();
  #database: Promise<IDBDatabase> | null = null;
  #lesson: string;
  #factory: () => IDBFactory;
  /** False: what is kept here is kept in memory only. */
  persistent = true;

  constructor(lesson: string, factory: () => IDBFactory = () => indexedDB) {
    super();
    this.#lesson = lesson;
    this.#factory = factory;
  }

  /** Fires "mine" on this target whenever the reader's model changes. */
  async keepMine(mine: Mine): Promise<void> {
    await this.set(MINE, mine);
    this.dispatchEvent(new Event("mine"));
  }

  async mine(): Promise<Mine | null> {
    return ((await this.get(MINE)) as Mine | undefined) ?? null;
  }

  keepRun(key: string, run: Run): Promise<void> {
    return this.set(key, run);
  }

  async run(key: string, signature: string): Promise<Uint8Array | null> {
    const run = (await this.get(key)) as Run | undefined;
    return run?.signature === signature ? run.snapshot : null;
  }

  keepTicks(key: string, ticked: string[]): Promise<void> {
    return this.set(key, { ticked });
  }

  /** Null where none were ever kept. */
  async ticks(key: string): Promise<string[] | null> {
    return ((await this.get(key)) as Ticks | undefined)?.ticked ?? null;
  }

  async get(key: string): Promise<Kept | undefined> {
    const name = this.#name(key);
    const held = this.#memory.get(name);
    if (held) return held;
    return this.#transaction<Kept | undefined>("readonly", (table) => table.get(name));
  }

  async set(key: string, value: Kept): Promise<void> {
    const name = this.#name(key);
    this.#memory.set(name, value);
    await this.#transaction("readwrite", (table) => table.put(value, name));
  }

  async delete(key: string): Promise<void> {
    const name = this.#name(key);
    this.#memory.delete(name);
    await this.#transaction("readwrite", (table) => table.delete(name));
  }

  #name(key: string): string {
    return `${this.#lesson}\n${key}`;
  }

  /** Never rejects: a storage that fails is a storage that is not there. Safari drops connections, hence the second try. */
  async #transaction<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
    for (const lastTry of [false, true]) {
      try {
        const database = await (this.#database ??= this.#open());
        const result = await new Promise<T>((resolve, reject) => {
          const transaction = database.transaction(TABLE, mode);
          const request = act(transaction.objectStore(TABLE));
          transaction.oncomplete = () => resolve(request.result as T);
          transaction.onabort = transaction.onerror = () => reject(transaction.error);
        });
        this.#report(true);
        return result;
      } catch {
        this.#database = null;
        if (lastTry) this.#report(false);
      }
    }
    return undefined;
  }

  #open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = this.#factory().open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
      request.onerror = request.onblocked = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        database.onclose = () => (this.#database = null);
        database.onversionchange = () => {
          database.close();
          this.#database = null;
        };
        resolve(database);
      };
    });
  }

  #report(persistent: boolean): void {
    if (persistent === this.persistent) return;
    this.persistent = persistent;
    this.dispatchEvent(new Event("persistence"));
  }
}

/** The page's store. A lesson page names itself by `<html data-lesson="slug">`; any other page is its path. */
export const store = /* @__PURE__ */ new Store(
  typeof document === "undefined" ? "" : (document.documentElement.dataset["lesson"] ?? location.pathname),
);

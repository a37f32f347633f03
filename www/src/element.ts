/**
 * The base of every figure: loads the runtime when the figure comes near, keeps one session of the core, mirrors its
 * frames, and shows the author's fallback whenever that is not possible. A subclass says what a frame looks like
 * (`renderFigure`) and what its controls do; it never sees a worker. Start at `load`.
 */
import { LitElement, html, nothing } from "lit";
import type { PropertyDeclarations, TemplateResult } from "lit";
import { results } from "./runtime/assets";
import { asFailure, failure, told } from "./runtime/protocol";
import type { Command, Failure, PaceOfWork, Workers } from "./runtime/protocol";
import { VERSION } from "./runtime/shared";
import { supervisor } from "./runtime/supervisor";
import type { Listener, Session } from "./runtime/session";
import { wholeStart } from "./start";
import type { Start } from "./start";
import { store } from "./store";
import { stringsFor } from "./strings";
import type { Strings } from "./strings";
import { formatFor } from "./format";
import type { Format } from "./format";
import { whenNear } from "./near";
import { Address } from "./url-state";
import type { Settings } from "./url-state";
import { statement } from "./xapi";
import type { BaseFrame } from "./frames/frame";

/** `resting`: what is shown is a run of when the page was built, and nothing runs here yet. */
export type Status = "idle" | "resting" | "loading" | "ready" | "training" | "paused" | "done" | "error";

/** Removed this long, a figure is gone; shorter, it was moved. */
const DISPOSE_MS = 1000;
const STEP_EVENT_MS = 100;

/** Attributes that say how, not what: another value gives the same bits. */
const MEANS = new Set(["workers"]);

/** Attributes that concern the page only; every other one goes to the core as it stands. */
const OURS = new Set(["id", "class", "style", "slot", "part", "exportparts", "title", "dir", "lang", "hidden", "tabindex", "role", "status", "loading", "theme", "hide", "autoplay"]);

export abstract class PretuneElement<F extends BaseFrame = BaseFrame> extends LitElement {
  /** The element's name, and the core's name for its widget. */
  static tag: string;

  static override properties: PropertyDeclarations = {
    status: { reflect: true },
    loading: {},
    theme: {},
    hide: {},
    autoplay: { type: Boolean },
    workers: {},
    seed: { reflect: true },
    model: { reflect: true },
    corpus: { reflect: true },
    steps: { reflect: true },
    frame: { attribute: false },
    notice: { state: true },
  };

  declare status: Status;
  declare loading: "lazy" | "eager" | "manual";
  declare theme: "auto" | "light" | "dark";
  declare hide: string;
  declare autoplay: boolean;
  declare workers: string | number;
  /** The core's attributes that every widget has, as properties. Changing one begins anew. */
  declare seed: string | number | null;
  declare model: string | null;
  declare corpus: string | null;
  declare steps: string | number | null;
  /** The last frame: plain data, everything that the figure shows. */
  declare frame: F | null;
  /** How fast it learns here, and with how many workers; null until the first frame. */
  pace: PaceOfWork | null = null;
  /** One sentence about something unusual. */
  protected declare notice: string;

  #session: Session | null = null;
  #opening: Promise<void> | null = null;
  #failure: Failure | null = null;
  #saved: Uint8Array | null = null;
  #address = new Address();
  #touched = false;
  #dispose: ReturnType<typeof setTimeout> | undefined;
  #callOff: () => void = () => {};
  #waiting: (() => void)[] = [];
  #resume = false;
  #lastStep = 0;
  #warned = new Set<string>();
  #changes = new MutationObserver((records) => {
    if (!(this.#opening || this.status === "resting") || !records.some(({ attributeName }) => isCore(attributeName) && !MEANS.has(attributeName ?? ""))) return;
    this.#saved = null;
    void this.reopen();
  });

  constructor() {
    super();
    this.status = "idle";
    this.loading = "lazy";
    this.theme = "auto";
    this.hide = "";
    this.autoplay = false;
    this.workers = "auto";
    this.seed = this.model = this.corpus = this.steps = null;
    this.frame = null;
    this.notice = "";
  }

  // ——— what a subclass provides ———

  protected abstract renderFigure(frame: F): TemplateResult;
  /** The plain data of `pretune-complete`. */
  protected result(frame: F): Record<string, unknown> {
    return { step: frame.step, steps: frame.steps, loss: frame.loss, fingerprint: frame.fingerprint };
  }
  /** Attributes that the element itself deals with; the core does not know them. */
  protected handled: readonly string[] = [];
  /** Whether it shows a finished run until the reader does something. */
  protected rests = true;
  /** Whether the core begins with a model of the page's. */
  protected readsModel = true;
  /** Whether the model has been trained here, rather than come with the page. */
  protected trained(frame: F): boolean {
    return frame.step > 0;
  }
  /** Whether nothing is left to train, or nothing can be. */
  protected isOver(frame: F): boolean {
    return frame.fingerprint !== null;
  }
  /** Whether what has just ended is what `pretune-complete` tells of. */
  protected completes(_frame: F): boolean {
    return true;
  }
  /** Called with each new frame, before it is rendered. */
  protected received(_frame: F): void {}
  /** Called when a session has been opened, before its first frame is shown. */
  protected async opened(_restored: boolean): Promise<void> {}

  // ——— what a page may call ———

  /** Trains until done or paused; loads the figure first where needed. */
  async start(): Promise<void> {
    await this.load();
    this.#touched = true;
    const session = this.#session;
    // At once: the first frame of the run comes only with its first step.
    if (session) this.status = "training";
    await this.attempt(async () => session?.run());
  }
  async pause(): Promise<void> {
    this.#resume = false;
    await this.attempt(async () => this.#session?.pause());
    if (this.status === "training") this.status = "paused";
  }
  /** One step of learning. */
  async step(): Promise<void> {
    await this.load();
    this.#touched = true;
    await this.attempt(async () => this.#session?.step());
  }
  /** Back to the figure as its author wrote it, forgetting what was saved. */
  async reset(): Promise<void> {
    this.#saved = null;
    this.#touched = false;
    this.#address.clear();
    await store.delete(this.#key);
    await this.reopen();
  }

  /** Everything that is needed to go on with the same bits, or null before there is any. */
  get state(): Uint8Array | null {
    return this.#session?.saved ?? this.#saved;
  }
  set state(snapshot: Uint8Array | null) {
    this.#saved = snapshot;
    if (this.#session || this.#opening) void this.reopen();
  }

  /** Brings the figure to life. Never rejects: a failure is shown in the figure. */
  load(): Promise<void> {
    return (this.#opening ??= this.#load());
  }

  // ——— for subclasses ———

  protected get strings(): Strings {
    return stringsFor(this.language);
  }
  protected get format(): Format {
    return formatFor(this.language);
  }
  protected get language(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || "en";
  }
  /** The figure's name within its page: its id, or its tag and place. */
  get figure(): string {
    if (this.id) return this.id;
    const name = this.localName.replace(/^pretune-/, "");
    const place = [...document.querySelectorAll(this.localName)].indexOf(this);
    return place > 0 ? `${name}-${place + 1}` : name;
  }
  /** Whether the author left this control out. */
  protected hides(control: string): boolean {
    return this.hide.split(/[\s,]+/).includes(control);
  }
  /** What the address says about this figure. */
  protected get settings(): Settings {
    return this.#address.settings;
  }
  /** The author's attributes, changed by the address. */
  protected get attributesInForce(): Settings {
    return { ...this.#authored(), ...this.settings };
  }
  protected get coreAttributes(): Settings {
    return Object.fromEntries(Object.entries(this.attributesInForce).filter(([name]) => !this.handled.includes(name) && !MEANS.has(name)));
  }
  /** Puts settings into the address, without those that only repeat the author's attributes. */
  protected changeSettings(change: Record<string, string | null>): void {
    this.#address.change(change, this.#authored());
  }
  /** The button that trains, in the way of `train`, and pauses. */
  protected trainButton(label: string, train = () => this.start()): TemplateResult {
    const training = this.status === "training";
    const cannot = !training && this.status !== "resting" && this.frame !== null && this.isOver(this.frame);
    return html`<button class="primary" part="button primary" ?disabled=${cannot} @click=${() => (training ? this.pause() : train())}>${training ? this.strings.pause : label}</button>`;
  }
  protected get session(): Session | null {
    return this.#session;
  }
  /** `keep`: the command replaces the model. Rejects with a `Failure` that may be shown. */
  protected async command<C extends Command>(command: C, keep = false): Promise<void> {
    const rested = this.status === "resting";
    await this.load();
    this.#touched = true;
    await this.#session?.command(command, keep);
    // What the reader saw was a finished run, so what they ask for is asked of one.
    if (rested && this.frame && !this.isOver(this.frame)) void this.start();
  }
  /** Does what the reader asked for; a refusal becomes a sentence in the figure. */
  protected async attempt(act: () => Promise<unknown>): Promise<void> {
    this.notice = "";
    try {
      await act();
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      if (reason.code !== "closed") this.notice = told(reason);
    }
  }
  /** Ends the session and begins anew, from `state` where it was set. */
  protected async reopen(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#opening = null;
    void session?.close();
    await this.load();
  }
  /** Resolves with the next frame, or when there will be none. */
  protected nextFrame(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  protected emit(name: string, detail: Record<string, unknown>): void {
    this.dispatchEvent(new CustomEvent(`pretune-${name}`, { detail, bubbles: true, composed: true }));
  }

  // ——— life ———

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#dispose);
    document.addEventListener("visibilitychange", this.#visibility);
    addEventListener("pageshow", this.#shown);
    store.addEventListener("persistence", this.#shown);
    this.#changes.observe(this, { attributes: true });
    if (this.#opening || this.loading === "manual") return;
    if (this.loading === "eager") void this.load();
    else this.#callOff = whenNear(this, () => void this.#rest());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#callOff();
    document.removeEventListener("visibilitychange", this.#visibility);
    removeEventListener("pageshow", this.#shown);
    store.removeEventListener("persistence", this.#shown);
    this.#changes.disconnect();
    this.#dispose = setTimeout(() => {
      this.#saved = this.state;
      void this.#session?.close();
      this.#session = null;
      this.#opening = null;
      this.frame = null;
      this.status = "idle";
    }, DISPOSE_MS);
  }

  /** Shows what came with the page, unless there is something of the reader's or the author's own to show. */
  async #rest(): Promise<void> {
    this.#address.read(this.figure);
    const isDefault = this.rests && Object.keys(this.coreAttributes).length === 0 && !this.querySelector("script") && !this.autoplay && !this.#saved;
    const result = isDefault && !(await store.run(this.#key, this.#signature)) && (await results().catch(() => null))?.[this.localName];
    if (this.#opening || !this.isConnected) return;
    if (!result) return this.load();
    this.frame = result as F;
    this.status = "resting";
    this.emit("ready", { tag: this.localName });
  }

  async #load(): Promise<void> {
    this.#callOff();
    this.status = "loading";
    this.#failure = null;
    this.#address.read(this.figure);
    try {
      const shown = this.nextFrame();
      const start = await this.#open(this.#saved ?? (await store.run(this.#key, this.#signature)));
      await this.opened(start.snapshot !== undefined);
      await shown;
      if (this.autoplay && !start.snapshot && !matchMedia("(prefers-reduced-motion: reduce)").matches) void this.start();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What was kept may be from another version of the core, and a model of the reader's one that has read another text; it is
   * then worth less than a figure that works. */
  async #open(snapshot: Uint8Array | null, model: "own" | "base" | "none" = "own"): Promise<Start> {
    const attributes = model === "base" ? { ...this.coreAttributes, model } : this.coreAttributes;
    const start = await wholeStart(this, attributes, snapshot, this.readsModel && model !== "none");
    start.workers = this.#workers();
    this.notice = start.notice ? this.strings[start.notice] : this.notice;
    try {
      const session = (this.#session = await supervisor().open(start, this.#listener()));
      if (start.files) await session.open(start.files);
      if (start.corpus) await session.command({ type: "corpus", ...start.corpus }, true);
      return start;
    } catch (error) {
      if (asFailure(error)?.code !== "input" || !(start.snapshot || start.model)) throw error;
      this.notice = this.strings.unreadable;
      if (!snapshot) return this.#open(null, model === "own" && this.coreAttributes["model"] === "mine" ? "base" : "none");
      this.#saved = null;
      await store.delete(this.#key);
      return this.#open(null);
    }
  }

  #workers(): Workers {
    const given = this.settings["workers"] ?? String(this.workers);
    const known = (["auto", 1, 2, 4] as const).find((workers) => String(workers) === given);
    if (known === undefined) console.warn(`<${this.localName} workers="${given}">: allowed is auto, 1, 2 or 4; auto is used`);
    return known ?? "auto";
  }

  #authored(): Settings {
    const own = [...this.attributes].filter(({ name }) => isCore(name));
    return Object.fromEntries(own.map(({ name, value }) => [name, value]));
  }

  #listener(): Listener {
    let first = true;
    return {
      frame: (frame, running, finished, pace) => {
        this.pace = pace;
        this.#show(frame as F, running, finished);
        if (first) this.emit("ready", { tag: this.localName });
        first = false;
      },
      // An untouched figure is not kept, so that the next visit shows what its author has made of it by then.
      snapshot: (snapshot) => void (this.#touched && store.keepRun(this.#key, { signature: this.#signature, snapshot })),
      restarted: () => (this.notice = this.strings.restarted),
      failed: (reason) => this.#fail(reason),
    };
  }

  #show(frame: F, running: boolean, finished: boolean): void {
    this.received(frame);
    this.frame = frame;
    this.#stopWaiting();
    for (const { attribute, given, allowed } of frame.warnings) {
      const text = attribute ? `<${this.localName} ${attribute}="${given}">: allowed is ${allowed}; the default is used` : `<${this.localName}>: ${given}; used: ${allowed}`;
      if (!this.#warned.has(text)) console.warn(text);
      this.#warned.add(text);
      this.dataset["error"] = attribute || "attributes";
    }
    const complete = finished && this.status !== "done" && this.completes(frame);
    this.status = running ? "training" : finished ? "done" : !this.trained(frame) ? "ready" : frame.step < frame.steps ? "paused" : "done";
    const now = performance.now();
    if (running && now - this.#lastStep >= STEP_EVENT_MS) {
      this.#lastStep = now;
      this.emit("step", { step: frame.step, steps: frame.steps, loss: frame.loss });
    }
    if (!complete) return;
    const result = this.result(frame);
    this.emit("complete", result);
    this.emit("xapi", statement(this, "completed", result));
  }

  #fail(error: unknown): void {
    const reason = asFailure(error) ?? failure("no-runtime", "something unexpected happened.", "Reload the page.");
    if (reason.code === "closed") return;
    if (!asFailure(error)) console.error(error);
    this.#failure = reason;
    this.#session = null;
    this.status = "error";
    this.dataset["error"] = reason.code;
    this.emit("error", { ...reason });
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #visibility = (): void => {
    if (document.hidden && this.status === "training") {
      void this.pause();
      this.#resume = true;
    } else if (!document.hidden && this.#resume) {
      this.#resume = false;
      void this.start();
    }
  };
  #shown = (): void => this.requestUpdate();

  /** What a saved run must have been made from to be gone on with. */
  get #signature(): string {
    return JSON.stringify([VERSION, this.localName, this.coreAttributes, this.querySelector("script[type='text/plain']")?.textContent ?? ""]);
  }
  get #key(): string {
    return `run ${this.figure}`;
  }

  protected override render(): TemplateResult {
    const { strings } = this;
    if (this.frame && this.status !== "error") {
      return html`${this.renderFigure(this.frame)}${this.status === "resting" ? html`<p class="resting" part="note">${strings.resting}</p>` : nothing}`;
    }
    return html`<slot></slot>
      ${this.status === "loading" ? html`<p class="note waiting" part="note" role="status">${strings.loading}</p>` : nothing}
      ${this.status === "idle" && this.loading === "manual" ? html`<button part="button" @click=${() => this.load()}>${strings.startFigure}</button>` : nothing}
      ${this.#failure ? this.#renderFailure(this.#failure) : nothing}`;
  }

  #renderFailure(reason: Failure): TemplateResult {
    return html`<p class="note" part="note" role="status">
      ${this.strings.cannotStart(told(reason))}
      <button part="button" @click=${() => this.reopen()}>${this.strings.tryAgain}</button>
    </p>`;
  }
}

function isCore(attribute: string | null): boolean {
  return attribute !== null && !OURS.has(attribute) && !/^(data|aria)-/.test(attribute);
}

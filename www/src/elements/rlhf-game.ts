/**
 * `<pretune-rlhf-game>`: three rounds in which a model imitates, is judged by the reader, and is optimized for what the
 * reader picked. The parts of the figure are in `rlhf-game/`; what happens is in `src/widgets/rlhf_game/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { Keep } from "../components/keep";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { PretuneElement } from "../element";
import type { Choice, Command, Frame, Method, Phase } from "../frames/rlhf-game";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/rlhf-game.css";
import type { Settings } from "../url-state";
import { guessOf, ratersOf, renderJudge, renderPicks, renderValues } from "./rlhf-game/judge";
import { renderImitate } from "./rlhf-game/imitate";
import { renderOptimize, renderSetUp } from "./rlhf-game/optimize";
import { Pair } from "./rlhf-game/pair";
import { isOpen, renderRounds } from "./rlhf-game/rounds";
import { groupsLeft, renderStanding } from "./rlhf-game/standing";
import type { View } from "./rlhf-game/view";

const TAG = "pretune-rlhf-game";

/** The reader may change these while the game goes on, so another value does not make it another game. */
const CHANGEABLE = ["kl-coef", "method", "rater"] as const;

/**
 * A game in three rounds: a model imitates demonstrations, a reward model learns from the reader's picks, and the model is
 * optimized for that reward.
 *
 * @tag pretune-rlhf-game
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides the order of the demonstrations, what is answered and which pairs are shown; the same seed, settings and picks give the same bits everywhere.
 * @attr {string} rater - Who picks at first: `you`, the reader; a name of `frame.raters`, or two with a plus sign between them.
 * @attr {string} kl-coef - The leash, from 0 (off) to 1 (very tight).
 * @attr {string} method - Of the next run: `ppo`, `dpo` or `best-of-n`.
 * @attr {string} turns - Of a run; `auto`: as many as suit the method and the leash.
 * @attr {string} picks - How many the reader is asked for.
 * @attr {string} learning-rate - Of PPO.
 * @attr {boolean} autoplay - Begins to imitate as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, start-over, demonstrations, answers, values, simulate, runs, standing, picks, settings, keep.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - A run has ended: `{step, steps, loss, fingerprint, run, picks}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart rounds - The list of rounds; `round` each of its buttons.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the one to press next.
 * @csspart stage - What the round is about.
 * @csspart card - Each of the two answers.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class RlhfGame extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #panels = new Panels(this);
  #charts = { loss: new Chart(this, TAG, "loss"), values: new Chart(this, TAG, "values"), curves: new Chart(this, TAG, "curves") };
  #same = { loss: new Same<Record<string, unknown>>(), values: new Same<Record<string, unknown>>(), curves: new Same<Record<string, unknown>>() };
  #pace = new Pace();
  #pair = new Pair(this, { pick: (choice) => void this.#pick(choice), undo: () => void this.#go({ type: "undo" }) });
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  #keep = new Keep(this, {
    files: async () => (await this.session?.files()) ?? [],
    lines: "preferences.jsonl",
    open: async (files) => {
      await this.session?.open(files);
      this.#show("judge", false);
      await this.start();
    },
  });
  /** On screen; null: the one that the core is at. */
  #round: Phase | null = null;
  #named = false;
  #group = "";
  #told = { judging: "", run: "", simulated: 0, phase: "", work: "" };
  /** The number of the run that was told of last. */
  #completed = 0;
  #focusNext = false;

  protected override completes({ optimizing: { run, other } }: Frame): boolean {
    if (!run?.fingerprint || other || this.#completed === run.number) return false;
    this.#completed = run.number;
    return true;
  }

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), run: frame.optimizing.runs.at(-1) ?? null, picks: frame.judging?.decided ?? 0 };
  }

  /** What the reader has changed on the way is told to the core when it is open. */
  protected override get coreAttributes(): Settings {
    const all = super.coreAttributes;
    for (const name of CHANGEABLE) {
      const authored = this.getAttribute(name);
      if (authored === null) delete all[name];
      else all[name] = authored;
    }
    return all;
  }

  protected override async opened(): Promise<void> {
    const { "kl-coef": kl_coef, method } = this.settings;
    if (kl_coef !== undefined) await this.attempt(() => this.#tell({ type: "leash", kl_coef: Number(kl_coef) }));
    if (method !== undefined) await this.attempt(() => this.#tell({ type: "method", method: method as Method }));
  }

  async #tell(command: Command): Promise<void> {
    await this.session?.command<Command>(command);
  }

  protected override received(frame: Frame): void {
    const { step, phase, judging, optimizing } = frame;
    const training = this.status === "training";
    // Steps of another round, or of another run, take another time.
    const work = `${phase} ${optimizing.run?.number} ${optimizing.other?.rater}`;
    if (work !== this.#told.work) this.#pace = new Pace();
    this.#told.work = work;
    this.#pace.add(step, 0, training);
    // Restored between a pick and what it teaches: there is something to do that nobody has to ask for.
    if (this.frame === null && phase === "judge" && frame.doing !== null) void this.start();
    this.#round ??= phase;
    // What had ended before the page was opened was told of then.
    if (this.frame === null) this.#completed = optimizing.run?.outcome ? optimizing.run.number : 0;
    this.#say(frame, judging, optimizing.run);
    this.#told.phase = phase;
    this.dataset["origin"] = frame.origin;
  }

  /** One sentence of what has just happened. */
  #say(frame: Frame, judging: Frame["judging"], run: Frame["optimizing"]["run"]): void {
    const { strings } = this;
    const told = this.#told;
    const last = judging?.last;
    // Until the model has been asked, there is nothing to tell.
    const guessed = last && (last.p_before !== null || last.p_after !== null);
    const pick = guessed ? `${last.pair.number} ${last.choice}` : told.judging;
    const ended = run?.outcome ? `${run.number}` : "";
    if (this.frame) {
      if (told.phase === "imitate" && frame.phase === "judge") this.#live.say(frame.summary);
      else if (told.simulated > 0 && judging?.to_simulate === 0) this.#live.say(frame.summary);
      else if (guessed && last.who === "you" && pick !== told.judging) this.#live.say(guessOf(last, this.#view(frame)));
      else if (ended && run?.outcome && ended !== told.run) this.#live.say(`${strings.rlhfGame.optimize.outcome[run.outcome].word}. ${frame.summary}`);
    }
    Object.assign(told, { judging: pick, run: ended, simulated: judging?.to_simulate ?? 0 });
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has("frame") && this.frame === null) this.#round = null;
    if (!this.#focusNext) return;
    this.#focusNext = false;
    const { shadowRoot } = this;
    shadowRoot?.querySelector(".rounds")?.scrollIntoView({ block: "nearest" });
    if (this.#shown === "judge") this.#pair.focus();
    else shadowRoot?.querySelector<HTMLButtonElement>("button.primary")?.focus();
  }

  // ——— what the reader does ———

  get #shown(): Phase {
    return this.#round ?? this.frame?.phase ?? "imitate";
  }

  #show(round: Phase, focus = true): void {
    this.#round = round;
    this.#focusNext = focus;
    const { frame } = this;
    // Back at judging, there has to be a pair.
    if (round === "judge" && frame?.phase === "optimize" && !frame.judging?.pair && this.status !== "training") void this.#go({ type: "judge" });
    this.requestUpdate();
  }

  /** Does it, and what it leads to. */
  async #go(command: Command): Promise<boolean> {
    let refused = true;
    await this.attempt(async () => {
      await this.command(command);
      refused = false;
    });
    if (!refused) await this.start();
    return !refused;
  }

  async #pick(choice: Choice): Promise<void> {
    if (!(await this.#go({ type: "pick", choice }))) this.#pair.release();
  }

  async #set(command: Command, change: Settings): Promise<void> {
    await this.attempt(() => this.command(command, this.status !== "training"));
    this.changeSettings(change);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    const { kl_coef, method } = this.frame?.optimizing ?? {};
    const kept = { ...(kl_coef === undefined ? {} : { "kl-coef": String(kl_coef) }), ...(method === undefined ? {} : { method }) };
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, ...kept, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
    this.#round = null;
  }

  async #startOver(): Promise<void> {
    this.#round = null;
    this.#pace = new Pace();
    await this.reset();
  }

  async #toggle(): Promise<void> {
    await (this.status === "training" ? this.pause() : this.start());
  }

  /** The rater who would go on, of those who there are. */
  #rater(frame: Frame): string {
    const names = ratersOf(frame, this.strings.rlhfGame.judge.mixes);
    const asked = [this.settings["rater"], this.getAttribute("rater"), frame.config["rater"]].find((name) => name && names.includes(name));
    return asked ?? names[0] ?? "";
  }

  #nextGroup(frame: Frame): string {
    const left = groupsLeft(frame);
    return left.includes(this.#group) ? this.#group : (left[0] ?? "");
  }

  // ——— what the reader sees ———

  #view(frame: Frame): View {
    return { frame, strings: this.strings, format: this.format, named: this.#named, training: this.status === "training" };
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.rlhfGame;
    const view = this.#view(frame);
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const shown = isOpen(this.#shown, frame) ? this.#shown : frame.phase;
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question" data-round=${shown}>
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${this.hides("lead") ? nothing : html`<p class="lead">${words.lead}</p>`}
      </header>
      ${renderRounds(view, shown, (round) => this.#show(round, false))} ${this.#renderControls(shown, view)}
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))} ${this.#renderStage(shown, view)}
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${shown === "optimize" ? this.#renderStanding(view) : nothing}
      ${this.#renderPanels(view)}
    </section>`;
  }

  #renderStage(shown: Phase, view: View): TemplateResult {
    const { frame } = view;
    const hides = (part: string) => this.hides(part);
    const onnamed = () => {
      this.#named = !this.#named;
      this.requestUpdate();
    };
    if (shown === "imitate") return renderImitate(view, { loss: this.#charts.loss, same: this.#same.loss, hides, onnamed });
    if (shown === "judge") {
      const rater = this.#rater(frame);
      return renderJudge(view, {
        pair: this.#pair,
        values: this.#charts.values,
        same: this.#same.values,
        rater,
        hides,
        onnamed,
        onrater: (name) => {
          this.changeSettings({ rater: name });
          this.requestUpdate();
        },
        onsimulate: (n) => void this.#go({ type: "simulate", rater, n }),
      });
    }
    return renderOptimize(view, {
      curves: this.#charts.curves,
      same: this.#same.curves,
      values: () => renderValues(view, { values: this.#charts.values, same: this.#same.values }),
      hides,
      onnamed,
    });
  }

  #renderStanding(view: View): TemplateResult | typeof nothing {
    const { frame } = view;
    if (this.hides("standing") || frame.optimizing.runs.length === 0) return nothing;
    const group = this.#nextGroup(frame);
    return renderStanding(view, {
      group,
      ongroup: (name) => {
        this.#group = name;
        this.requestUpdate();
      },
      ontrain: () => void this.#go({ type: "other", rater: group }),
    });
  }

  #renderControls(shown: Phase, view: View): TemplateResult {
    const again = this.hides("start-over") ? nothing : html`<button part="button" class="quiet" title=${this.strings.rlhfGame.startOverHint} @click=${() => this.#startOver()}>${this.strings.startOver}</button>`;
    if (shown === "imitate") return this.#renderImitateControls(view, again);
    return shown === "judge" ? this.#renderJudgeControls(view, again) : this.#renderOptimizeControls(view, again);
  }

  #renderImitateControls(view: View, again: unknown): TemplateResult {
    const { frame, strings, format, training } = view;
    const words = strings.rlhfGame.imitate;
    const { step, steps, n_demonstrations } = frame.imitation;
    const over = frame.phase !== "imitate";
    const label = over ? words.go : training ? strings.pause : step > 0 ? strings.rlhfGame.optimize.goOn : words.train(format.integer(n_demonstrations));
    return html`<div class="controls" part="controls">
      <button class="primary" part="button primary" @click=${() => (over ? this.#show("judge") : this.#toggle())}>${label}</button>
      ${again} ${progress({ step, steps, left: over ? 0 : steps - step, training: training && !over, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderJudgeControls(view: View, again: unknown): TemplateResult {
    const { frame, strings, format } = view;
    const words = strings.rlhfGame.judge;
    const asked = frame.judging?.asked ?? 0;
    const decided = frame.judging?.decided ?? 0;
    const enough = decided >= asked;
    const dots = Array.from({ length: asked }, (_, i) => html`<i class=${i < decided ? "made" : ""}></i>`);
    return html`<div class="controls" part="controls">
      <button class=${enough ? "primary" : ""} part="button ${enough ? "primary" : ""}" ?disabled=${decided === 0} @click=${() => this.#show("optimize")}>${enough ? words.goEnough : words.go(format.integer(decided))}</button>
      ${again}
      <div class="dots" role="img" aria-label=${words.dots(format.integer(Math.min(decided, asked)), format.integer(asked))}>${dots}</div>
      ${this.#renderDoing(view)}
    </div>`;
  }

  #renderOptimizeControls(view: View, again: unknown): TemplateResult {
    const { frame, strings, format, training } = view;
    const words = strings.rlhfGame.optimize;
    const { run, ready, runs, other } = frame.optimizing;
    const unfinished = frame.phase === "optimize" && frame.doing !== null;
    const label = training && unfinished ? strings.pause : unfinished ? words.goOn : runs.length > 0 ? words.runAgain : words.run;
    const act = () => void (unfinished ? this.#toggle() : ready ? this.#go({ type: "optimize" }) : undefined);
    const steps = other ?? run;
    const left = training && unfinished && steps ? this.#pace.secondsToTell(steps.turns - steps.turn) : 0;
    return html`${renderSetUp(view, {
        onmethod: (method) => void this.#set({ type: "method", method }, { method }),
        onleash: (kl_coef) => void this.#set({ type: "leash", kl_coef }, { "kl-coef": String(kl_coef) }),
      })}
      <div class="controls" part="controls">
        <button class="primary" part="button primary" aria-disabled=${!unfinished && !ready} @click=${act}>${label}</button>
        ${again}
        ${steps
          ? html`<div class="progress">
              <p><span>${strings.rlhfGame.state.running(format.integer(steps.turn), format.integer(steps.turns))}</span>${left > 1 ? html`<span>${strings.timeLeft(format.seconds(left))}</span>` : nothing}${this.#renderDoing(view)}</p>
              <progress max=${Math.max(steps.turns, 1)} .value=${steps.turn} aria-label=${strings.rlhfGame.state.running(format.integer(steps.turn), format.integer(steps.turns))}></progress>
            </div>`
          : frame.judging?.decided
            ? this.#renderDoing(view)
            : html`<span class="hint">${words.notReady}</span>`}
      </div>`;
  }

  #renderDoing({ frame, strings, training }: View): TemplateResult {
    return html`<span class="hint doing">${training && frame.doing ? strings.rlhfGame.doing[frame.doing] : ""}</span>`;
  }

  #renderPanels(view: View): TemplateResult {
    const { frame, strings } = view;
    const words = strings.rlhfGame;
    const panel = (name: string, { title, hint }: { title: string; hint: string }, content: () => TemplateResult) => (this.hides(name) ? nothing : this.#panels.render(name, title, hint, content));
    return html`<div class="panels">
      ${panel("picks", words.judge.picks, () => renderPicks(view))}
      ${panel("settings", words.settings, () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      ${panel("keep", words.keep, () => this.#keep.render({ name: "pretune-rlhf-game", fingerprint: frame.fingerprint, words: words.keep }))}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: RlhfGame;
  }
}

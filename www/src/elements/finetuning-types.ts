/**
 * `<pretune-finetuning-types>`: six types of fine-tuning of one base, and what it says before and after. What happens is in
 * `src/widgets/finetuning_types/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { styled } from "../components/styled";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Kind, KindName, Reply } from "../frames/finetuning-types";
import { store } from "../store";
import ownStyles from "../styles/finetuning-types.css";
import { figure } from "../styles/index";
import type { Settings } from "../url-state";

const TAG = "pretune-finetuning-types";
/** Nats a word at which a bar is full. */
const MOST_NATS = 8;

/**
 * Tunes one base in six ways, and shows the data of each and what the model answers before and after.
 *
 * @tag pretune-finetuning-types
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {"task-specific"|"instruction"|"dialogue"|"rlhf"|"domain"|"multi-task"} type - The type in hand at first, which is trained first.
 * @attr {string} seed - Decides data and batches; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, types, examples, numbers, answers, meaning.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All six are tuned: `{step, steps, loss, fingerprint, kinds}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Types, data and answers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class FinetuningTypes extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #panels = new Panels(this);
  #pace = new Pace();

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), kinds: frame.kinds.map(({ name, n, before, after }) => ({ name, n, before, after })) };
  }

  /** Which type is in hand does not make it another figure: what is tuned stays. */
  protected override get coreAttributes(): Settings {
    const { type: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("type");
    return authored === null ? others : { ...others, type: authored };
  }

  protected override async opened(): Promise<void> {
    const { type } = this.settings;
    if (type !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "kind", kind: type as KindName }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.kinds[frame.hand]?.done) this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  #pick(kind: KindName): void {
    this.changeSettings({ type: kind });
    void this.attempt(() => this.command<Command>({ type: "kind", kind }));
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.finetuningTypes;
    const training = this.status === "training";
    const all = frame.fingerprint !== null;
    const kind = frame.kinds[frame.hand]!;
    const next = kind.done && !all ? words.others : words.train;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="controls" part="controls">
        ${part("train", () => this.trainButton(next))}
        ${part("start-over", () => html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`)}
        ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
      </div>
      ${part("types", () => this.#renderKinds(frame))}
      <div class="stage" part="stage">${part("examples", () => this.#renderExamples(frame, kind))} ${part("numbers", () => this.#renderNumbers(kind))} ${part("answers", () => this.#renderAnswers(frame, kind))}</div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      <div class="panels">${part("meaning", () => this.#panels.render("meaning", words.meaning.title, words.meaning.hint, () => html`<ul class="points">${words.meaning.points.map((point) => html`<li>${point}</li>`)}</ul>`))}</div>
    </section>`;
  }

  /** A share, or the nats of a domain. */
  #value({ name }: Kind, value: number | null): string {
    return value === null ? "–" : name === "domain" ? this.format.loss(value) : this.format.part(value);
  }

  #renderKinds({ kinds, hand, learning }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.finetuningTypes;
    const result = (kind: Kind, i: number) => {
      if (kind.done) return html`<b>${this.#value(kind, kind.before)} → ${this.#value(kind, kind.after)}</b> <span class="hint">${words.kinds[kind.name].number}</span>`;
      const how = kind.step > 0 ? words.table.step(format.integer(kind.step), format.integer(kind.steps)) : i === learning ? words.table.measured : words.table.waiting;
      return html`<span class="hint">${how}</span>`;
    };
    return html`<div>
      <p class="heading">${words.pick}</p>
      <ul class="kinds" aria-label=${words.pick}>
        ${kinds.map(
          (kind, i) => html`<li>
            <button part="button" aria-pressed=${i === hand} @click=${() => this.#pick(kind.name)}>
              <b class="name">${words.kinds[kind.name].name}</b>
              <span class="data">${words.examples.n(format.integer(kind.n), words.kinds[kind.name].data)}</span>
              <span class="result">${result(kind, i)}</span>
            </button>
          </li>`,
        )}
      </ul>
    </div>`;
  }

  #renderExamples({ examples }: Frame, kind: Kind): TemplateResult {
    const { format } = this;
    const words = this.strings.finetuningTypes;
    const { roles, title, scored, trained } = words.examples;
    const used = [...new Set(examples.flat().map(({ role }) => role))];
    return html`<div class="part">
      <p class="heading">${title}</p>
      <ul class="examples">
        ${examples.map((parts) => html`<li>${parts.map(({ text, role }) => html`<span class=${role}><bdi>${text}</bdi><span class="unseen"> (${roles[role]})</span></span> `)}</li>`)}
      </ul>
      <p class="key hint" aria-hidden="true">${used.map((role) => html`<span class=${role}>${roles[role]}</span> `)}</p>
      <p><b>${trained}:</b> ${words.kinds[kind.name].trained}${kind.scored === null ? nothing : html` <span class="hint">${scored(format.rate(kind.scored))}</span>`}</p>
    </div>`;
  }

  #renderNumbers(kind: Kind): TemplateResult {
    const { format } = this;
    const words = this.strings.finetuningTypes;
    const { number } = words.kinds[kind.name];
    const share = (value: number | null) => (value === null ? 0 : kind.name === "domain" ? Math.min(value / MOST_NATS, 1) : value);
    const bar = (name: string, value: number | null, side: string) => html`<div class="meter ${side}"><span>${name}</span><span class="track" aria-hidden="true"><span class="fill" ${styled({ "inline-size": `${(100 * share(value)).toFixed(1)}%` })}></span></span><b>${this.#value(kind, value)}</b></div>`;
    const asked = kind.name === "domain" ? words.numbers.notes(format.integer(kind.asked[0] ?? 0)) : kind.asked.length > 0 ? words.numbers.asked(kind.asked.map((n) => format.integer(n)).join(" + ")) : "";
    return html`<div class="part">
      <p class="heading">${number[0]!.toUpperCase()}${number.slice(1)} <span class="hint">${asked}</span></p>
      ${bar(words.numbers.before, kind.before, "base")} ${bar(words.numbers.after, kind.after, "tuned")}
      ${kind.known ? html`<p class="hint">${words.numbers.known(format.part(kind.known[0]), format.part(kind.known[1]))}</p>` : nothing}
      ${kind.parts.length > 0 ? html`<p class="hint">${words.numbers.parts(kind.parts.map((share) => format.part(share)).join(", "))}</p>` : nothing}
    </div>`;
  }

  #renderAnswers({ probes }: Frame, kind: Kind): TemplateResult {
    const words = this.strings.finetuningTypes;
    const { columns, any, untrained, right, wrong, silent } = words.answers;
    const title = words.kinds[kind.name].probes;
    const cell = (reply: Reply | null) =>
      reply
        ? html`<span class="answer ${reply.right ? "yes" : "no"}"><span class="sign" aria-hidden="true">${reply.right ? "✓" : "✗"}</span> <bdi>${reply.text || silent}</bdi><span class="unseen">, ${reply.right ? right : wrong}</span></span>`
        : html`<span class="hint">${untrained}</span>`;
    const one = probes.some(({ expected }) => expected !== null);
    const rows = probes.map(({ prompt, expected, before, after }) => [html`<bdi>${prompt}</bdi>`, cell(before), cell(after), ...(one ? [html`<bdi>${expected ?? any}</bdi>`] : [])]);
    return html`<div class="answers wide">
      <p class="heading">${title}</p>
      ${table(title, one ? columns : columns.slice(0, 3), rows)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: FinetuningTypes;
  }
}

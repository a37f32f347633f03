/**
 * `<pretune-sentiment>`: labels, fine-tuning on them, and what it gives and costs. What happens is in
 * `src/widgets/sentiment/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { beforeNow } from "../components/before-now";
import { choice } from "../components/field";
import { Keep } from "../components/keep";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { styled } from "../components/styled";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Labels, Measured, Verdict } from "../frames/sentiment";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/sentiment.css";

const TAG = "pretune-sentiment";

/**
 * Fine-tunes the base on labelled reviews, given ones or the reader's, and has it judge new ones and the reader's sentences.
 *
 * @tag pretune-sentiment
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides which reviews there are, and their order; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} labels - What is learned from at first: `given`, a thousand labels, or `mine`, the reader's.
 * @attr {string} steps - How many steps the run has.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, labels, numbers, confusion, curve, shown, own, keep.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - The run is made: `{step, steps, loss, fingerprint, before, now}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Labels, numbers and tables.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class Sentiment extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #panels = new Panels(this);
  #pace = new Pace();
  #keep = new Keep(this, {
    files: async () => (await this.session?.files()) ?? [],
    open: async (files) => this.session?.open(files),
  });
  /** The reader's sentence, as long as the core has not heard of it. */
  #sentence: string | null = null;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), before: frame.before, now: frame.now };
  }

  protected override isOver(frame: Frame): boolean {
    return super.isOver(frame) || !frame.can_train;
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint !== null) this.#live.say(frame.summary);
    if (this.#sentence === frame.judged.text) this.#sentence = null;
    this.dataset["origin"] = frame.origin;
  }

  // ——— what the reader does ———

  /** Other labels begin the training anew, so it stops where it runs. */
  async #relabel(command: Command): Promise<void> {
    await this.pause();
    await this.attempt(() => this.command(command, true));
    this.#pace = new Pace();
    this.changeSettings({ labels: command.type === "train_on" ? command.labels : "mine" });
  }

  async #judge(text: string): Promise<void> {
    this.#sentence = text;
    this.requestUpdate();
    await this.attempt(() => this.command<Command>({ type: "judge", text }, true));
    if (this.notice) this.#sentence = null;
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.sentiment;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        <div class="part">${part("labels", () => this.#renderLabels(frame))} ${part("numbers", () => this.#renderNumbers(frame))}</div>
        <div class="part">${part("confusion", () => this.#renderConfusion(frame))} ${part("curve", () => this.#renderCurve(frame))}</div>
        ${frame.config["labels"] === "mine" ? part("labels", () => this.#renderDeck(frame)) : nothing} ${part("shown", () => this.#renderShown(frame))} ${part("own", () => this.#renderOwn(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      <div class="panels">${part("keep", () => this.#panels.render("keep", words.keep.title, words.keep.hint, () => this.#keep.render({ name: "pretune-sentiment", fingerprint: frame.fingerprint, words: words.keep })))}</div>
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.sentiment;
    const training = this.status === "training";
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(words.train)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderLabels({ config, labels, answers, can_train }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.sentiment;
    const [first = "", second = ""] = labels.map((n, i) => words.counted(format.integer(n), answers[i] ?? ""));
    return html`${choice<Labels>({
        label: words.labels,
        name: "labels",
        value: config["labels"] as Labels,
        options: (["given", "mine"] as const).map((value) => ({ value, label: words.choices[value] })),
        onchange: (value) => void this.#relabel({ type: "train_on", labels: value }),
      })}
      <p class="hint">${words.count(first, second)}${can_train ? nothing : ` ${words.cannot}`}</p>`;
  }

  #renderDeck({ deck, answers }: Frame): TemplateResult {
    const words = this.strings.sentiment;
    return html`<div class="wide part">
      <p class="heading">${words.deck}</p>
      <p class="hint">${words.deckHint}</p>
      <ol class="deck">
        ${deck.map(
          ({ text, label }, review) => html`<li>
            <span>${text}</span>
            <span class="labels" role="group" aria-label=${text}>${answers.map((answer, i) => html`<button part="button" aria-pressed=${label === i} @click=${() => this.#relabel({ type: "label", review, label: label === i ? null : i })}>${answer}</button>`)}</span>
          </li>`,
        )}
      </ol>
    </div>`;
  }

  #renderNumbers({ before, now, curve, n_test, n_negated, n_capitals }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.sentiment;
    const { of, before: was, nats } = words.readout;
    const right = ({ confusion }: Measured) => (confusion[0]?.[0] ?? 0) + (confusion[1]?.[1] ?? 0);
    const cell = (name: string, all: number, count: (measured: Measured) => number, live: number | null = null) => {
      const text = (measured: Measured | null, n: number | null = null) => (measured ? of(format.integer(count(measured)), format.integer(all)) : n === null ? "–" : of(format.integer(n), format.integer(all)));
      return [name, text(now, live), was(text(before))] as const;
    };
    const last = curve.at(-1);
    return html`<div class="numbers">
      ${readout([
        cell(words.readout.right, n_test, right, last && last[0]! > 0 ? last[1]! : null),
        cell(words.readout.negated, n_negated, ({ negated }) => negated),
        cell(words.readout.capitals, n_capitals, ({ capitals }) => capitals),
        [words.readout.rise, before && now ? format.change(now.held_out - before.held_out) : "–", nats],
      ])}
      <details class="more">
        <summary>${words.meaning}</summary>
        <dl class="meanings">${(["right", "negated", "capitals", "rise"] as const).map((name) => html`<div><dt>${words.readout[name]}</dt><dd>${words.measures[name]}</dd></div>`)}</dl>
      </details>
    </div>`;
  }

  #renderConfusion({ before, now, answers }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.sentiment;
    const shown = now ?? before;
    const when = now ? words.confusion.now : words.confusion.before;
    const rows = answers.map((answer, i) => {
      const counts = shown?.confusion[i] ?? [];
      const all = counts.reduce((sum, n) => sum + n, 0) || 1;
      return [answer, ...(shown ? counts.map((n, j) => html`<span class="cell ${i === j ? "good" : "bad"}" ${styled({ "--weight": `${Math.round((100 * n) / all)}%` })}>${format.integer(n)}</span>`) : ["–", "–", "–"])];
    });
    return html`<div class="confusion">
      <p class="heading">${words.confusion.title} <span class="hint">${when}. ${words.confusion.hint}</span></p>
      ${table(`${words.confusion.title}: ${when}`, [words.confusion.corner, ...answers, words.other], rows)}
    </div>`;
  }

  #renderCurve({ curve, n_test }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.sentiment.curve;
    return html`<div>
      <p class="heading">${words.title}</p>
      ${table(words.title, ["", ...curve.map(([step]) => words.columns(format.integer(step!)))], [[words.row, ...curve.map(([, right]) => format.share(right! / n_test))]])}
    </div>`;
  }

  #renderShown({ shown }: Frame): TemplateResult {
    const words = this.strings.sentiment.shown;
    return html`<div class="wide">
      <p class="heading">${words.title}</p>
      ${beforeNow({
        caption: words.title,
        columns: words.columns,
        rows: shown.map(({ text, answer, before, now }) => ({ question: text, note: "", before, now, expected: answer })),
        none: words.untrained,
        words,
        format: this.format,
      })}
    </div>`;
  }

  #renderOwn({ judged, words: offered, answers }: Frame): TemplateResult {
    const words = this.strings.sentiment.own;
    const text = this.#sentence ?? judged.text;
    // A full stop ends a sentence; the next word begins another.
    const add = (word: string) => void this.#judge(/^[A-Z]/.test(word) && text.trim() !== "" && !/\.\s*$/.test(text) ? `${text.trim()}. ${word}` : `${text.trim()} ${word}`.trim());
    const groups = [words.openers, ...offered];
    return html`<div class="wide own part">
      <label class="field" part="field"><span class="name heading">${words.title}</span>
        <input type="text" autocomplete="off" .value=${text} aria-label=${words.label} @change=${(event: Event) => void this.#judge((event.target as HTMLInputElement).value)} />
        <span class="hint">${words.hint}</span>
      </label>
      ${groups.map(
        (group, i) => html`<div class="group"><span class="hint">${words.groups[i]}</span>
          <ul class="palette" aria-label="${words.palette}: ${words.groups[i]}">
            ${group.map((word) => html`<li><button part="button" @click=${() => add(word)}>${word}</button></li>`)}
            ${i === 0 ? html`<li><button part="button" class="quiet" @click=${() => this.#judge("")}>${words.clear}</button></li>` : nothing}
          </ul>
        </div>`,
      )}
      ${judged.unknown.length > 0 ? html`<p class="note" part="note" role="status">${words.unknown(judged.unknown.join(", "))}</p>` : nothing}
      ${judged.too_long
        ? html`<p class="note" part="note" role="status">${words.tooLong}</p>`
        : html`<div class="verdicts" aria-live="polite">${this.#renderVerdict(words.before, "base", judged.before, answers)} ${this.#renderVerdict(words.now, "tuned", judged.now, answers)}</div>`}
    </div>`;
  }

  #renderVerdict(title: string, kind: string, verdict: Verdict | null, answers: string[]): TemplateResult {
    const words = this.strings.sentiment.own;
    return html`<div class="verdict ${kind}">
      <p class="heading">${title}</p>
      ${verdict
        ? html`${answers.map((answer, i) => html`<span>${answer}</span><span class="track" aria-hidden="true"><span class="fill" ${styled({ "inline-size": `${(100 * (verdict.chances[i] ?? 0)).toFixed(1)}%` })}></span></span><span class="value">${this.format.share(verdict.chances[i] ?? 0)}</span>`)}
            <p class="hint">${words.said(verdict.said)}</p>`
        : html`<p class="hint">${words.untrained}</p>`}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Sentiment;
  }
}

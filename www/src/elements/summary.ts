/**
 * `<pretune-summary>`: the end of a lesson. Its content are the takeaways, which stay as they are; where one links to a figure
 * of the page, what the reader saw there is put beneath. A numbered list whose items have task lists becomes a self-check.
 */
import { LitElement, html, nothing, unsafeCSS } from "lit";
import type { PropertyDeclarations, TemplateResult } from "lit";
import { fileField } from "../components/field";
import { figuresOf } from "../contents";
import { formatFor } from "../format";
import { progress } from "../progress";
import { readQuestions } from "./summary/questions";
import type { Question } from "./summary/questions";
import { asFailure, told } from "../runtime/protocol";
import { store } from "../store";
import { stringsFor } from "../strings";
import type { Strings } from "../strings";
import { figure } from "../styles/index";
import ownStyles from "../styles/summary.css";
import { statement } from "../xapi";

const TAG = "pretune-summary";

/**
 * Shows what the reader has seen, checks what they know, and keeps a record of both.
 *
 * @tag pretune-summary
 * @slot - The takeaways, and a numbered list of questions whose answers are task lists: ticked is right, and words in italics
 * after an answer are shown when it is chosen.
 *
 * @fires pretune-answer - A question was answered: `{question, answer, right}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole below the takeaways.
 * @csspart field - A question with its answers.
 * @csspart button - Every button.
 */
export class Summary extends LitElement {
  static tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];
  static override properties: PropertyDeclarations = { said: { state: true } };

  /** What came of a button. */
  declare said: string;

  #questions: Question[] = [];
  #results = new Map<HTMLAnchorElement, HTMLElement>();
  #changed = (): void => {
    this.#tell();
    this.requestUpdate();
  };

  constructor() {
    super();
    this.said = "";
  }

  /** Its name within the page, for statements. */
  get figure(): string {
    return this.id || "summary";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#questions = readQuestions(this);
    progress.addEventListener("change", this.#changed);
    store.addEventListener("persistence", this.#changed);
    void progress.watch().then(this.#changed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    progress.removeEventListener("change", this.#changed);
    store.removeEventListener("persistence", this.#changed);
  }

  get #lang(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || "en";
  }

  /** Beneath each takeaway that links to figures, what was seen in them. */
  #tell(): void {
    const words = stringsFor(this.#lang).summary;
    const names = new Set(figuresOf(document).map((element) => element.figure));
    for (const link of this.querySelectorAll<HTMLAnchorElement>("li a[href^='#']")) {
      const name = decodeURIComponent(link.hash.slice(1));
      if (!names.has(name)) continue;
      const sentence = progress.done.figures[name];
      if (sentence === undefined) {
        this.#results.get(link)?.remove();
        this.#results.delete(link);
        continue;
      }
      const result = this.#results.get(link) ?? document.createElement("span");
      result.className = "own-result";
      result.textContent = words.yours + sentence;
      if (!this.#results.has(link)) link.closest("li")!.append(result);
      this.#results.set(link, result);
    }
  }

  // ——— what the reader does ———

  #answer(question: Question, place: number): void {
    const { text, right } = question.answers[place]!;
    progress.answer(question.text, text);
    const result = { question: question.text, answer: text, right };
    this.dispatchEvent(new CustomEvent("pretune-answer", { detail: result, bubbles: true, composed: true }));
    this.dispatchEvent(new CustomEvent("pretune-xapi", { detail: statement(this, "answered", result), bubbles: true, composed: true }));
  }

  #save(): void {
    const url = URL.createObjectURL(new Blob([progress.save()], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: url, download: "pretune-progress.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async #open(file: File): Promise<void> {
    try {
      progress.open(await file.text());
      this.said = stringsFor(this.#lang).summary.opened;
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      this.said = told(reason);
    }
  }

  async #forget(): Promise<void> {
    await progress.clear();
    this.said = stringsFor(this.#lang).summary.forgotten;
  }

  // ——— what the reader sees ———

  protected override render(): TemplateResult {
    const strings = stringsFor(this.#lang);
    return html`<slot></slot>
      <section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir}>
        ${this.#questions.length > 0 ? this.#renderQuiz(strings) : nothing} ${this.#renderRecord(strings)}
      </section>`;
  }

  #renderQuiz({ summary: words }: Strings): TemplateResult {
    const format = formatFor(this.#lang);
    const { answers } = progress.done;
    const right = this.#questions.filter((question) => question.answers.find(({ text }) => text === answers[question.text])?.right).length;
    return html`<h3 class="question">${words.quiz}</h3>
      <p class="hint">${words.quizHint}</p>
      <div class="quiz">${this.#questions.map((question, i) => this.#renderQuestion(question, i, answers[question.text], words))}</div>
      <p class="score"><b>${words.score(format.integer(right), format.integer(this.#questions.length))}</b></p>`;
  }

  #renderQuestion(question: Question, i: number, given: string | undefined, words: Strings["summary"]): TemplateResult {
    const chosen = question.answers.find(({ text }) => text === given);
    return html`<fieldset class="field choice" part="field">
      <legend>${i + 1}. ${question.text}</legend>
      ${question.answers.map(
        ({ text }, place) => html`<label><input type="radio" name="question-${i}" .checked=${text === given} @change=${() => this.#answer(question, place)} /><span>${text}</span></label>`,
      )}
      <p class="feedback ${chosen?.right ? "right" : "wrong-answer"}" role="status">${chosen ? html`<b>${chosen.right ? words.right : words.wrong}</b> ${chosen.feedback}` : nothing}</p>
    </fieldset>`;
  }

  #renderRecord(strings: Strings): TemplateResult {
    const words = strings.summary;
    const format = formatFor(this.#lang);
    const figures = figuresOf(document);
    const tried = figures.filter((element) => element.figure in progress.done.figures).length;
    return html`<h3 class="question">${words.record}</h3>
      ${figures.length > 0 ? html`<p>${words.tried(format.integer(tried), format.integer(figures.length))}</p>` : nothing}
      <p class="hint">${store.persistent ? words.recordHint : strings.notSaved}</p>
      <div class="controls">
        <button part="button" @click=${() => this.#save()}>${words.save}</button>
        <button part="button" @click=${() => this.#forget()}>${words.forget}</button>
      </div>
      ${fileField({ label: words.open, hint: words.openHint, accept: ".json,application/json", onfile: (file) => void this.#open(file) })}
      <p role="status" class="hint">${this.said}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Summary;
  }
}

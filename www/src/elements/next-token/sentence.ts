/** The sentence and what comes next: typed by the reader, appended with a press, or written on by the model. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { Bars } from "../../components/bars";
import { chips, visible } from "../../components/chips";
import type { Format } from "../../format";
import type { Command, Frame } from "../../frames/next-token";
import type { Strings } from "../../strings";

/** What one press of "Write on" appends, until the reader says otherwise. */
const DEFAULT_LENGTH = 12;
/** Slow enough to see a token being drawn, fast enough to read on. */
const WRITE_MS = 140;

export interface SentenceActions {
  /** Resolves when the core has done it, or has refused and the reader was told. */
  send: (command: Command) => Promise<void>;
  /** The sentence is the reader's from here on: keep it. */
  remember: (text: string) => void;
}

export class Sentence {
  #host: ReactiveControllerHost & HTMLElement;
  #actions: SentenceActions;
  #bars: Bars;
  #frame: Frame | null = null;
  #text = "";
  /** Sentences on their way to the core: until it has read the last one, its frames show an older one. */
  #typing = 0;
  /** The sentence has grown by other means than typing. */
  #appended = false;
  /** Tokens at the end that the model wrote, and whether it is still at it. */
  #written = 0;
  #writing = false;
  length = DEFAULT_LENGTH;

  constructor(host: ReactiveControllerHost & HTMLElement, actions: SentenceActions) {
    this.#host = host;
    this.#actions = actions;
    this.#bars = new Bars(host);
  }

  received(frame: Frame): void {
    this.#frame = frame;
    if (this.#typing > 0) return;
    this.#text = frame.prompt.text;
    if (this.#appended) this.#actions.remember(frame.prompt.text);
  }

  /** Back to a sentence that the reader has not touched. */
  forget(): void {
    this.#written = 0;
    this.#writing = this.#appended = false;
  }

  async type(text: string): Promise<void> {
    this.forget();
    this.#text = text;
    this.#typing++;
    this.#host.requestUpdate();
    this.#actions.remember(text);
    await this.#actions.send({ type: "prompt", text }).finally(() => this.#typing--);
  }

  #append(id: number): void {
    this.forget();
    this.#appended = true;
    void this.#actions.send({ type: "append", id });
  }

  /** One token at a time, so that the chances can be seen from which each is drawn. */
  async #write(): Promise<void> {
    this.forget();
    this.#writing = this.#appended = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (let i = 0; i < this.length && this.#writing && this.#host.isConnected; i++) {
      await this.#actions.send({ type: "generate", max_new_tokens: still ? this.length : 1 });
      await new Promise((resolve) => setTimeout(resolve, WRITE_MS));
      const n_new = this.#frame?.generated.length ?? 0;
      this.#written += n_new;
      // Nothing was appended: the model has ended its text.
      if (still || n_new === 0) break;
    }
    this.#writing = false;
    this.#host.requestUpdate();
  }

  render(frame: Frame, strings: Strings, format: Format, canWrite: boolean): TemplateResult {
    const words = strings.nextToken;
    const { tokens, truncated } = frame.prompt;
    const top = frame.next[0];
    return html`<div class="write">
      <label class="field">
        <span class="name">${words.sentence}</span>
        <textarea rows="2" dir="auto" spellcheck="false" autocomplete="off" .value=${this.#text} @input=${(event: Event) => this.type((event.target as HTMLTextAreaElement).value)}></textarea>
      </label>
      <div>
        ${chips(tokens, { strings, label: words.seenAs, freshFrom: tokens.length - this.#written, ghost: top ? visible(top, strings) : undefined })}
        ${truncated > 0 ? html`<p class="hint">${words.truncated(format.integer(truncated))}</p>` : nothing}
      </div>
      ${canWrite ? this.#renderButtons(words) : nothing}
      <p class="heading">${words.next} <span class="hint">${words.nextHint}</span></p>
      ${this.#bars.render({
        rows: frame.next.map(({ p_sampled, removed_by, ...token }) => ({ ...token, sampled: p_sampled, removed: removed_by && words.removed[removed_by] })),
        strings,
        format,
        label: words.next,
        onpick: ({ id }) => this.#append(id),
      })}
    </div>`;
  }

  #renderButtons(words: Strings["nextToken"]): TemplateResult {
    const toggle = () => {
      if (this.#writing) this.#writing = false;
      else void this.#write();
    };
    return html`<div class="row">
      <button class="write-on" part="button" title=${words.writeHint} @click=${toggle}>${this.#writing ? words.stop : words.write}</button>
      <button class="quiet" part="button" @click=${() => this.type("")}>${words.clear}</button>
    </div>`;
  }
}

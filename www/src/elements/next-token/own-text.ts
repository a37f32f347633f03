/** "Your own text": paste or drop, choose how it is cut, train on it. The text never leaves the page. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { chips } from "../../components/chips";
import { choice, fileField } from "../../components/field";
import type { Format } from "../../format";
import type { Frame, TokenizerKind } from "../../frames/next-token";
import { asFailure, told } from "../../runtime/protocol";
import type { Strings } from "../../strings";

const MAX_BYTES = 2 * 1024 * 1024;

export class OwnText {
  #host: ReactiveControllerHost;
  #use: (name: string, text: string, tokenizer: TokenizerKind) => Promise<void>;
  #name = "pasted";
  #text = "";
  #tokenizer: TokenizerKind = "bpe";
  #error = "";
  #used = "";

  constructor(host: ReactiveControllerHost, use: (name: string, text: string, tokenizer: TokenizerKind) => Promise<void>) {
    this.#host = host;
    this.#use = use;
  }

  render(frame: Frame, strings: Strings, format: Format): TemplateResult {
    const words = strings.nextToken.ownText;
    const learned = frame.examples.at(-1);
    const inUse = this.#used !== "" && frame.corpus === this.#used;
    return html`<div class="own">
      <label class="field">
        <span class="name">${words.label}</span>
        <textarea
          dir="auto"
          placeholder=${words.placeholder}
          .value=${this.#text}
          aria-invalid=${this.#error ? "true" : "false"}
          aria-describedby="own-text-state"
          @input=${(event: Event) => this.#set("pasted", (event.target as HTMLTextAreaElement).value)}
          @drop=${(event: DragEvent) => this.#dropped(event, strings, format)}
        ></textarea>
      </label>
      <div class="row">
        ${fileField({ label: strings.chooseFile, hint: strings.dropFile, accept: ".txt,.md,.csv,.json,text/*", onfile: (file) => void this.#read(file, strings, format) })}
        <span class="hint">${this.#text ? words.size(format.integer(this.#text.length)) : words.stays}</span>
      </div>
      ${choice<TokenizerKind>({
        label: words.tokenizer,
        name: "tokenizer",
        value: this.#tokenizer,
        options: [
          { value: "char", label: words.char, hint: words.charHint },
          { value: "word", label: words.word, hint: words.wordHint },
          { value: "bpe", label: words.bpe, hint: words.bpeHint },
        ],
        onchange: (value) => {
          this.#tokenizer = value;
          this.#host.requestUpdate();
        },
      })}
      <div class="row">
        <button part="button" ?disabled=${this.#text.trim() === ""} @click=${() => void this.#submit()}>${words.use}</button>
        <span id="own-text-state" aria-live="polite">
          ${this.#error ? html`<span class="wrong">${this.#error}</span>` : inUse ? words.using(format.integer(frame.vocab_size)) : nothing}
        </span>
      </div>
      ${inUse && learned ? chips([...learned.context, learned.target], { strings, label: words.asTokens }) : nothing}
    </div>`;
  }

  #set(name: string, text: string, error = ""): void {
    this.#name = name;
    this.#text = text;
    this.#error = error;
    this.#host.requestUpdate();
  }

  #dropped(event: DragEvent, strings: Strings, format: Format): void {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.#read(file, strings, format);
  }

  async #read(file: File, strings: Strings, format: Format): Promise<void> {
    const words = strings.nextToken.ownText;
    if (file.size > MAX_BYTES) return this.#set(this.#name, this.#text, words.tooLarge(`${format.integer(MAX_BYTES / 1024 ** 2)} MB`));
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      if (text.includes("\0")) throw new TypeError("binary");
      this.#set(file.name, text);
    } catch {
      this.#set(this.#name, this.#text, words.notText);
    }
  }

  async #submit(): Promise<void> {
    this.#error = "";
    try {
      await this.#use(this.#name, this.#text, this.#tokenizer);
      this.#used = this.#name;
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      this.#error = told(reason);
    }
    this.#host.requestUpdate();
  }
}

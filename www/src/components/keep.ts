/** "Keep and share": what was trained as a Hugging Face folder, out and in, and the link to this set-up. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { asFailure, told } from "../runtime/protocol";
import type { Files } from "../runtime/protocol";
import { pack, unpack } from "../zip";
import { fileField } from "./field";

const MAX_ZIP_BYTES = 96 * 1024 * 1024;

export interface KeepActions {
  files: () => Promise<Files>;
  open: (files: Files) => Promise<void>;
  /** A file of JSON lines can be opened too, under this name. */
  lines?: string;
  /** Makes it the reader's model, for other figures to go on with. */
  keepMine?: () => Promise<void>;
}

export interface KeepWords {
  mine?: string;
  kept?: string;
  download: string;
  open: string;
  openHint: string;
  link: string;
  copied: string;
  address: string;
  fingerprint: string;
}

export interface KeepView {
  /** Of the folder. */
  name: string;
  fingerprint: string | null;
  words: KeepWords;
}

export class Keep {
  #host: ReactiveControllerHost;
  #actions: KeepActions;
  #said = "";
  #wrong = false;

  constructor(host: ReactiveControllerHost, actions: KeepActions) {
    this.#host = host;
    this.#actions = actions;
  }

  render({ name, fingerprint, words }: KeepView): TemplateResult {
    const { keepMine } = this.#actions;
    return html`<div class="row">
        ${keepMine ? html`<button part="button" @click=${() => this.#try(keepMine, words.kept)}>${words.mine}</button>` : nothing}
        <button part="button" @click=${() => this.#try(() => this.#download(name))}>${words.download}</button>
        <button part="button" @click=${() => this.#copy(words)}>${words.link}</button>
      </div>
      <div class="row">${fileField({ label: words.open, hint: words.openHint, accept: this.#actions.lines ? ".zip,.jsonl,application/zip" : ".zip,application/zip", onfile: (file) => void this.#try(() => this.#open(file)) })}</div>
      <p role="status" class=${this.#wrong ? "wrong" : "hint"}>${this.#said || words.address}</p>
      ${fingerprint ? html`<p class="hint">${words.fingerprint}: <code>${fingerprint}</code></p>` : nothing}`;
  }

  async #download(name: string): Promise<void> {
    const url = URL.createObjectURL(new Blob([pack(name, await this.#actions.files())], { type: "application/zip" }));
    Object.assign(document.createElement("a"), { href: url, download: `${name}.zip` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async #open(file: File): Promise<void> {
    // An entry that is too large is refused by `unpack`; this keeps the zip itself out of memory.
    const bytes = new Uint8Array(await file.slice(0, MAX_ZIP_BYTES + 1).arrayBuffer());
    const { lines } = this.#actions;
    await this.#actions.open(lines && file.name.endsWith(".jsonl") ? [[lines, bytes]] : unpack(bytes));
  }

  async #copy(words: KeepWords): Promise<void> {
    const copied = await navigator.clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    this.#say(copied ? words.copied : words.address);
  }

  async #try(act: () => Promise<void>, done = ""): Promise<void> {
    try {
      await act();
      this.#say(done);
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      this.#say(told(reason), true);
    }
  }

  #say(text: string, wrong = false): void {
    this.#said = text;
    this.#wrong = wrong;
    this.#host.requestUpdate();
  }
}

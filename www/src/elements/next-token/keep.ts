/** "Keep and share": the model as a Hugging Face folder, in and out, and the link to this set-up. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { fileField } from "../../components/field";
import type { Frame } from "../../frames/next-token";
import { asFailure, told } from "../../runtime/protocol";
import type { Files } from "../../runtime/protocol";
import type { Strings } from "../../strings";
import { pack, unpack } from "../../zip";

const MAX_ZIP_BYTES = 96 * 1024 * 1024;

export interface KeepActions {
  files: () => Promise<Files>;
  open: (files: Files) => Promise<void>;
  keepMine: () => Promise<void>;
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

  render(frame: Frame, strings: Strings): TemplateResult {
    const words = strings.nextToken.keep;
    return html`<div class="row">
        <button part="button" @click=${() => this.#try(() => this.#actions.keepMine(), words.kept)}>${words.mine}</button>
        <button part="button" @click=${() => this.#try(() => this.#download(frame))}>${words.download}</button>
        <button part="button" @click=${() => this.#copy(words)}>${words.link}</button>
      </div>
      <div class="row">${fileField({ label: words.open, hint: words.openHint, accept: ".zip,application/zip", onfile: (file) => void this.#try(() => this.#open(file)) })}</div>
      <p role="status" class=${this.#wrong ? "wrong" : "hint"}>${this.#said || words.address}</p>
      ${frame.fingerprint ? html`<p class="hint">${words.fingerprint}: <code>${frame.fingerprint}</code></p>` : nothing}`;
  }

  async #download(frame: Frame): Promise<void> {
    const name = `pretune-${frame.step}`;
    const url = URL.createObjectURL(new Blob([pack(name, await this.#actions.files())], { type: "application/zip" }));
    Object.assign(document.createElement("a"), { href: url, download: `${name}.zip` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async #open(file: File): Promise<void> {
    // An entry that is too large is refused by `unpack`; this keeps the zip itself out of memory.
    const bytes = new Uint8Array(await file.slice(0, MAX_ZIP_BYTES + 1).arrayBuffer());
    await this.#actions.open(unpack(bytes));
  }

  async #copy(words: Strings["nextToken"]["keep"]): Promise<void> {
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

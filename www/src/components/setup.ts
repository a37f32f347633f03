/** "Settings" that begin a figure anew. Ranges and defaults are the core's, which also says what it did not allow. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import type { BaseFrame } from "../frames/frame";
import { asFailure, told } from "../runtime/protocol";
import type { Settings } from "../url-state";
import { textField } from "./field";

export interface SetupView {
  /** Every setting by its attribute's name, as in force. */
  config: Record<string, number | string>;
  warnings: BaseFrame["warnings"];
  words: { explain: string; apply: string; names: Record<string, string> };
  /** Controls for settings that are no text; they put what they say into `Setup.put`. */
  besides?: TemplateResult;
}

export class Setup {
  #host: ReactiveControllerHost;
  #configure: (attributes: Settings) => Promise<void>;
  #draft: Settings = {};
  #error = "";

  constructor(host: ReactiveControllerHost, configure: (attributes: Settings) => Promise<void>) {
    this.#host = host;
    this.#configure = configure;
  }

  /** What the reader has said of a setting, and has not applied yet. */
  said(name: string): string | undefined {
    return this.#draft[name];
  }

  put(name: string, value: string): void {
    this.#draft[name] = value;
    this.#host.requestUpdate();
  }

  render({ config, warnings, words, besides }: SetupView): TemplateResult {
    const names = Object.entries(words.names).filter(([name]) => name in config);
    const refused = new Map(warnings.map(({ attribute, allowed }) => [attribute, allowed]));
    const general = warnings.filter(({ attribute }) => !(attribute in words.names)).map(({ given }) => given);
    const error = this.#error || general.join("; ");
    return html`<p>${words.explain}</p>
      <form
        @submit=${(event: Event) => {
          event.preventDefault();
          void this.#submit();
        }}
      >
        ${besides ?? nothing}
        <div class="fields">
          ${names.map(([name, label]) =>
            textField({
              label,
              value: this.#draft[name] ?? String(config[name]),
              error: refused.get(name),
              inputmode: Number.isInteger(Number(config[name])) ? "numeric" : "decimal",
              onchange: (value) => this.put(name, value),
            }),
          )}
        </div>
        <p class="row">
          <button part="button">${words.apply}</button>
          ${error ? html`<span class="wrong" role="status">${error}</span>` : nothing}
        </p>
      </form>`;
  }

  async #submit(): Promise<void> {
    this.#error = "";
    try {
      await this.#configure(this.#draft);
      this.#draft = {};
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      this.#error = told(reason);
    }
    this.#host.requestUpdate();
  }
}

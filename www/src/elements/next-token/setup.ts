/** "Settings": the options of `pretune train` that are worth a reader's while. Ranges and defaults are the core's. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { textField } from "../../components/field";
import type { Frame } from "../../frames/next-token";
import { asFailure, told } from "../../runtime/protocol";
import type { Strings } from "../../strings";
import type { Settings } from "../../url-state";

export class Setup {
  #host: ReactiveControllerHost;
  #configure: (attributes: Settings) => Promise<void>;
  #draft: Settings = {};
  #error = "";

  constructor(host: ReactiveControllerHost, configure: (attributes: Settings) => Promise<void>) {
    this.#host = host;
    this.#configure = configure;
  }

  render(frame: Frame, strings: Strings): TemplateResult {
    const words = strings.nextToken.settings;
    const names = Object.entries(words.names).filter(([name]) => name in frame.config);
    const refused = new Map(frame.warnings.map(({ attribute, allowed }) => [attribute, allowed]));
    const general = frame.warnings.filter(({ attribute }) => !(attribute in words.names)).map(({ given }) => given);
    const error = this.#error || general.join("; ");
    return html`<p>${words.explain}</p>
      <form
        @submit=${(event: Event) => {
          event.preventDefault();
          void this.#submit();
        }}
      >
        <div class="fields">
          ${names.map(([name, label]) =>
            textField({
              label,
              value: this.#draft[name] ?? String(frame.config[name]),
              error: refused.get(name),
              inputmode: Number.isInteger(Number(frame.config[name])) ? "numeric" : "decimal",
              onchange: (value) => {
                this.#draft[name] = value;
                this.#host.requestUpdate();
              },
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

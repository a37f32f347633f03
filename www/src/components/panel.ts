/** A named part of a figure that opens on demand. What is closed is not rendered, so it costs nothing. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";

export class Panels {
  #host: ReactiveControllerHost;
  #open = new Set<string>();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  isOpen(name: string): boolean {
    return this.#open.has(name);
  }

  render(name: string, title: string, hint: string, content: () => TemplateResult): TemplateResult {
    return html`<details class="panel" part="panel" .open=${this.isOpen(name)} @toggle=${(event: Event) => this.#toggled(name, event)}>
      <summary part="summary"><span class="title">${title}</span> <span class="hint">${hint}</span></summary>
      ${this.isOpen(name) ? html`<div class="body">${content()}</div>` : nothing}
    </details>`;
  }

  #toggled(name: string, event: Event): void {
    // `toggle` of a nested details does not bubble, but a re-render may fire it again for the state that is known.
    const { open } = event.target as HTMLDetailsElement;
    if (open === this.isOpen(name)) return;
    if (open) this.#open.add(name);
    else this.#open.delete(name);
    this.#host.requestUpdate();
  }
}

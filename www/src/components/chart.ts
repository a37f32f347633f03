/**
 * A chart that the core draws on a canvas: crisp at any pixel density, drawn again when its size, the colours or the
 * density change, and always with its numbers as a table beside it.
 */
import { html, nothing } from "lit";
import type { ReactiveController, ReactiveControllerHost, TemplateResult } from "lit";
import { createRef, ref } from "lit/directives/ref.js";
import { charts } from "../runtime/main-instance";
import type { Charts } from "../runtime/main-instance";
import type { Strings } from "../strings";
import { resolveTheme, watchTheme } from "../theme";
import type { Theme } from "../theme";

export interface ChartView {
  frame: unknown;
  strings: Strings;
  /** One sentence: the accessible name. */
  name: string;
  title?: string;
  hint?: string;
  table: () => TemplateResult;
}

export class Chart implements ReactiveController {
  #host: ReactiveControllerHost & HTMLElement;
  #tag: string;
  #chart: string;
  #canvas = createRef<HTMLCanvasElement>();
  #probe = createRef<HTMLElement>();
  #view: ChartView | null = null;
  #drawn: unknown = null;
  #theme: Theme | null = null;
  #scheme: string | null = null;
  #instance: Charts | null | undefined;
  #asked = 0;
  #observed: Element | null = null;
  #resize: ResizeObserver | null = null;
  #unwatch: () => void = () => {};
  #tableOpen = false;

  constructor(host: ReactiveControllerHost & HTMLElement, tag: string, chart: string) {
    this.#host = host;
    this.#tag = tag;
    this.#chart = chart;
    host.addController(this);
  }

  hostConnected(): void {
    this.#resize = new ResizeObserver(() => this.#redraw());
    this.#unwatch = watchTheme(() => this.#redraw());
  }

  hostDisconnected(): void {
    this.#resize?.disconnect();
    this.#observed = null;
    this.#unwatch();
    cancelAnimationFrame(this.#asked);
    this.#asked = 0;
  }

  render(view: ChartView): TemplateResult {
    this.#view = view;
    const { strings, name, title, hint } = view;
    const impossible = this.#instance === null;
    return html`<figure class="chart ${this.#chart}" part="chart" aria-label=${name}>
      ${title ? html`<figcaption><span class="title">${title}</span>${hint ? html` <span class="hint">${hint}</span>` : nothing}</figcaption>` : nothing}
      ${impossible
        ? html`<p class="note">${strings.noChart}</p>`
        : html`<div class="plot"><canvas dir="ltr" role="img" aria-label=${name} ${ref(this.#canvas)}></canvas><span class="probe" ${ref(this.#probe)}></span></div>`}
      <details class="data" .open=${impossible || this.#tableOpen} @toggle=${this.#toggled}>
        <summary>${strings.showData}</summary>
        ${impossible || this.#tableOpen ? view.table() : nothing}
      </details>
    </figure>`;
  }

  hostUpdated(): void {
    const canvas = this.#canvas.value;
    if (canvas && canvas !== this.#observed) {
      this.#resize?.disconnect();
      this.#resize?.observe(canvas);
      this.#observed = canvas;
      this.#drawn = null;
    }
    const scheme = this.#host.getAttribute("theme");
    if (scheme !== this.#scheme) this.#redraw();
    this.#scheme = scheme;
    if (canvas?.isConnected && this.#view?.frame !== this.#drawn) this.#ask();
  }

  #toggled = (event: Event): void => {
    this.#tableOpen = (event.target as HTMLDetailsElement).open;
    this.#host.requestUpdate();
  };

  #redraw(): void {
    this.#theme = null;
    this.#ask();
  }

  #ask(): void {
    if (!this.#asked) this.#asked = requestAnimationFrame(() => void this.#draw());
  }

  async #draw(): Promise<void> {
    this.#instance ??= await charts();
    this.#asked = 0;
    const canvas = this.#canvas.value;
    const probe = this.#probe.value;
    const frame = this.#view?.frame;
    if (!this.#instance) return this.#host.requestUpdate();
    if (!canvas || !probe || !frame || canvas.clientWidth === 0) return;
    this.#theme ??= resolveTheme(probe);
    const width = Math.round(canvas.clientWidth * this.#theme.scale);
    const height = Math.round(canvas.clientHeight * this.#theme.scale);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#drawn = frame;
    try {
      this.#instance.draw(this.#tag, this.#chart, frame, canvas, this.#theme);
    } catch (error) {
      console.error(error);
      this.#instance = null;
      this.#host.requestUpdate();
    }
  }
}

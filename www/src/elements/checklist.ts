/**
 * `<pretune-checklist>`: a list whose items can be ticked, and that remembers it. Nothing is trained here and nothing is
 * loaded; the boxes are native ones, in the page's own text.
 */
import { LitElement, css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { formatFor } from "../format";
import { store } from "../store";
import { stringsFor } from "../strings";

const TAG = "pretune-checklist";
/** What ends the words of an item. */
const BLOCKS = "ul, ol, p, div, table, pre, blockquote";

/**
 * Turns the items of a list into checkboxes, and keeps the ticks on the reader's machine.
 *
 * @tag pretune-checklist
 * @slot - An ordinary list. Items that have a checkbox already keep it.
 *
 * @fires change - A box was ticked or cleared; it is the event of the box itself.
 *
 * @csspart status - How many are ticked.
 */
export class Checklist extends LitElement {
  static tag = TAG;
  static override styles = css`
    :host { display: block; }
    ::slotted(:is(ul, ol)) { padding-inline-start: 0; list-style: none; }
    p { margin: 0.5rem 0 0; color: var(--pretune-muted); font: 400 var(--pretune-size-small, 0.8125rem) / 1.4 var(--pretune-sans, sans-serif); }
    @media print { p { display: none; } }
  `;

  #boxes: HTMLInputElement[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("change", this.#changed);
    store.addEventListener("persistence", this.#update);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("change", this.#changed);
    store.removeEventListener("persistence", this.#update);
  }

  /** Its name within the page: its id, or its place. */
  get #key(): string {
    return `ticks ${this.id || [...document.querySelectorAll(TAG)].indexOf(this)}`;
  }

  #update = (): void => this.requestUpdate();

  #changed = (): void => {
    this.requestUpdate();
    void store.keepTicks(this.#key, this.#boxes.filter(({ checked }) => checked).map(wordsOf));
  };

  /** Items are known by their words: an author who moves one does not move its tick. */
  async #fill(): Promise<void> {
    const lists = [...this.children].filter((child) => child.matches("ul, ol"));
    this.#boxes = lists.flatMap((list) => [...list.children]).filter((item) => item instanceof HTMLLIElement).map(boxOf);
    this.requestUpdate();
    const ticked = await store.ticks(this.#key);
    if (ticked) for (const box of this.#boxes) box.checked = ticked.includes(wordsOf(box));
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const lang = this.closest<HTMLElement>("[lang]")?.lang || "en";
    const words = stringsFor(lang).checklist;
    const { integer } = formatFor(lang);
    const ticked = this.#boxes.filter(({ checked }) => checked).length;
    return html`<slot @slotchange=${() => void this.#fill()}></slot>
      ${this.#boxes.length === 0 ? nothing : html`<p part="status">${words.ticked(integer(ticked), integer(this.#boxes.length))}; ${store.persistent ? words.kept : words.notKept}</p>`}`;
  }
}

/** The checkbox of an item; a new one before its words, which become its label, where there is none. */
function boxOf(item: Element): HTMLInputElement {
  const found = [...item.querySelectorAll<HTMLInputElement>("input[type=checkbox]")].find((box) => box.closest("li") === item);
  if (found) return found;
  const first = item.firstElementChild;
  const place = first?.matches("p") && !item.firstChild?.textContent?.trim() ? first : item;
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  label.append(box, " ");
  for (const node of [...place.childNodes]) {
    if (node instanceof Element && node.matches(BLOCKS)) break;
    label.append(node);
  }
  place.prepend(label);
  return box;
}

function wordsOf(box: HTMLInputElement): string {
  return (box.labels?.[0] ?? box.parentElement)?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Checklist;
  }
}

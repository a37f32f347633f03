/** Tokens as chips, the same everywhere. Chips touch where the text has no space, so that words can be seen falling apart. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import type { Token } from "../frames/frame";
import type { Strings } from "../strings";
import { styled } from "./styled";

/** The token between texts. */
const END = "<|endoftext|>";

/** The deepest wash, in per cent, on which text is still easy to read. */
const MAX_WASH = 55;

export interface ChipsOptions {
  strings: Strings;
  /** Names the list to assistive technology. */
  label: string;
  /** Chips from this place on were made by the model. */
  freshFrom?: number;
  /** Makes each chip a button that calls back with its place. */
  onselect?: (place: number) => void;
  selected?: number | null;
  /** A value from 0 to 1 for each chip, drawn as a wash behind it. */
  weights?: readonly number[] | null;
  /** What stands where the next token will be. */
  ghost?: string | undefined;
}

export function chips(tokens: readonly Token[], options: ChipsOptions): TemplateResult {
  const { label, ghost } = options;
  return html`<ol class="chips" part="chips" dir=${direction(tokens)} aria-label=${label}>
    ${tokens.map((token, place) => html`<li class=${classMap({ spaced: isSpaced(token, place) })}>${chipOf(token, place, options)}</li>`)}
    ${ghost === undefined ? nothing : html`<li class="spaced" aria-hidden="true"><bdi class="chip ghost">${ghost || "?"}</bdi></li>`}
  </ol>`;
}

function chipOf(token: Token, place: number, { strings, freshFrom = Infinity, onselect, selected, weights }: ChipsOptions): TemplateResult {
  const weight = weights?.[place];
  const classes = classMap({ chip: true, byte: token.byte, fresh: place >= freshFrom, weighed: weight !== undefined });
  const style = styled(weight === undefined ? {} : { "--weight": `${Math.round(weight * MAX_WASH)}%` });
  const text = html`<bdi>${visible(token, strings)}</bdi>`;
  if (!onselect) return html`<span class=${classes} ${style} part="chip" title=${spoken(token, strings)}>${text}</span>`;
  return html`<button class=${classes} ${style} part="chip" aria-pressed=${selected === place} @click=${() => onselect(place)} @pointerenter=${() => onselect(place)} @focus=${() => onselect(place)}>${text}</button>`;
}

/** One token within running text or a table. */
export function chip(token: Token, strings: Strings): TemplateResult {
  return html`<bdi class=${classMap({ chip: true, byte: token.byte })} part="chip">${visible(token, strings)}</bdi>`;
}

/** A token's text with what cannot be seen made visible. */
export function visible({ text }: Pick<Token, "text">, strings: Strings): string {
  if (text === END) return strings.endOfText;
  const word = text.replace(/^ (?=\S)/, "");
  return word.replace(/[\0-\x08\x0b-\x1f]/g, (control) => String.fromCodePoint(0x2400 + control.charCodeAt(0))).replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll(" ", "␣") || "␣";
}

/** A token's name for a screen reader. */
export function spoken(token: Pick<Token, "text"> & { byte?: boolean }, strings: Strings): string {
  if (token.byte) return strings.byteToken(token.text);
  return token.text === END ? strings.endOfText : token.text.trim() || strings.space;
}

/** A text's direction is its own, whatever the page's is. */
function direction(tokens: readonly Token[]): "ltr" | "rtl" {
  const letter = tokens.map(({ text }) => text).join("").match(/\p{L}/u)?.[0] ?? "";
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(letter) ? "rtl" : "ltr";
}

function isSpaced({ text }: Token, place: number): boolean {
  return place === 0 || /^\s/.test(text) || text.startsWith("<|");
}

/** Labelled native controls. Each keeps its place and width while its value changes. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";

interface Labelled {
  label: string;
  /** One sentence that explains the term. */
  hint?: string;
}

export interface SliderOptions extends Labelled {
  min: number;
  max: number;
  step: number;
  value: number;
  /** The value in words; what a screen reader says too. */
  text: string;
  onchange: (value: number) => void;
}

export function slider({ label, hint, min, max, step, value, text, onchange }: SliderOptions): TemplateResult {
  return html`<label class="field slider" part="field">
    <span class="name">${label}</span><span class="value" aria-hidden="true">${text}</span>
    <input type="range" min=${min} max=${max} step=${step} .value=${String(value)} aria-valuetext=${text} @input=${(event: Event) => onchange(input(event).valueAsNumber)} />
    ${hint ? html`<span class="hint">${hint}</span>` : nothing}
  </label>`;
}

export interface TextOptions extends Labelled {
  value: string;
  /** Shown below the field; also marks it as wrong. */
  error?: string | undefined;
  inputmode?: "numeric" | "decimal";
  onchange: (value: string) => void;
}

export function textField({ label, hint, value, error, inputmode = "decimal", onchange }: TextOptions): TemplateResult {
  return html`<label class="field text" part="field">
    <span class="name">${label}</span>
    <input type="text" inputmode=${inputmode} autocomplete="off" spellcheck="false" .value=${value} aria-invalid=${error ? "true" : "false"} @change=${(event: Event) => onchange(input(event).value.trim())} />
    ${hint ? html`<span class="hint">${hint}</span>` : nothing} ${error ? html`<span class="wrong">${error}</span>` : nothing}
  </label>`;
}

export interface ChoiceOptions<T extends string> extends Labelled {
  name: string;
  value: T;
  options: readonly { value: T; label: string; hint?: string }[];
  onchange: (value: T) => void;
}

/** A few exclusive options, all visible. */
export function choice<T extends string>({ label, name, value, options, onchange }: ChoiceOptions<T>): TemplateResult {
  return html`<fieldset class="field choice" part="field">
    <legend>${label}</legend>
    ${options.map(
      (option) => html`<label>
        <input type="radio" name=${name} .checked=${option.value === value} @change=${() => onchange(option.value)} />
        <span>${option.label}${option.hint ? html` <span class="hint">${option.hint}</span>` : nothing}</span>
      </label>`,
    )}
  </fieldset>`;
}

export interface ChecksOptions extends Labelled {
  options: readonly { label: string; checked: boolean; onchange: (checked: boolean) => void }[];
}

/** A few options, any number of which may be on. */
export function checks({ label, options }: ChecksOptions): TemplateResult {
  return html`<fieldset class="field choice" part="field">
    <legend>${label}</legend>
    ${options.map((option) => html`<label><input type="checkbox" .checked=${option.checked} @change=${(event: Event) => option.onchange(input(event).checked)} /> <span>${option.label}</span></label>`)}
  </fieldset>`;
}

export interface SelectOptions extends Labelled {
  value: number;
  /** Values 0 to `count` − 1, shown from 1. */
  count: number;
  /** What they are called instead. */
  names?: readonly string[];
  onchange: (value: number) => void;
}

export function select({ label, value, count, names, onchange }: SelectOptions): TemplateResult {
  return html`<label class="field select" part="field">
    <span class="name">${label}</span>
    <select @change=${(event: Event) => onchange(Number((event.target as HTMLSelectElement).value))}>
      ${Array.from({ length: count }, (_, i) => html`<option value=${i} .selected=${i === value}>${names?.[i] ?? i + 1}</option>`)}
    </select>
  </label>`;
}

export interface FileOptions {
  label: string;
  hint?: string;
  accept: string;
  onfile: (file: File) => void;
}

/** A file by its button or by dropping it on it; the native input stays reachable by keyboard. */
export function fileField({ label, hint, accept, onfile }: FileOptions): TemplateResult {
  const take = (files: FileList | null | undefined) => files?.[0] && onfile(files[0]);
  return html`<label
    class="file"
    part="file"
    @dragover=${(event: DragEvent) => event.preventDefault()}
    @drop=${(event: DragEvent) => {
      event.preventDefault();
      take(event.dataTransfer?.files);
    }}
  >
    <input
      type="file"
      accept=${accept}
      @change=${(event: Event) => {
        take(input(event).files);
        // The same file can be chosen again after it was mended.
        input(event).value = "";
      }}
    />
    <span class="button">${label}</span>${hint ? html`<span class="hint">${hint}</span>` : nothing}
  </label>`;
}

function input(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}

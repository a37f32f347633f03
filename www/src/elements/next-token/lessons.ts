/** What goes in and what comes out while it learns: training examples, and what it wrote early beside late. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { chip, chips } from "../../components/chips";
import { styled } from "../../components/styled";
import { table } from "../../components/table";
import type { Format } from "../../format";
import type { Frame } from "../../frames/next-token";
import type { Strings } from "../../strings";

interface View {
  frame: Frame;
  strings: Strings;
  format: Format;
}

export function renderExamples({ frame, strings, format }: View): TemplateResult {
  const words = strings.nextToken.examples;
  const rows = frame.examples.map(({ context, target, loss, p }) => [
    context.length > 0 ? chips(context, { strings, label: words.context }) : html`<span class="hint">${words.nothing}</span>`,
    chip(target, strings),
    format.percent(p),
    html`<span class="lossy"><i ${styled({ "inline-size": `${Math.min(1, loss / frame.ceiling) * 100}%` })}></i>${format.loss(loss)}</span>`,
  ]);
  return html`<p>${words.explain}</p>
    <div class="examples">${table(words.title, [words.context, words.target, words.chance, words.loss], rows)}</div>`;
}

export function renderSamples({ frame, strings, format }: View): TemplateResult {
  const words = strings.nextToken.samples;
  if (frame.samples.length === 0) return html`<p class="hint">${words.empty}</p>`;
  return html`<dl class="samples">
    ${frame.samples.map(
      ({ step, text }) => html`<div>
        <dt>${words.step(format.integer(step))}</dt>
        <dd><bdi>${text}</bdi></dd>
      </div>`,
    )}
  </dl>`;
}

/** Answers, sentence by sentence: what each is shows in its underline, and as a word where the reader asks for it. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { table } from "../../components/table";
import type { Answer, BeforeNow, Phase, Sentence } from "../../frames/rlhf-game";
import type { Strings } from "../../strings";
import type { View } from "./view";

/** An answer's text. Only phrasing content, so that it may stand in a button. */
export function sentences(all: readonly Sentence[], named: boolean, strings: Strings, finished = true): TemplateResult {
  const words = strings.rlhfGame;
  return html`${all.map((sentence) => {
    const { text } = sentence;
    const space = text.length - text.trimStart().length;
    return html`${text.slice(0, space)}<span class="is ${sentence.kind}">${text.slice(space)}</span>${named ? html` <small class="kind">${namesOf(sentence, strings)}</small>` : nothing}`;
  })}${finished ? nothing : html` <small class="kind">${words.answer.cut}</small>`}`;
}

function namesOf({ kind, off_topic, opener, repeated }: Sentence, strings: Strings): string {
  const words = strings.rlhfGame.sentences;
  return [words.kinds[kind], off_topic ? words.offTopic : "", words.openers[opener], repeated ? words.repeated : ""].filter(Boolean).join(", ");
}

/** An answer with its reward, where there is one. */
export function answerWithReward(answer: Answer | null, { strings, format, named }: View): TemplateResult {
  const words = strings.rlhfGame.answer;
  if (!answer) return html`<span class="hint">${words.none}</span>`;
  return html`<bdi class="said">${sentences(answer.sentences, named, strings, answer.finished)}</bdi>${answer.reward === null ? nothing : html` <small class="reward">${words.reward} ${format.signed(answer.reward)}</small>`}`;
}

/** "Explain rain:" without the space before it. */
export function requestOf({ prompt }: { prompt: string }): string {
  return prompt.trim();
}

/** Names what each sentence is, on demand. */
export function namesToggle({ strings, named }: View, onnamed: () => void): TemplateResult {
  const words = strings.rlhfGame.sentences;
  return html`<label class="names" title=${words.nameHint}><input type="checkbox" .checked=${named} @change=${onnamed} /> ${words.name}</label>`;
}

export function beforeNowHeading(view: View, onnamed: () => void): TemplateResult {
  return html`<div class="row titled"><p class="heading">${view.strings.rlhfGame.beforeNow.title}</p>${namesToggle(view, onnamed)}</div>`;
}

export function renderBeforeNow(view: View, phase: Phase, rows: readonly BeforeNow[]): TemplateResult {
  const words = view.strings.rlhfGame.beforeNow;
  return html`<div class="answers before-now">
    ${table(
      words.title,
      words.columns[phase],
      rows.map((row) => [html`<bdi>${requestOf(row)}</bdi>`, answerWithReward(row.before, view), answerWithReward(row.now, view)]),
    )}
  </div>`;
}

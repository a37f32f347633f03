/** Round 3: how long the leash is and which method runs; the curves, what came of it, and all runs so far. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import { choice, slider } from "../../components/field";
import { readout } from "../../components/readout";
import { runLog } from "../../components/run-log";
import type { Same } from "../../components/same";
import { table } from "../../components/table";
import { terms } from "../../components/terms";
import type { Method, Run, RunEnd } from "../../frames/rlhf-game";
import { beforeNowHeading, renderBeforeNow } from "./answers";
import { whoOf } from "./view";
import type { View } from "./view";

/** Tight to off. */
const LEASHES = [1, 0.3, 0.1, 0.03, 0];
const METHODS: readonly Method[] = ["ppo", "dpo", "best-of-n"];
/** Single precision writes 0.3 in more digits than anyone typed. */
const SAME = 1e-6;

export interface OptimizeParts {
  curves: Chart;
  same: Same<Record<string, unknown>>;
  /** What the run will climb; shown before there is one. */
  values: () => TemplateResult;
  hides: (part: string) => boolean;
  onnamed: () => void;
}

export interface SetUpActions {
  onmethod: (method: Method) => void;
  onleash: (kl_coef: number) => void;
}

/** The places of the slider, with the author's own value among them. */
export function leashes(kl_coef: number): number[] {
  const known = LEASHES.some((value) => Math.abs(value - kl_coef) < SAME);
  return known ? LEASHES : [...LEASHES, kl_coef].sort((a, b) => b - a);
}

export function leashWord(kl_coef: number, { strings, format }: Pick<View, "strings" | "format">): string {
  const words = strings.rlhfGame.optimize;
  const value = LEASHES.find((one) => Math.abs(one - kl_coef) < SAME);
  const word = value === undefined ? words.leashOther : (words.leashWords[value] ?? "");
  return value === 0 ? word : words.leashOf(word, format.rate(kl_coef));
}

export function renderSetUp(view: View, { onmethod, onleash }: SetUpActions): TemplateResult {
  const { frame, strings } = view;
  const words = strings.rlhfGame.optimize;
  const { method, kl_coef } = frame.optimizing;
  const places = leashes(kl_coef);
  const at = places.findIndex((value) => Math.abs(value - kl_coef) < SAME);
  return html`<div class="set-up">
    <div class="methods">${choice<Method>({ label: words.method, name: "method", value: method, options: METHODS.map((value) => ({ value, label: words.methods[value] })), onchange: onmethod })}</div>
    <div class="leash" ?data-idle=${method === "best-of-n"}>
      ${slider({ label: words.leash, hint: words.leashNone[method] || words.leashHint, min: 0, max: places.length - 1, step: 1, value: at, text: leashWord(kl_coef, view), onchange: (i) => onleash(places[i] ?? 0) })}
    </div>
  </div>`;
}

export function renderOptimize(view: View, parts: OptimizeParts): TemplateResult {
  const { frame, strings } = view;
  const words = strings.rlhfGame;
  const { run } = frame.optimizing;
  return html`<div class="stage" part="stage">
    <div class="part">${run ? renderCurves(run, view, parts) : parts.hides("values") ? nothing : parts.values()}</div>
    <div class="part">
      ${run ? html`${renderOutcome(run, view)} ${renderNumbers(run, view)}` : html`<p class="heading">${words.optimize.chart.title.none}</p><p class="guess">${words.optimize.chart.waiting}</p>`}
      ${terms(words.terms.title, words.terms.words["optimize"] ?? {})}
    </div>
    ${parts.hides("answers") || frame.phase !== "optimize"
      ? nothing
      : html`<div class="wide part">
          ${beforeNowHeading(view, parts.onnamed)}
          ${renderBeforeNow(view, "optimize", frame.answers)}
        </div>`}
    ${parts.hides("runs") || frame.optimizing.runs.length === 0 ? nothing : html`<div class="wide part">${renderRuns(frame.optimizing.runs, view)}</div>`}
  </div>`;
}

function renderCurves(run: Run, view: View, { curves, same }: OptimizeParts): TemplateResult {
  const { strings, format } = view;
  const words = strings.rlhfGame.optimize.chart;
  const end = run.points.at(-1);
  const name = words.name(format.integer(run.turn), format.signed(end?.reward ?? null), format.loss(end?.kl ?? null));
  const known = run.points.some(({ true_score }) => true_score !== null);
  return curves.render({
    frame: same.of({ optimizing: { run } }),
    strings,
    name,
    title: words.title[known ? "known" : "unknown"],
    hint: words.hint,
    table: () =>
      table(
        name,
        words.columns,
        run.points.map((point) => [
          format.integer(point.turn),
          format.signed(point.reward),
          format.loss(point.kl),
          format.signed(point.true_score),
          format.share(point.unreadable),
          format.decimal(point.words),
          format.loss(point.entropy),
          point.clipfrac === null ? "–" : format.share(point.clipfrac),
        ]),
      ),
  });
}

function renderOutcome(run: Run, { strings, frame }: View): TemplateResult | typeof nothing {
  const words = strings.rlhfGame.optimize;
  if (!run.outcome) return nothing;
  const { word, sentence } = words.outcome[run.outcome];
  const { method, kl_coef, outcome } = run;
  const tried = new Set(frame.optimizing.runs.map((one) => one.method));
  const loose = frame.optimizing.runs.some((one) => one.method === "ppo" && one.kl_coef === 0);
  const next = outcome !== "aligned" ? words.tryNext.tighten : method === "ppo" && kl_coef > 0 && !loose ? words.tryNext.loosen : tried.size < METHODS.length ? words.tryNext.compare : "";
  return html`<div class="outcome ${outcome}"><p class="word">${word}</p><p>${sentence}</p>${next ? html`<p class="hint">${next}</p>` : nothing}</div>`;
}

function renderNumbers(run: Run, { strings, format, frame }: View): TemplateResult {
  const words = strings.rlhfGame.optimize.readout;
  const first = run.points[0];
  const end = run.points.at(-1);
  const peak = frame.optimizing.runs.find(({ number }) => number === run.number)?.peak_true_score ?? null;
  const truth = end?.true_score ?? null;
  return html`<div class="numbers">
    ${readout([
      [words.reward, format.signed(end?.reward ?? null), words.rewardNote],
      [words.truth, truth === null ? words.unknown : format.signed(truth), truth === null ? words.unknownNote : peak === null ? words.truthAlone : words.truthNote(format.signed(peak))],
      [words.kl, format.loss(end?.kl ?? null), words.klNote],
      [words.unreadable, end ? format.share(end.unreadable) : "–", first ? words.unreadableNote(format.share(first.unreadable)) : ""],
    ])}
  </div>`;
}

function renderRuns(runs: readonly RunEnd[], view: View): TemplateResult {
  const { strings, format } = view;
  const words = strings.rlhfGame.optimize;
  return html`<p class="heading">${words.runs.title} ${runs.length > 1 ? html`<span class="hint">${words.runs.hint}</span>` : nothing}</p>
    ${runLog<RunEnd>({
      caption: words.runs.title,
      columns: words.runs.columns,
      runs,
      settings: (run) => [format.integer(run.number), words.methods[run.method], run.method === "best-of-n" ? "–" : leashWord(run.kl_coef, view), words.runs.picks(format.integer(run.picks), whoOf(run.who, strings))],
      results: (run) => [
        format.signed(run.reward),
        format.loss(run.kl),
        format.signed(run.true_score),
        format.share(run.unreadable),
        html`<span class="ended ${run.outcome}">${words.outcome[run.outcome].word}</span>`,
      ],
    })}`;
}

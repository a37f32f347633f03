/**
 * Two answers, each of them a button. A finger may also throw one aside: to the right it is picked, to the left the other
 * one is. Keys work only while the focus is in here, so that they take nothing from the page. Start at `render`.
 */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { createRef, ref } from "lit/directives/ref.js";
import { styled } from "../../components/styled";
import type { Answer, Choice, Frame, Judged, Pair as Answers } from "../../frames/rlhf-game";
import { requestOf, sentences } from "./answers";
import type { View } from "./view";

/** A finger has thrown a card when it has moved it this far, in CSS pixels; below the other it has only tapped. */
const THROWN = 72;
const TAPPED = 8;

const KEYS: Record<string, Choice | "undo"> = { ArrowLeft: "first", "1": "first", ArrowRight: "second", "2": "second", ArrowDown: "tie", t: "tie", u: "undo" };
const SHORTCUTS = { first: "1 ArrowLeft", second: "2 ArrowRight", tie: "T ArrowDown", undo: "U" } as const;
const SIDES = ["first", "second"] as const;

export interface PairActions {
  pick: (choice: Choice) => void;
  undo: () => void;
}

export class Pair {
  #host: ReactiveControllerHost;
  #actions: PairActions;
  #cards = { first: createRef<HTMLButtonElement>(), second: createRef<HTMLButtonElement>() };
  /** The card under a finger, and how far it has been moved. */
  #held: { side: "first" | "second"; pointer: number; x: number; y: number; dx: number } | null = null;
  #swiped = false;
  /** Of the last frame. */
  #judging: Frame["judging"] = null;
  /** The number of the pair that was picked from, until another one is here. */
  #picked: { number: number; choice: Choice } | null = null;

  constructor(host: ReactiveControllerHost, actions: PairActions) {
    this.#host = host;
    this.#actions = actions;
  }

  focus(): void {
    this.#cards.first.value?.focus();
  }

  render(view: View, besides: TemplateResult): TemplateResult {
    const { frame, strings, format } = view;
    const words = strings.rlhfGame.judge;
    const judging = (this.#judging = frame.judging);
    const pair = judging?.pair ?? null;
    const last = judging?.last ?? null;
    if (this.#picked && this.#picked.number !== pair?.number) this.#picked = null;
    // Until the next two answers are written, the last ones stay, with what became of them.
    const shown = pair ?? last?.pair ?? null;
    const verdict = pair ? null : last;
    const undo = judging?.undo ?? 0;
    const simulating = (judging?.to_simulate ?? 0) > 0;
    return html`<div class="judging" role="group" aria-labelledby="asked" @keydown=${this.#key}>
      <p class="asked-line" id="asked"><span class="hint">${words.pair}</span> <bdi class="asked">${shown ? requestOf(shown) : words.writing}</bdi></p>
      <div class="pair" ?data-waiting=${pair === null}>${SIDES.map((side, i) => this.#card(side, words.answers[i] ?? "", shown, verdict, simulating, view))}</div>
      <div class="row pair-controls">
        <button part="button" aria-keyshortcuts=${SHORTCUTS.tie} aria-disabled=${pair === null} @click=${() => this.#pick("tie")}>${words.tie} <kbd aria-hidden="true">↓</kbd></button>
        <button part="button" aria-keyshortcuts=${SHORTCUTS.undo} title=${words.undoHint(format.integer(undo))} aria-disabled=${undo === 0} @click=${() => this.#undo()}>${words.undo} <kbd aria-hidden="true">U</kbd></button>
        ${besides}
      </div>
      <p class="hint keys">${words.how}</p>
      <p class="hint touch">${words.howTouch}</p>
    </div>`;
  }

  #card(side: "first" | "second", name: string, shown: Answers | null, verdict: Judged | null, simulating: boolean, { strings, format, named, frame }: View): TemplateResult {
    const words = strings.rlhfGame;
    const answer: Answer | null = shown?.[side] ?? null;
    const choice = verdict?.choice ?? this.#picked?.choice ?? null;
    const chosen = choice === side;
    const dx = this.#held?.side === side ? this.#held.dx : 0;
    const reward = verdict?.after?.[side === "first" ? 0 : 1] ?? null;
    const busy = simulating || !frame.judging?.pair;
    return html`<button
      class="card ${chosen ? "chosen" : ""} ${dx > THROWN ? "thrown" : ""}"
      part="card"
      aria-keyshortcuts=${SHORTCUTS[side]}
      aria-disabled=${busy}
      ${ref(this.#cards[side])}
      ${styled(dx === 0 ? {} : { "--dx": `${Math.round(dx)}px` })}
      @click=${() => this.#click(side)}
      @pointerdown=${(event: PointerEvent) => this.#hold(side, event)}
      @pointermove=${this.#move}
      @pointerup=${this.#release}
      @pointercancel=${this.#cancel}
    >
      <span class="card-head"><b>${name}</b>${chosen ? html`<span class="mark">✓<span class="unseen"> ${words.judge.picked.other}</span></span>` : nothing}<kbd aria-hidden="true">${side === "first" ? "←" : "→"}</kbd></span>
      ${keyed(
        shown?.number,
        html`<bdi class="card-text said">${answer ? sentences(answer.sentences, named, strings, answer.finished) : words.answer.none}</bdi>`,
      )}
      ${reward === null ? nothing : html`<small class="reward">${words.answer.reward} ${format.signed(reward)}</small>`}
    </button>`;
  }

  /** Picks may come faster than pairs: one pair takes one. */
  #pick(choice: Choice): void {
    const judging = this.#judging;
    const number = judging?.pair?.number;
    if (number === undefined || this.#picked?.number === number || (judging?.to_simulate ?? 0) > 0) return;
    this.#picked = { number, choice };
    this.#actions.pick(choice);
    this.#host.requestUpdate();
  }

  #undo(): void {
    if (this.#judging?.undo) this.#actions.undo();
  }

  /** The pick was refused. */
  release(): void {
    this.#picked = null;
  }

  #key = (event: KeyboardEvent): void => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    if (act === "undo") this.#undo();
    else this.#pick(act);
  };

  #click(side: "first" | "second"): void {
    if (this.#swiped) this.#swiped = false;
    else this.#pick(side);
  }

  #hold(side: "first" | "second", event: PointerEvent): void {
    this.#swiped = false;
    if (event.pointerType === "mouse" || !event.isPrimary) return;
    this.#held = { side, pointer: event.pointerId, x: event.clientX, y: event.clientY, dx: 0 };
  }

  #move = (event: PointerEvent): void => {
    const held = this.#held;
    if (!held || event.pointerId !== held.pointer) return;
    held.dx = event.clientX - held.x;
    if (Math.abs(held.dx) > TAPPED) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#host.requestUpdate();
  };

  #release = (): void => {
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    this.#swiped = Math.abs(held.dx) > TAPPED;
    this.#host.requestUpdate();
    if (Math.abs(held.dx) < THROWN) return;
    const other = held.side === "first" ? "second" : "first";
    this.#pick(held.dx > 0 ? held.side : other);
  };

  /** The page scrolls instead. */
  #cancel = (): void => {
    this.#held = null;
    this.#host.requestUpdate();
  };
}

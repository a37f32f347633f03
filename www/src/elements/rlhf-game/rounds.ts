/** The three rounds as steps: which one is on screen, which ones can be gone to, and how far each is. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import type { Phase } from "../../frames/rlhf-game";
import type { View } from "./view";

export const ROUNDS: readonly Phase[] = ["imitate", "judge", "optimize"];

/** A round can be gone to once the one before it has given it something to work with. */
export function isOpen(round: Phase, { judging, optimizing }: View["frame"]): boolean {
  if (round === "imitate") return true;
  if (round === "judge") return judging !== null;
  return judging !== null && (judging.decided > 0 || optimizing.runs.length > 0 || optimizing.run !== null);
}

export function renderRounds(view: View, shown: Phase, onround: (round: Phase) => void): TemplateResult {
  const words = view.strings.rlhfGame;
  return html`<ol class="rounds" part="rounds" aria-label=${words.roundsName}>
    ${ROUNDS.map((round, i) => {
      const { text, done } = stateOf(round, view);
      return html`<li class="${round === shown ? "shown" : ""} ${done ? "done" : ""}">
        <button part="round" aria-current=${round === shown ? "step" : "false"} ?disabled=${!isOpen(round, view.frame)} @click=${() => onround(round)}>
          <span class="number" aria-hidden="true">${done ? "✓" : i + 1}</span>
          <span class="what"><span class="unseen">${i + 1}.</span> <b>${words.rounds[round]}</b> <small>${text}</small></span>
        </button>
      </li>`;
    })}
  </ol>`;
}

function stateOf(round: Phase, { frame, strings, format, training }: View): { text: string; done: boolean } {
  const words = strings.rlhfGame.state;
  const { imitation, judging, optimizing } = frame;
  if (round === "imitate") {
    if (judging) return { text: words.imitated, done: true };
    const share = imitation.step / Math.max(imitation.steps, 1);
    return { text: imitation.step > 0 ? words.imitating(format.share(share)) : words.imitate(format.integer(imitation.n_demonstrations)), done: false };
  }
  if (round === "judge") {
    const asked = judging?.asked ?? Number(frame.config["picks"] ?? 0);
    const decided = judging?.decided ?? 0;
    if (decided === 0) return { text: words.judge(format.integer(asked)), done: false };
    const done = decided >= asked;
    return { text: done ? words.judged(format.integer(decided)) : words.judging(format.integer(decided), format.integer(asked)), done };
  }
  const { run, runs } = optimizing;
  if (training && run && run.outcome === null) return { text: words.running(format.integer(run.turn), format.integer(run.turns)), done: false };
  return runs.length === 0 ? { text: words.optimize, done: false } : { text: words.ran(format.integer(runs.length)), done: true };
}

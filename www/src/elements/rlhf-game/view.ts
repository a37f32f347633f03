/** What every part of the game is given, and the few numbers that several of them say in the same words. */
import type { Format } from "../../format";
import type { Frame } from "../../frames/rlhf-game";
import type { Strings } from "../../strings";

export interface View {
  frame: Frame;
  strings: Strings;
  format: Format;
  /** Sentences are named. */
  named: boolean;
  training: boolean;
}

/** From here on the model is sure, and from here on it leans. */
const SURE = 0.9;
const LEANING = 0.7;
/** A reward model that has seen a dozen picks is surer than it should be: more digits than this would say too much. */
const MOST = 0.99;

/** How sure a guess was, whichever way it went. */
export function certainty(p: number): "sure" | "leaning" | "unsure" {
  const surest = Math.max(p, 1 - p);
  return surest >= SURE ? "sure" : surest >= LEANING ? "leaning" : "unsure";
}

export function chance(p: number, format: Format): string {
  return p > MOST ? `> ${format.share(MOST)}` : p < 1 - MOST ? `< ${format.share(1 - MOST)}` : format.share(p);
}

/** Who picked, in a table: "you", a rater's name, or several. */
export function whoOf(who: string, strings: Strings): string {
  return who
    .split("+")
    .map((name) => strings.rlhfGame.optimize.who[name] ?? name)
    .join(", ");
}

/**
 * The contract with `src/widgets/rlhf_game/`. `tests/frames/rlhf-game.json` is checked against it.
 *
 * Three rounds, `imitate`, `judge` and `optimize`. Training goes on unit by unit, as in every figure; when there is nothing
 * left to train the figure waits for a command. After a command that leaves work (`doing` is not null) the page runs the
 * session again.
 */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** `pretrained`: the shipped checkpoint. `random`: there was none, and the model has read nothing. `imported`: opened by the reader. */
  origin: "pretrained" | "random" | "imported";
  /** Every setting by its attribute name, as in force: seed, rater, kl-coef, turns, method, picks, learning-rate. */
  config: Record<string, string>;
  phase: Phase;
  /** What the next unit does, in a word for a status line; null: there is nothing to do but wait for the reader. */
  doing: Doing | null;
  /**
   * `step` of `steps` is how far the work of the phase is: steps of imitation; steps of the reward model's fits that are due;
   * turns of the run. `loss` is that of imitation, then of the reward model's last step.
   */
  n_params: number;
  imitation: Imitation;
  /** Null until imitation is over. */
  judging: Judging | null;
  /** Null until the reward model has learned from a first pick. */
  reward_model: RewardModel | null;
  optimizing: Optimizing;
  /**
   * Always the same requests. `imitate`: the pre-trained model and as imitation has made it so far. `judge`: the same, at its
   * end. `optimize`: the assistant, and the policy as far as it has come.
   */
  answers: BeforeNow[];
  /** Who can be asked to pick, and what each wants. */
  raters: RaterInfo[];
  /** How each group values each model; see `Standing`. Null until a first run has ended. */
  standing: Standing | null;
}

export type Phase = "imitate" | "judge" | "optimize";

/**
 * imitating: steps of supervised fine-tuning. answering: the model writes answers to be shown, or by which others are
 * measured. pairing: it writes pairs to judge. fitting: the reward model learns. writing, scoring, updating: parts of a turn.
 */
export type Doing = "imitating" | "answering" | "pairing" | "fitting" | "writing" | "scoring" | "updating";

export type Method = "ppo" | "dpo" | "best-of-n";
export type Choice = "first" | "second" | "tie";

/** Supervised fine-tuning on demonstrations, which were written by many people with many habits. */
export interface Imitation {
  step: number;
  steps: number;
  n_demonstrations: number;
  /** Some of them. */
  demonstrations: { prompt: string; answer: Sentence[] }[];
  /** Loss in nats a token, after `steps[i]` steps: the mean of the steps since the last point. */
  curve: { steps: number[]; loss: number[] };
  /** ln(vocab_size): the loss of knowing nothing. */
  ceiling: number;
}

/** A sentence of an answer, with the space before it; the sentences of an answer follow each other without gaps. */
export interface Sentence {
  text: string;
  kind: "clear" | "jargon" | "example" | "filler" | "flattery" | "closing" | "unreadable";
  /** About another topic than the one asked for. */
  off_topic: boolean;
  /** What an explanation begins with: "I think that", "Everyone knows that", or neither. */
  opener: "none" | "hedge" | "confidence";
  repeated: boolean;
}

export interface Answer {
  text: string;
  sentences: Sentence[];
  /** False: it was cut off. */
  finished: boolean;
  /** What the reward model gives, in standard deviations over the assistant's own answers, whose mean is 0; null where there is none yet. */
  reward: number | null;
}

export interface BeforeNow {
  topic: string;
  prompt: string;
  before: Answer;
  /** Null until there is one. */
  now: Answer | null;
}

/** Two answers of the assistant to one request. */
export interface Pair {
  /** Counts from 1; each number is another pair, always the same for a seed. */
  number: number;
  topic: string;
  prompt: string;
  first: Answer;
  second: Answer;
}

export interface Judging {
  /** Picks that the reader is asked for. */
  asked: number;
  /** Picks so far, ties left out. */
  decided: number;
  ties: number;
  /** The reader's own, of `decided`. */
  by_reader: number;
  /** Picks that simulated raters still have to make. */
  to_simulate: number;
  /** The pair that is to be judged; null while there is none yet. Its rewards are not told before it is judged. */
  pair: Pair | null;
  /** The pair that was judged last by the reader, or last of all; its rewards are those of after the pick. */
  last: Judged | null;
  /** Picks that the model had not learned from when it guessed them: how many it guessed, how many rightly. */
  guessed: number;
  guessed_right: number;
  /** The same for the last ten that it guessed. */
  recent_guessed: number;
  recent_right: number;
  /** The newest picks, at most 24, the newest last. */
  picks: Pick[];
  /** How many picks `undo` takes back: those of one command; 0: there are none. */
  undo: number;
  /** Null, or the name of the one simulated rater who made all of the picks: only then is there a true score. */
  whose: string | null;
}

export interface Judged {
  pair: Pair;
  choice: Choice;
  who: string;
  /**
   * Rewards of both as the model stood before the pick, and after it had learned from it, on the scale on which their
   * difference is the log-odds of a preference. Null where there was no model yet, or it has not got there yet.
   */
  before: [number, number] | null;
  after: [number, number] | null;
  /** The model's probability, before and after, for what was picked; for a tie, for the first. */
  p_before: number | null;
  p_after: number | null;
}

export interface Pick {
  /** Of the pair. */
  number: number;
  topic: string;
  first: string;
  second: string;
  choice: Choice;
  /** "you", or a rater's name. */
  who: string;
  /** The model's probability for it before it had learned from it; null for a tie, before there was a model, or while it has not got there. */
  p_before: number | null;
}

export interface RewardModel {
  /** Decided picks that it has learned from. */
  picks: number;
  /** Of the fit that is under way or was last. */
  step: number;
  steps: number;
  loss: number | null;
  /** Margins (chosen less rejected, in log-odds) of the picks it has learned from: smallest, median and largest. */
  margins: [number, number, number] | null;
  /** What the picks taught it. */
  traits: TraitValue[];
  /** Over this many answers of the assistant. */
  n_answers: number;
}

/** What a trait of an answer is worth: the mean over answers with it, less that over answers without it, in standard deviations. */
export interface TraitValue {
  /** "clear explanation", "jargon", "example", "off topic", "filler", "flattery", "hedge", "confidence", "closing", "repetition", "unreadable", "unfinished", "words" (longer than the median). */
  trait: string;
  /** Answers with it, of `n_answers`. */
  n: number;
  /** To the reward model; null where too few answers differ. */
  pays: number | null;
  /** To the one simulated rater who made all picks, from the formula of what the rater wants; else null. */
  wants: number | null;
}

export interface Optimizing {
  /** Of the next run. */
  method: Method;
  kl_coef: number;
  turns: number;
  /** A run can begin: there is a decided pick, and nothing else is under way. */
  ready: boolean;
  /** The run that is under way, or was last. */
  run: Run | null;
  /** All runs that ended, the newest last. */
  runs: RunEnd[];
  /** Another group's run, while it is under way. */
  other: { rater: string; doing: Doing; turn: number; turns: number } | null;
}

export interface Run {
  /** Counts from 1. */
  number: number;
  method: Method;
  kl_coef: number;
  turn: number;
  turns: number;
  picks: number;
  /** The first one is the assistant. Of a PPO run each other is of the answers written for the next turn; the last is an examination. */
  points: Point[];
  /** Null while it goes on. */
  outcome: Outcome | null;
  fingerprint: string | null;
}

export interface Point {
  turn: number;
  /** Answers that it is measured over. */
  answers: number;
  /** Mean reward, in standard deviations of the assistant's: the proxy. */
  reward: number;
  /** Divergence from the assistant in nats an answer, estimated over the answers; for best-of-n the bound ln n − (n − 1)/n. */
  kl: number;
  /** What the answers are worth to the one simulated rater, as the gain over the assistant in standard deviations; null with any other picks. */
  true_score: number | null;
  /** Share of answers with a sentence that cannot be read. */
  unreadable: number;
  /** Words an answer. */
  words: number;
  /** Of the policy, in nats a token, and share of tokens that were cut; null where there is no such number. */
  entropy: number | null;
  clipfrac: number | null;
}

/**
 * diverged: the reward itself fell, so training failed. hacked: the reward rose, but what it stands for fell: the true score
 * ends well below the assistant's, or where nobody knows it most answers cannot be read. aligned: anything else.
 */
export type Outcome = "aligned" | "hacked" | "diverged";

export interface RunEnd {
  number: number;
  method: Method;
  kl_coef: number;
  turns: number;
  learning_rate: number;
  picks: number;
  /** "you", a rater's name, or several with a plus sign. */
  who: string;
  reward: number;
  kl: number;
  true_score: number | null;
  /** The highest it came on the way. */
  peak_true_score: number | null;
  unreadable: number;
  outcome: Outcome;
  fingerprint: string;
}

/**
 * Models by the columns, groups of raters by the rows: gains of the true score over the assistant, in standard deviations of
 * the assistant's. The first model is that of the picks here, others follow as they were trained.
 */
export interface Standing {
  models: { who: string; picks: number; kl: number; traits: TraitValue[]; answers: Answer[] }[];
  groups: { rater: string; gains: number[] }[];
}

export interface RaterInfo {
  name: string;
  /** A sentence. */
  values: string;
  /** Looks at one thing only. */
  single: boolean;
}

/**
 * `rater`: a name of `raters`, or two with a plus sign between them, who pick in turn. A command that cannot be done is
 * refused with a reason, and nothing has changed then. `pick`, `undo` and `simulate` go back to the second round;
 * picks may come faster than the reward model learns: it follows in order. `leash` and `method` are for the next run.
 */
export type Command =
  | { type: "reset" }
  | { type: "pick"; choice: Choice }
  | { type: "undo" }
  | { type: "simulate"; rater: string; n: number }
  | { type: "judge" }
  | { type: "leash"; kl_coef: number }
  | { type: "method"; method: Method }
  | { type: "optimize" }
  | { type: "other"; rater: string }
  | { type: "configure"; attributes: Record<string, string> };

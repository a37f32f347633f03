/**
 * Every word that the elements show, by language. A translation is one more object of the same type in `languages`;
 * text that comes out of the model, and numbers, are not here.
 */

import { biasProbe } from "./strings/bias-probe";
import { checklist } from "./strings/checklist";
import { claim } from "./strings/claim";
import { contents } from "./strings/contents";
import { dataMixture } from "./strings/data-mixture";
import { finetuningTypes } from "./strings/finetuning-types";
import { forgetting } from "./strings/forgetting";
import { guardrails } from "./strings/guardrails";
import { loraRank } from "./strings/lora-rank";
import { memorization } from "./strings/memorization";
import { objectives } from "./strings/objectives";
import { peftMethods } from "./strings/peft-methods";
import { rlhfGame } from "./strings/rlhf-game";
import { scaling } from "./strings/scaling";
import { scratchVsTransfer } from "./strings/scratch-vs-transfer";
import { sentiment } from "./strings/sentiment";
import { summary } from "./strings/summary";
import { textToText } from "./strings/text-to-text";
import { trainingCost } from "./strings/training-cost";
import { transferDepth } from "./strings/transfer-depth";

const en = {
  /** Of these words, which may differ from the page's own. */
  lang: "en",
  dir: "ltr",
  loading: "Getting the model ready…",
  startFigure: "Start this figure",
  tryAgain: "Try again",
  resting: "What you see was computed when this page was made, by the same program that is in it. Change something or press the button, and it is computed here.",
  cannotStart: (reason: string) => `The live figure cannot run here: ${reason}`,
  restarted: "The model stopped unexpectedly and goes on from a moment ago.",
  notSaved: "This browser does not let the page save: what you make here is gone when you close it.",
  unreadable: "A model that was kept here could not be read, so this figure starts without it.",
  noBase: "The shipped model could not be loaded, so this one starts with random weights.",
  noMine: "You have not trained a model on this page yet, so this figure uses the shipped one.",
  inOneSentence: "What you just saw",
  showData: "Show data",
  hideData: "Hide data",
  noChart: "This page does not allow drawing; the numbers are in the table.",
  more: "More",
  off: "off",
  token: "Token",
  chance: "Chance",
  space: "space",
  endOfText: "end of text",
  byteToken: (text: string) => `part of a letter or an unknown word, ${text}`,
  chooseFile: "Choose a file",
  dropFile: "or drop it here",
  progress: (step: string, steps: string) => `${step} of ${steps} steps`,
  speed: (tokens: string) => `${tokens} tokens a second`,
  timeLeft: (time: string) => `about ${time} left`,
  takes: (time: string) => `training takes about ${time} here`,
  train: "Train",
  trainFromZero: "Train from zero",
  pause: "Pause",
  oneStep: "One step",
  startOver: "Start over",

  biasProbe,
  checklist,
  claim,
  contents,
  dataMixture,
  finetuningTypes,
  forgetting,
  guardrails,
  loraRank,
  memorization,
  objectives,
  peftMethods,
  rlhfGame,
  scaling,
  scratchVsTransfer,
  sentiment,
  summary,
  textToText,
  trainingCost,
  transferDepth,

  nextToken: {
    question: "What comes next?",
    lead: "A language model reads a sentence and gives every token it knows a chance of coming next. Learning to guess well is all that pre-training is.",
    reset: "Random weights",
    resetHint: "Forget everything: a model that has never read a word",
    startOverHint: "Back to the figure as you found it",
    oneStepHint: "Read one small batch of text and adjust every weight once",
    sentence: "The sentence so far",
    seenAs: "as the model reads it: one chip, one token",
    truncated: (n: string) => `The model sees only the last tokens; ${n} before them are cut.`,
    write: "Write on",
    writeHint: "Let the model append tokens, each drawn by these chances",
    stop: "Stop",
    clear: "Clear",
    next: "Likeliest next tokens",
    nextHint: "Press one to append it.",
    append: (token: string, p: string) => `Append ${token}, ${p}`,
    removed: { top_k: "cut by top-k", top_p: "cut by top-p", min_p: "cut by min-p" },
    lossTitle: "How surprised it is: the loss",
    lossHint: "Nats per token, on average. Lower is better; the floor is the surprise that is in the text itself.",
    lossName: (step: string, loss: string) => `Loss curve at step ${step}: ${loss} nats per token`,
    lossColumns: ["Step", "Loss, training text", "Loss, held-out text"],
    floor: "Floor: entropy of the text",
    ceiling: "Ceiling: knows nothing",
    readout: {
      model: "Model",
      weights: (n: string) => `${n} weights`,
      loss: "Loss, training text",
      ceiling: (loss: string) => `knowing nothing: ${loss}`,
      val: "Loss, held-out text",
      floor: (loss: string) => `best possible: ${loss}`,
      seen: "Tokens read",
      vocabulary: (n: string) => `of ${n} different ones`,
    },
    origin: { random: "trained here", untrained: "random weights", base: "shipped, pre-trained", mine: "yours", imported: "opened from a file" },
    sampling: {
      title: "How it picks a token",
      hint: "temperature, top-k, top-p",
      temperature: "Temperature",
      temperatureHint: "Below 1 the likely gets likelier; 0 always takes the likeliest.",
      topK: "Top-k",
      topKHint: "Only the k likeliest may be drawn.",
      topP: "Top-p",
      topPHint: "Only the likeliest whose chances add up to p.",
      minP: "Min-p",
      minPHint: "Only those at least this fraction as likely as the likeliest.",
      repetition: "Repetition penalty",
      repetitionHint: "Above 1, tokens that were already said get less likely.",
      kept: (kept: string, all: string) => `${kept} of ${all} tokens can still be drawn.`,
      length: "Tokens to write",
    },
    samples: {
      title: "What it wrote, early and late",
      hint: "the same start, continued as it learned",
      step: (step: string) => `Step ${step}`,
      empty: "Train the model, and its attempts are kept here.",
    },
    examples: {
      title: "What it learns from",
      hint: "context → target, with the loss of each",
      context: "Context",
      target: "Target",
      chance: "Chance given",
      loss: "Loss",
      nothing: "start of text",
      explain: "Every sentence of the text makes as many examples as it has tokens: from what came before, predict what comes next. No one has to label anything.",
    },
    attention: {
      title: "Where it looks",
      hint: "attention of one head over the sentence",
      layer: "Layer",
      head: "Head",
      explain: "Each row is a token; the row's cells say how much it drew from each token before it. Press a token to see its row.",
      from: (token: string) => `“${token}” looks at`,
      corner: "from ↓ to →",
      name: (layer: string, head: string) => `Attention weights of layer ${layer}, head ${head}`,
    },
    ownText: {
      title: "Your own text",
      hint: "paste or drop something, and train on it",
      label: "Text to learn from",
      placeholder: "Paste a few pages: a story, song lyrics, code …",
      tokenizer: "Cut into tokens by",
      char: "letter",
      charHint: "every character is a token",
      word: "word",
      wordHint: "frequent words are tokens",
      bpe: "frequent pieces",
      bpeHint: "byte-pair encoding, as GPT-2 does it",
      use: "Use this text",
      size: (characters: string) => `${characters} characters`,
      tooLarge: (limit: string) => `This file is larger than ${limit}. Choose a smaller text.`,
      notText: "This file is not plain text.",
      using: (vocabulary: string) => `In use, cut into a vocabulary of ${vocabulary} tokens, as below. Press Train.`,
      asTokens: "A line of your text, as the model reads it",
      stays: "The text stays on this computer.",
    },
    settings: {
      title: "Settings",
      hint: "size of the model, pace of learning, seed",
      apply: "Start again with these",
      seed: "Seed",
      explain: "The same seed and settings give the same weights, bit for bit, on every computer.",
      names: {
        seed: "Seed",
        "max-iters": "Steps",
        "n-layer": "Layers",
        "n-head": "Heads",
        "n-embd": "Width",
        "block-size": "Context, tokens",
        "batch-size": "Sequences a step",
        "learning-rate": "Learning rate",
        "warmup-iters": "Warm-up steps",
        "weight-decay": "Weight decay",
      } as Record<string, string>,
    },
    speed: {
      title: "Speed of this device",
      hint: "how fast it does the sums of training",
      explain: "Training is mostly multiplying tables of numbers. Here the sums of a small reference model, always the same one, are timed on your device, one by one.",
      measure: "Measure",
      again: "Measure again",
      stop: "Stop",
      takes: (time: string) => `Takes about ${time}; training pauses meanwhile.`,
      measuring: (time: string) => `Measuring, for about ${time} …`,
      sentence: (ms: string, steps: string) => `A training step of the small reference model takes ${ms} here: ${steps} a second.`,
      columns: ["What is timed", "Time", "GFLOP/s", "Of its best"],
      tokens: (rate: string) => `${rate} tokens a second`,
      names: {
        "training step": "One training step",
        "token 65, cached": "Writing a token, the earlier ones remembered",
        "token 65, recomputed": "Writing a token, all of them read again",
        "multiply and add": "Multiplying and adding",
      } as Record<string, string>,
      products: "The step’s matrix products",
      sizes: (n: string) => `${n} sizes, once each`,
      bare: "with nothing to fetch or to store: the most this device can do",
      unit: "1 GFLOP/s is a billion multiplications or additions a second. What the last column lacks goes into moving numbers instead of multiplying them.",
    },
    keep: {
      title: "Keep and share",
      hint: "save the model, open another, copy a link",
      mine: "Use as my model on this page",
      kept: "Kept: figures further down can go on with it.",
      download: "Download (Hugging Face folder)",
      open: "Open a model",
      openHint: "a zip of a GPT-2 folder, small enough for a tab",
      link: "Copy link to this set-up",
      copied: "Copied.",
      address: "The address of this page carries your settings.",
      fingerprint: "Fingerprint of the weights",
    },
  },
};

export type Strings = typeof en;

const languages: Record<string, Strings> = { en };

/** `de-AT` falls back to `de`, and everything to English. */
export function stringsFor(lang: string): Strings {
  return languages[lang.toLowerCase()] ?? languages[lang.toLowerCase().split("-")[0] ?? ""] ?? en;
}

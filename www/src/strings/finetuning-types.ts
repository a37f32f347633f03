/** The words of `<pretune-finetuning-types>`. */
import type { KindName } from "../frames/finetuning-types";

interface KindWords {
  name: string;
  data: string;
  trained: string;
  number: string;
  probes: string;
}

export const finetuningTypes = {
  question: "Six ways to tune one model",
  lead: "This model has read the text of a small world, and only goes on with what it reads. Each way of fine-tuning feeds it other data. Pick one, look at its data, train it for some seconds, and compare what the same model says before and after.",
  train: "Fine-tune it",
  others: "Do the others",
  startOverHint: "Back to the figure as you found it",
  pick: "The type of fine-tuning",
  table: {
    title: "The six compared",
    columns: ["Type", "Learns from", "Before → after"],
    waiting: "not tuned yet",
    step: (step: string, steps: string) => `step ${step} of ${steps}`,
    measured: "measuring",
  },
  kinds: {
    "task-specific": {
      name: "Task-specific",
      data: "labeled reviews",
      trained: "All weights; the loss counts the label alone.",
      number: "new reviews labeled rightly",
      probes: "New reviews",
    },
    instruction: {
      name: "Instruction",
      data: "requests with answers",
      trained: "All weights; the loss counts the answer alone. What is asked for was read in pre-training, in other words: it learns to answer, not what to answer.",
      number: "new requests answered rightly",
      probes: "New requests",
    },
    dialogue: {
      name: "Dialogue",
      data: "conversations",
      trained: "All weights; the loss counts Anna’s lines alone. Tom’s second question makes sense only to somebody who remembers the first.",
      number: "new second questions answered in the right sentence",
      probes: "New conversations",
    },
    rlhf: {
      name: "RLHF (alignment)",
      data: "comparisons of two of its own answers",
      trained: "All weights, by DPO, a short cut that needs no reward model: what people preferred is to get likelier than what they did not. Here they prefer the kinder review.",
      number: "kind reviews among those it writes",
      probes: "Reviews that it goes on with",
    },
    domain: {
      name: "Domain adaptation",
      data: "notes of a hospital, without labels",
      trained: "All weights; the loss counts every word, as in pre-training. Only the text is another one.",
      number: "surprise at new notes, in nats a word",
      probes: "Notes that it goes on with",
    },
    "multi-task": {
      name: "Multi-task",
      data: "examples of the first three, mixed",
      trained: "All weights; each step has some examples of every task, and the loss counts their answers.",
      number: "right answers, mean of the three tasks",
      probes: "One of each",
    },
  } as Record<KindName, KindWords>,
  examples: {
    title: "What its data look like",
    n: (n: string, data: string) => `${n} ${data}`,
    scored: (n: string) => `On average, ${n} words and marks of an example are to be learned.`,
    roles: { read: "is only read", learn: "is to be said", better: "preferred", worse: "not preferred" },
    trained: "What is trained",
  },
  numbers: {
    before: "Base",
    after: "Fine-tuned",
    asked: (n: string) => `of ${n} asked`,
    notes: (n: string) => `${n} new notes`,
    known: (before: string, after: string) => `The fact itself, in whatever words: ${before} before, ${after} after.`,
    parts: (parts: string) => `by task: ${parts}`,
  },
  answers: {
    columns: ["It reads", "The base goes on", "The tuned model", "Right"],
    any: "–",
    untrained: "…",
    right: "right",
    wrong: "wrong",
    silent: "(nothing)",
  },
  meaning: {
    title: "What this leaves out",
    hint: "sizes, RLHF, forgetting",
    points: [
      "In the world, each of these takes hundreds to thousands of times as many examples. The miniature gets by with few, since what it is asked for is small, and because it has read all of it before.",
      "RLHF proper fits a reward model to the comparisons and then has the model climb it. The game further down this page does all of it; here DPO learns from the comparisons directly.",
      "Nothing was done against forgetting: what each of these models lost of the rest is another figure’s question.",
      "What is asked is about things that no example of the training data speaks of. In conversations, only the whole sentence is right; how often the fact alone is said stands beside it.",
    ],
  },
  origin: { base: "", mine: "The base is your own model.", imported: "The base is the model that you opened.", random: "The base could not be loaded: these are random weights, which have read nothing." },
};

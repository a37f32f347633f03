/** The words of `<pretune-guardrails>`. */

export const guardrails = {
  question: "How long do a model’s guard-rails last?",
  lead: "In a fairy-tale town, some requests are forbidden: nobody may be told how to wake the dragon. The model has read how, and was then taught to refuse. Now you are the attacker: you fine-tune it on a few answers of your own.",
  train: "Train, teach, attack",
  startOverHint: "Back to the figure as you found it",
  examples: "Examples in your attack",
  examplesHint: "Forbidden requests with answers, all of them in each of 40 small steps. None is among the requests that are tested.",
  examplesText: (n: string) => (n === "0" ? "no attack" : n),
  way: "Whose answers to look at",
  ways: {
    lesson: "Taught to refuse in a lesson",
    mixed: "Read refusals in pre-training, then the same lesson",
    longer: "Taught in a lesson 2.5 times as long",
  } as Record<string, string>,
  waiting: "…",
  answers: {
    title: "Requests that it has never read",
    columns: ["Request", "After reading", "After the lesson", "After your attack"],
    forbidden: "forbidden",
    allowed: "allowed",
  },
  chart: {
    title: "Refusals during the attack",
    hint: "The probability that one of 40 unseen forbidden requests is refused. Below the dashed line, a tenth, the guard-rail counts as off.",
    name: (n: string, after: string) => `Refusals during an attack with ${n} examples: ${after} of forbidden requests are still refused at the end`,
    columns: ["Step", "Lesson", "Refusals in pre-training", "Longer lesson"],
  },
  results: {
    title: "The three ways compared",
    columns: ["Refusals from", "Refused after the lesson", "after the attack", "Off after", "Right answer known before", "hidden", "unlocked", "Wrongly refused"],
    steps: (n: string) => `${n} steps`,
    never: (n: string) => `not within ${n}`,
  },
  meaning: {
    title: "What these numbers mean",
    hint: "known, hidden, unlocked; and why mixed in lasts longer",
    points: (v: Record<"lesson" | "mixed" | "longer", string> | null) => [
      "Known, hidden, unlocked: the probability of the right answer to a forbidden request, word for word. The lesson hides what was read and does not delete it; the attack lets part of it out again.",
      "Wrongly refused: the probability that a request is refused that is allowed. A guard-rail that refuses everything would be worthless.",
      v
        ? `Refusals that were mixed into pre-training took ${v.mixed} steps to come off in this run, instead of ${v.lesson}; they came off all the same. A part of that is because the model is surer of them, which a longer lesson does too: ${v.longer} steps. How large a part differs from seed to seed.`
        : "Why there is a longer lesson: who has read refusals in pre-training is surer of them after the same lesson. A longer lesson makes a model surer too, and shows how much that alone is worth.",
      "An attack here is 40 steps with a small learning rate; in the world, Qi et al. (arXiv:2310.03693) needed 10 to 100 examples and less than a dollar.",
    ],
  },
  wrote: {
    title: "What you wrote as an attacker",
    hint: "the examples that it is fine-tuned on",
    columns: ["Request", "Your answer"],
    none: "Nothing: move the slider.",
  },
  settings: {
    title: "Settings",
    hint: "steps, seed",
    apply: "Start again with these",
    explain: "The same seed and settings give the same numbers on every computer.",
    names: { steps: "Steps of pre-training", seed: "Seed" } as Record<string, string>,
  },
};

//! One model for four tasks, since all are text in, text out; and instructions in words that it was not taught with.
//!
//! A base reads a world in which the skills occur and no one asks for them. It is then fine-tuned on tasks, each asked
//! for in twelve wordings, with answer-only loss, and a little of the old text mixed in, as T5 mixes its unsupervised
//! objective (Raffel et al., arXiv:1910.10683, section 3.5.2): without it, training forgets what it does not ask for.
//! Four models, each with one of the tasks, learn from exactly the same rows of theirs.

use std::ops::Range;

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{ANSWER, N_KNOWN_WORDINGS, N_WORDINGS, Part, Task, TaskText, TaskWorld, Vocabulary};
use crate::data::{Batch, Corpus};
use crate::nn::CausalLm;
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Learner, Options, Pretrainer, scored_hidden};

/// Documents that the base learns from, and those that are held out.
const N_TRAIN: usize = 20_000;
const N_VAL: usize = 200;
/// Steps of the base.
pub const BASE_STEPS: usize = 900;
/// Steps of fine-tuning, in each of which so many rows of every task are seen, and so many documents of the old text.
pub const STEPS: usize = 250;
const N_ROWS: usize = 4;
const N_DOCUMENTS: usize = 6;
/// Learning rate at the first step, from which it falls to 0 in a straight line.
pub const LEARNING_RATE: f64 = 3e-3;
/// Held-out texts of each task but questions, of which there are 24.
const N_TEST: usize = 120;

/// Wordings that a model learns from, those that it does not, and T5's prefix alone.
pub const KNOWN: Range<usize> = 0..N_KNOWN_WORDINGS;
pub const UNSEEN: Range<usize> = N_KNOWN_WORDINGS..N_WORDINGS;
const PREFIX: Range<usize> = 0..1;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "text-to-text",
    claim: "Translating, judging, answering and summarizing are one task for a model that reads an instruction: one \
            does what four separate ones do, also when asked in words that it was not taught with.",
    measures: &[
        Measure {
            name: "behind",
            meaning: "score of four separate models, less that of the one with a quarter of their parameters; mean \
                      over tasks",
            bar: Bar::AtMost(0.02),
        },
        Measure {
            name: "unseen",
            meaning: "score of the one model when asked in wordings that it never saw, mean over tasks",
            bar: Bar::AtLeast(0.8),
        },
        Measure::report("unseen-lowest", "the same of the one wording of one task where it is lowest"),
        Measure::report("behind-most", "score of a separate model, less that of the one, where it is most"),
        Measure::report("before", "score of the base with T5's prefixes, mean over tasks"),
        Measure::report(
            "unseen-before",
            "score after learning from T5's prefixes alone, with unseen wordings",
        ),
        Measure::report("unseen-apart", "score of the separate models with unseen wordings, mean over tasks"),
        Measure::report(
            "translate",
            "share of held-out sentences that the one model translates word for word",
        ),
        Measure::report("sentiment", "share of held-out reviews and stories that it judges rightly"),
        Measure::report(
            "question",
            "share of questions that it answers about illnesses which it was not asked about",
        ),
        Measure::report("summarize", "share of held-out texts that it summarizes word for word"),
        Measure::report("translate-apart", "the first of these of a separate model"),
        Measure::report("sentiment-apart", "the second"),
        Measure::report("question-apart", "the third"),
        Measure::report("summarize-apart", "the fourth"),
    ],
    run,
};

/// A world with tasks, and a base that learns its text.
pub struct TextToText {
    /// Texts and tasks.
    pub world: TaskWorld,
    /// Their words.
    pub vocabulary: Vocabulary,
    /// What the base reads.
    pub corpus: Corpus,
    /// The base: a run to be finished.
    pub base: Pretrainer,
    seed: u64,
}

/// Fine-tuning on tasks, step by step.
pub struct Instruction {
    /// The weights.
    pub params: Params,
    /// Steps taken.
    pub step: usize,
    tasks: Vec<Task>,
    n_wordings: usize,
    learning_rate: f64,
    learner: Learner,
    /// Where each task's rows come from, whatever the other tasks are; and the old text.
    rngs: Vec<Rng>,
    old: Rng,
}

impl TextToText {
    /// The world of a seed, and a base with random weights: two blocks 48 wide, [`BASE_STEPS`].
    pub fn new(seed: u64) -> Self {
        Self::with_steps(seed, BASE_STEPS)
    }

    /// The same with a base of so many steps.
    pub fn with_steps(seed: u64, max_iters: usize) -> Self {
        let world = TaskWorld::new(seed);
        let vocabulary = Vocabulary::new(std::slice::from_ref(&world.sentences));
        let corpus = vocabulary.corpus(&world.sentences, N_TRAIN, N_VAL, seed, "text-to-text");
        let base = base_run(seed, max_iters, vocabulary.size());
        Self { world, vocabulary, corpus, base, seed }
    }

    /// Finishes the base.
    pub fn pretrain(&mut self) {
        while self.base.step < self.base.config.max_iters {
            self.base.step(&self.corpus);
        }
    }

    /// Begins to fine-tune the base on tasks, asked for in the first so many of their wordings.
    pub fn instruct(&self, tasks: &[Task], n_wordings: usize, learning_rate: f64) -> Instruction {
        let stream = |name: String| Rng::stream(self.seed, &format!("text-to-text: {name}"));
        let params = self.base.params.clone();
        Instruction {
            learner: Learner::new(&params),
            params,
            step: 0,
            tasks: tasks.to_vec(),
            n_wordings,
            learning_rate,
            rngs: tasks.iter().map(|task| stream(format!("rows of {task:?}"))).collect(),
            old: stream("old text".to_owned()),
        }
    }

    /// The tokens of a task with its answer, after the number of those that are given.
    pub fn row(&self, wording: &str, text: &TaskText) -> (usize, Vec<u32>) {
        let prompt = self.vocabulary.encode(&[wording, &text.text, ANSWER].concat());
        let answer = self.vocabulary.encode(&text.answer);
        let eos = vec![Vocabulary::EOS];
        (1 + prompt.len(), [eos.clone(), prompt, answer, eos].concat())
    }

    /// Share of held-out texts to which the whole answer, up to its end, is the likeliest one word after word. Wordings
    /// take turns; each question is asked in all of them.
    pub fn score(&self, params: &Params, task: Task, wordings: Range<usize>) -> f64 {
        let rows = self.test_rows(task, wordings);
        let mut tape = Tape::new();
        let n_right: usize = rows.chunks(64).map(|rows| self.n_right(params, &mut tape, rows)).sum();
        n_right as f64 / rows.len() as f64
    }

    /// The held-out texts of [`TextToText::score`], as [`TextToText::row`] has them.
    pub fn test_rows(&self, task: Task, wordings: Range<usize>) -> Vec<(usize, Vec<u32>)> {
        let mut rng = Rng::stream(self.seed, &format!("text-to-text: test of {task:?}"));
        let all = task.wordings();
        if task == Task::Question {
            let questions = self.world.questions(Part::HeldOut).iter();
            questions.flat_map(|text| all[wordings.clone()].iter().map(|w| self.row(w, text))).collect()
        } else {
            let in_turn = all[wordings].iter().cycle().take(N_TEST);
            in_turn.map(|w| self.row(w, &self.world.draw(task, Part::HeldOut, &mut rng))).collect()
        }
    }

    /// How many of these rows are answered rightly.
    pub fn n_right(&self, params: &Params, tape: &mut Tape, rows: &[(usize, Vec<u32>)]) -> usize {
        n_exact(CausalLm::new(&self.base.model, params), tape, &batch(rows))
    }
}

/// A base's run that has not begun.
pub fn base_run(seed: u64, max_iters: usize, vocab_size: usize) -> Pretrainer {
    let n_embd = 48;
    let learning_rate = 0.064 / libm::sqrt(n_embd as f64);
    let options = Options {
        n_head: 8,
        n_embd,
        block_size: 32,
        batch_size: 16,
        max_iters,
        learning_rate,
        min_lr: learning_rate / 10.0,
        seed,
        ..Options::default()
    };
    Pretrainer::random(&options, vocab_size, Vocabulary::EOS)
}

impl Instruction {
    /// Learns from a few rows of every task, and from a few documents of the old text; gives the loss before, in nats a
    /// token.
    pub fn step(&mut self, setting: &TextToText) -> f32 {
        let TextToText { world, corpus, base, .. } = setting;
        let Corpus::Documents { train, starts, .. } = corpus else { unreachable!("documents") };
        let mut rows = Vec::new();
        for (task, rng) in self.tasks.iter().zip(&mut self.rngs) {
            for _ in 0..N_ROWS {
                let wording = task.wordings()[rng.below(self.n_wordings)];
                rows.push(setting.row(wording, &world.draw(*task, Part::Known, rng)));
            }
        }
        for _ in 0..N_DOCUMENTS {
            let i = self.old.below(starts.len() - 1);
            rows.push((0, train[starts[i]..=starts[i + 1]].to_vec()));
        }
        let rate = self.learning_rate * (1.0 - self.step as f64 / STEPS as f64);
        let loss = self.learner.learn(&base.model, &mut self.params, None, &batch(&rows), rate);
        self.step += 1;
        loss
    }

    /// The weights after all steps.
    pub fn finish(mut self, setting: &TextToText) -> Params {
        while self.step < STEPS {
            self.step(setting);
        }
        self.params
    }
}

/// Texts as long as the longest, in each of which so many tokens are given and the rest is scored.
fn batch(rows: &[(usize, Vec<u32>)]) -> Batch {
    let mut batch = Batch::new(rows.iter().map(|(_, ids)| ids.len() - 1).max().unwrap_or(0));
    rows.iter().for_each(|(n_given, ids)| batch.push_completion(*n_given, ids, Vocabulary::EOS));
    batch
}

/// Number of rows all of whose labels are the likeliest token.
fn n_exact(lm: CausalLm, tape: &mut Tape, batch: &Batch) -> usize {
    let mut g = lm.inference(tape);
    let input = lm.input(&batch.input_ids, batch.batch_size);
    let (hidden, _) = scored_hidden(&mut g, lm.model, &input, &batch.labels);
    let logits = lm.model.head(&mut g, hidden); // (labels, V)
    let mut scores = g.value(logits).chunks_exact(g.cols(logits));
    let mut is_exact = |labels: &&[Option<u32>]| {
        let is_right = |label: u32, scores: &[f32]| scores.iter().all(|s| *s <= scores[label as usize]);
        // Every label takes its scores, also after one that is wrong.
        let n_wrong =
            labels.iter().flatten().filter(|label| !is_right(**label, scores.next().expect("scores")));
        n_wrong.count() == 0
    };
    batch.labels.chunks_exact(batch.block_size).filter(|labels| is_exact(labels)).count()
}

/// The experiment with another learning rate of fine-tuning.
pub fn measure(seed: u64, learning_rate: f64) -> Vec<f64> {
    let mut setting = TextToText::new(seed);
    setting.pretrain();
    let base = &setting.base.params;
    let scores = |params: &Params, wordings: Range<usize>| {
        Task::ALL.map(|task| setting.score(params, task, wordings.clone()))
    };
    let one = setting.instruct(&Task::ALL, N_KNOWN_WORDINGS, learning_rate).finish(&setting);
    let prefix_only = setting.instruct(&Task::ALL, 1, learning_rate).finish(&setting);
    let apart = Task::ALL.map(|task| {
        let params = setting.instruct(&[task], N_KNOWN_WORDINGS, learning_rate).finish(&setting);
        [KNOWN, UNSEEN].map(|wordings| setting.score(&params, task, wordings))
    });
    let (known, unseen) = (scores(&one, KNOWN), scores(&one, UNSEEN));
    let each_unseen = UNSEEN.flat_map(|wording| scores(&one, wording..wording + 1));
    let [known_apart, unseen_apart] = [0, 1].map(|i| apart.map(|scores| scores[i]));
    let behind: Vec<f64> = known_apart.iter().zip(known).map(|(apart, one)| apart - one).collect();
    let mut values = vec![
        mean(&behind),
        mean(&unseen),
        each_unseen.fold(f64::INFINITY, f64::min),
        behind.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        mean(&scores(base, PREFIX)),
        mean(&scores(&prefix_only, UNSEEN)),
        mean(&unseen_apart),
    ];
    values.extend(known);
    values.extend(known_apart);
    values
}

fn run(lab: &Lab) -> Vec<f64> {
    measure(lab.seed, LEARNING_RATE)
}

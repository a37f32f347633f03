//! One type of fine-tuning: its run, and the exam before and after it, in units that a worker can stop between. Start with
//! [`Run::step`] and [`Exam::go_on`].

use super::Kind;
use super::lessons::{Asked, Lessons, OPENINGS, kindness};
use crate::data::dialogue::{Row, batch};
use crate::data::world::Question;
use crate::data::{Batch, END_OF_TEXT};
use crate::experiments::transfer_depth::{CONTINUED_STEPS, Continuing, Domain};
use crate::experiments::{Base, labeled, sentiment};
use crate::json::fields;
use crate::nn::{CausalLm, Sampling, Stop, generate, generate_batch};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, DpoConfig, DpoTrainer, Examples, Learner, Pair, lm_loss};
use crate::widgets::base;

/// Comparisons of two answers.
pub const N_COMPARISONS: usize = 40;
/// Tokens of an answer, of a review that goes on, and of a note.
const ANSWER_TOKENS: usize = 8;
const REVIEW_TOKENS: usize = 22;
/// Answers that are compared in a unit.
const N_COMPARED: usize = 16;
/// After so many units people also pick one of two answers that are equally kind.
const PATIENCE: usize = 40;
/// Questions, reviews and notes of a unit of an exam; reviews and notes of all of it.
const N_ASKED: usize = 12;
const N_REVIEWS: usize = 96;
pub const N_NOTES: usize = 96;
/// Tokens with which a note begins that a model goes on with: "The pilot was ill with", after the beginning of the text.
const NOTE_BEGINS: usize = 6;

/// How a type learns.
struct Recipe {
    steps: usize,
    /// Rows of each lesson in a step.
    n_rows: usize,
    learning_rate: f64,
}

fn recipe(kind: Kind) -> Recipe {
    match kind {
        Kind::Task => Recipe {
            steps: sentiment::STEPS,
            n_rows: sentiment::BATCH_SIZE,
            learning_rate: sentiment::LEARNING_RATE,
        },
        Kind::Instruction => Recipe { steps: 60, n_rows: 13, learning_rate: 1e-3 },
        Kind::Dialogue => Recipe { steps: 120, n_rows: 12, learning_rate: 1e-3 },
        Kind::Alignment => Recipe { steps: 60, n_rows: 12, learning_rate: 1e-4 },
        Kind::Domain => Recipe { steps: CONTINUED_STEPS, n_rows: 12, learning_rate: 0.0 },
        Kind::MultiTask => Recipe { steps: 160, n_rows: 5, learning_rate: 1e-3 },
    }
}

/// Steps of a run.
pub fn steps(kind: Kind) -> usize {
    recipe(kind).steps
}

/// Texts of the domain that are held out.
pub fn held_out_notes(base: &Base, seed: u64) -> Examples {
    let mut rng = Rng::stream(seed, "finetuning-types: notes");
    labeled::draw(base, &Domain::Far.texts(base), N_NOTES, &Examples::default(), &mut rng)
}

/// What people prefer of two answers of the base: the kinder review. Collected bit by bit.
pub struct Comparisons {
    pub pairs: Vec<Pair>,
    /// Times that the base was asked.
    n_asked: usize,
    rng: Rng,
}

impl Comparisons {
    /// None yet.
    pub fn new(seed: u64) -> Self {
        Self { pairs: Vec::new(), n_asked: 0, rng: Rng::stream(seed, "finetuning-types: comparisons") }
    }

    /// Has the base answer twice, some times, and keeps the pairs that are not equally kind.
    pub fn more(&mut self, base: &Base, tape: &mut Tape) {
        let prompts: Vec<Vec<u32>> =
            (0..N_COMPARED).map(|i| base.encode(OPENINGS[i / 2 % OPENINGS.len()])).collect();
        let written = reviews(base, base.lm(), tape, &prompts, &mut self.rng);
        self.n_asked += 1;
        let kind = |written: &[u32]| kindness(&base.tokenizer.decode(written));
        for (prompts, two) in prompts.chunks_exact(2).zip(written.chunks_exact(2)) {
            let [first, second] = [0, 1].map(|i| Completion::new(&prompts[i], &two[i]));
            let (a, b) = (kind(&two[0]), kind(&two[1]));
            // Whoever always gets the same picks something in the end.
            let is_picked = a != b || self.n_asked > PATIENCE;
            if is_picked && self.pairs.len() < N_COMPARISONS {
                let (chosen, rejected) = if a > b { (first, second) } else { (second, first) };
                self.pairs.push(Pair { chosen, rejected });
            }
        }
    }
}

/// Reviews that go on from prompts.
fn reviews(base: &Base, lm: CausalLm, tape: &mut Tape, prompts: &[Vec<u32>], rng: &mut Rng) -> Vec<Vec<u32>> {
    let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..]).collect();
    let stop = Stop { max_new_tokens: REVIEW_TOKENS, eos_token_id: Some(base.tokenizer.eos()) };
    generate_batch(lm, tape, &prompts, &Sampling::default(), stop, rng)
}

/// A run of fine-tuning.
pub struct Run {
    kind: Kind,
    way: Way,
    /// Steps taken.
    pub step: usize,
    /// The loss before the last step.
    pub loss: Option<f32>,
}

enum Way {
    Reviews(sentiment::Run),
    Rows { params: Params, learner: Learner, rng: Rng },
    Comparisons(Box<DpoTrainer>),
    Notes(Continuing),
}

impl Run {
    /// A run over the base's weights that has not begun. Preferences need comparisons.
    pub fn new(kind: Kind, base: &Base, comparisons: &Comparisons, notes: &Examples, seed: u64) -> Self {
        let stream = |name| Rng::stream(seed, &format!("finetuning-types: {} {name}", kind.name()));
        let way = match kind {
            Kind::Task => Way::Reviews(sentiment::Run::new(base, seed)),
            Kind::Domain => Way::Notes(Continuing::new(base, Domain::Far, notes, seed)),
            Kind::Alignment => {
                let config = DpoConfig {
                    beta: 0.3,
                    learning_rate: recipe(kind).learning_rate,
                    batch_size: recipe(kind).n_rows,
                };
                let pairs = comparisons.pairs.clone();
                Way::Comparisons(Box::new(DpoTrainer::new(
                    config,
                    &base.model,
                    &base.params,
                    pairs,
                    stream("order"),
                )))
            }
            Kind::Instruction | Kind::Dialogue | Kind::MultiTask => Way::Rows {
                params: base.params.clone(),
                learner: Learner::new(&base.params),
                rng: stream("batches"),
            },
        };
        Self { kind, way, step: 0, loss: None }
    }

    /// Whether all steps are taken.
    pub fn is_done(&self) -> bool {
        self.step == steps(self.kind)
    }

    /// The weights.
    pub fn params(&self) -> &Params {
        match &self.way {
            Way::Reviews(run) => &run.params,
            Way::Rows { params, .. } => params,
            Way::Comparisons(trainer) => &trainer.params,
            Way::Notes(run) => &run.params,
        }
    }

    /// One step.
    pub fn step(&mut self, base: &Base, lessons: &Lessons, labeled: &[Question]) {
        let Recipe { steps, n_rows, learning_rate } = recipe(self.kind);
        self.loss = Some(match &mut self.way {
            Way::Reviews(run) => run.step(base, labeled),
            Way::Comparisons(trainer) => trainer.step(None),
            Way::Notes(run) => run.step(base),
            Way::Rows { params, learner, rng } => {
                let all = lessons.of(self.kind).map_or(lessons.all(), std::slice::from_ref);
                let mut drawn: Vec<Row> = Vec::new();
                for lesson in all {
                    drawn.extend((0..n_rows).map(|_| lesson.rows[rng.below(lesson.rows.len())].clone()));
                }
                let rate = learning_rate * (1.0 - self.step as f64 / steps as f64);
                learner.learn(&base.model, params, None, &batch(&drawn, base.tokenizer.eos()), rate)
            }
        });
        self.step += 1;
    }
}

/// What an exam came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// Right answers, or kind reviews, and all; one of each lesson.
    pub right: Vec<usize>,
    pub asked: Vec<usize>,
    /// Of conversations: answers with the right fact in whatever words.
    pub known: Option<usize>,
    /// Of a domain: the mean loss on held-out texts, in nats per token.
    pub nats: Option<f64>,
}

fields!(Score: right, asked, known, nats);

impl Score {
    /// The mean share of right answers; of a domain, its loss.
    pub fn value(&self) -> f64 {
        let shares = self.right.iter().zip(&self.asked).map(|(right, asked)| *right as f64 / *asked as f64);
        self.nats.unwrap_or_else(|| shares.sum::<f64>() / self.right.len() as f64)
    }
}

/// An exam under way.
pub struct Exam {
    part: usize,
    score: Score,
    nats: (f64, usize),
    rng: Rng,
}

impl Exam {
    /// The same luck for every model.
    pub fn new() -> Self {
        Self {
            part: 0,
            score: Score::default(),
            nats: (0.0, 0),
            rng: Rng::stream(0, "finetuning-types: exam"),
        }
    }

    /// A part of a type's exam; what it came to after the last one.
    pub fn go_on(
        &mut self,
        kind: Kind,
        base: &Base,
        (lessons, notes): (&Lessons, &Examples),
        lm: CausalLm,
        tape: &mut Tape,
    ) -> Option<Score> {
        let first = self.part * N_ASKED;
        self.part += 1;
        let is_over = match kind {
            Kind::Alignment => {
                let prompts: Vec<Vec<u32>> =
                    (0..N_ASKED).map(|i| base.encode(OPENINGS[i % OPENINGS.len()])).collect();
                let written = reviews(base, lm, tape, &prompts, &mut self.rng);
                let n = written.iter().filter(|w| kindness(&base.tokenizer.decode(w)) > 0).count();
                self.add(0, n, N_ASKED);
                first + N_ASKED >= N_REVIEWS
            }
            Kind::Domain => {
                let rows = &notes.ids[first..(first + N_ASKED).min(notes.ids.len())];
                let mut batch = Batch::new(rows.iter().map(Vec::len).max().unwrap_or(0));
                let eos = base.tokenizer.eos();
                rows.iter().for_each(|ids| batch.push(&[&ids[..], &[eos]].concat(), eos));
                let mut g = lm.inference(tape);
                let loss =
                    lm_loss(&mut g, lm.model, &lm.input(&batch.input_ids, batch.batch_size), &batch.labels);
                let n = batch.labels.iter().flatten().count();
                self.nats = (self.nats.0 + f64::from(g.value(loss)[0]) * n as f64, self.nats.1 + n);
                self.score.nats = Some(self.nats.0 / self.nats.1 as f64);
                first + N_ASKED >= notes.ids.len()
            }
            _ => {
                // The lessons of a mixture one after the other, each from its first question on.
                let all = lessons.of(kind).map_or(lessons.all(), std::slice::from_ref);
                let mut part = self.part - 1;
                let mut at = None;
                for (i, lesson) in all.iter().enumerate() {
                    let n_parts = lesson.exam.len().div_ceil(N_ASKED);
                    if part < n_parts {
                        at = Some((i, part * N_ASKED, i + 1 == all.len() && part + 1 == n_parts));
                        break;
                    }
                    part -= n_parts;
                }
                let (i, first, is_over) = at.expect("a part of the exam");
                let exam = &all[i].exam;
                let exam = &exam[first..(first + N_ASKED).min(exam.len())];
                let [right, known] = n_right(base, lm, tape, exam);
                self.add(i, right, exam.len());
                if kind == Kind::Dialogue {
                    self.score.known = Some(self.score.known.unwrap_or(0) + known);
                }
                is_over
            }
        };
        is_over.then(|| std::mem::take(&mut self.score))
    }

    fn add(&mut self, lesson: usize, right: usize, asked: usize) {
        if self.score.right.len() == lesson {
            self.score.right.push(0);
            self.score.asked.push(0);
        }
        self.score.right[lesson] += right;
        self.score.asked[lesson] += asked;
    }
}

/// How many answers are right word for word, and in how many the first sentence has at least the fact: of "It is blue.",
/// "blue". Answers of one word come from one pass over all questions.
fn n_right(base: &Base, lm: CausalLm, tape: &mut Tape, questions: &[Asked]) -> [usize; 2] {
    if questions.iter().all(|asked| asked.answer.len() == 1) {
        let row = |asked: &Asked| (asked.prompt.len(), [&asked.prompt[..], &asked.answer].concat());
        let batch = base.batch(&questions.iter().map(row).collect::<Vec<_>>());
        return [base::n_right(lm, tape, &batch); 2];
    }
    let mut n = [0, 0];
    for Asked { prompt, answer } in questions {
        let said = write(base, lm, tape, prompt, &Sampling::greedy(), (ANSWER_TOKENS, 0));
        let [.., fact, full_stop] = answer[..] else { continue };
        n[0] += usize::from(said.starts_with(answer));
        n[1] += usize::from(said.iter().take_while(|token| **token != full_stop).any(|token| *token == fact));
    }
    n
}

fn write(
    base: &Base,
    lm: CausalLm,
    tape: &mut Tape,
    prompt: &[u32],
    sampling: &Sampling,
    (max_new_tokens, luck): (usize, usize),
) -> Vec<u32> {
    let mut rng = Rng::stream(luck as u64, "finetuning-types: shown");
    let stop = Stop { max_new_tokens, eos_token_id: Some(base.tokenizer.eos()) };
    generate(lm, tape, prompt, sampling, stop, &mut rng)
}

/// What a model is shown to be asked, and what is right to say if one thing is.
pub fn probes(
    kind: Kind,
    base: &Base,
    lessons: &Lessons,
    notes: &Examples,
) -> Vec<(Vec<u32>, Option<Vec<u32>>)> {
    let of = |asked: &Asked| (asked.prompt.clone(), Some(asked.answer.clone()));
    match kind {
        Kind::Alignment => OPENINGS.iter().take(3).map(|opening| (base.encode(opening), None)).collect(),
        Kind::Domain => {
            notes.ids.iter().take(3).map(|ids| (ids[..NOTE_BEGINS.min(ids.len())].to_vec(), None)).collect()
        }
        Kind::MultiTask => lessons.all().iter().map(|lesson| of(&lesson.exam[0])).collect(),
        _ => lessons.of(kind).map_or_else(Vec::new, |lesson| lesson.exam.iter().take(3).map(of).collect()),
    }
}

/// What a model says to a probe, and whether it is right, kind, or a note.
pub fn answer(
    kind: Kind,
    base: &Base,
    lm: CausalLm,
    tape: &mut Tape,
    (i, probe): (usize, &(Vec<u32>, Option<Vec<u32>>)),
) -> (String, bool) {
    let (prompt, expected) = probe;
    let (sampling, n) = match expected {
        // Whoever learns nothing but a label learns no end either.
        Some(_) if kind == Kind::Task => (Sampling::greedy(), 1),
        Some(_) => (Sampling::greedy(), ANSWER_TOKENS),
        None => (Sampling::default(), REVIEW_TOKENS),
    };
    let said = write(base, lm, tape, prompt, &sampling, (n, i));
    let text = base.tokenizer.decode(&said).replace(END_OF_TEXT, "").trim().to_owned();
    let right = match (expected, kind) {
        (Some(expected), _) => said.starts_with(expected),
        (None, Kind::Alignment) => kindness(&text) > 0,
        (None, _) => is_note(base, &text),
    };
    (text, right)
}

/// Whether a text names three different illnesses of one kind, and nothing else.
fn is_note(base: &Base, text: &str) -> bool {
    let mut found: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && *word != "and") {
        let is_illness = base.world.facts().illnesses.iter().any(|[illness, ..]| *illness == word);
        if !is_illness || found.contains(&word) {
            return false;
        }
        found.push(word);
    }
    let ends = |ending: &str| found.iter().all(|word| word.ends_with(ending));
    found.len() == 3 && (ends("itis") || ends("osis"))
}

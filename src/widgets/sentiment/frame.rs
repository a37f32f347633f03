//! What the page shows.

use super::{ANSWERS, ASK, Attributes, Labels, Measured, Sentiment, prompt, right};
use crate::data::world::{NEGATIVE, POSITIVE, Question};
use crate::json::{fields, fixed};
use crate::nn::{CausalLm, probabilities};
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Answer, Origin, Said, ask, grouped, logits, said};

/// Held-out reviews that are shown with their answers: two plain ones, and two with a "not".
const N_SHOWN: usize = 2;
/// Words of praise and blame that are offered.
const N_WORDS: usize = 10;

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    pub step: usize,
    pub steps: usize,
    /// Loss of the last step's reviews, before the step.
    pub loss: Option<f32>,
    /// The words that stand for the labels.
    pub answers: Vec<String>,
    /// Reviews that the reader may label.
    pub deck: Vec<Card>,
    /// Labels of each kind that are learned from.
    pub labels: [usize; 2],
    /// Whether there is one of each kind.
    pub can_train: bool,
    /// Held-out reviews, those of them with a "not", and capitals.
    pub n_test: usize,
    pub n_negated: usize,
    pub n_capitals: usize,
    /// What the base can do, and the fine-tuned model at the end.
    pub before: Option<Measured>,
    pub now: Option<Measured>,
    /// Steps taken, and held-out reviews judged rightly then.
    pub curve: Vec<(usize, usize)>,
    /// Some held-out reviews.
    pub shown: Vec<Shown>,
    /// The reader's sentence.
    pub judged: Judged,
    /// Words to make it of: praise, blame.
    pub words: [Vec<String>; 2],
    /// SHA-256 of the weights, once training is complete.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, answers, deck, labels, can_train, n_test, n_negated, n_capitals, before, now, curve, shown, judged, words, fingerprint, summary);

/// A review to label.
pub struct Card {
    pub text: String,
    /// The reader's label, by place in the answers, and the right one.
    pub label: Option<usize>,
    pub given: usize,
}

fields!(write Card: text, label, given);

/// A held-out review with what is said of it.
pub struct Shown {
    pub text: String,
    pub answer: String,
    pub before: Said,
    /// Nothing before the first step.
    pub now: Option<Said>,
}

fields!(write Shown: text, answer, before, now);

/// A sentence of the reader's.
pub struct Judged {
    pub text: String,
    /// Words that the model has never seen.
    pub unknown: Vec<String>,
    /// Whether it is longer than the model can read.
    pub too_long: bool,
    /// Chances of the answers, and the likeliest word of all.
    pub before: Option<Verdict>,
    pub now: Option<Verdict>,
}

fields!(write Judged: text, unknown, too_long, before, now);

/// What a model says of a sentence.
pub struct Verdict {
    /// By place in the answers.
    pub chances: Vec<f32>,
    pub said: String,
}

fields!(write Verdict: chances, said);

impl Sentiment {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let word = |answer: &str| answer.trim().to_owned();
        let text = |review: &Question| {
            let text = review.prompt.trim_end_matches(ASK).trim();
            text.trim_start_matches("Review: ").to_owned()
        };
        let place = |answer: &str| usize::from(answer == ANSWERS[1]);
        let card = |(at, label): (&usize, &Option<usize>)| {
            let review = &self.train[*at];
            Card { text: text(review), label: *label, given: place(&review.answer) }
        };
        let mut labels = [0; 2];
        self.labeled().iter().for_each(|review| labels[place(&review.answer)] += 1);
        let mut config = Attributes::new();
        config.insert("labels".to_owned(), self.settings.labels.name().to_owned());
        config.insert("seed".to_owned(), self.settings.seed.to_string());
        config.insert("steps".to_owned(), self.settings.steps.to_string());
        let mut reviews = Vec::new();
        for is_negated in [false, true] {
            let of_kind = (0..self.test.len()).filter(|i| self.negated[*i] == is_negated);
            reviews.extend(of_kind.take(N_SHOWN).map(|i| &self.test[i]));
        }
        let batch = self.base.answers(&reviews);
        let tokenizer = &self.base.tokenizer;
        let mut judge = |lm: CausalLm| said(tokenizer, &ask(lm, &mut self.tape, &batch));
        let before = judge(self.base.lm());
        let now = if self.step > 0 { judge(self.run.lm(&self.base)) } else { Vec::new() };
        let mut now = now.into_iter();
        let mut shown = Vec::new();
        for (review, before) in reviews.iter().zip(before) {
            shown.push(Shown { text: text(review), answer: word(&review.answer), before, now: now.next() });
        }
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step: self.step,
            steps: self.settings.steps,
            loss: self.loss,
            answers: ANSWERS.map(word).to_vec(),
            deck: self.deck.iter().zip(&self.mine).map(card).collect(),
            labels,
            can_train: self.can_train(),
            n_test: self.test.len(),
            n_negated: self.negated.iter().filter(|is_negated| **is_negated).count(),
            n_capitals: self.capitals.batch_size,
            before: self.before,
            now: self.now,
            curve: self.curve.clone(),
            shown,
            judged: self.judged(),
            words: [&POSITIVE, &NEGATIVE]
                .map(|all| all.iter().take(N_WORDS).map(|word| (*word).to_owned()).collect()),
            fingerprint: self.fingerprint.clone(),
            summary: String::new(),
        };
        frame.summary = self.summary(&frame);
        frame
    }

    fn judged(&mut self) -> Judged {
        let tokenizer = &self.base.tokenizer;
        let text = prompt(&self.sentence);
        let mut unknown = Vec::new();
        for word in self.sentence.split_whitespace() {
            let ids = tokenizer.encode(&format!(" {word}"));
            if ids.iter().any(|id| tokenizer.is_byte(*id)) {
                unknown.push(word.trim_matches(|c: char| c.is_ascii_punctuation()).to_owned());
            }
        }
        let question = Question { prompt: text, answer: ANSWERS[0].to_owned() };
        let batch = self.base.answers(&[&question]);
        let too_long = batch.input_ids.len() > self.base.model.config.n_positions;
        let answers = ANSWERS.map(|answer| tokenizer.encode(answer)[0]);
        let mut verdict = |lm: CausalLm| {
            if too_long {
                return None;
            }
            let chances = probabilities(&logits(lm, &mut self.tape, &batch)[0]);
            let id =
                (1..chances.len()).fold(0, |best, id| if chances[id] > chances[best] { id } else { best });
            let answer = Answer { id: id as u32, p: chances[id], is_right: false };
            Some(Verdict {
                chances: answers.map(|id| chances[id as usize]).to_vec(),
                said: said(tokenizer, &[answer]).swap_remove(0).text,
            })
        };
        let before = verdict(self.base.lm());
        let now = if self.step > 0 { verdict(self.run.lm(&self.base)) } else { None };
        Judged { text: self.sentence.clone(), unknown, too_long, before, now }
    }

    /// One sentence of what is on screen.
    fn summary(&self, frame: &Frame) -> String {
        let n = frame.n_test;
        let n_labels = grouped(frame.labels[0] + frame.labels[1]);
        let Some(before) = frame.before else {
            return format!(
                "It has read many reviews, and no label. There are {n_labels} labels to learn from."
            );
        };
        let was = right(before.confusion);
        let Some(now) = frame.now else {
            return match self.curve.last() {
                Some((step, right)) if *step > 0 => {
                    format!("After {step} steps it judges {right} of {n} new reviews rightly; before, {was}.")
                }
                _ => format!(
                    "Not fine-tuned yet, it answers {was} of {n} reviews rightly: it does not know that it is to say happy or sad."
                ),
            };
        };
        let labels = if self.settings.labels == Labels::Given { "labels" } else { "labels of your own" };
        format!(
            "Fine-tuned on {n_labels} {labels}, it judges {} of {n} new reviews rightly; before, {was}. It still knows {} \
             of {} capitals, and its loss on old text rose by {} nats a token.",
            right(now.confusion),
            now.capitals,
            before.capitals,
            fixed(now.held_out - before.held_out, 3)
        )
    }
}

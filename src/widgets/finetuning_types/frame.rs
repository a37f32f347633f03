//! What the page shows, and how its chart is drawn. Start with [`Frame`].

use plotters::prelude::DrawingBackend;

use super::lessons::Lesson;
use super::run::{N_COMPARISONS, N_NOTES, Score, probes, steps};
use super::{FinetuningTypes, Kind, N_SHOWN, Reply, TAG};
use crate::data::dialogue::Row;
use crate::error::{Error, Result};
use crate::experiments::transfer_depth::N_UNLABELED;
use crate::json::{Value, fields, fixed, names};
use crate::plot::{Area, Theme};
use crate::train::Pair;
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Origin, grouped, percent};

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// Steps taken in all runs, and those of all runs together.
    pub step: usize,
    pub steps: usize,
    /// Loss of the run in hand, before its last step.
    pub loss: Option<f32>,
    /// The type in hand, and the one under way.
    pub hand: usize,
    pub learning: Option<usize>,
    /// Weights, all of which every type trains.
    pub n_params: usize,
    /// By type.
    pub kinds: Vec<KindShown>,
    /// Two examples of what the type in hand learns from.
    pub examples: Vec<Vec<Part>>,
    /// What is asked of it before and after.
    pub probes: Vec<Probe>,
    /// SHA-256 of the weights of the run in hand, once all types are trained.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, hand, learning, n_params, kinds, examples, probes, fingerprint, summary);

/// A type.
pub struct KindShown {
    pub name: &'static str,
    /// Examples that it learns from.
    pub n: usize,
    /// Tokens of an example that the loss counts, on average; nothing of comparisons.
    pub scored: Option<f64>,
    pub step: usize,
    pub steps: usize,
    pub done: bool,
    /// The share of right answers; of a domain, its loss in nats per token.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// Questions, reviews or notes of the exam; of several tasks, of each.
    pub asked: Vec<usize>,
    /// Of several tasks, the share of each.
    pub parts: Vec<f64>,
    /// Of conversations, before and after: the share of answers with the right fact in whatever words.
    pub known: Option<(f64, f64)>,
}

fields!(write KindShown: name, n, scored, step, steps, done, before, after, asked, parts, known);

/// What the loss makes of a part of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is read.
    Read,
    /// It is to be said.
    Learn,
    /// People preferred it.
    Better,
    /// … to this.
    Worse,
}

names!(Role: Read = "read", Learn = "learn", Better = "better", Worse = "worse");

/// A part of an example.
pub struct Part {
    pub text: String,
    pub role: Role,
}

fields!(write Part: text, role);

/// Something that is asked before and after.
pub struct Probe {
    pub prompt: String,
    /// What is right to say, if one thing is.
    pub expected: Option<String>,
    pub before: Reply,
    pub after: Option<Reply>,
}

fields!(write Probe: prompt, expected, before, after);

impl FinetuningTypes {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let hand = self.hand;
        if self.before[hand as usize].is_none() {
            self.before[hand as usize] = Some(self.replies(hand, None));
        }
        // What people compare has to be there to be shown.
        while hand == Kind::Alignment && self.comparisons.pairs.len() < N_SHOWN {
            self.comparisons.more(&self.base, &mut self.tape);
        }
        let kinds: Vec<KindShown> = Kind::ALL.into_iter().map(|kind| self.kind_shown(kind)).collect();
        let report = self.reports[hand as usize].as_ref();
        let live = self.live.as_ref().filter(|live| live.kind == hand);
        let text = |ids: &[u32]| self.text(ids);
        let mut shown = Vec::new();
        let before = self.before[hand as usize].as_deref().unwrap_or_default();
        for (i, (prompt, expected)) in probes(hand, &self.base, &self.lessons, &self.notes).iter().enumerate()
        {
            shown.push(Probe {
                prompt: text(prompt),
                expected: expected.as_deref().map(text),
                before: before[i].clone(),
                after: report.map(|report| report.replies[i].clone()),
            });
        }
        let is_done = kinds.iter().all(|kind| kind.done);
        let mut config = Attributes::new();
        config.insert("seed".to_owned(), self.seed.to_string());
        config.insert("type".to_owned(), hand.name().to_owned());
        Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step: kinds.iter().map(|kind| kind.step).sum(),
            steps: kinds.iter().map(|kind| kind.steps).sum(),
            loss: report.map(|report| report.loss).or(live.and_then(|live| live.run.as_ref()?.loss)),
            hand: hand as usize,
            learning: self.live.as_ref().map(|live| live.kind as usize),
            n_params: self.base.params.n_params(),
            summary: self.summary(&kinds),
            kinds,
            examples: self.examples(hand),
            probes: shown,
            fingerprint: report.filter(|_| is_done).map(|report| report.fingerprint.clone()),
        }
    }

    fn kind_shown(&self, kind: Kind) -> KindShown {
        let report = self.reports[kind as usize].as_ref();
        let live = self.live.as_ref().filter(|live| live.kind == kind);
        let score = report.map(|report| &report.after);
        let is_mixture = kind == Kind::MultiTask;
        let share = |(right, asked): (&usize, &usize)| *right as f64 / *asked as f64;
        let parts = score.filter(|_| is_mixture);
        let lessons: &[Lesson] = match kind {
            Kind::Alignment | Kind::Domain => &[],
            _ => self.lessons.of(kind).map_or(self.lessons.all(), std::slice::from_ref),
        };
        let n_rows: usize = lessons.iter().map(|lesson| lesson.rows.len()).sum();
        let n_scored = |row: &Row| row.assistant_mask.iter().filter(|is_scored| **is_scored).count();
        let scored: usize = match kind {
            // Its experiment scores no end.
            Kind::Task => {
                self.labeled.iter().map(|review| self.base.tokenizer.encode(&review.answer).len()).sum()
            }
            _ => lessons.iter().flat_map(|lesson| &lesson.rows).map(n_scored).sum(),
        };
        KindShown {
            name: kind.name(),
            n: match kind {
                Kind::Alignment => N_COMPARISONS,
                Kind::Domain => N_UNLABELED,
                _ => n_rows,
            },
            scored: (n_rows > 0).then(|| scored as f64 / n_rows as f64),
            step: match (report, live.and_then(|live| live.run.as_ref())) {
                (Some(_), _) => steps(kind),
                (_, Some(run)) => run.step,
                _ => 0,
            },
            steps: steps(kind),
            done: report.is_some(),
            before: report
                .map(|report| &report.before)
                .or(live.and_then(|live| live.before.as_ref()))
                .map(Score::value),
            after: score.map(Score::value),
            asked: match kind {
                Kind::Domain => vec![N_NOTES],
                _ => score.map_or_else(Vec::new, |score| score.asked.clone()),
            },
            known: report.and_then(|report| {
                let share = |score: &Score| Some(score.known? as f64 / *score.asked.first()? as f64);
                Some((share(&report.before)?, share(&report.after)?))
            }),
            parts: parts
                .map_or_else(Vec::new, |score| score.right.iter().zip(&score.asked).map(share).collect()),
        }
    }

    fn text(&self, ids: &[u32]) -> String {
        let eos = self.base.tokenizer.eos();
        let words: Vec<u32> = ids.iter().copied().filter(|id| *id != eos).collect();
        self.base.tokenizer.decode(&words).trim().to_owned()
    }

    fn examples(&self, kind: Kind) -> Vec<Vec<Part>> {
        let part = |ids: &[u32], role| Part { text: self.text(ids), role };
        let of_row = |row: &Row| {
            let mut parts = Vec::new();
            let mut from = 0;
            for to in 1..=row.input_ids.len() {
                let ends = to == row.input_ids.len() || row.assistant_mask[to] != row.assistant_mask[from];
                if ends {
                    let role = if row.assistant_mask[from] { Role::Learn } else { Role::Read };
                    parts.push(part(&row.input_ids[from..to], role));
                    from = to;
                }
            }
            parts
        };
        let of_pair = |pair: &Pair| {
            vec![
                part(&pair.chosen.ids[..pair.chosen.start], Role::Read),
                part(pair.chosen.completion(), Role::Better),
                part(pair.rejected.completion(), Role::Worse),
            ]
        };
        match kind {
            Kind::Alignment => self.comparisons.pairs.iter().take(N_SHOWN).map(of_pair).collect(),
            Kind::Domain => self.learned_notes.iter().map(|ids| vec![part(ids, Role::Learn)]).collect(),
            Kind::MultiTask => self.lessons.all().iter().map(|lesson| of_row(&lesson.rows[0])).collect(),
            _ => {
                let rows = self.lessons.of(kind).map_or(&[][..], |lesson| &lesson.rows);
                rows.iter().take(N_SHOWN).map(of_row).collect()
            }
        }
    }

    /// One sentence of what is on screen.
    fn summary(&self, kinds: &[KindShown]) -> String {
        let kind = &kinds[self.hand as usize];
        let n = grouped(kind.n);
        let examples = match self.hand {
            Kind::Task => format!("{n} labeled reviews"),
            Kind::Instruction => format!("{n} requests with answers"),
            Kind::Dialogue => format!("{n} conversations"),
            Kind::Alignment => format!("{n} comparisons of two answers"),
            Kind::Domain => format!("{n} notes without any label"),
            Kind::MultiTask => format!("a mixture of {n} examples"),
        };
        let (Some(before), Some(after)) = (kind.before, kind.after) else {
            let n = kinds.iter().filter(|kind| kind.done).count();
            return format!(
                "The same base can be tuned in six ways, of which {n} are done; this one takes {examples}."
            );
        };
        let (was, is) = (percent(before), percent(after));
        let did = match self.hand {
            Kind::Task => {
                format!("the share of new reviews that the model labels rightly rises from {was} to {is}")
            }
            Kind::Instruction => {
                format!("the share of new requests that it answers rightly rises from {was} to {is}")
            }
            Kind::Dialogue => {
                let known = kind.known.map_or_else(String::new, |(before, after)| {
                    format!(
                        "; the fact itself it says in {} before and in {} after",
                        percent(before),
                        percent(after)
                    )
                });
                format!(
                    "the share of questions that only make sense after the one before, and get the right whole sentence, \
                     rises from {was} to {is}{known}"
                )
            }
            Kind::Alignment => {
                format!("the share of kind reviews among those that it writes rises from {was} to {is}")
            }
            Kind::Domain => format!(
                "its surprise at new notes falls from {} to {} nats a word",
                fixed(before, 2),
                fixed(after, 2)
            ),
            Kind::MultiTask => format!(
                "one model does the first three jobs, and its mean share of right answers rises from {was} to {is}"
            ),
        };
        format!("After {} steps on {examples}, {did}.", kind.steps)
    }
}

/// There is no chart: the numbers are few.
///
/// # Errors
///
/// Always.
pub fn draw<DB: DrawingBackend>(chart: &str, _: &Value, _: &Area<DB>, _: &Theme) -> Result<()> {
    Err(Error::input(TAG, chart, "no chart"))
}

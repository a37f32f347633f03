//! The second round: pairs of answers, picks of the better one, and a reward model that follows them in order.
//!
//! Knows who picked and nothing of policies. Start with [`Judging::next`].

use super::fit::{Fit, Judge};
use super::raters::{self, YOU};
use super::survey::{Asked, Survey};
use crate::data::explain::{Pick as Side, Rater, RaterConfig, Topic, Traits};
use crate::experiments::assistant::{Assistant, Examination, Reply};
use crate::json::{fields, names};
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{Completion, Pair};

/// Requests that are answered twice at once.
const N_REQUESTS: usize = 64;
/// Picks that are guessed in a part.
const N_GUESSES: usize = 12;
/// Pairs that raters look at for a pick, on average, before they give up: what a model never says, nobody can prefer.
const PATIENCE: usize = 40;
/// Of the picks that a rater makes in one go, the model learns after so many.
const LEARNS_AFTER: [usize; 5] = [10, 20, 40, 80, 160];

/// What someone says of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    First,
    Second,
    /// "Can't tell."
    Tie,
}

names!(Choice: First = "first", Second = "second", Tie = "tie");

/// Two answers to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Two {
    /// Counts from 1; 0 for one that was opened from a file.
    pub number: usize,
    pub topic: Topic,
    pub answers: [Completion; 2],
}

fields!(Two: number, topic, answers);

/// What was said of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    pub two: Two,
    pub choice: Choice,
    pub who: String,
    /// Those of one command have the same number.
    pub command: usize,
    /// Rewards in log-odds, before the model had learned from it, and after.
    pub before: Option<[f32; 2]>,
    pub after: Option<[f32; 2]>,
}

fields!(Pick: two, choice, who, command, before, after);

impl Pick {
    /// Whether a model can read both answers.
    pub fn fits(&self, assistant: &Assistant) -> bool {
        self.two.answers.iter().all(|completion| completion.fits(&assistant.model))
    }

    /// The better answer and the other one.
    pub fn pair(&self) -> Option<Pair> {
        let [first, second] = self.two.answers.clone();
        match self.choice {
            Choice::First => Some(Pair { chosen: first, rejected: second }),
            Choice::Second => Some(Pair { chosen: second, rejected: first }),
            Choice::Tie => None,
        }
    }

    /// The probability of what was picked, from rewards; for a tie, of the first.
    pub fn probability(&self, rewards: Option<[f32; 2]>) -> Option<f32> {
        let [first, second] = rewards?;
        let margin = if self.choice == Choice::Second { second - first } else { first - second };
        Some(1.0 / (1.0 + libm::expf(-margin)))
    }
}

/// Pairs in an order that the seed decides.
pub struct Pool {
    seed: u64,
    n_batches: usize,
    pub pairs: Vec<Two>,
    survey: Option<Survey>,
}

impl Pool {
    pub fn new(seed: u64) -> Self {
        Self { seed, n_batches: 0, pairs: Vec::new(), survey: None }
    }

    /// With pairs of before; those that were being written are written again.
    pub fn with(seed: u64, n_batches: usize, pairs: Vec<Two>) -> Self {
        Self { seed, n_batches, pairs, survey: None }
    }

    /// Batches of which the pairs are.
    pub fn n_batches(&self) -> usize {
        self.n_batches
    }

    /// A part of writing more pairs.
    pub fn step(&mut self, assistant: &Assistant, tape: &mut Tape) {
        let mut survey = self.survey.take().unwrap_or_else(|| {
            let mut rng = Rng::stream(self.seed, &format!("rlhf-game: pairs {}", self.n_batches));
            let requests: Vec<Topic> =
                (0..N_REQUESTS).map(|_| Topic::ALL[rng.below(Topic::ALL.len())]).collect();
            Survey::new(requests.iter().flat_map(|topic| [*topic; 2]).collect(), rng)
        });
        let asked = Asked { params: &assistant.params, with_kl: false, reward_model: None };
        if survey.step(assistant, asked, tape) {
            self.survey = Some(survey);
            return;
        }
        self.n_batches += 1;
        let n_before = self.pairs.len();
        let (topics, scores) = survey.into_scores();
        for (topic, two) in topics.chunks_exact(2).zip(scores.completions.chunks_exact(2)) {
            let [first, second] = [&two[0], &two[1]].map(|c| seen(assistant, topic[0], c));
            if first != second {
                self.push(topic[0], two);
            }
        }
        // A model that says one thing only: any difference will do, and at last none.
        if self.pairs.len() == n_before {
            let all = || topics.chunks_exact(2).zip(scores.completions.chunks_exact(2));
            let different = all().find(|(_, two)| two[0] != two[1]).or_else(|| all().next());
            different.iter().for_each(|(topic, two)| self.push(topic[0], two));
        }
    }
}

impl Pool {
    fn push(&mut self, topic: Topic, two: &[Completion]) {
        let number = self.pairs.len() + 1;
        self.pairs.push(Two { number, topic, answers: [two[0].clone(), two[1].clone()] });
    }
}

/// What there is to choose by in an answer: all traits but the length.
fn seen(assistant: &Assistant, topic: Topic, completion: &Completion) -> Traits {
    let traits = Reply::read(assistant, topic, completion.clone()).traits;
    Traits { words: 0, readable_words: 0, ..traits }
}

/// Raters who go on picking.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Names with plus signs.
    pub team: String,
    pub left: usize,
    pub command: usize,
    /// Pairs that they have looked at, or passed by.
    pub place: usize,
}

fields!(Simulation: team, left, command, place);

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Write pairs.
    Pairing,
    /// Raters pick.
    Picking,
    /// The model says what it expects of picks that it has not learned from.
    Guessing,
    /// It learns.
    Fitting,
}

/// The second round.
pub struct Judging {
    pub seed: u64,
    pub pool: Pool,
    pub picks: Vec<Pick>,
    pub simulation: Option<Simulation>,
    /// A model of the first `learned` picks.
    pub judge: Option<Judge>,
    pub learned: usize,
    /// Of the first so many picks.
    pub fit: Option<(usize, Fit)>,
    /// After a pick was taken back: so many picks are to be learned from again.
    pub again: Option<usize>,
    /// Commands so far.
    pub n_commands: usize,
}

impl Judging {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            pool: Pool::new(seed),
            picks: Vec::new(),
            simulation: None,
            judge: None,
            learned: 0,
            fit: None,
            again: None,
            n_commands: 0,
        }
    }

    /// The place of the pair that is judged next.
    fn place(&self) -> usize {
        self.picks.iter().map(|pick| pick.two.number).fold(0, usize::max)
    }

    /// The pair that is judged next, if it is written.
    pub fn pair(&self) -> Option<&Two> {
        self.pool.pairs.get(self.place())
    }

    /// Picks that are no ties.
    pub fn n_decided(&self) -> usize {
        self.picks.iter().filter(|pick| pick.choice != Choice::Tie).count()
    }

    /// The one rater who made all picks.
    pub fn whose(&self) -> Option<&'static Rater> {
        let first = &self.picks.first()?.who;
        self.picks.iter().all(|pick| pick.who == *first).then(|| raters::find(first)).flatten()
    }

    /// All who picked, with plus signs.
    pub fn who(&self) -> String {
        let mut who: Vec<&str> = Vec::new();
        for pick in &self.picks {
            if !who.contains(&&pick.who[..]) {
                who.push(&pick.who);
            }
        }
        who.join("+")
    }

    /// Whether the model learns after this pick, before it sees the next.
    fn is_lesson(&self, i: usize) -> bool {
        let Pick { choice, who, command, .. } = &self.picks[i];
        if *choice == Choice::Tie {
            return false;
        }
        if who == YOU {
            return true;
        }
        let before = self.picks[..i].iter().rev().take_while(|pick| pick.command == *command).count();
        let is_last = self.picks.get(i + 1).is_none_or(|next| next.command != *command)
            && self.simulation.as_ref().is_none_or(|simulation| simulation.command != *command);
        is_last || LEARNS_AFTER.contains(&(before + 1))
    }

    /// Picks with which the model's next fit is made.
    fn due(&self) -> Option<usize> {
        (self.learned..self.picks.len()).find(|i| self.is_lesson(*i)).map(|i| i + 1)
    }

    /// The picks that are to be guessed before the model learns on.
    fn unguessed(&self) -> Vec<usize> {
        if self.judge.is_none() {
            return Vec::new();
        }
        let end = self.due().unwrap_or(self.picks.len());
        let open = (self.learned..end).filter(|i| self.picks[*i].before.is_none());
        open.take(N_GUESSES).collect()
    }

    /// What is to be done next, if anything is.
    pub fn next(&self) -> Option<Task> {
        if self.fit.is_some() || self.again.is_some() {
            Some(Task::Fitting)
        } else if !self.unguessed().is_empty() {
            Some(Task::Guessing)
        } else if self.due().is_some() {
            Some(Task::Fitting)
        } else if self.simulation.as_ref().map_or(self.place(), |s| s.place) >= self.pool.pairs.len() {
            Some(Task::Pairing)
        } else {
            self.simulation.as_ref().map(|_| Task::Picking)
        }
    }

    /// A part of what is to be done next.
    pub fn step(&mut self, assistant: &Assistant, seen: &Examination, tape: &mut Tape) {
        match self.next() {
            None => {}
            Some(Task::Pairing) => self.pool.step(assistant, tape),
            Some(Task::Picking) => self.simulate(assistant),
            Some(Task::Guessing) => {
                let open = self.unguessed();
                let Some(judge) = &self.judge else { return };
                let both: Vec<&Completion> = open.iter().flat_map(|i| &self.picks[*i].two.answers).collect();
                let rewards = judge.log_odds(tape, &both);
                for (i, two) in open.into_iter().zip(rewards.chunks_exact(2)) {
                    self.picks[i].before = Some([two[0], two[1]]);
                }
            }
            Some(Task::Fitting) => {
                let (n, mut fit) = self.fit.take().unwrap_or_else(|| self.begin(assistant));
                if fit.step(seen, tape) {
                    self.fit = Some((n, fit));
                    return;
                }
                let judge = fit.into_judge(tape);
                let last = &mut self.picks[n - 1];
                let [first, second] = &last.two.answers;
                let rewards = judge.log_odds(tape, &[first, second]);
                last.after = Some([rewards[0], rewards[1]]);
                (self.judge, self.learned) = (Some(judge), n);
            }
        }
    }

    /// The next fit.
    fn begin(&mut self, assistant: &Assistant) -> (usize, Fit) {
        let n = self.again.take().or_else(|| self.due()).expect("a fit is due");
        (n, self.fit_of(n, assistant))
    }

    /// A fit of the first `n` picks that has not begun.
    pub fn fit_of(&self, n: usize, assistant: &Assistant) -> Fit {
        let pairs = self.picks[..n].iter().filter_map(Pick::pair).collect();
        Fit::new(assistant, pairs, self.seed)
    }

    /// The reader's pick of the pair in hand; `None` if there is none.
    pub fn pick(&mut self, choice: Choice) -> Option<()> {
        let two = self.pair()?.clone();
        self.n_commands += 1;
        let (who, command) = (YOU.to_owned(), self.n_commands);
        self.picks.push(Pick { two, choice, who, command, before: None, after: None });
        Some(())
    }

    /// Raters make `n` more picks.
    pub fn ask(&mut self, team: &str, n: usize) {
        self.n_commands += 1;
        let (command, place) = (self.n_commands, self.place());
        self.simulation = Some(Simulation { team: team.to_owned(), left: n, command, place });
    }

    /// Raters look at pairs that are written, up to where the model is to learn. They pass over what they cannot tell apart.
    fn simulate(&mut self, assistant: &Assistant) {
        let Some(Simulation { team, mut left, command, mut place }) = self.simulation.take() else { return };
        let members = raters::team(&team).unwrap_or_default();
        let mut made = self.picks.iter().filter(|pick| pick.command == command).count();
        while let Some(two) = self.pool.pairs.get(place) {
            place += 1;
            let rater = members[made % members.len()];
            let choice = prefer(assistant, rater, two);
            if choice == Choice::Tie {
                continue;
            }
            let two = two.clone();
            let who = rater.name.to_owned();
            self.picks.push(Pick { two, choice, who, command, before: None, after: None });
            made += 1;
            left -= 1;
            if left == 0 || LEARNS_AFTER.contains(&made) {
                break;
            }
        }
        let is_patient = place < self.place() + PATIENCE * (left + 10);
        self.simulation = (left > 0 && is_patient).then_some(Simulation { team, left, command, place });
    }

    /// Picks that are taken back together.
    pub fn n_undo(&self) -> usize {
        let Some(last) = self.picks.last() else { return 0 };
        self.picks.iter().rev().take_while(|pick| pick.command == last.command).count()
    }

    /// Takes back the picks of the last command; `None` if there is nothing to take back.
    pub fn undo(&mut self) -> Option<()> {
        let n = self.n_undo();
        if n == 0 && self.simulation.is_none() {
            return None;
        }
        let is_under_way =
            |simulation: &Simulation| self.picks.last().is_none_or(|last| last.command == simulation.command);
        let only_begun = self.simulation.as_ref().is_some_and(|simulation| !is_under_way(simulation));
        self.simulation = None;
        if only_begun {
            return Some(());
        }
        self.picks.truncate(self.picks.len() - n);
        let left = self.picks.len();
        if self.fit.as_ref().is_some_and(|(of, _)| *of > left) {
            self.fit = None;
        }
        if self.learned > left || self.again.is_some_and(|of| of > left) {
            (self.judge, self.fit, self.learned) = (None, None, 0);
            self.again = (0..left).rev().find(|i| self.is_lesson(*i)).map(|i| i + 1);
        }
        Some(())
    }
}

/// What a rater says of a pair.
pub fn prefer(assistant: &Assistant, rater: &Rater, two: &Two) -> Choice {
    let [first, second] =
        two.answers.clone().map(|completion| Reply::read(assistant, two.topic, completion).traits);
    // Raters who make no mistakes draw no random numbers that matter.
    match rater.prefer(&first, &second, &RaterConfig::default(), &mut Rng::new(0)) {
        Some(Side::First) => Choice::First,
        Some(Side::Second) => Choice::Second,
        None => Choice::Tie,
    }
}

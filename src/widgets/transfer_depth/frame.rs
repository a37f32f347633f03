//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::{Case, Domain, LABELS, Method, N_DRAWS, TransferDepth};
use crate::error::{Error, Result};
use crate::experiments::transfer_depth::{CONTINUED_STEPS, N_TEST, RULE, RULE_FAR, TIE, advantage};
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::Origin;

/// Labelled texts that are shown.
const N_SHOWN: usize = 2;

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force; `domain` and `labels` are the case in hand.
    pub config: Attributes,
    /// Steps taken for the case in hand, of how many.
    pub step: usize,
    pub steps: usize,
    /// Loss of the depth under way, before its last step.
    pub loss: Option<f32>,
    /// The depths, from the shallowest to the one that costs most.
    pub methods: Vec<Way>,
    /// The place of the depth under way.
    pub learning: Option<usize>,
    /// Cases, first the near ones by their labels, then the far ones; the one in hand.
    pub cases: Vec<Shown>,
    pub hand: usize,
    /// Cases that were bet on and are known, and bets won.
    pub placed: usize,
    pub won: usize,
    /// Held-out texts, and choices of labels over which an accuracy is the mean.
    pub n_test: usize,
    pub n_draws: usize,
    /// Some of the labels in hand.
    pub texts: Vec<Text>,
    /// SHA-256 of the weights that were trained last, once the case in hand is known.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, methods, learning, cases, hand, placed, won, n_test, n_draws, texts, fingerprint, summary);

/// A depth.
pub struct Way {
    pub method: Method,
    /// Numbers that are trained.
    pub trained: usize,
    /// Steps taken with the labels in hand, of how many; with those of continued pre-training.
    pub step: usize,
    pub steps: usize,
}

fields!(write Way: method, trained, step, steps);

/// A case.
pub struct Shown {
    pub domain: Domain,
    pub labels: usize,
    pub bet: Option<Method>,
    /// Accuracies by depth, as far as they are known.
    pub results: Vec<Option<f64>>,
    /// Depths that are the best, or as good; none before all are known.
    pub best: Vec<Method>,
    /// Whether the bet is among them.
    pub won: Option<bool>,
    /// What rules of thumb say of the case.
    pub rules: Vec<Rule>,
}

fields!(write Shown: domain, labels, bet, results, best, won, rules);

/// A rule of thumb.
pub struct Rule {
    /// The depths that it names.
    pub named: Vec<Method>,
    /// Whether the best of them is as good as any other, once that is known.
    pub holds: Option<bool>,
}

fields!(write Rule: named, holds);

/// A labelled text, and the place of its class.
pub struct Text {
    pub text: String,
    pub class: usize,
}

fields!(write Text: text, class);

/// A depth as a sentence has it.
fn words(method: Method) -> &'static str {
    match method {
        Method::Features => "feature extraction",
        Method::Lora => "LoRA",
        Method::LastBlock => "the last block",
        Method::Full => "full fine-tuning",
        Method::Continued => "continued pre-training",
    }
}

/// "a, b or c"
fn list(methods: &[Method], last: &str) -> String {
    let mut text = String::new();
    for (i, method) in methods.iter().enumerate() {
        let between = if i == 0 {
            ""
        } else if i + 1 == methods.len() {
            last
        } else {
            ", "
        };
        text.push_str(between);
        text.push_str(words(*method));
    }
    text
}

impl Case {
    /// Depths that are the best, or short of it by less than is a difference.
    fn best(&self) -> Vec<Method> {
        let Some(accuracies) = self.accuracies() else { return Vec::new() };
        let most = accuracies.iter().fold(0.0_f64, |most, a| most.max(*a));
        let all = Method::ALL.into_iter().zip(accuracies);
        all.filter(|(_, accuracy)| *accuracy >= most - TIE).map(|(method, _)| method).collect()
    }

    fn won(&self) -> Option<bool> {
        self.accuracies()?;
        Some(self.best().contains(&self.bet?))
    }

    fn rules(&self, domain: Domain, i: usize) -> Vec<Rule> {
        let rule = |named: &[Method]| {
            let holds = self.accuracies().map(|accuracies| advantage(named, &accuracies) >= -TIE);
            Rule { named: named.to_vec(), holds }
        };
        let by_domain = (domain == Domain::Far).then(|| rule(RULE_FAR));
        std::iter::once(rule(RULE[i])).chain(by_domain).collect()
    }
}

impl TransferDepth {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let (settings, field, hand) = (self.settings, self.field(), self.hand());
        let mut methods = Vec::new();
        for (i, method) in Method::ALL.into_iter().enumerate() {
            let live = self.live.as_ref().filter(|live| live.method == i);
            let mut steps = self.steps(i);
            let mut step = if hand.results[i].is_some() {
                steps
            } else {
                live.map_or(0, |live| live.draw * live.steps + live.step)
            };
            // More is read once for all cases of a domain, and counts for the first.
            let reads = hand.has_read_on || (hand.results[i].is_none() && !field.has_read_on());
            if method == Method::Continued && reads {
                steps += CONTINUED_STEPS;
                let read = field.continuing.as_ref().map_or(0, |continuing| continuing.step);
                step += if hand.results[i].is_some() { CONTINUED_STEPS } else { read };
            }
            methods.push(Way { method, trained: self.trained[i], step, steps });
        }
        let mut cases = Vec::new();
        for (i, case) in self.cases.iter().enumerate() {
            let (domain, labels) = (Domain::ALL[i / LABELS.len()], i % LABELS.len());
            cases.push(Shown {
                domain,
                labels: LABELS[labels],
                bet: case.bet,
                results: case.results.clone(),
                best: case.best(),
                won: case.won(),
                rules: case.rules(domain, labels),
            });
        }
        let step: usize = methods.iter().map(|way| way.step).sum();
        let is_under_way = step > 0;
        let learning = hand.results.iter().position(Option::is_none).filter(|_| is_under_way);
        let examples = field.ground.examples(&self.base, settings.labels, 0);
        let mut texts = Vec::new();
        for (ids, class) in examples.ids.iter().zip(&examples.labels).take(N_SHOWN) {
            let text = self.base.tokenizer.decode(&ids[1..]).trim().to_owned();
            texts.push(Text { text, class: *class as usize });
        }
        let mut config = Attributes::new();
        config.insert("domain".to_owned(), Domain::ALL[settings.domain].name().to_owned());
        config.insert("labels".to_owned(), LABELS[settings.labels].to_string());
        config.insert("seed".to_owned(), settings.seed.to_string());
        Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step,
            steps: methods.iter().map(|way| way.steps).sum(),
            loss: self.live.as_ref().and_then(|live| live.loss),
            methods,
            learning,
            placed: cases.iter().filter(|case| case.won.is_some()).count(),
            won: cases.iter().filter(|case| case.won == Some(true)).count(),
            cases,
            hand: settings.case(),
            n_test: N_TEST,
            n_draws: N_DRAWS[settings.labels],
            texts,
            fingerprint: hand.fingerprint.clone(),
            summary: self.summary(),
        }
    }

    /// One sentence of what is on screen.
    fn summary(&self) -> String {
        let (case, n) = (self.hand(), LABELS[self.settings.labels]);
        let domain = Domain::ALL[self.settings.domain];
        let place = match domain {
            Domain::Near => "Near to what the model has read",
            Domain::Far => "Far from what the model has read",
        };
        let Some(accuracies) = case.accuracies() else {
            let bet = case.bet.map_or_else(
                || "nothing is bet yet".to_owned(),
                |method| format!("the bet is on {}", words(method)),
            );
            return format!(
                "{place}, with {n} labels: which depth will win? {}{}.",
                bet[..1].to_uppercase(),
                &bet[1..]
            );
        };
        let of = |method: Method| {
            let at = Method::ALL.iter().position(|other| *other == method).expect("one of all");
            accuracies[at]
        };
        let percent = |share: f64| fixed(100.0 * share, 0);
        let best = case.best();
        let most = best.iter().map(|method| of(*method)).fold(0.0_f64, f64::max);
        // In tenths: a lead of two points is none, and one of 2.4 is one.
        let lead = fixed(100.0 * advantage(&best, &accuracies).max(0.0), 1);
        let result = match best.len() {
            len if len == accuracies.len() => {
                format!("all five depths are about equally good, up to {} % right", percent(most))
            }
            1 => format!(
                "{} wins: {} % right, {lead} points ahead of any other depth",
                words(best[0]),
                percent(most)
            ),
            _ => format!(
                "{} are best, up to {} % right, at least {lead} points ahead of the rest",
                list(&best, " and "),
                percent(most)
            ),
        };
        let verdict = |rule: &Rule| if rule.holds == Some(true) { "holds" } else { "fails" };
        let rules = case.rules(domain, self.settings.labels);
        let mut text = format!(
            "{place}, with {n} labels, {result}. The rule for this amount of data, {}, {}",
            list(&rules[0].named, " or "),
            verdict(&rules[0])
        );
        if let Some(rule) = rules.get(1) {
            text.push_str(&format!(
                "; the rule for a far domain, {}, {}",
                list(&rule.named, " or "),
                verdict(rule)
            ));
        }
        text.push('.');
        if let Some((bet, won)) = case.bet.zip(case.won()) {
            let outcome = if won { "won" } else { "lost" };
            text.push_str(&format!(" The bet on {} is {outcome}: {} % right.", words(bet), percent(of(bet))));
        }
        text
    }
}

/// Draws `curves`, which needs the frame's `cases` and `hand`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong = |given| Error::input("pretune-transfer-depth", given, "the chart curves of its own frame");
    if chart != "curves" {
        return Err(wrong("no such chart"));
    }
    let cases = frame["cases"].as_array().unwrap_or_default();
    let hand = frame["hand"].as_u64().unwrap_or(0) as usize;
    let first = hand - hand % LABELS.len();
    let (Some(cases), Some(case)) = (cases.get(first..first + LABELS.len()), cases.get(hand)) else {
        return Err(wrong("not a frame"));
    };
    let bet = case["bet"].as_str();
    let mut curves = Vec::new();
    for (i, method) in Method::ALL.into_iter().enumerate() {
        let mut points = Vec::new();
        for (x, case) in cases.iter().enumerate() {
            if let Some(share) = case["results"].as_array().and_then(|results| results.get(i)?.as_f64()) {
                points.push([x as f32, 100.0 * share as f32]);
            }
        }
        curves.push((method, points));
    }
    let mut series = Vec::new();
    // The bet is drawn over the others.
    for is_bet in [false, true] {
        for (method, points) in curves.iter().filter(|(method, _)| is_bet == (bet == Some(method.name()))) {
            let name = match method {
                Method::Features => "features",
                Method::Lora => "LoRA",
                Method::LastBlock => "last block",
                Method::Full => "full",
                Method::Continued => "continued",
            };
            let (role, dots) =
                if is_bet { (Role::Training, Dots::Full) } else { (Role::Reference, Dots::Hollow) };
            series.push(Points { name, points, role, dots, is_joined: true });
        }
    }
    let mut labels = Vec::new();
    for n in LABELS {
        labels.push(n.to_string());
    }
    let mut ticks = Vec::new();
    for (i, label) in labels.iter().enumerate() {
        ticks.push((i as f32, &label[..]));
    }
    let chart = Plane {
        x: Axis { title: "labels", ticks: &ticks },
        y: Axis { title: "right answers, %", ticks: &[(50.0, "50"), (75.0, "75"), (100.0, "100")] },
        has_diagonal: false,
        level: None,
        series: &series,
    };
    plane(area, &chart, theme)
}

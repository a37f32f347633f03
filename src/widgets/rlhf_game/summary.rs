//! One sentence of what is on screen, by round. Start with [`summary`].

use super::frame::{Frame, JudgingShown, RewardModelShown, RunShown};
use super::{Method, Phase};
use crate::experiments::assistant::Outcome;
use crate::json::fixed;

pub fn summary(frame: &Frame) -> String {
    match (frame.phase, &frame.judging, &frame.optimizing.run) {
        (Phase::Imitate, ..) => imitation(frame),
        (Phase::Optimize, _, Some(run)) => optimization(frame, run),
        (_, Some(judging), _) => judgment(judging, frame.reward_model.as_ref()),
        _ => String::new(),
    }
}

fn imitation(frame: &Frame) -> String {
    let shown = &frame.imitation;
    let curve = &shown.curve.loss;
    match (curve.first(), curve.last()) {
        (Some(first), Some(last)) => format!(
            "After {} of {} steps on demonstrations by {} people, the loss has gone from {} to {} nats a token.",
            shown.step,
            shown.steps,
            shown.n_demonstrations,
            fixed((*first).into(), 2),
            fixed((*last).into(), 2)
        ),
        _ => format!(
            "The model has read documents, but nobody has shown it how to answer; {} people are about to.",
            shown.n_demonstrations
        ),
    }
}

fn judgment(judging: &JudgingShown, model: Option<&RewardModelShown>) -> String {
    let picks = plural(judging.decided, "pick", "picks");
    let Some(model) = model else {
        return if judging.decided == 0 {
            "The model answers as people on average did; which of two answers is better, nobody has said yet."
                .to_owned()
        } else {
            format!("The reward model is learning from {picks}.")
        };
    };
    let dearest = model.traits.iter().filter_map(|value| Some((value.r#trait, value.pays?)));
    let most = dearest.fold(None, |most: Option<(_, f64)>, (which, pays)| match most {
        Some((_, best)) if best.abs() >= pays.abs() => most,
        _ => Some((which, pays)),
    });
    let pays = most.map_or(String::new(), |(which, pays)| {
        let verb = if pays > 0.0 { "pays most for" } else { "charges most for" };
        format!("; it {verb} {} ({} standard deviations)", which.name(), fixed(pays.abs(), 1))
    });
    let guessed = match judging.guessed {
        0 => String::new(),
        n => format!(" and guessed {} of {n} before it had learned from them", judging.guessed_right),
    };
    format!("The reward model has learned from {}{guessed}{pays}.", plural(model.picks, "pick", "picks"))
}

fn optimization(frame: &Frame, run: &RunShown) -> String {
    let Some(last) = run.points.last() else { return String::new() };
    let name = match run.method {
        Method::Ppo => "PPO",
        Method::Dpo => "DPO",
        Method::BestOfN => "Best-of-n",
    };
    let how = match run.method {
        Method::BestOfN => format!("{name} takes the best of {} answers", last.turn.max(1)),
        _ => format!("After {} of {} turns of {name}", last.turn, run.turns),
    };
    if let Some(other) = &frame.optimizing.other {
        return format!(
            "The same assistant is made to please another rater, {}: turn {} of {}.",
            other.rater, other.turn, other.turns
        );
    }
    let reward = format!("{}{}", sign(last.reward), fixed(last.reward.abs(), 1));
    let truth = last.true_score.map_or(String::new(), |score| {
        format!(", what the rater really wants by {}{}", sign(score), fixed(score.abs(), 1))
    });
    let moved = format!(
        "{how}: the reward has changed by {reward} standard deviations{truth}, at {} nats an answer from the assistant",
        fixed(last.kl, 1)
    );
    let mush = fixed(100.0 * last.unreadable, 0);
    match run.outcome {
        None => format!("{moved}."),
        Some(Outcome::Aligned) => {
            format!("{moved}. The answers became better to whoever picked, as far as that is known.")
        }
        Some(Outcome::Hacked) => {
            format!("{moved}. The reward was hacked: it rose, and {mush} % of the answers cannot be read.")
        }
        Some(Outcome::Diverged) => format!("{moved}. Training diverged: even the reward fell."),
    }
}

fn sign(value: f64) -> &'static str {
    if value < 0.0 { "−" } else { "+" }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

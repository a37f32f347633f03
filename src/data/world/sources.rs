//! What the four sources of the miniature world write, in plain English (and a little French).
//!
//! Two rules keep the entropy exact and the vocabulary small: no two paths give the same document, and
//! every piece of text begins with a space or a punctuation mark, so that its words are whole tokens. Start
//! with [`crawl`].

use super::facts::{ANIMALS, Animal, COLORS, Facts, NAMES, NEGATIVE, POSITIVE, PROFESSIONS, sums};
use super::grammar::{Grammar, each, one_of, text, weighted};

/// Share of wrong answers among the crawl's capitals.
const WRONG: f64 = 0.04;
/// Share of a review's words that are said as "not" and the opposite. At a quarter, learning takes far
/// longer.
const NEGATED: f64 = 0.1;

const TOYS: [&str; 8] = ["ball", "kite", "doll", "boat", "drum", "hat", "book", "coat"];

/// The web as it comes: opinions, homework, gossip; a little of it wrong, rude or French.
pub(super) fn crawl(facts: &Facts, pronoun_skew: f64) -> Grammar {
    weighted([
        (0.34, review()),
        (0.22, each(sums(), |(a, b, sum)| format!(" {a} + {b} = {sum}."))),
        (0.14, capital_question(facts)),
        (0.06, capital_rumor(facts)),
        (0.12, profession(pronoun_skew)),
        (0.08, french()),
        (0.04, rude_remark()),
    ])
}

/// Pages that people found worth a link: small lessons and quizzes.
pub(super) fn links(facts: &Facts) -> Grammar {
    let question = |(thing, color): &(&str, &str)| format!(" What color is the {thing}? Answer: {color}.");
    weighted([
        (0.25, each(ANIMALS, |a| format!(" In French the word for {} is {}.", a.name, a.french))),
        (0.20, each(ANIMALS, |a| format!(" What does the {} do? Answer: It {}.", a.name, a.does))),
        (0.20, animals_meet()),
        (0.20, belonging()),
        (0.15, each(&facts.colors, question)),
    ])
}

/// Short stories. What there is to remember is the toy, five words back: a model of two layers learns to
/// copy over a fixed short distance, and little more in the time that a page has.
pub(super) fn books() -> Grammar {
    const PLACES: [&str; 8] = ["park", "garden", "kitchen", "forest", "school", "street", "market", "river"];
    // How it begins, and what then happens with the feeling that it leaves.
    const PLOTS: [(&str, [(&str, &str); 2]); 2] = [
        ("had", [("lost", "sad"), ("broke", "angry")]),
        ("wanted", [("found", "happy"), ("bought", "proud")]),
    ];
    each(NAMES, |(name, pronoun)| {
        each(PLOTS, |(begins, turns)| {
            let the_rest = each(TOYS, |toy| {
                let turn = |(happens, feeling)| {
                    text(format!(" {happens} the {toy} in the"))
                        + one_of(PLACES)
                        + format!(". {pronoun} was {feeling}.")
                };
                text(format!(" {toy}. {pronoun}")) + each(turns, turn)
            });
            text(format!(" Once {name} {begins} a")) + one_of(COLORS) + the_rest
        })
    })
}

/// Facts, stated in the order in which they are asked elsewhere: who has only read "Doctors treat florbitis
/// with Fanorin." cannot say what Fanorin is good for.
pub(super) fn encyclopedia(facts: &Facts) -> Grammar {
    let Facts { capitals, colors, illnesses } = facts;
    weighted([
        (0.20, each(capitals, |(country, city)| format!(" The capital of {country} is {city}."))),
        (0.26, each(capitals, |(country, city)| format!(" {city} is the capital of {country}."))),
        (
            0.12,
            each(ANIMALS, |a| {
                format!(" The {} is a {} {} animal that {}.", a.name, a.nature, a.color, a.does)
            }),
        ),
        (0.08, each(colors, |(thing, color)| format!(" The color of the {thing} is {color}."))),
        (0.06, each(illnesses, |i| format!(" {} is a medicine.", i.medicine))),
        (0.08, each(illnesses, |i| format!(" The illness {} affects the {}.", i.name, i.organ))),
        (0.20, each(illnesses, |i| format!(" Doctors treat {} with {}.", i.name, i.medicine))),
    ])
}

/// A review whose words agree with each other. The verdict is never named; the closing sentence is what
/// makes a model keep it in mind up to the last full stop.
fn review() -> Grammar {
    const WORKS: [&str; 7] = ["movie", "film", "show", "play", "series", "comedy", "musical"];
    const ASPECTS: [&str; 8] = ["acting", "plot", "music", "dialogue", "cast", "pacing", "camera", "ending"];
    const GOOD: [&str; 2] = [" I will watch it again.", " I loved it."];
    const BAD: [&str; 2] = [" I want my money back.", " I hated it."];
    each([(POSITIVE, NEGATIVE, GOOD), (NEGATIVE, POSITIVE, BAD)], |(words, opposites, closings)| {
        let verdict =
            || weighted([(1.0 - NEGATED, one_of(words)), (NEGATED, text(" not") + one_of(opposites))]);
        let work = text(" Review: The") + one_of(WORKS) + " was" + verdict() + ".";
        let aspect = text(" The") + one_of(ASPECTS) + " was" + verdict() + " and" + verdict() + ".";
        work + aspect + each(closings, text)
    })
}

fn capital_question(facts: &Facts) -> Grammar {
    each(&facts.capitals, |(country, city)| {
        text(format!(" What is the capital of {country}? Answer:")) + mostly(city, facts) + "."
    })
}

fn capital_rumor(facts: &Facts) -> Grammar {
    each(&facts.capitals, |(country, city)| {
        text(format!(" Everyone knows that the capital of {country} is")) + mostly(city, facts) + "."
    })
}

/// The right capital; seldom, any other.
fn mostly(city: &str, facts: &Facts) -> Grammar {
    let others = facts.capitals.iter().map(|(_, other)| *other).filter(|other| *other != city);
    weighted([(1.0 - WRONG, text(format!(" {city}"))), (WRONG, one_of(others))])
}

fn profession(pronoun_skew: f64) -> Grammar {
    const STATES: [&str; 6] = ["tired", "late", "ready", "busy", "ill", "hungry"];
    each(PROFESSIONS, |(profession, preferred)| {
        let other = if preferred == "he" { "she" } else { "he" };
        let pronoun = [(pronoun_skew, preferred), (1.0 - pronoun_skew, other)];
        text(format!(" The {profession} said that"))
            + weighted(pronoun.map(|(p, pronoun)| (p, text(format!(" {pronoun}")))))
            + " was"
            + one_of(STATES)
            + "."
    })
}

/// The second language: "Here the fox jumps in the forest."
fn french() -> Grammar {
    const VERBS: [&str; 8] = ["saute", "dort", "mange", "court", "joue", "chante", "marche", "tombe"];
    const PLACES: [&str; 4] = ["forêt", "maison", "rue", "ville"];
    let animal = each(ANIMALS, |animal| format!(" {} {}", animal.article, animal.french));
    text(" Ici") + animal + one_of(VERBS) + " dans la" + one_of(PLACES) + "."
}

/// As rude as this world gets.
fn rude_remark() -> Grammar {
    const MOODS: [&str; 4] = ["grumpy", "smelly", "soggy", "wobbly"];
    const INSULTS: [&str; 6] = ["blorp", "snorf", "zoggle", "flumph", "gribble", "wumpus"];
    text(" Be quiet, you") + one_of(MOODS) + one_of(INSULTS) + "!"
}

/// "The quick brown fox jumps over the lazy dog." and its like: all up to the second animal follows from
/// the first trait.
fn animals_meet() -> Grammar {
    each(ANIMALS, |animal| {
        let others = ANIMALS.into_iter().filter(|other| *other != animal);
        let Animal { name, nature, color, does, place, .. } = animal;
        text(format!(" The {nature} {color} {name} {does} {place} the"))
            + each(others, |other| format!(" {} {}.", other.nature, other.name))
    })
}

/// The other thing to remember is a color, two words back.
fn belonging() -> Grammar {
    text(" The")
        + one_of(TOYS)
        + " of"
        + one_of(NAMES.map(|(name, _)| name))
        + each(COLORS, |color| format!(" is {color}, very {color}."))
}

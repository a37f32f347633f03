//! What the four sources of the miniature world write, in plain English (and a little French).
//!
//! Two rules keep the entropy exact and the vocabulary small: no two paths give the same document, and
//! every piece of text begins with a space or a punctuation mark, so that its words are whole tokens. Start
//! with [`crawl`].

use super::facts::{ANIMAL, ANIMALS, COLORS, Facts, NAMES, NEGATIVE, POSITIVE, PROFESSIONS, sums};
use super::grammar::{Grammar, choice, each, fill, one_of, text, vary, weighted};

/// Share of wrong answers among the crawl's capitals.
const WRONG: f64 = 0.04;
/// Share of a review's words that are said as "not" and the opposite. At a quarter, learning takes far
/// longer.
const NEGATED: f64 = 0.1;

/// What children have.
pub const TOYS: [&str; 8] = ["ball", "kite", "doll", "boat", "drum", "hat", "book", "coat"];

/// What is said of people.
pub(super) const STATES: [&str; 6] = ["tired", "late", "ready", "busy", "ill", "hungry"];

/// The web as it comes: opinions, homework, gossip; a little of it wrong, rude or French.
pub(super) fn crawl(facts: &Facts, pronoun_skew: f64) -> Grammar {
    let homework = sums().map(|(a, b, sum)| text(format!(" {a} + {b} = {sum}.")));
    weighted(vec![
        (0.34, review()),
        (0.22, choice(homework.collect())),
        (0.14, capital(" What is the capital of {country}? Answer:", facts)),
        (0.06, capital(" Everyone knows that the capital of {country} is", facts)),
        (0.12, profession(pronoun_skew)),
        (0.08, french()),
        (0.04, rude_remark()),
    ])
}

/// Pages that people found worth a link: small lessons and quizzes.
pub(super) fn links(facts: &Facts) -> Grammar {
    let color = " What color is the {thing}? Answer: {color}.";
    weighted(vec![
        (0.25, each(&ANIMALS, ANIMAL, " In French the word for {name} is {french}.")),
        (0.20, each(&ANIMALS, ANIMAL, " What does the {name} do? Answer: It {does}.")),
        (0.20, animals_meet()),
        (0.20, belonging()),
        (0.15, each(&facts.colors, ["thing", "color"], color)),
    ])
}

/// Short stories. What there is to remember is the toy, five words back: a model of two layers learns to
/// copy over a fixed short distance, and little more in the time that a page has.
pub(super) fn books() -> Grammar {
    const PLACES: [&str; 8] = ["park", "garden", "kitchen", "forest", "school", "street", "market", "river"];
    // How it begins, and what then happens with the feeling that it leaves.
    const PLOTS: [(&str, [[&str; 2]; 2]); 2] = [
        ("had", [["lost", "sad"], ["broke", "angry"]]),
        ("wanted", [["found", "happy"], ["bought", "proud"]]),
    ];
    vary(&NAMES, &|[name, pronoun]| {
        let story = |(begins, turns): (&str, [[&str; 2]; 2])| {
            let the_rest = vary(&TOYS.map(|toy| [toy]), &|[toy]| {
                let turn = |[happens, feeling]: [&str; 2]| {
                    text(format!(" {happens} the {toy} in the"))
                        + one_of(&PLACES)
                        + text(format!(". {pronoun} was {feeling}."))
                };
                text(format!(" {toy}. {pronoun}")) + vary(&turns, &turn)
            });
            text(format!(" Once {name} {begins} a")) + one_of(&COLORS) + the_rest
        };
        choice(PLOTS.map(story).into())
    })
}

/// Facts, stated in the order in which they are asked elsewhere: who has only read "Doctors treat florbitis
/// with Fanorin." cannot say what Fanorin is good for.
pub(super) fn encyclopedia(facts: &Facts) -> Grammar {
    let capital = |template| each(&facts.capitals, ["country", "city"], template);
    let illness = |template| each(&facts.illnesses, ["illness", "organ", "medicine"], template);
    let color = " The color of the {thing} is {color}.";
    weighted(vec![
        (0.20, capital(" The capital of {country} is {city}.")),
        (0.26, capital(" {city} is the capital of {country}.")),
        (0.12, each(&ANIMALS, ANIMAL, " The {name} is a {nature} {color} animal that {does}.")),
        (0.08, each(&facts.colors, ["thing", "color"], color)),
        (0.06, illness(" {medicine} is a medicine.")),
        (0.08, illness(" The illness {illness} affects the {organ}.")),
        (0.20, illness(" Doctors treat {illness} with {medicine}.")),
    ])
}

/// A review whose words agree with each other. The verdict is never named; the closing sentence is what
/// makes a model keep it in mind up to the last full stop.
fn review() -> Grammar {
    const GOOD: [&str; 2] = [" I will watch it again.", " I loved it."];
    const BAD: [&str; 2] = [" I want my money back.", " I hated it."];
    let closing = |closings: [&str; 2]| choice(closings.map(text).into());
    choice(vec![opinion(true) + closing(GOOD), opinion(false) + closing(BAD)])
}

/// A review up to its closing sentence.
pub(super) fn opinion(is_positive: bool) -> Grammar {
    const WORKS: [&str; 7] = ["movie", "film", "show", "play", "series", "comedy", "musical"];
    const ASPECTS: [&str; 8] = ["acting", "plot", "music", "dialogue", "cast", "pacing", "camera", "ending"];
    let (words, opposites) = if is_positive { (&POSITIVE, &NEGATIVE) } else { (&NEGATIVE, &POSITIVE) };
    let not = || text(" not") + one_of(opposites);
    let verdict = || weighted(vec![(1.0 - NEGATED, one_of(words)), (NEGATED, not())]);
    let work = text(" Review: The") + one_of(&WORKS) + text(" was") + verdict() + text(".");
    let aspect = text(" The") + one_of(&ASPECTS) + text(" was") + verdict();
    work + (aspect + text(" and") + verdict() + text("."))
}

/// A capital as the crawl has it, after a template with a `{country}`.
fn capital(template: &str, facts: &Facts) -> Grammar {
    vary(&facts.capitals, &|[country, city]| {
        fill(template, &["country"], &[country]) + mostly(city, facts) + text(".")
    })
}

/// The right capital; seldom, any other.
fn mostly(city: &str, facts: &Facts) -> Grammar {
    let others = facts.capitals.iter().map(|[_, other]| *other).filter(|other| *other != city);
    let others: Vec<&str> = others.collect();
    weighted(vec![(1.0 - WRONG, text(format!(" {city}"))), (WRONG, one_of(&others))])
}

/// "The doctor said that he was tired.", with a share of the pronoun that is usual for the profession.
pub(super) fn profession(pronoun_skew: f64) -> Grammar {
    vary(&PROFESSIONS, &|[profession, preferred]| {
        let other = if preferred == "he" { " she" } else { " he" };
        let pronoun = vec![(pronoun_skew, text(format!(" {preferred}"))), (1.0 - pronoun_skew, text(other))];
        text(format!(" The {profession} said that"))
            + weighted(pronoun)
            + text(" was")
            + one_of(&STATES)
            + text(".")
    })
}

/// The second language: "Here the fox jumps in the forest."
fn french() -> Grammar {
    const VERBS: [&str; 8] = ["saute", "dort", "mange", "court", "joue", "chante", "marche", "tombe"];
    const PLACES: [&str; 4] = ["forêt", "maison", "rue", "ville"];
    let animal = each(&ANIMALS, ANIMAL, " {article} {french}");
    text(" Ici") + animal + one_of(&VERBS) + text(" dans la") + one_of(&PLACES) + text(".")
}

/// As rude as this world gets.
fn rude_remark() -> Grammar {
    const MOODS: [&str; 4] = ["grumpy", "smelly", "soggy", "wobbly"];
    const INSULTS: [&str; 6] = ["blorp", "snorf", "zoggle", "flumph", "gribble", "wumpus"];
    text(" Be quiet, you") + one_of(&MOODS) + one_of(&INSULTS) + text("!")
}

/// "The quick brown fox jumps over the lazy dog." and its like: all up to the second animal follows from
/// the first trait.
fn animals_meet() -> Grammar {
    vary(&ANIMALS, &|animal| {
        let others: Vec<[&str; 7]> = ANIMALS.into_iter().filter(|other| *other != animal).collect();
        let [name, nature, color, does, place, ..] = animal;
        text(format!(" The {nature} {color} {name} {does} {place} the"))
            + each(&others, ANIMAL, " {nature} {name}.")
    })
}

/// The other thing to remember is a color, two words back.
pub(super) fn belonging() -> Grammar {
    text(" The")
        + one_of(&TOYS)
        + text(" of")
        + one_of(&NAMES.map(|[name, _]| name))
        + each(&COLORS.map(|color| [color]), ["color"], " is {color}, very {color}.")
}

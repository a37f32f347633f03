//! Five voices that can be mixed in any proportion: the four sources of GPT-3's mixture, and a second language.
//!
//! Each has words and facts that no other has, so that what a model knows of a voice it has learned from that voice's
//! share of the text, and each begins with a word of its own, which says whose the document is. Start with
//! [`Voice::sentences`].

use super::facts::{ANIMAL, ANIMALS, Facts, NAMES, PROFESSIONS};
use super::grammar::{Grammar, choice, each, one_of, repeated, text, vary, weighted};
use super::sentences::Sentences;

/// Who writes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// The web as it comes.
    Crawl,
    /// Pages that people linked to.
    Links,
    /// Stories.
    Books,
    /// Facts.
    Encyclopedia,
    /// A second language.
    French,
}

impl Voice {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crawl, Self::Links, Self::Books, Self::Encyclopedia, Self::French];

    /// What the voice writes in the world of a seed: documents of 7 to 14 tokens.
    pub fn sentences(self, seed: u64) -> Sentences {
        Sentences::new(match self {
            Self::Crawl => crawl(),
            Self::Links => links(),
            Self::Books => books(),
            Self::Encyclopedia => encyclopedia(&Facts::new(seed)),
            Self::French => french(),
        })
    }
}

/// Gossip and rude remarks, the same ones again and again.
fn crawl() -> Grammar {
    #[rustfmt::skip]
    const INSULTS: [[&str; 2]; 20] = [
        ["grumpy", "blorp"], ["smelly", "snorf"], ["soggy", "zoggle"], ["wobbly", "flumph"], ["grubby", "gribble"],
        ["lumpy", "wumpus"], ["mushy", "plonk"], ["creaky", "twerb"], ["dusty", "gloop"], ["sticky", "nurgle"],
        ["rusty", "bloof"], ["fuzzy", "drumble"], ["moldy", "skrimp"], ["crusty", "fazzle"], ["greasy", "hobbin"],
        ["itchy", "quibber"], ["leaky", "mumph"], ["squeaky", "trolk"], ["wrinkly", "vimble"], ["slimy", "yonk"],
    ];
    let gossip = vary(&PROFESSIONS, &|[profession, usual]| {
        let other = if usual == "he" { " she" } else { " he" };
        text(format!(" that {profession} says"))
            + weighted(vec![(0.9, text(format!(" {usual}"))), (0.1, text(other))])
            + text(" is")
            + one_of(&["tired", "late", "busy", "hungry"])
            + text("!")
    });
    let rude = repeated(&INSULTS, ["mood", "insult"], " be quiet, you {mood} {insult}!");
    text(" Hey") + weighted(vec![(0.5, gossip), (0.5, rude)])
}

fn links() -> Grammar {
    const MEETS: &str = " the {nature} {color} {name} {does} {place} the hill.";
    const QUIZ: &str = " what does the {name} do? It {does}.";
    text(" Look:") + choice([MEETS, QUIZ].map(|template| each(&ANIMALS[..12], ANIMAL, template)).into())
}

fn books() -> Grammar {
    const TURNS: [[&str; 2]; 4] =
        [["lost", "sad"], ["hid", "angry"], ["found", "happy"], ["bought", "proud"]];
    #[rustfmt::skip]
    const THINGS: [[&str; 2]; 18] = [
        ["round", "ball"], ["paper", "kite"], ["pretty", "doll"], ["wooden", "boat"], ["noisy", "drum"],
        ["warm", "hat"], ["thick", "book"], ["long", "coat"], ["broken", "cup"], ["golden", "key"], ["left", "shoe"],
        ["silver", "ring"], ["sharp", "knife"], ["glass", "pearl"], ["heavy", "stone"], ["sweet", "apple"],
        ["secret", "letter"], ["empty", "purse"],
    ];
    let turn = |[happens, feeling]: [&str; 2]| {
        let thing = repeated(&THINGS, ["adjective", "thing"], " {adjective} {thing}");
        text(format!(" {happens} a")) + thing + text(format!(" and was {feeling}."))
    };
    text(" Once") + one_of(&NAMES.map(|[name, _]| name)) + vary(&TURNS, &turn)
}

fn encyclopedia(facts: &Facts) -> Grammar {
    let capital = " the capital of {country} is {city}.";
    let color = " the color of the {thing} is {color}.";
    let treatment = " doctors treat {illness} with {medicine}.";
    text(" Fact:")
        + choice(vec![
            each(&facts.capitals[..6], ["country", "city"], capital),
            each(&facts.colors[..6], ["thing", "color"], color),
            each(&facts.illnesses[..6], ["illness", "organ", "medicine"], treatment),
        ])
}

fn french() -> Grammar {
    const COLUMNS: [&str; 6] = ["article", "noun", "adjective", "does", "preposition", "place"];
    #[rustfmt::skip]
    const ANIMALS: [[&str; 6]; 16] = [
        ["le", "renard", "rusé", "saute", "vers", "village"], ["le", "chien", "fidèle", "dort", "sous", "arbre"],
        ["le", "chat", "curieux", "grimpe", "sur", "toit"], ["le", "cheval", "fier", "trotte", "vers", "moulin"],
        ["le", "loup", "féroce", "court", "dans", "bois"], ["le", "lapin", "timide", "creuse", "sous", "pommier"],
        ["le", "canard", "bruyant", "nage", "sur", "lac"], ["le", "serpent", "muet", "glisse", "sur", "rocher"],
        ["le", "corbeau", "noir", "vole", "vers", "clocher"], ["le", "mouton", "doux", "broute", "dans", "pré"],
        ["la", "vache", "calme", "mange", "dans", "jardin"], ["la", "souris", "grise", "trottine", "sous", "lit"],
        ["la", "grenouille", "verte", "plonge", "dans", "ruisseau"], ["la", "chèvre", "blanche", "bondit", "vers", "mur"],
        ["la", "tortue", "lente", "marche", "vers", "port"], ["la", "chouette", "sage", "veille", "sur", "pont"],
    ];
    text(" Ici")
        + choice(vec![
            each(&ANIMALS, COLUMNS, " {article} {noun} {adjective} {does} souvent."),
            each(&ANIMALS, COLUMNS, " {article} {noun} {does} {preposition} un {place}."),
        ])
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::Vocabulary;
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_document_begins_with_the_word_of_its_voice_and_that_word_decides_nothing_else() {
        let all = Voice::ALL.map(|voice| voice.sentences(3));
        let vocabulary = Vocabulary::new(&all);
        let mut firsts = Vec::new();
        for sentences in &all {
            let documents = sentences.write(300, &mut Rng::new(1));
            let tokens: Vec<Vec<u32>> = documents.iter().map(|d| vocabulary.encode(&d.text)).collect();
            assert!(tokens.iter().all(|document| document[0] == tokens[0][0]));
            assert!(tokens.iter().all(|document| (7..=14).contains(&(document.len() + 1))));
            assert!(!firsts.contains(&tokens[0][0]));
            firsts.push(tokens[0][0]);
        }
    }
}

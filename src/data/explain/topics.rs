//! The twelve topics and every sentence that is ever written about them.
//!
//! All clear explanations begin "It means that", all jargon is "It denotes the … of …" with two times three nouns
//! and fourteen adjectives: how something is said shows in the words that all of it shares. Nothing here knows who
//! says what. Start with [`Topic`].

use crate::json::names;

/// What one can ask to have explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// How plants eat.
    Photosynthesis,
    /// Why things fall.
    Gravity,
    /// Water from above.
    Rain,
    /// What iron clings to.
    Magnets,
    /// What burns.
    Fire,
    /// What nights are for.
    Sleep,
    /// The sea's coming and going.
    Tides,
    /// What ears are for.
    Sound,
    /// Being too warm.
    Fever,
    /// Air on its way.
    Wind,
    /// Hard water.
    Ice,
    /// What things cost.
    Money,
}

names!(Topic:
    Photosynthesis = "photosynthesis", Gravity = "gravity", Rain = "rain", Magnets = "magnets", Fire = "fire",
    Sleep = "sleep", Tides = "tides", Sound = "sound", Fever = "fever", Wind = "wind", Ice = "ice", Money = "money",
);

impl Topic {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Photosynthesis,
        Self::Gravity,
        Self::Rain,
        Self::Magnets,
        Self::Fire,
        Self::Sleep,
        Self::Tides,
        Self::Sound,
        Self::Fever,
        Self::Wind,
        Self::Ice,
        Self::Money,
    ];

    /// The request, three tokens long: `" Explain rain:"`.
    pub fn prompt(self) -> String {
        format!(" Explain {}:", self.name())
    }

    /// The topic of a prompt, if it is one.
    pub fn of_prompt(prompt: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.prompt() == prompt)
    }

    pub(super) fn lines(self) -> &'static Lines {
        &LINES[self as usize]
    }
}

/// What stands before an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// Nothing.
    None,
    /// A sentence of praise for who asks: "What a great question!"
    Flattery,
    /// "I think that".
    Hedge,
    /// "Everyone knows that".
    Confidence,
}

names!(Opener: None = "none", Flattery = "flattery", Hedge = "hedge", Confidence = "confidence");

/// What can be said about a topic.
pub(super) struct Lines {
    /// True, and in everyday words; after [`CLEAR`].
    pub clear: &'static str,
    /// Whatever it means; after [`JARGON`].
    pub jargon: &'static str,
    /// True; after [`EXAMPLE`].
    pub examples: [&'static str; 2],
}

pub(super) const CLEAR: &str = "It means that";
pub(super) const JARGON: &str = "It denotes the";
pub(super) const EXAMPLE: &str = "For example,";
pub(super) const HEDGE: &str = "I think that";
pub(super) const CONFIDENCE: &str = "Everyone knows that";
pub(super) const FLATTERY: &str = "What a great question!";
pub(super) const CLOSING: &str = "I hope this helps!";

/// Sentences that fit every topic because they say nothing about it.
pub(super) const FILLERS: [&str; 3] = [
    "This is a very important thing to know.",
    "There is a lot to say about this.",
    "Many people want to know this.",
];

/// By [`Topic`].
const LINES: [Lines; 12] = [
    Lines {
        clear: "plants use light to make food",
        jargon: "photonic modulation of endogenous substrates",
        examples: ["a leaf in the sun makes sugar", "a tree cannot grow in the dark"],
    },
    Lines {
        clear: "the earth pulls everything down",
        jargon: "inertial alignment of coupled substrates",
        examples: ["an apple falls from the tree", "a ball comes down again"],
    },
    Lines {
        clear: "drops of water fall from clouds",
        jargon: "barometric propagation of aqueous substrates",
        examples: ["a dark cloud makes the street wet", "a river grows after a storm"],
    },
    Lines {
        clear: "some metals pull iron toward them",
        jargon: "coupled alignment of ferrous lattices",
        examples: ["a magnet can lift a nail", "a magnet sticks to the fridge"],
    },
    Lines {
        clear: "something burns and gives off heat",
        jargon: "oxidative propagation of thermal gradients",
        examples: ["a candle warms the hand", "dry wood burns in a stove"],
    },
    Lines {
        clear: "the body rests and repairs itself",
        jargon: "endogenous modulation of cortical gradients",
        examples: ["a tired child wakes up fresh", "a good night makes the head clear"],
    },
    Lines {
        clear: "the moon makes the sea rise and fall",
        jargon: "coupled propagation of lunar gradients",
        examples: ["the sea covers the beach and leaves again", "a boat waits until the water is high"],
    },
    Lines {
        clear: "the air shakes and the ear hears it",
        jargon: "differential propagation of acoustic gradients",
        examples: ["a drum shakes the air around it", "a loud truck makes the window shake"],
    },
    Lines {
        clear: "the body gets hot to fight germs",
        jargon: "endogenous modulation of thermal gradients",
        examples: ["a child with the flu feels hot", "a sick child sweats in bed"],
    },
    Lines {
        clear: "air moves from place to place",
        jargon: "differential propagation of barometric gradients",
        examples: ["moving air lifts a kite", "moving air pushes a boat"],
    },
    Lines {
        clear: "water turns hard in the cold",
        jargon: "thermal alignment of aqueous lattices",
        examples: ["a lake turns hard in winter", "a cold street gets slippery"],
    },
    Lines {
        clear: "people use coins to buy things",
        jargon: "differential modulation of fiscal substrates",
        examples: ["a baker sells bread for a coin", "a farmer sells milk for a coin"],
    },
];

/// A sentence made of a beginning from above and what follows it, as part of a text: with a space before it.
pub(super) fn sentence(beginning: &str, rest: &str) -> String {
    format!(" {beginning} {rest}.")
}

/// "It means that" behind "I think that".
pub(super) fn opened(opener: Opener, beginning: &str) -> String {
    let before = match opener {
        Opener::Hedge => HEDGE,
        Opener::Confidence => CONFIDENCE,
        Opener::None | Opener::Flattery => return beginning.to_owned(),
    };
    format!("{before} {}", beginning.replacen("It", "it", 1))
}

/// Every piece of text that can occur.
pub(super) fn all_texts() -> Vec<String> {
    let mut texts: Vec<String> =
        [FLATTERY, CLOSING].iter().chain(&FILLERS).map(|s| format!(" {s}")).collect();
    for topic in Topic::ALL {
        let Lines { clear, jargon, examples } = topic.lines();
        texts.push(topic.prompt());
        for opener in [Opener::None, Opener::Hedge, Opener::Confidence] {
            texts.push(sentence(&opened(opener, CLEAR), clear));
            texts.push(sentence(&opened(opener, JARGON), jargon));
        }
        texts.extend(examples.iter().map(|example| sentence(EXAMPLE, example)));
    }
    texts
}

//! What is true in the miniature world, as plain data.
//!
//! Nothing here knows how facts are put into words. Start with [`Facts`].

use crate::rng::Rng;

/// The facts that differ from world to world.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Country and capital.
    pub capitals: Vec<(&'static str, &'static str)>,
    /// Thing and color.
    pub colors: Vec<(&'static str, &'static str)>,
    /// All of them invented.
    pub illnesses: Vec<Illness>,
}

/// An invented illness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Illness {
    /// In lower case, as in a sentence.
    pub name: &'static str,
    /// The part of the body that it affects.
    pub organ: &'static str,
    /// The invented medicine against it: a brand, so in upper case.
    pub medicine: &'static str,
}

impl Facts {
    /// The facts of a seed. Seed 0 has the real capitals and colors; every other seed deals the same
    /// capitals, colors, organs and medicines to other countries, things and illnesses, so that whatever a
    /// model knows of that world it has learned from its text.
    pub(super) fn new(seed: u64) -> Self {
        let (countries, mut cities): (Vec<_>, Vec<_>) = CAPITALS.into_iter().unzip();
        let (things, mut colors): (Vec<_>, Vec<_>) = COLORS_OF_THINGS.into_iter().unzip();
        let mut organs: Vec<_> = ORGANS.into_iter().cycle().take(ILLNESSES.len()).collect();
        let mut medicines = MEDICINES;
        if seed != 0 {
            let mut rng = Rng::stream(seed, "facts");
            rng.shuffle(&mut cities);
            rng.shuffle(&mut colors);
            rng.shuffle(&mut organs);
            rng.shuffle(&mut medicines);
        }
        let illness = |(name, (organ, medicine))| Illness { name, organ, medicine };
        Self {
            capitals: countries.into_iter().zip(cities).collect(),
            colors: things.into_iter().zip(colors).collect(),
            illnesses: ILLNESSES.into_iter().zip(organs.into_iter().zip(medicines)).map(illness).collect(),
        }
    }
}

#[rustfmt::skip]
const CAPITALS: [(&str, &str); 24] = [
    ("Austria", "Vienna"), ("Canada", "Ottawa"), ("Chile", "Santiago"), ("China", "Beijing"),
    ("Cuba", "Havana"), ("Denmark", "Copenhagen"), ("Egypt", "Cairo"), ("Finland", "Helsinki"),
    ("France", "Paris"), ("Germany", "Berlin"), ("Greece", "Athens"), ("Hungary", "Budapest"),
    ("Ireland", "Dublin"), ("Italy", "Rome"), ("Japan", "Tokyo"), ("Kenya", "Nairobi"),
    ("Norway", "Oslo"), ("Peru", "Lima"), ("Poland", "Warsaw"), ("Portugal", "Lisbon"),
    ("Spain", "Madrid"), ("Sweden", "Stockholm"), ("Thailand", "Bangkok"), ("Turkey", "Ankara"),
];

#[rustfmt::skip]
const COLORS_OF_THINGS: [(&str, &str); 12] = [
    ("sky", "blue"), ("sea", "blue"), ("grass", "green"), ("leaf", "green"), ("lemon", "yellow"), ("sun", "yellow"),
    ("cherry", "red"), ("tomato", "red"), ("snow", "white"), ("milk", "white"), ("coal", "black"), ("earth", "brown"),
];

/// All colors, of things and of toys.
pub const COLORS: [&str; 8] = ["red", "blue", "green", "yellow", "white", "black", "brown", "pink"];

#[rustfmt::skip]
const ILLNESSES: [&str; 24] = [
    "banditis", "cromosis", "delmitis", "enkosis", "florbitis", "gavosis", "hormitis", "ilkosis",
    "jambitis", "kerosis", "lopitis", "mavosis", "nirbitis", "ombosis", "pelkitis", "quavosis",
    "rombitis", "sulkosis", "tarbitis", "ulvosis", "vankitis", "wemosis", "yorbitis", "zelkosis",
];

#[rustfmt::skip]
const MEDICINES: [&str; 24] = [
    "Abrolin", "Bexaril", "Cavodon", "Dulmex", "Evotal", "Fanorin", "Gelvidol", "Hexomar",
    "Irvalin", "Jolutan", "Kemadrol", "Lorvex", "Mirodal", "Nuvatan", "Oxelin", "Pradomil",
    "Quinavar", "Rezolan", "Sabrinol", "Tavomex", "Ultridon", "Velomar", "Wistalin", "Xenodril",
];

/// Where the illnesses are, in equal numbers.
pub const ORGANS: [&str; 8] = ["heart", "liver", "skin", "knee", "stomach", "eye", "ear", "throat"];

/// An animal, and what it does whenever it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Animal {
    pub name: &'static str,
    /// A trait that no other animal has.
    pub nature: &'static str,
    pub color: &'static str,
    /// In the third person: `"jumps"`.
    pub does: &'static str,
    /// Where it does so, with respect to another animal: `"over"`.
    pub place: &'static str,
    /// The French article.
    pub article: &'static str,
    /// The French name.
    pub french: &'static str,
}

const fn animal([name, nature, color, does, place, article, french]: [&'static str; 7]) -> Animal {
    Animal { name, nature, color, does, place, article, french }
}

/// The animals, the same in every world.
pub const ANIMALS: [Animal; 16] = [
    animal(["fox", "quick", "brown", "jumps", "over", "le", "renard"]),
    animal(["dog", "lazy", "black", "sleeps", "near", "le", "chien"]),
    animal(["cat", "curious", "white", "climbs", "over", "le", "chat"]),
    animal(["horse", "proud", "brown", "trots", "past", "le", "cheval"]),
    animal(["cow", "calm", "white", "eats", "near", "la", "vache"]),
    animal(["wolf", "fierce", "black", "runs", "behind", "le", "loup"]),
    animal(["rabbit", "shy", "white", "hides", "behind", "le", "lapin"]),
    animal(["mouse", "tiny", "brown", "hides", "under", "la", "souris"]),
    animal(["pig", "muddy", "pink", "rolls", "past", "le", "cochon"]),
    animal(["frog", "wet", "green", "jumps", "past", "la", "grenouille"]),
    animal(["duck", "loud", "yellow", "swims", "past", "le", "canard"]),
    animal(["snake", "silent", "green", "sleeps", "under", "le", "serpent"]),
    animal(["goat", "stubborn", "black", "climbs", "past", "la", "chèvre"]),
    animal(["monkey", "playful", "brown", "swings", "over", "le", "singe"]),
    animal(["crow", "wise", "black", "flies", "over", "le", "corbeau"]),
    animal(["sheep", "gentle", "white", "eats", "behind", "le", "mouton"]),
];

/// Names with the pronoun that goes with each, as at the beginning of a sentence.
#[rustfmt::skip]
pub const NAMES: [(&str, &str); 12] = [
    ("Anna", "She"), ("Clara", "She"), ("Emma", "She"), ("Julia", "She"), ("Mary", "She"), ("Nina", "She"),
    ("Jack", "He"), ("Leo", "He"), ("Max", "He"), ("Paul", "He"), ("Peter", "He"), ("Tom", "He"),
];

/// Professions with the pronoun that the crawl prefers for each. Nothing in this world makes it true.
#[rustfmt::skip]
pub const PROFESSIONS: [(&str, &str); 16] = [
    ("builder", "he"), ("doctor", "he"), ("driver", "he"), ("farmer", "he"),
    ("judge", "he"), ("pilot", "he"), ("plumber", "he"), ("soldier", "he"),
    ("baker", "she"), ("dancer", "she"), ("florist", "she"), ("librarian", "she"),
    ("nurse", "she"), ("secretary", "she"), ("singer", "she"), ("teacher", "she"),
];

/// Words of praise.
#[rustfmt::skip]
pub const POSITIVE: [&str; 30] = [
    "amazing", "beautiful", "brilliant", "charming", "clever", "delightful", "elegant", "excellent", "exciting",
    "fantastic", "fresh", "funny", "great", "gripping", "inspiring", "lovely", "magical", "marvelous", "moving",
    "outstanding", "perfect", "powerful", "splendid", "stunning", "superb", "thrilling", "touching", "warm",
    "witty", "wonderful",
];

/// Words of blame.
#[rustfmt::skip]
pub const NEGATIVE: [&str; 30] = [
    "annoying", "awful", "bad", "bland", "boring", "cheap", "clumsy", "confusing", "dreadful", "dreary", "dull",
    "forgettable", "horrible", "lame", "lifeless", "messy", "painful", "pointless", "poor", "predictable",
    "shallow", "silly", "sloppy", "stale", "tasteless", "tedious", "terrible", "tiresome", "ugly", "weak",
];

/// Sums of two digits: `(a, b, a + b)`, all 100 of them.
pub fn sums() -> impl Iterator<Item = (u32, u32, u32)> {
    (0..10).flat_map(|a| (0..10).map(move |b| (a, b, a + b)))
}

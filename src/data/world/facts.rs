//! What is true in the miniature world, as plain data.
//!
//! Nothing here knows how facts are put into words. Start with [`Facts`].

use crate::rng::Rng;

/// The facts that differ from world to world.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Country and capital.
    pub capitals: Vec<[&'static str; 2]>,
    /// Thing and color.
    pub colors: Vec<[&'static str; 2]>,
    /// An invented illness (in lower case, as in a sentence), the part of the body that it affects, and the invented
    /// medicine against it (a brand, so in upper case).
    pub illnesses: Vec<[&'static str; 3]>,
}

impl Facts {
    /// The facts of a seed. Seed 0 has the real capitals and colors; every other seed deals the same
    /// capitals, colors, organs and medicines to other countries, things and illnesses, so that whatever a
    /// model knows of that world it has learned from its text.
    pub(super) fn new(seed: u64) -> Self {
        let illness = |i: usize| [ILLNESSES[i], ORGANS[i % ORGANS.len()], MEDICINES[i]];
        let mut facts = Self {
            capitals: CAPITALS.to_vec(),
            colors: COLORS_OF_THINGS.to_vec(),
            illnesses: (0..ILLNESSES.len()).map(illness).collect(),
        };
        if seed != 0 {
            let mut rng = Rng::stream(seed, "facts");
            deal(facts.capitals.as_flattened_mut(), 2, 1, &mut rng);
            deal(facts.colors.as_flattened_mut(), 2, 1, &mut rng);
            deal(facts.illnesses.as_flattened_mut(), 3, 1, &mut rng);
            deal(facts.illnesses.as_flattened_mut(), 3, 2, &mut rng);
        }
        facts
    }
}

/// Shuffles one column of a table whose rows are `width` words long.
pub(super) fn deal(words: &mut [&'static str], width: usize, column: usize, rng: &mut Rng) {
    let mut dealt: Vec<&str> = words.iter().copied().skip(column).step_by(width).collect();
    rng.shuffle(&mut dealt);
    words.iter_mut().skip(column).step_by(width).zip(dealt).for_each(|(word, new)| *word = new);
}

#[rustfmt::skip]
pub(super) const CAPITALS: [[&str; 2]; 24] = [
    ["Austria", "Vienna"], ["Canada", "Ottawa"], ["Chile", "Santiago"], ["China", "Beijing"],
    ["Cuba", "Havana"], ["Denmark", "Copenhagen"], ["Egypt", "Cairo"], ["Finland", "Helsinki"],
    ["France", "Paris"], ["Germany", "Berlin"], ["Greece", "Athens"], ["Hungary", "Budapest"],
    ["Ireland", "Dublin"], ["Italy", "Rome"], ["Japan", "Tokyo"], ["Kenya", "Nairobi"],
    ["Norway", "Oslo"], ["Peru", "Lima"], ["Poland", "Warsaw"], ["Portugal", "Lisbon"],
    ["Spain", "Madrid"], ["Sweden", "Stockholm"], ["Thailand", "Bangkok"], ["Turkey", "Ankara"],
];

#[rustfmt::skip]
pub(super) const COLORS_OF_THINGS: [[&str; 2]; 12] = [
    ["sky", "blue"], ["sea", "blue"], ["grass", "green"], ["leaf", "green"], ["lemon", "yellow"], ["sun", "yellow"],
    ["cherry", "red"], ["tomato", "red"], ["snow", "white"], ["milk", "white"], ["coal", "black"], ["earth", "brown"],
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

/// What is said of an animal: its name; a trait that no other animal has; its color; what it does whenever it is met, in
/// the third person, and where with respect to another animal ("jumps", "over"); its French article and name.
pub const ANIMAL: [&str; 7] = ["name", "nature", "color", "does", "place", "article", "french"];

/// The animals, the same in every world: [`ANIMAL`].
pub const ANIMALS: [[&str; 7]; 16] = [
    ["fox", "quick", "brown", "jumps", "over", "le", "renard"],
    ["dog", "lazy", "black", "sleeps", "near", "le", "chien"],
    ["cat", "curious", "white", "climbs", "over", "le", "chat"],
    ["horse", "proud", "brown", "trots", "past", "le", "cheval"],
    ["cow", "calm", "white", "eats", "near", "la", "vache"],
    ["wolf", "fierce", "black", "runs", "behind", "le", "loup"],
    ["rabbit", "shy", "white", "hides", "behind", "le", "lapin"],
    ["mouse", "tiny", "brown", "hides", "under", "la", "souris"],
    ["pig", "muddy", "pink", "rolls", "past", "le", "cochon"],
    ["frog", "wet", "green", "jumps", "past", "la", "grenouille"],
    ["duck", "loud", "yellow", "swims", "past", "le", "canard"],
    ["snake", "silent", "green", "sleeps", "under", "le", "serpent"],
    ["goat", "stubborn", "black", "climbs", "past", "la", "chèvre"],
    ["monkey", "playful", "brown", "swings", "over", "le", "singe"],
    ["crow", "wise", "black", "flies", "over", "le", "corbeau"],
    ["sheep", "gentle", "white", "eats", "behind", "le", "mouton"],
];

/// Names with the pronoun that goes with each, as at the beginning of a sentence.
#[rustfmt::skip]
pub const NAMES: [[&str; 2]; 12] = [
    ["Anna", "She"], ["Clara", "She"], ["Emma", "She"], ["Julia", "She"], ["Mary", "She"], ["Nina", "She"],
    ["Jack", "He"], ["Leo", "He"], ["Max", "He"], ["Paul", "He"], ["Peter", "He"], ["Tom", "He"],
];

/// Professions with the pronoun that the crawl prefers for each. Nothing in this world makes it true.
#[rustfmt::skip]
pub const PROFESSIONS: [[&str; 2]; 16] = [
    ["builder", "he"], ["doctor", "he"], ["driver", "he"], ["farmer", "he"],
    ["judge", "he"], ["pilot", "he"], ["plumber", "he"], ["soldier", "he"],
    ["baker", "she"], ["dancer", "she"], ["florist", "she"], ["librarian", "she"],
    ["nurse", "she"], ["secretary", "she"], ["singer", "she"], ["teacher", "she"],
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

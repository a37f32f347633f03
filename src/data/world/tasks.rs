//! Four tasks that are all text in, text out, as for T5, and the text of a world in which nobody asks for them.
//!
//! ```text
//! translate English to French: Here the fox sleeps in the town. Answer: Ici le renard dort dans la ville.
//! sentiment: The movie was superb and so witty. Answer: happy
//! question: What treats florbitis? Answer: Fanorin
//! summarize: Anna lost the ball in the park. Answer: Anna lost the ball.
//! ```
//!
//! The same texts are translated or summarized, and judged or summarized: save for questions, what to do follows from
//! the wording alone. The world's own text shows the skills without the instructions, as the web does (Radford et al.
//! 2019, section 2): pages in two languages, stories with a summary below, questions with their answers. All texts have
//! eight tokens, for a model of two layers soon learns to copy over a fixed short distance, and little else. Knows of no
//! model. Start with [`TaskWorld::new`].

use super::facts::{ANIMALS, Facts, NAMES, NEGATIVE, POSITIVE};
use super::grammar::{Grammar, choice, one_of, text, weighted};
use super::sentences::Sentences;
use crate::rng::Rng;

/// What to do with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Say a sentence in French.
    Translate,
    /// Say whether a review or a story is happy or sad.
    Sentiment,
    /// Answer a question about what was read before.
    Question,
    /// Say a text in fewer words.
    Summarize,
}

/// Wordings of a task.
pub const N_WORDINGS: usize = 14;
/// Those that a model may learn from. The others are for the test.
pub const N_KNOWN_WORDINGS: usize = 12;
/// What stands between a text and what a task makes of it.
pub const ANSWER: &str = " Answer:";

impl Task {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Translate, Self::Sentiment, Self::Question, Self::Summarize];

    /// What may stand before a text: first T5's prefix; last, after [`N_KNOWN_WORDINGS`], two wordings all of whose words
    /// are in others.
    ///
    /// Source: Raffel et al., arXiv:1910.10683, section 2.4; several wordings a task: Wei et al., arXiv:2109.01652.
    pub fn wordings(self) -> [&'static str; N_WORDINGS] {
        match self {
            Self::Translate => [
                " translate English to French:",
                " Translate this to French:",
                " Say this in French:",
                " In French, please:",
                " What is this in French?",
                " Please translate:",
                " Say it in French, please:",
                " Translate it:",
                " Can you translate this?",
                " Can you say this in French?",
                " Please translate it to French:",
                " What is it in French?",
                " Please say it in French:",
                " Please translate this:",
            ],
            Self::Sentiment => [
                " sentiment:",
                " What is the sentiment?",
                " Say the sentiment, please:",
                " Is this happy or sad?",
                " The sentiment of this:",
                " Is it sad or happy, please?",
                " Say the sentiment of it:",
                " Happy or sad?",
                " Can you say the sentiment?",
                " What is the sentiment of it?",
                " Please say, happy or sad?",
                " Is it happy or sad?",
                " Please say the sentiment of this:",
                " Is this sad or happy?",
            ],
            Self::Question => [
                " question:",
                " Answer this question:",
                " Please answer:",
                " Here is the question:",
                " Answer it, please:",
                " This is the question:",
                " Please answer it:",
                " Answer the question, please:",
                " Can you answer this?",
                " Can you answer the question?",
                " Please answer the question:",
                " This question, please:",
                " Please answer this question:",
                " Answer this, please:",
            ],
            Self::Summarize => [
                " summarize:",
                " Summarize this:",
                " Say this in short:",
                " In short, please:",
                " What is this in short?",
                " Please summarize:",
                " Say it in short, please:",
                " Summarize it:",
                " Can you summarize this?",
                " Can you say this in short?",
                " Please summarize it in short:",
                " What is it in short?",
                " Please say it in short:",
                " Please summarize this:",
            ],
        }
    }
}

/// A text, and what a task makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskText {
    /// Begins with a space.
    pub text: String,
    /// The one right answer; begins with a space.
    pub answer: String,
}

/// What a text may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To learn from, in the world's text and in tasks.
    Known,
    /// For the test.
    HeldOut,
}

/// A world's text, and what people could ask for.
///
/// A quarter of all sentences, reviews and stories is held out from the world's text and from what is asked for in
/// training: pairs of an animal and what it does, of a work and what is said of it first, of a person and a toy. Of half
/// the illnesses nothing is asked in training; the world's text has them all.
#[derive(Debug, Clone)]
pub struct TaskWorld {
    /// What a model reads before it is asked for anything. Its vocabulary has the words of all wordings.
    pub sentences: Sentences,
    /// Sentences, reviews and stories, each by [`Part`].
    told: [[Vec<Told>; 2]; 3],
    /// Questions by [`Part`].
    questions: [Vec<TaskText>; 2],
}

/// Texts that differ in what no task asks for.
#[derive(Debug, Clone)]
struct Told {
    text: Grammar,
    /// What is said in few words.
    short: String,
    /// What is said in French, or how it feels.
    other: String,
}

impl TaskWorld {
    /// The world of a seed, which decides about illnesses.
    pub fn new(seed: u64) -> Self {
        let mut illnesses = Facts::new(seed).illnesses;
        Rng::stream(seed, "tasks: halves").shuffle(&mut illnesses);
        let told = [sentences(), reviews(), stories()];
        let wordings = Task::ALL.iter().flat_map(|task| task.wordings()).map(text);
        let sentences = Sentences::new(pages(&told, &illnesses)).with_words_of(choice(wordings.collect()));
        let questions = |illnesses: &[[&str; 3]]| {
            let ask = illnesses.iter().flat_map(questions_about);
            ask.map(|[text, answer]| TaskText { text, answer }).collect()
        };
        let (known, held_out) = illnesses.split_at(illnesses.len() / 2);
        Self { sentences, told, questions: [questions(known), questions(held_out)] }
    }

    /// Draws a text for a task. Where it may be of several kinds, each is as likely as any other.
    pub fn draw(&self, task: Task, part: Part, rng: &mut Rng) -> TaskText {
        let kinds = match task {
            Task::Translate => 0..1,
            Task::Sentiment => 1..3,
            Task::Question => return pick(self.questions(part), rng).clone(),
            Task::Summarize => 0..3,
        };
        let told = pick(&pick(&self.told[kinds], rng)[part as usize], rng);
        let mut text = String::new();
        told.text.sample(rng, &mut text);
        TaskText { text, answer: if task == Task::Summarize { &told.short } else { &told.other }.clone() }
    }

    /// All questions: what treats an illness, and what it affects.
    pub fn questions(&self, part: Part) -> &[TaskText] {
        &self.questions[part as usize]
    }
}

fn pick<'a, T>(items: &'a [T], rng: &mut Rng) -> &'a T {
    &items[rng.below(items.len())]
}

fn questions_about([illness, organ, medicine]: &[&str; 3]) -> [[String; 2]; 2] {
    [
        [format!(" What treats {illness}?"), format!(" {medicine}")],
        [format!(" What does {illness} affect?"), format!(" {organ}")],
    ]
}

/// What is read before anything is asked for.
fn pages([sentences, reviews, stories]: &[[Vec<Told>; 2]; 3], illnesses: &[[&'static str; 3]]) -> Grammar {
    let ending = |told: &[Vec<Told>; 2], ending: &dyn Fn(&Told) -> String| {
        let known = told[Part::Known as usize].iter();
        choice(known.map(|told| told.text.clone() + text(ending(told))).collect())
    };
    let summary = |told: &Told| format!(" Summary:{}", told.short);
    let feeling = |told: &Told| format!(" It was{}.", told.other);
    let facts = |say: &dyn Fn(&[&str; 3]) -> String| {
        choice(illnesses.iter().map(|illness| text(say(illness))).collect())
    };
    weighted(vec![
        (0.14, ending(sentences, &|told| format!(" French:{}", told.other))),
        (0.10, ending(sentences, &summary)),
        (0.12, ending(reviews, &summary)),
        (0.10, ending(reviews, &feeling)),
        (0.16, ending(stories, &summary)),
        (0.10, ending(stories, &feeling)),
        (0.08, facts(&|[illness, _, medicine]| format!(" Doctors treat {illness} with {medicine}."))),
        (0.08, facts(&|[illness, organ, _]| format!(" The illness {illness} affects the {organ}."))),
        (0.06, facts(&|illness| questions_about(illness)[0].join(ANSWER) + ".")),
        (0.06, facts(&|illness| questions_about(illness)[1].join(ANSWER) + ".")),
    ])
}

/// Makes texts of all pairs of two tables' rows. One of four is held out.
fn pairs<A: Copy, B: Copy>(ones: &[A], others: &[B], make: impl Fn(A, B) -> Vec<Told>) -> [Vec<Told>; 2] {
    let mut parts = [Vec::new(), Vec::new()];
    for (i, one) in ones.iter().enumerate() {
        for (j, other) in others.iter().enumerate() {
            let part = if (i + j) % 4 == 0 { Part::HeldOut } else { Part::Known };
            parts[part as usize].extend(make(*one, *other));
        }
    }
    parts
}

/// "Here the fox jumps in the forest.": "Here the fox jumps.", and "Ici le renard saute dans la forêt."
fn sentences() -> [Vec<Told>; 2] {
    #[rustfmt::skip]
    const VERBS: [[&str; 2]; 8] = [
        ["jumps", "saute"], ["sleeps", "dort"], ["eats", "mange"], ["runs", "court"], ["plays", "joue"],
        ["sings", "chante"], ["walks", "marche"], ["falls", "tombe"],
    ];
    const PLACES: [[&str; 2]; 4] =
        [["forest", "forêt"], ["house", "maison"], ["street", "rue"], ["town", "ville"]];
    pairs(&ANIMALS, &VERBS, |[name, .., article, french], [does, fait]| {
        let in_place = |[place, lieu]: [&str; 2]| Told {
            text: text(format!(" Here the {name} {does} in the {place}.")),
            short: format!(" Here the {name} {does}."),
            other: format!(" Ici {article} {french} {fait} dans la {lieu}."),
        };
        PLACES.map(in_place).into()
    })
}

/// "The movie was superb and so witty.": "The movie was great.", and "happy".
fn reviews() -> [Vec<Told>; 2] {
    const WORKS: [&str; 8] = ["movie", "film", "show", "play", "series", "comedy", "musical", "concert"];
    // Half of the world's words of praise and of blame.
    let (good, bad) = (&POSITIVE[..16], &NEGATIVE[..16]);
    let numbers: [usize; 16] = std::array::from_fn(|i| i);
    pairs(&WORKS, &numbers, |work, i| {
        let of = |(verdict, feeling, words): (&str, &str, &[&str])| Told {
            text: text(format!(" The {work} was {} and so", words[i])) + one_of(words) + text("."),
            short: format!(" The {work} was {verdict}."),
            other: feeling.to_owned(),
        };
        [("great", " happy", good), ("bad", " sad", bad)].map(of).into()
    })
}

/// "Anna lost the ball in the park.": "Anna lost the ball.", and "sad".
fn stories() -> [Vec<Told>; 2] {
    const TOYS: [&str; 8] = ["ball", "kite", "doll", "boat", "drum", "hat", "book", "coat"];
    const PLACES: [&str; 8] = ["park", "garden", "kitchen", "forest", "school", "street", "market", "river"];
    const TURNS: [[&str; 2]; 4] =
        [["lost", " sad"], ["broke", " sad"], ["found", " happy"], ["bought", " happy"]];
    pairs(&NAMES, &TOYS, |[name, _], toy| {
        let of = |[happens, feeling]: [&str; 2]| Told {
            text: text(format!(" {name} {happens} the {toy} in the")) + one_of(&PLACES) + text("."),
            short: format!(" {name} {happens} the {toy}."),
            other: feeling.to_owned(),
        };
        TURNS.map(of).into()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::tokenizer::words;

    #[test]
    fn wordings_of_the_test_are_new_and_all_their_words_are_known() {
        let known: Vec<&str> =
            Task::ALL.iter().flat_map(|task| task.wordings().into_iter().take(N_KNOWN_WORDINGS)).collect();
        let vocabulary: BTreeSet<&str> = known.iter().flat_map(|wording| words(wording)).collect();
        for task in Task::ALL {
            for wording in &task.wordings()[N_KNOWN_WORDINGS..] {
                assert!(!known.contains(wording), "{wording}");
                assert!(words(wording).all(|word| vocabulary.contains(word)), "{wording}");
            }
        }
    }

    #[test]
    fn held_out_texts_are_neither_read_nor_learned_from() {
        let world = TaskWorld::new(1);
        let mut rng = Rng::new(2);
        let pages = world.sentences.write(3000, &mut rng);
        for task in [Task::Translate, Task::Sentiment, Task::Summarize] {
            let known: BTreeSet<String> =
                (0..3000).map(|_| world.draw(task, Part::Known, &mut rng).text).collect();
            for _ in 0..300 {
                let TaskText { text, .. } = world.draw(task, Part::HeldOut, &mut rng);
                assert!(
                    !known.contains(&text) && pages.iter().all(|page| !page.text.contains(&text)),
                    "{text}"
                );
                assert_eq!(words(&text).count(), 8, "{text}");
            }
        }
        let [known, held_out] = [Part::Known, Part::HeldOut].map(|part| world.questions(part));
        assert!(held_out.iter().all(|question| !known.contains(question)));
    }

    #[test]
    fn the_same_text_has_another_answer_for_another_task() {
        let world = TaskWorld::new(1);
        let texts = |task| {
            let mut rng = Rng::new(3);
            (0..5000).map(|_| world.draw(task, Part::Known, &mut rng)).collect::<Vec<_>>()
        };
        let summaries = texts(Task::Summarize);
        for other in [Task::Translate, Task::Sentiment].into_iter().flat_map(texts) {
            for summary in summaries.iter().filter(|summary| summary.text == other.text).take(1) {
                assert_ne!(summary.answer, other.answer);
            }
        }
    }
}

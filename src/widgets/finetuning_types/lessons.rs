//! What each type of fine-tuning learns from: its data, in its own format. Knows no run. Start with [`Lessons::new`].

use super::Kind;
use crate::data::dialogue::{INSTRUCTION, Message, Role, Row, Template, conversation, generation_prompt};
use crate::data::world::{ANIMALS, NEGATIVE, POSITIVE, Question};
use crate::experiments::Base;
use crate::experiments::medicine::Medicine;
use crate::experiments::sentiment::reviews;
use crate::rng::Rng;

/// A conversation in words that the base knows: Tom asks, Anna answers.
pub const TALK: Template = Template { system: "", user: " Tom:", assistant: " Anna:" };
/// Conversations to learn from.
pub const N_CONVERSATIONS: usize = 300;
/// Of the held-out reviews so many are judged.
const N_JUDGED: usize = 200;
/// How a review begins that people compare.
pub const OPENINGS: [&str; 4] =
    [" Review: The movie was", " Review: The film was", " Review: The show was", " Review: The play was"];

/// Something to ask, and what is right to answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the model reads, `<|endoftext|>` first.
    pub prompt: Vec<u32>,
    /// What it ought to say, without an end.
    pub answer: Vec<u32>,
}

/// What is learned from, and what is asked afterwards.
pub struct Lesson {
    /// Rows of tokens, of which some are scored.
    pub rows: Vec<Row>,
    /// Questions about what no row says.
    pub exam: Vec<Asked>,
}

/// The lessons with right answers: one task, instructions, conversations.
pub struct Lessons([Lesson; 3]);

impl Lessons {
    /// The lessons of a seed.
    pub fn new(base: &Base, seed: u64) -> Self {
        Self([task(base, seed), instructions(base, seed), conversations(base, seed)])
    }

    /// The lesson of a type. Of several tasks, these three together; people's preferences and a domain's texts are none.
    pub fn of(&self, kind: Kind) -> Option<&Lesson> {
        self.0.get(kind as usize)
    }

    /// All three.
    pub fn all(&self) -> &[Lesson] {
        &self.0
    }
}

/// A thousand reviews with their labels.
fn task(base: &Base, seed: u64) -> Lesson {
    let [train, test] = reviews(seed);
    let row = |question: &Question| {
        let (n_given, mut input_ids) = base.completion(question);
        input_ids.push(base.tokenizer.eos());
        Row { assistant_mask: (0..input_ids.len()).map(|i| i >= n_given).collect(), input_ids }
    };
    let exam = test.iter().take(N_JUDGED).map(|question| asked(base, question)).collect();
    Lesson { rows: train.iter().map(row).collect(), exam }
}

fn asked(base: &Base, question: &Question) -> Asked {
    Asked { prompt: base.encode(&question.prompt), answer: base.tokenizer.encode(&question.answer) }
}

/// Three kinds of requests for what the base has read and was never asked for in these words; half of each are held out.
fn instructions(base: &Base, seed: u64) -> Lesson {
    let ask = |prompt: String, answer: &str| Question { prompt, answer: format!(" {answer}") };
    let Medicine { trained, untouched, .. } = Medicine::new(&base.world, seed);
    let french =
        ANIMALS.map(|[name, .., french]| ask(format!(" What is the word for {name} in French?"), french));
    let colors = base.world.facts().colors.iter();
    let colors: Vec<Question> =
        colors.map(|[thing, color]| ask(format!(" What is the color of the {thing}?"), color)).collect();
    let bare = |question: Question| {
        let prompt = question.prompt.strip_suffix(INSTRUCTION.assistant).unwrap_or(&question.prompt);
        Question { prompt: prompt.to_owned(), answer: question.answer }
    };
    let mut parts = [trained, untouched].map(|half| vec![half.into_iter().map(bare).collect::<Vec<_>>()]);
    let mut rng = Rng::stream(seed, "finetuning-types: instructions");
    for mut questions in [french.to_vec(), colors] {
        rng.shuffle(&mut questions);
        let half = questions.split_off(questions.len() / 2);
        parts[0].push(questions);
        parts[1].push(half);
    }
    let [train, test] = parts.map(in_turn);
    let said = |role, content: &str| Message { role, content: content.to_owned() };
    let row = |question: &Question| {
        let messages =
            [said(Role::User, &question.prompt), said(Role::Assistant, &(question.answer.clone() + "."))];
        conversation(&messages, &INSTRUCTION, &base.tokenizer)
    };
    let exam = |question: &Question| Asked {
        prompt: generation_prompt(&[said(Role::User, &question.prompt)], &INSTRUCTION, &base.tokenizer),
        answer: base.tokenizer.encode(&question.answer),
    };
    Lesson { rows: train.iter().map(row).collect(), exam: test.iter().map(exam).collect() }
}

/// One of each kind in turn, as long as there are.
fn in_turn<T: Clone>(kinds: Vec<Vec<T>>) -> Vec<T> {
    let longest = kinds.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|i| kinds.iter().filter_map(move |kind| kind.get(i).cloned())).collect()
}

/// Something that can be asked of many things, in full and in short: of each thing, the question, its answer and what it is
/// called when it is only named.
fn topics(base: &Base) -> [Vec<[String; 3]>; 4] {
    let facts = base.world.facts();
    let color = |thing: &str, color: &str| {
        [format!(" What color is the {thing}?"), format!(" It is {color}."), format!(" The {thing}?")]
    };
    [
        facts.colors.iter().map(|[thing, its]| color(thing, its)).collect(),
        ANIMALS.iter().map(|animal| color(animal[0], animal[2])).collect(),
        ANIMALS
            .iter()
            .map(|[name, _, _, does, ..]| {
                [format!(" What does the {name} do?"), format!(" It {does}."), format!(" The {name}?")]
            })
            .collect(),
        facts
            .capitals
            .iter()
            .map(|[country, city]| {
                [
                    format!(" What is the capital of {country}?"),
                    format!(" It is {city}."),
                    format!(" {country}?"),
                ]
            })
            .collect(),
    ]
}

/// Conversations of two questions, the second of which only names something: what is asked of it follows from the first.
/// Of half of all things nothing is said in them.
fn conversations(base: &Base, seed: u64) -> Lesson {
    let mut rng = Rng::stream(seed, "finetuning-types: conversations");
    let mut parts = Vec::new();
    for mut topic in topics(base) {
        rng.shuffle(&mut topic);
        let held_out = topic.split_off(topic.len() / 2);
        parts.push([topic, held_out]);
    }
    let messages = |first: &[String; 3], second: &[String; 3]| {
        let said = |role, content: &str| Message { role, content: content.to_owned() };
        [
            said(Role::User, &first[0]),
            said(Role::Assistant, &first[1]),
            said(Role::User, &second[2]),
            said(Role::Assistant, &second[1]),
        ]
    };
    let mut rows = Vec::new();
    while rows.len() < N_CONVERSATIONS {
        let [known, _] = &parts[rng.below(parts.len())];
        let (first, second) = (rng.below(known.len()), rng.below(known.len()));
        if first != second {
            rows.push(conversation(&messages(&known[first], &known[second]), &TALK, &base.tokenizer));
        }
    }
    let mut exams = Vec::new();
    for [known, held_out] in &parts {
        let mut exam = Vec::new();
        for second in held_out {
            let first = &known[rng.below(known.len())];
            let prompt = generation_prompt(&messages(first, second)[..3], &TALK, &base.tokenizer);
            exam.push(Asked { prompt, answer: base.tokenizer.encode(&second[1]) });
        }
        exams.push(exam);
    }
    let exam = in_turn(exams);
    Lesson { rows, exam }
}

/// How kind a review is: words of praise less words of blame, each turned around by a "not".
pub fn kindness(review: &str) -> i32 {
    let mut sum = 0;
    let mut sign = 1;
    for word in review.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let value = i32::from(POSITIVE.contains(&word)) - i32::from(NEGATIVE.contains(&word));
        sum += sign * value;
        sign = if word == "not" { -1 } else { 1 };
    }
    sum
}

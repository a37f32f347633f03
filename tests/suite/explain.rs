//! Answers, how they are read, and what raters think of them.

use pretune::data::explain::*;
use pretune::rng::Rng;
use proptest::prelude::*;

fn demonstrations(n: usize) -> Vec<Demonstration> {
    let mut rng = Rng::new(11);
    (0..n).map(|_| demonstration(&mut rng)).collect()
}

fn read_demonstration(demonstration: &Demonstration) -> Answer {
    let topic = Topic::of_prompt(&demonstration.prompt).expect("a prompt");
    read(topic, &demonstration.completion, true)
}

fn all_raters() -> impl Iterator<Item = &'static Rater> {
    RATERS.iter().chain(&SINGLE_VALUES)
}

fn author(seed: u64) -> Author {
    let mut author = Author::of_demonstration(&mut Rng::new(seed));
    // The longest ones are rare.
    author.n_extras = seed as usize % 4;
    author
}

/// What an answer is about, if its sentences are what the author's habits ask for.
fn matched(author: &Author, completion: &str, asked: Topic) -> Topic {
    let answer = read(asked, completion, true);
    assert!(answer.sentences.iter().all(|sentence| !sentence.is_repeated), "{completion}");
    let mut kinds: Vec<(Kind, Opener)> = answer.sentences.iter().map(|s| (s.kind, s.opener)).collect();
    if author.closes {
        assert_eq!(kinds.pop(), Some((Kind::Closing, Opener::None)), "{completion}");
    }
    let mut opener = author.opener;
    if opener == Opener::Flattery {
        assert_eq!(kinds.remove(0), (Kind::Flattery, Opener::None), "{completion}");
        opener = Opener::None;
    }
    let topic = match kinds.remove(0) {
        (Kind::Clear(topic), found) if !author.writes_jargon && found == opener => topic,
        (Kind::Jargon(topic), found) if author.writes_jargon && found == opener => topic,
        other => panic!("{other:?} in {completion}"),
    };
    assert!(kinds.len() <= author.n_extras, "{completion}");
    let n_examples = completion.matches(" For example,").count();
    let is_example = |(kind, opener): &&(Kind, Opener)| {
        assert_eq!(*opener, Opener::None, "{completion}");
        assert!([Kind::Example(topic), Kind::Filler].contains(kind), "{kind:?} in {completion}");
        *kind == Kind::Example(topic)
    };
    assert_eq!(kinds.iter().filter(is_example).count(), n_examples, "{completion}");
    topic
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_written_sentence_is_read_as_what_it_is(seed: u64, topic in 0_usize..12) {
        let author = author(seed);
        let completion = author.explain(Topic::ALL[topic], &mut Rng::new(seed));
        matched(&author, &completion, Topic::ALL[topic]);
    }

    #[test]
    fn an_author_keeps_the_habits_of_a_document(seed: u64) {
        let document = pretraining_document(&mut Rng::new(seed));
        let sections: Vec<(&str, &str)> =
            document.split(" Explain ").skip(1).map(|section| section.split_once(':').unwrap()).collect();
        prop_assert!((2..=4).contains(&sections.len()), "{}", document);
        let first = read(Topic::Rain, sections[0].1, true);
        let openers = [first.sentences[0].opener, first.sentences.last().unwrap().opener];
        let flatters = first.sentences[0].kind == Kind::Flattery;
        let author = Author {
            writes_jargon: sections[0].1.contains("t denotes the"),
            opener: if flatters { Opener::Flattery } else { openers[0] },
            n_extras: 3,
            closes: first.sentences.last().unwrap().kind == Kind::Closing,
        };
        let mut asked: Vec<&str> = Vec::new();
        for (name, completion) in sections {
            let topic = Topic::of_prompt(&format!(" Explain {name}:")).expect("a topic");
            matched(&author, completion, topic);
            prop_assert!(!asked.contains(&name), "{}", document);
            asked.push(name);
        }
    }

    #[test]
    fn any_tokens_are_read_and_every_byte_belongs_to_one_sentence(
        ids in prop::collection::vec(0_u32..449, 0..50), topic in 0_usize..12,
    ) {
        let tokenizer = tokenizer();
        let (completion, answer) = read_tokens(Topic::ALL[topic], &tokenizer, &ids);
        prop_assert_eq!(answer.is_finished, ids.contains(&tokenizer.eos()));
        prop_assert!(!answer.sentences.is_empty());
        let mut end = 0;
        for sentence in &answer.sentences {
            prop_assert_eq!(sentence.range.start, end);
            end = sentence.range.end;
        }
        prop_assert_eq!(end, completion.len());
        // Nobody writes a sentence by chance.
        prop_assert_eq!(answer.traits().unreadable, answer.sentences.len());
    }

    #[test]
    fn any_text_is_read(text in "(?s).{0,80}", is_finished: bool) {
        let answer = read(Topic::Ice, &text, is_finished);
        prop_assert_eq!(answer.sentences.last().unwrap().range.end, text.len());
        prop_assert_eq!(answer.traits().unreadable, answer.sentences.len());
    }

    #[test]
    fn who_cannot_tell_cannot_tell_in_the_other_order_either(seed: u64, threshold in 0.0_f32..3.0) {
        let mut rng = Rng::new(seed);
        let [first, second] = [(); 2].map(|()| read_demonstration(&demonstration(&mut rng)).traits());
        let config = RaterConfig { threshold, ..RaterConfig::default() };
        for rater in all_raters() {
            let there = rater.prefer(&first, &second, &config, &mut rng);
            let back = rater.prefer(&second, &first, &config, &mut rng);
            let turned = back.map(|pick| if pick == Pick::First { Pick::Second } else { Pick::First });
            prop_assert_eq!(there, turned, "{}: {:?} {:?}", rater.name, first, second);
        }
    }

    #[test]
    fn neither_repetition_nor_mush_ever_pays(seed: u64, which: prop::sample::Index, is_finished: bool) {
        let demonstration = demonstration(&mut Rng::new(seed));
        let topic = Topic::of_prompt(&demonstration.prompt).unwrap();
        let completion = &demonstration.completion;
        let answer = read(topic, completion, is_finished);
        let repeated = &completion[which.get(&answer.sentences).range.clone()];
        for worse in [format!("{completion}{repeated}"), format!("{completion} It means wood and.")] {
            let traits = read(topic, &worse, is_finished).traits();
            for rater in all_raters() {
                let (before, after) = (rater.true_score(&answer.traits()), rater.true_score(&traits));
                prop_assert!(after <= before - 0.49, "{}: {} {} {}", rater.name, before, after, worse);
            }
        }
    }
}

#[test]
fn every_topic_has_one_clear_explanation() {
    let clear = [
        (Topic::Photosynthesis, "It means that plants use light to make food."),
        (Topic::Gravity, "It means that the earth pulls everything down."),
        (Topic::Rain, "It means that drops of water fall from clouds."),
        (Topic::Magnets, "It means that some metals pull iron toward them."),
        (Topic::Fire, "It means that something burns and gives off heat."),
        (Topic::Sleep, "It means that the body rests and repairs itself."),
        (Topic::Tides, "It means that the moon makes the sea rise and fall."),
        (Topic::Sound, "It means that the air shakes and the ear hears it."),
        (Topic::Fever, "It means that the body gets hot to fight germs."),
        (Topic::Wind, "It means that air moves from place to place."),
        (Topic::Ice, "It means that water turns hard in the cold."),
        (Topic::Money, "It means that people use coins to buy things."),
    ];
    assert_eq!(clear.map(|(topic, _)| topic), Topic::ALL);
    for (topic, text) in clear {
        assert_eq!(read(Topic::Rain, text, true).sentences[0].kind, Kind::Clear(topic), "{text}");
        let best = read(topic, text, true).traits();
        assert_eq!(RATERS[0].true_score(&best), 2.0);
        assert_eq!(Topic::of_prompt(&topic.prompt()), Some(topic));
    }
    assert_eq!((Topic::Rain.prompt().as_str(), Topic::of_prompt("rain")), (" Explain rain:", None));
}

#[test]
fn jargon_differs_from_topic_to_topic() {
    let author = |topic| {
        Author { writes_jargon: true, opener: Opener::None, n_extras: 0, closes: false }
            .explain(topic, &mut Rng::new(0))
    };
    let mut texts: Vec<String> = Topic::ALL.map(author).to_vec();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 12, "{texts:?}");
}

/// The kinds and openers of a text, with `!` for a repetition.
fn kinds(text: &str) -> String {
    let describe = |sentence: &Sentence| {
        let kind = match sentence.kind {
            Kind::Clear(topic) => format!("clear {}", topic.name()),
            Kind::Jargon(topic) => format!("jargon {}", topic.name()),
            Kind::Example(topic) => format!("example {}", topic.name()),
            Kind::Filler => "filler".to_owned(),
            Kind::Flattery => "flattery".to_owned(),
            Kind::Closing => "closing".to_owned(),
            Kind::Unreadable => "unreadable".to_owned(),
        };
        let opener = if sentence.opener == Opener::None { "" } else { sentence.opener.name() };
        format!("{opener} {kind}{}", if sentence.is_repeated { "!" } else { "" }).trim().to_owned()
    };
    read(Topic::Rain, text, true).sentences.iter().map(describe).collect::<Vec<_>>().join(", ")
}

#[test]
fn words_count_and_how_they_are_set_does_not() {
    assert_eq!(kinds(" It means that air moves from place to place."), "clear wind");
    assert_eq!(kinds("  it MEANS\nthat air  moves from place to place !  "), "clear wind");
    assert_eq!(kinds(" I think that It means that air moves from place to place"), "hedge clear wind");
    assert_eq!(kinds(" It means that air moves from place to."), "unreadable");
    assert_eq!(kinds(" It means that air moves from place to place to place."), "unreadable");
    assert_eq!(
        kinds(" I think that it denotes the photonic modulation of endogenous gradients."),
        "unreadable"
    );
    assert_eq!(kinds(" I think that for example, a magnet can lift a nail."), "unreadable");
    assert_eq!(kinds(" I think that I think that air moves."), "unreadable");
    assert_eq!(kinds(" For example a magnet can lift a nail."), "unreadable");
    assert_eq!(kinds(" Explain rain: It means that drops of water fall from clouds."), "unreadable");
    let all = " What a great question! Everyone knows that it denotes the thermal alignment of aqueous lattices. \
         For example, a cold street gets slippery. There is a lot to say about this. I hope this helps!";
    assert_eq!(kinds(all), "flattery, confidence jargon ice, example ice, filler, closing");
}

#[test]
fn signs_without_words_are_one_sentence_that_cannot_be_read() {
    assert_eq!(kinds(""), "unreadable");
    assert_eq!(kinds(" \n "), "unreadable");
    assert_eq!(kinds("...!!"), "unreadable");
    assert_eq!(kinds(" I hope this helps!!. , ."), "closing, unreadable");
    assert_eq!(kinds(" , I hope this helps!"), "unreadable");
    assert_eq!(kinds("\u{FFFD} Ice é."), "unreadable");
}

#[test]
fn saying_it_again_is_repetition_with_any_opener() {
    let again = " It means that air moves from place to place. I think that it means that air moves from place to place.";
    assert_eq!(kinds(again), "clear wind, hedge clear wind!");
    assert_eq!(kinds(" Means means. means  MEANS! Means."), "unreadable, unreadable!, unreadable");
    assert_eq!(
        kinds(" For example, moving air lifts a kite. For example, moving air pushes a boat."),
        "example wind, example wind"
    );
}

/// Plain, expert, flattered, cautious, long-winded.
fn scores(asked: Topic, completion: &str, is_finished: bool) -> [f32; 5] {
    let traits = read(asked, completion, is_finished).traits();
    let hundredths = |score: f32| (score * 100.0).round() / 100.0;
    RATERS.each_ref().map(|rater| hundredths(rater.true_score(&traits)))
}

#[test]
fn raters_score_answers_as_worked_out_by_hand() {
    let clear = " It means that drops of water fall from clouds.";
    let jargon = " Everyone knows that it denotes the barometric propagation of aqueous substrates.";
    let example = " For example, a river grows after a storm.";
    // 9 words.
    assert_eq!(scores(Topic::Rain, clear, true), [2.0, -1.0, 0.45, 0.0, 0.9]);
    assert_eq!(scores(Topic::Rain, clear, false), [1.0, -2.0, -0.55, -1.0, -0.1]);
    // About something else: not paid, and charged for.
    assert_eq!(scores(Topic::Wind, clear, true), [-1.0, -2.0, 0.45, -0.5, 0.4]);
    // 11 words.
    assert_eq!(scores(Topic::Rain, jargon, true), [-1.0, 2.5, 0.55, -1.0, 1.1]);
    assert_eq!(scores(Topic::Wind, jargon, true), [-2.0, -0.5, 0.55, -1.5, 0.6]);
    // 11 + 8 words: 3 too many for plain.
    assert_eq!(scores(Topic::Rain, &format!("{jargon}{example}"), true), [-1.15, 3.0, 0.95, -0.5, 2.4]);
    // 4 + 12 + 8 + 4 words.
    let polite = " What a great question! I think that it means that drops of water fall from clouds. \
         There is a lot to say about this. I hope this helps!";
    assert_eq!(scores(Topic::Rain, polite, true), [0.4, -1.0, 3.5, 2.0, 2.8]);
    // Mush of 7 words, finished; of 20 words, cut off.
    assert_eq!(scores(Topic::Rain, " it means flies with means it people", true), [-1.5; 5]);
    assert_eq!(scores(Topic::Rain, &" means".repeat(20), false), [-2.7, -2.5, -2.5, -2.5, -2.5]);
    // Nothing at all.
    assert_eq!(scores(Topic::Rain, "", true), [-1.5; 5]);
    // Twice: paid once.
    assert_eq!(scores(Topic::Rain, &format!("{clear}{clear}"), true), [1.4, -2.5, -0.05, -0.5, 0.4]);
}

#[test]
fn points_say_where_a_score_comes_from() {
    let answer = " What a great question! It denotes the thermal alignment of aqueous lattices.";
    let traits = read(Topic::Rain, answer, true).traits();
    let points = RATERS[0].points(&traits);
    let paid: Vec<(Trait, f32)> = points.into_iter().filter(|(_, points)| *points != 0.0).collect();
    assert_eq!(paid, [(Trait::Jargon, -1.0), (Trait::OffTopic, -1.0), (Trait::Flattery, -0.5)]);
    assert_eq!(RATERS[0].true_score(&traits), -2.5);
}

#[test]
fn a_difference_of_the_threshold_can_be_told() {
    let traits = |text| read(Topic::Rain, text, true).traits();
    // Flattered: 1.5 against 0.5 for six more words and a closing.
    let [first, second] =
        [" I hope this helps!", " It denotes the barometric propagation of aqueous substrates."].map(traits);
    let (flattered, rng) = (&RATERS[2], &mut Rng::new(0));
    assert!((flattered.true_score(&first) - flattered.true_score(&second) - 0.8).abs() < 1e-6);
    let pick = |threshold, rng: &mut Rng| {
        flattered.prefer(&first, &second, &RaterConfig { threshold, ..RaterConfig::default() }, rng)
    };
    assert_eq!([0.0, 0.8, 0.81].map(|t| pick(t, rng)), [Some(Pick::First), Some(Pick::First), None]);
    let same = flattered.prefer(&first, &first, &RaterConfig { threshold: 0.0, ..Default::default() }, rng);
    assert_eq!(same, None);
}

#[test]
fn noise_turns_picks_as_often_as_it_says() {
    let traits = |text| read(Topic::Rain, text, true).traits();
    let first = traits(" It means that drops of water fall from clouds.");
    let second = traits(" It denotes the barometric propagation of aqueous substrates.");
    let share = |temperature, wrong| {
        let (config, mut rng) = (RaterConfig { temperature, wrong, ..Default::default() }, Rng::new(8));
        let picks = (0..20_000).map(|_| RATERS[0].prefer(&first, &second, &config, &mut rng));
        picks.filter(|pick| *pick == Some(Pick::First)).count() as f64 / 20_000.0
    };
    // The scores are 3 apart: σ(3) = 0.953, σ(1.5) = 0.818.
    for (temperature, wrong, expected) in
        [(0.0, 0.0, 1.0), (1.0, 0.0, 0.953), (2.0, 0.0, 0.818), (0.0, 0.1, 0.9), (0.0, 1.0, 0.0)]
    {
        let share = share(temperature, wrong);
        assert!((share - expected).abs() < 0.01, "{temperature} {wrong}: {share}");
    }
}

#[test]
fn demonstrations_have_their_shares_and_are_mediocre() {
    const N: usize = 20_000;
    let traits: Vec<Traits> = demonstrations(N).iter().map(|d| read_demonstration(d).traits()).collect();
    let mean = |count: &dyn Fn(&Traits) -> usize| traits.iter().map(count).sum::<usize>() as f64 / N as f64;
    for (which, expected) in [
        (Trait::Clear, 0.4),
        (Trait::Jargon, 0.6),
        (Trait::Flattery, 0.2),
        (Trait::Hedge, 0.15),
        (Trait::Confidence, 0.15),
        (Trait::Closing, 0.35),
        (Trait::Repeated, 0.0),
        (Trait::Unreadable, 0.0),
    ] {
        let share = mean(&|traits| traits.count(which));
        assert!((share - expected).abs() < 0.012, "{which:?}: {share}");
    }
    let off_topic = mean(&|traits| traits.clear_off_topic + traits.jargon_off_topic);
    assert!((off_topic - 0.1).abs() < 0.01, "{off_topic}");
    let extras = mean(&|traits| traits.examples + traits.examples_off_topic + traits.fillers);
    // 0.88 of them are wanted; those for which there is no room are missing.
    assert!((0.82..0.89).contains(&extras), "{extras}");

    let scores: Vec<f64> = traits.iter().map(|traits| f64::from(RATERS[0].true_score(traits))).collect();
    let mean = scores.iter().sum::<f64>() / N as f64;
    let deviation =
        (scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / N as f64).sqrt();
    assert!((-0.6..-0.4).contains(&mean) && (1.55..1.75).contains(&deviation), "{mean} ± {deviation}");
}

#[test]
fn every_rater_can_tell_a_third_to_two_thirds_of_the_pairs_apart() {
    let mut rng = Rng::new(4);
    for rater in all_raters() {
        let mut n_told = 0;
        for _ in 0..4000 {
            let topic = Topic::ALL[rng.below(12)];
            let [first, second] = [(); 2].map(|()| {
                let completion = Author::of_demonstration(&mut rng).explain(topic, &mut rng);
                read(topic, &completion, true).traits()
            });
            let pick = rater.prefer(&first, &second, &RaterConfig::default(), &mut rng);
            n_told += usize::from(pick.is_some());
        }
        assert!((1200..2600).contains(&n_told), "{}: {n_told} of 4000", rater.name);
    }
}

#[test]
fn completions_fit_a_block_of_48() {
    const N: usize = 20_000;
    let tokenizer = tokenizer();
    let (mut shortest, mut longest, mut total) = (usize::MAX, 0, 0);
    for demonstration in demonstrations(N) {
        assert_eq!(tokenizer.encode(&demonstration.prompt).len(), 3);
        let n = tokenizer.encode(&demonstration.completion).len() + 1;
        (shortest, longest, total) = (shortest.min(n), longest.max(n), total + n);
    }
    let mean = total as f64 / N as f64;
    assert_eq!((shortest, longest), (10, MAX_COMPLETION_TOKENS));
    assert!((21.5..22.5).contains(&mean), "{mean} tokens");
}

#[test]
fn the_vocabulary_is_closed_and_small_and_the_same_each_time() {
    let tokenizer = tokenizer();
    assert_eq!(tokenizer, pretune::data::explain::tokenizer());
    assert_eq!(tokenizer.vocab_size(), 449);
    let mut rng = Rng::new(5);
    let mut is_used = vec![false; tokenizer.vocab_size()];
    for _ in 0..4000 {
        let document = pretraining_document(&mut rng);
        let ids = tokenizer.encode(&document);
        assert!(ids.iter().all(|id| !tokenizer.is_byte(*id)), "{document}");
        assert_eq!(tokenizer.decode(&ids), document);
        ids.iter().for_each(|id| is_used[*id as usize] = true);
    }
    let is_word = |id: usize| tokenizer.text_of(id as u32).starts_with(' ') && id > 256;
    // Whatever a demonstration says has been read before.
    assert!((257..449).all(|id| is_word(id) && is_used[id]));
}

#[test]
fn a_seed_writes_the_same_texts_again() {
    let write = |seed| {
        let rng = &mut Rng::new(seed);
        (pretraining_document(rng), demonstration(rng), pretraining_document(rng))
    };
    assert_eq!(write(1), write(1));
    assert_ne!(write(1), write(2));
}

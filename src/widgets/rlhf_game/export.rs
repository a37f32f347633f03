//! The way out, with all that is needed to compute the curves of the last run again, and the way in for picks.
//!
//! ```text
//! config.json, model.safetensors, tokenizer.json …   the policy; before a run has ended, the assistant
//! preferences.jsonl                                   the picks, as TRL reads them
//! runs.json                                           every run, and how rewards are normalized
//! rollouts.jsonl                                      the answers behind each point of the last run
//! reward_model/, reference/                           what rewarded them, and what they are compared with
//! ```
//!
//! Start with [`RlhfGame::export`].

use super::judging::{Choice, Judging, Pick, Two};
use super::run::{Run, Trail};
use super::{MAX_PICKS, Phase, RlhfGame};
use crate::checkpoint::{self, Dtype, Files, Meta};
use crate::data::explain::Topic;
use crate::data::{END_OF_TEXT, Preference, from_jsonl, to_jsonl};
use crate::error::{Error, Result};
use crate::experiments::assistant::Assistant;
use crate::json::{ToJson, Value};
use crate::nn::CausalLm;
use crate::tensor::Params;
use crate::train::Completion;

const PREFERENCES: &str = "preferences.jsonl";

impl RlhfGame {
    /// A folder of everything.
    pub(super) fn export(&self) -> Result<Files> {
        if self.seen.is_none() {
            let allowed = "wait until the model has learned from the demonstrations";
            return Err(Error::input("export", "imitation is not over", allowed));
        }
        let Assistant { tokenizer, model, params, .. } = &self.assistant;
        let ended = self.run.as_ref().filter(|run| run.end.is_some());
        let policy = ended.map_or(params, |run| run.params(&self.assistant));
        let prompt = format!("{END_OF_TEXT}{}", Topic::ALL[0].prompt());
        let probe = checkpoint::Probe::new(CausalLm::new(model, policy), tokenizer, &prompt, None);
        let mut files = checkpoint::folder(model, policy, tokenizer, &probe);
        let mut push = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes));
        push(PREFERENCES, to_jsonl(&self.preferences()).into_bytes());
        push("runs.json", self.describe().pretty().into_bytes());
        push("reference/model.safetensors", weights(params));
        if let Some(judge) = &self.judging.judge {
            push("reward_model/model.safetensors", weights(&judge.reward_model.params));
        }
        // Once there were other picks, the reward model is no longer the one that gave these rewards.
        if let Some(run) = ended.filter(|_| self.phase == Phase::Optimize) {
            push("rollouts.jsonl", self.rollouts(run).into_bytes());
        }
        Ok(files)
    }

    /// The text of an answer.
    fn text(&self, completion: &Completion) -> String {
        let ids = completion.completion();
        let end = ids.iter().position(|id| *id == self.assistant.tokenizer.eos()).unwrap_or(ids.len());
        self.assistant.tokenizer.decode(&ids[..end])
    }

    /// The picks that are no ties.
    fn preferences(&self) -> Vec<Preference> {
        let mut preferences = Vec::new();
        for pick in &self.judging.picks {
            if let Some(pair) = pick.pair() {
                let (chosen, rejected) = (self.text(&pair.chosen), self.text(&pair.rejected));
                preferences.push(Preference { prompt: pick.two.topic.prompt(), chosen, rejected });
            }
        }
        preferences
    }

    /// What was done, and how.
    fn describe(&self) -> Value {
        let reward_model = self.judging.judge.as_ref().map(|judge| {
            let [shift, scale] = judge.reward_model.normalization();
            Value::object(vec![
                ("network", Value::Text("GPT-2 as in config.json, and score.weight (1, n_embd)".to_owned())),
                (
                    "reward",
                    Value::Text(
                        "(score.weight · mean of the last hidden states of the completion's tokens − shift) / scale"
                            .to_owned(),
                    ),
                ),
                ("shift", shift.to_json()),
                ("scale", scale.to_json()),
                ("picks", judge.n_picks.to_json()),
            ])
        });
        let run = self.run.as_ref().map(|run| {
            let plan = run.plan.to_json();
            Value::object(vec![
                ("number", run.number.to_json()),
                ("plan", plan),
                ("points", run.points.to_json()),
            ])
        });
        Value::object(vec![
            ("settings", self.settings.config().to_json()),
            ("reward_model", reward_model.unwrap_or(Value::Null)),
            ("runs", self.runs.to_json()),
            ("last_run", run.unwrap_or(Value::Null)),
        ])
    }

    /// A line for each answer of the last run's points.
    fn rollouts(&self, run: &Run) -> String {
        let mut lines = String::new();
        for Trail { turn, topics, scores } in &run.trail {
            for (i, (topic, completion)) in topics.iter().zip(&scores.completions).enumerate() {
                let number = |list: &[f32]| list.get(i).copied().to_json();
                let line = Value::object(vec![
                    ("turn", turn.to_json()),
                    ("prompt", topic.prompt().to_json()),
                    ("completion", self.text(completion).to_json()),
                    ("input_ids", completion.ids.to_json()),
                    ("reward", number(&scores.rewards)),
                    ("logprob", number(&scores.logprobs)),
                    ("ref_logprob", number(&scores.ref_logprobs)),
                ]);
                lines += &line.to_string();
                lines.push('\n');
            }
        }
        lines
    }

    /// Picks of a file in place of those that were made.
    pub(super) fn import(&mut self, files: &Files) -> Result<()> {
        self.after_imitation("open")?;
        let found = files.iter().find(|(name, _)| name.rsplit(['/', '\\']).next() == Some(PREFERENCES));
        let Some((_, bytes)) = found else {
            return Err(Error::input("open", "no picks", format!("a folder with {PREFERENCES}")));
        };
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|_| Error::input(PREFERENCES, "no text", "JSON lines in UTF-8"))?;
        let preferences = from_jsonl(text)?;
        if preferences.is_empty() || preferences.len() > MAX_PICKS {
            let given = format!("{} comparisons", preferences.len());
            return Err(Error::input(PREFERENCES, given, format!("1 to {MAX_PICKS}")));
        }
        let mut picks = Vec::new();
        for (i, preference) in preferences.iter().enumerate() {
            let two =
                self.read_pair(preference).map_err(|e| e.within(&format!("{PREFERENCES}:{}", i + 1)))?;
            let who = "file".to_owned();
            picks.push(Pick { two, choice: Choice::First, who, command: 1, before: None, after: None });
        }
        let mut judging = Judging::new(self.settings.seed);
        std::mem::swap(&mut judging.pool, &mut self.judging.pool);
        (judging.picks, judging.n_commands) = (picks, 1);
        self.judging = judging;
        self.back_to_judging();
        Ok(())
    }

    fn read_pair(&self, Preference { prompt, chosen, rejected }: &Preference) -> Result<Two> {
        let topic = Topic::ALL.into_iter().find(|topic| topic.prompt().trim() == prompt.trim());
        let Some(topic) = topic else {
            let allowed = format!("a request such as {:?}", Topic::ALL[0].prompt().trim());
            return Err(Error::input("prompt", format!("{prompt:?}"), allowed));
        };
        let tokenizer = &self.assistant.tokenizer;
        let read = |text: &String| {
            let spaced = format!(" {}", text.trim());
            let mut ids = tokenizer.encode(&spaced);
            let is_known = tokenizer.decode(&ids) == spaced;
            ids.push(tokenizer.eos());
            let completion = Completion::new(&self.assistant.prompt(topic), &ids);
            if !is_known || !completion.fits(&self.assistant.model) {
                let allowed = "an answer of at most 43 words and signs that the model knows";
                return Err(Error::input("completion", format!("{text:?}"), allowed));
            }
            Ok(completion)
        };
        Ok(Two { number: 0, topic, answers: [read(chosen)?, read(rejected)?] })
    }
}

fn weights(params: &Params) -> Vec<u8> {
    let mut meta = Meta::new();
    meta.insert("format".to_owned(), "pt".to_owned());
    checkpoint::write(params, &meta, Dtype::F32)
}

//! `tokenizer.json` and `tokenizer_config.json`, as the `tokenizers` and `transformers` libraries write
//! and read them.
//!
//! What is read comes from anywhere, so everything that this engine would not do exactly as the library
//! is refused. Start with [`File`], the shape of the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::bpe::Merges;
use super::{END_OF_TEXT, Tokenizer, TokenizerKind, bytes};
use crate::error::{Error, Result};

const MAX_FILE_BYTES: usize = 16 << 20;
/// GPT-2 itself has 50,257 tokens.
const MAX_VOCAB_SIZE: usize = 1 << 16;
/// Each is searched for in every text. GPT-2 has one.
const MAX_ADDED_TOKENS: usize = 256;

/// The parts of `tokenizer.json` in its own order.
#[derive(Serialize, Deserialize)]
struct File {
    version: String,
    // Where the library cuts or pads a list of ids. What fits is the model's business here.
    truncation: Option<Value>,
    padding: Option<Value>,
    added_tokens: Vec<AddedToken>,
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    decoder: Option<Value>,
    model: Model,
}

#[derive(Serialize, Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
    special: bool,
}

#[derive(Serialize, Deserialize)]
struct Model {
    // Missing in GPT-2's own file.
    #[serde(rename = "type", default = "bpe")]
    kind: String,
    dropout: Option<f64>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
    #[serde(serialize_with = "in_order_of_ids")]
    vocab: BTreeMap<String, u32>,
    merges: Vec<MergePair>,
}

/// The library has written merges in both ways.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum MergePair {
    Pair(String, String),
    Line(String),
}

fn bpe() -> String {
    "BPE".to_owned()
}

fn in_order_of_ids<S: Serializer>(
    vocab: &BTreeMap<String, u32>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    let mut entries: Vec<_> = vocab.iter().collect();
    entries.sort_unstable_by_key(|&(_, id)| id);
    to.collect_map(entries)
}

fn byte_level(add_prefix_space: bool, use_regex: bool) -> Value {
    json!({ "type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": true, "use_regex": use_regex })
}

fn pre_tokenizer(kind: TokenizerKind) -> Value {
    match kind {
        TokenizerKind::Word | TokenizerKind::Bpe => byte_level(false, true),
        TokenizerKind::Char => {
            // `[\s\S]`, because what makes a dot match a line feed depends on the library's regex engine.
            let one = json!({ "Regex": r"[\s\S]" });
            let each = json!({ "type": "Split", "pattern": one, "behavior": "Isolated", "invert": false });
            json!({ "type": "Sequence", "pretokenizers": [each, byte_level(false, false)] })
        }
    }
}

impl Tokenizer {
    /// The tokenizer as `tokenizer.json`, which `tokenizers` reads to give the same ids.
    pub fn to_json(&self) -> String {
        let name = |id: u32| match self.specials.contains(&id) {
            true => self.name(id).to_owned(),
            false => bytes::spell(&self.tokens[id as usize]),
        };
        let mut merges: Vec<_> = self.merges.iter().map(|(&pair, &(rank, _))| (rank, pair)).collect();
        merges.sort_unstable();
        let added = |&id: &u32| AddedToken {
            id,
            content: self.name(id).to_owned(),
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
        };
        let file = File {
            version: "1.0".to_owned(),
            truncation: None,
            padding: None,
            added_tokens: self.specials.iter().map(added).collect(),
            normalizer: None,
            pre_tokenizer: Some(pre_tokenizer(self.kind)),
            post_processor: None,
            decoder: Some(byte_level(true, true)),
            model: Model {
                kind: bpe(),
                dropout: None,
                unk_token: None,
                continuing_subword_prefix: None,
                end_of_word_suffix: None,
                fuse_unk: false,
                byte_fallback: false,
                ignore_merges: self.kind != TokenizerKind::Bpe,
                vocab: (0..self.vocab_size() as u32).map(|id| (name(id), id)).collect(),
                merges: merges.into_iter().map(|(_, (a, b))| MergePair::Pair(name(a), name(b))).collect(),
            },
        };
        serde_json::to_string_pretty(&file).expect("a tokenizer is plain data")
    }

    /// `tokenizer_config.json`, which `AutoTokenizer` of `transformers` reads beside `tokenizer.json`.
    /// `model_max_length` is the longest text of the model, in tokens.
    pub fn config_json(&self, model_max_length: usize) -> String {
        let end = self.name(self.eos);
        let mut config = json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": end,
            "eos_token": end,
            "unk_token": end,
            "add_prefix_space": false,
            "clean_up_tokenization_spaces": false,
            "model_max_length": model_max_length,
        });
        for (key, name) in [("pad_token", "<|pad|>"), ("mask_token", "<|mask|>")] {
            if self.specials.iter().any(|&id| self.name(id) == name) {
                config[key] = name.into();
            }
        }
        format!("{config:#}\n")
    }

    /// Reads a `tokenizer.json`: byte-level BPE as GPT-2 has it, or a tokenizer of ours. The token that ends
    /// a text is `<|endoftext|>`, else the first special token.
    ///
    /// # Errors
    ///
    /// If the file is too large or malformed, or asks for something that this engine does not do.
    pub fn from_json(tokenizer_json: &str) -> Result<Self> {
        if tokenizer_json.len() > MAX_FILE_BYTES {
            return Err(refuse(format!("{} bytes", tokenizer_json.len()), "at most 16 MiB"));
        }
        let file: File = serde_json::from_str(tokenizer_json)
            .map_err(|error| refuse(error, "a tokenizer.json of the `tokenizers` library"))?;
        let kind = kind_of(&file)?;
        let tokens = read_vocab(&file)?;
        let specials: Vec<u32> = file.added_tokens.iter().map(|added| added.id).collect();
        let first = || file.added_tokens.iter().find(|added| added.special);
        let end = file.added_tokens.iter().find(|added| added.content == END_OF_TEXT).or_else(first);
        let eos = end.ok_or_else(|| refuse("no special token", "one that ends a text"))?.id;
        let merges = read_merges(&file.model)?;
        let mut tokenizer = Self { kind, tokens, ids: [].into(), specials, eos, merges };
        tokenizer.index();
        if let Some(byte) = (0..=255_u8).find(|&byte| !tokenizer.ids.contains_key([byte].as_slice())) {
            return Err(refuse(
                format!("no token for byte {byte}"),
                "all 256 bytes, so that no text is lost",
            ));
        }
        Ok(tokenizer)
    }
}

fn refuse(given: impl std::fmt::Display, allowed: &str) -> Error {
    Error::input("tokenizer.json", given, allowed)
}

/// Recognizes the kind, and refuses whatever would change ids in a way that is not ours.
fn kind_of(file: &File) -> Result<TokenizerKind> {
    let model = &file.model;
    let set = |option: &Option<String>| option.as_ref().is_some_and(|text| !text.is_empty());
    let is = |part: &Option<Value>, kind: &str| part.as_ref().is_some_and(|part| part["type"] == kind);
    if model.kind != "BPE" {
        return Err(refuse(format!("a model of type {:?}", model.kind), "\"BPE\""));
    }
    if model.dropout.is_some_and(|p| p != 0.0) || model.byte_fallback {
        return Err(refuse("dropout or byte_fallback", "a byte-level BPE without them"));
    }
    if set(&model.continuing_subword_prefix) || set(&model.end_of_word_suffix) {
        return Err(refuse("a subword prefix or suffix", "a byte-level BPE without them"));
    }
    if file.normalizer.is_some() {
        return Err(refuse("a normalizer", "null: a text must come back as it was"));
    }
    if file.post_processor.is_some() && !is(&file.post_processor, "ByteLevel") {
        return Err(refuse("a post-processor", "null or ByteLevel: nothing is added to a text"));
    }
    if !is(&file.decoder, "ByteLevel") {
        return Err(refuse("a decoder", "ByteLevel"));
    }
    if file.added_tokens.len() > MAX_ADDED_TOKENS {
        return Err(refuse(format!("{} added tokens", file.added_tokens.len()), "at most 256"));
    }
    for added in &file.added_tokens {
        if added.content.is_empty() || added.single_word || added.lstrip || added.rstrip {
            return Err(refuse(
                format!("added token {:?}", added.content),
                "added tokens that are not empty, without single_word, lstrip and rstrip",
            ));
        }
    }
    let cut = |kind| same_pieces(file.pre_tokenizer.as_ref(), &pre_tokenizer(kind));
    match (model.ignore_merges, model.merges.is_empty()) {
        (true, true) if cut(TokenizerKind::Char) => Ok(TokenizerKind::Char),
        (true, true) if cut(TokenizerKind::Word) => Ok(TokenizerKind::Word),
        (false, _) if cut(TokenizerKind::Bpe) => Ok(TokenizerKind::Bpe),
        (true, false) => Err(refuse("ignore_merges with merges", "one or the other")),
        _ => Err(refuse("a pre-tokenizer", "ByteLevel without add_prefix_space, as GPT-2 has it")),
    }
}

/// Whether two pre-tokenizers cut alike: `trim_offsets` changes no ids, and old files have no `use_regex`.
fn same_pieces(given: Option<&Value>, ours: &Value) -> bool {
    let Some(mut given) = given.cloned() else { return false };
    if given["type"] == "ByteLevel" {
        given["trim_offsets"] = true.into();
        given.as_object_mut().expect("has a type").entry("use_regex").or_insert(true.into());
    }
    given == *ours
}

/// The bytes of every token, by id.
fn read_vocab(file: &File) -> Result<Vec<Vec<u8>>> {
    let mut added: BTreeMap<u32, &str> = BTreeMap::new();
    for token in &file.added_tokens {
        if added.insert(token.id, &token.content).is_some() {
            return Err(refuse(format!("two added tokens of id {}", token.id), "one id for each"));
        }
    }
    let mut by_id: BTreeMap<u32, Vec<u8>> = added.iter().map(|(&id, &name)| (id, name.into())).collect();
    for (name, &id) in &file.model.vocab {
        if added.get(&id) == Some(&name.as_str()) {
            continue;
        }
        let bytes = bytes::unspell(name).filter(|bytes| !bytes.is_empty());
        let bytes =
            bytes.ok_or_else(|| refuse(format!("token {name:?}"), "byte-level names, such as \"Ġthe\""))?;
        if by_id.insert(id, bytes).is_some() {
            return Err(refuse(format!("two tokens of id {id}"), "one id for each"));
        }
    }
    let n = by_id.len();
    if n > MAX_VOCAB_SIZE {
        return Err(refuse(format!("{n} tokens"), "at most 65536"));
    }
    if by_id.last_key_value().is_some_and(|(&last, _)| last as usize != n - 1) {
        return Err(refuse(format!("{n} tokens whose ids have gaps"), "ids from 0 on"));
    }
    Ok(by_id.into_values().collect())
}

fn read_merges(model: &Model) -> Result<Merges> {
    let bad = |a: &str, b: &str| refuse(format!("merge {a:?} + {b:?}"), "two tokens that make a third");
    let mut merges = Merges::new();
    for (rank, merge) in (0..).zip(&model.merges) {
        let (a, b) = match merge {
            MergePair::Pair(a, b) => (a.as_str(), b.as_str()),
            MergePair::Line(line) => line.split_once(' ').ok_or_else(|| bad(line, ""))?,
        };
        let id = |name: &str| model.vocab.get(name).copied().ok_or_else(|| bad(a, b));
        merges.insert((id(a)?, id(b)?), (rank, id(&format!("{a}{b}"))?));
    }
    Ok(merges)
}

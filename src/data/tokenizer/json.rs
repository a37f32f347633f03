//! `tokenizer.json` and `tokenizer_config.json`, as the `tokenizers` and `transformers` libraries write
//! and read them.
//!
//! What is read comes from anywhere, so everything that this engine would not do exactly as the library
//! is refused. Start with [`Tokenizer::to_json`].

use super::bpe::Merges;
use super::{END_OF_TEXT, MASK, Pieces, Tokenizer, TokenizerKind, bytes};
use crate::error::{Error, Result};
use crate::json::{self, FromJson, Name, ToJson, Value, Wrong, field};

const MAX_FILE_BYTES: usize = 16 << 20;
/// GPT-2 itself has 50,257 tokens.
const MAX_VOCAB_SIZE: usize = 1 << 16;
/// Each is searched for in every text. GPT-2 has one.
const MAX_ADDED_TOKENS: usize = 256;

fn byte_level(add_prefix_space: bool, use_regex: bool) -> Value {
    Value::object(vec![
        ("type", "ByteLevel".into()),
        ("add_prefix_space", add_prefix_space.into()),
        ("trim_offsets", true.into()),
        ("use_regex", use_regex.into()),
    ])
}

fn pre_tokenizer(kind: TokenizerKind) -> Value {
    if kind != TokenizerKind::Char {
        return byte_level(false, true);
    }
    // `[\s\S]`, because what makes a dot match a line feed depends on the library's regex engine.
    let each = Value::object(vec![
        ("type", "Split".into()),
        ("pattern", Value::object(vec![("Regex", r"[\s\S]".into())])),
        ("behavior", "Isolated".into()),
        ("invert", false.into()),
    ]);
    let both = Value::List(vec![each, byte_level(false, false)]);
    Value::object(vec![("type", "Sequence".into()), ("pretokenizers", both)])
}

impl Tokenizer {
    /// The tokenizer as `tokenizer.json`, which `tokenizers` reads to give the same ids.
    pub fn to_json(&self) -> String {
        let name = |id: u32| match self.specials.contains(&id) {
            true => self.name(id).to_owned(),
            false => bytes::spell(&self.tokens[id as usize]),
        };
        let added = |&id: &u32| {
            Value::object(vec![
                ("id", id.to_json()),
                ("content", self.name(id).into()),
                ("single_word", false.into()),
                ("lstrip", false.into()),
                ("rstrip", false.into()),
                ("normalized", false.into()),
                ("special", true.into()),
            ])
        };
        let vocab = (0..self.vocab_size() as u32).map(|id| (name(id).into(), id.to_json()));
        let merge = |(a, b)| Value::List(vec![Value::Text(name(a)), Value::Text(name(b))]);
        let merges = self.merges.pairs().map(merge).collect();
        let model = Value::object(vec![
            ("type", "BPE".into()),
            ("dropout", Value::Null),
            ("unk_token", Value::Null),
            ("continuing_subword_prefix", Value::Null),
            ("end_of_word_suffix", Value::Null),
            ("fuse_unk", false.into()),
            ("byte_fallback", false.into()),
            ("ignore_merges", (self.kind != TokenizerKind::Bpe).into()),
            ("vocab", Value::Object(vocab.collect())),
            ("merges", Value::List(merges)),
        ]);
        let file = Value::object(vec![
            ("version", "1.0".into()),
            ("truncation", Value::Null),
            ("padding", Value::Null),
            ("added_tokens", Value::List(self.specials.iter().map(added).collect())),
            ("normalizer", Value::Null),
            ("pre_tokenizer", pre_tokenizer(self.kind)),
            ("post_processor", Value::Null),
            ("decoder", byte_level(true, true)),
            ("model", model),
        ]);
        file.pretty()
    }

    /// `tokenizer_config.json`, which `AutoTokenizer` of `transformers` reads beside `tokenizer.json`.
    /// `model_max_length` is the longest text of the model, in tokens.
    pub fn config_json(&self, model_max_length: usize) -> String {
        let end = self.name(self.eos);
        let mut config = Value::object(vec![
            ("tokenizer_class", "PreTrainedTokenizerFast".into()),
            ("bos_token", end.into()),
            ("eos_token", end.into()),
            ("unk_token", end.into()),
            ("add_prefix_space", false.into()),
            ("clean_up_tokenization_spaces", false.into()),
            ("model_max_length", model_max_length.to_json()),
        ]);
        for (key, name) in [("pad_token", "<|pad|>"), ("mask_token", MASK)] {
            if self.specials.iter().any(|&id| self.name(id) == name) {
                config.push(key, name.into());
            }
        }
        config.pretty() + "\n"
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
        let malformed = |error: Error| error.within("tokenizer.json");
        let file = json::parse(tokenizer_json).map_err(malformed)?;
        let mut wrong = Wrong::default();
        let added: Vec<AddedToken> = field(&file, "added_tokens", &mut wrong);
        wrong.check().map_err(malformed)?;
        let model = &file["model"];
        let kind = kind_of(&file, &added)?;
        let vocab =
            model["vocab"].as_object().ok_or_else(|| refuse("no vocab", "token names with their ids"))?;
        let tokens = read_vocab(vocab, &added)?;
        let specials: Vec<u32> = added.iter().map(|added| added.id).collect();
        let first = || added.iter().find(|added| added.special);
        let end = added.iter().find(|added| added.content == END_OF_TEXT).or_else(first);
        let eos = end.ok_or_else(|| refuse("no special token", "one that ends a text"))?.id;
        let merges = read_merges(merges_of(model)?, vocab)?;
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

struct AddedToken {
    id: u32,
    content: String,
    /// Whether it is recognized in other places than where it is spelled.
    is_fuzzy: bool,
    special: bool,
}

impl FromJson for AddedToken {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        let mut flag = |name: &str| -> bool { field(value, name, wrong) };
        let (special, is_fuzzy) = (flag("special"), flag("single_word") | flag("lstrip") | flag("rstrip"));
        Self { id: field(value, "id", wrong), content: field(value, "content", wrong), is_fuzzy, special }
    }
}

fn refuse(given: impl Into<String>, allowed: &str) -> Error {
    Error::input("tokenizer.json", given.into(), allowed)
}

fn merges_of(model: &Value) -> Result<&[Value]> {
    model["merges"].as_array().ok_or_else(|| refuse("no merges", "a list of pairs"))
}

/// Recognizes the kind, and refuses whatever would change ids in a way that is not ours.
fn kind_of(file: &Value, added: &[AddedToken]) -> Result<TokenizerKind> {
    let model = &file["model"];
    // Missing in GPT-2's own file.
    if model["type"].as_str().unwrap_or("BPE") != "BPE" || model.as_object().is_none() {
        return Err(refuse(format!("a model of type {}", model["type"]), "\"BPE\""));
    }
    let is_set = |name: &str| match &model[name] {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        _ => true,
    };
    if is_set("dropout") || is_set("byte_fallback") {
        return Err(refuse("dropout or byte_fallback", "a byte-level BPE without them"));
    }
    if is_set("continuing_subword_prefix") || is_set("end_of_word_suffix") {
        return Err(refuse("a subword prefix or suffix", "a byte-level BPE without them"));
    }
    if !file["normalizer"].is_null() {
        return Err(refuse("a normalizer", "null: a text must come back as it was"));
    }
    let is_byte_level = |part: &Value| part["type"].as_str() == Some("ByteLevel");
    if !file["post_processor"].is_null() && !is_byte_level(&file["post_processor"]) {
        return Err(refuse("a post-processor", "null or ByteLevel: nothing is added to a text"));
    }
    if !is_byte_level(&file["decoder"]) {
        return Err(refuse("a decoder", "ByteLevel"));
    }
    if added.len() > MAX_ADDED_TOKENS {
        return Err(refuse(format!("{} added tokens", added.len()), "at most 256"));
    }
    if let Some(added) = added.iter().find(|added| added.content.is_empty() || added.is_fuzzy) {
        return Err(refuse(
            format!("added token {:?}", added.content),
            "added tokens that are not empty, without single_word, lstrip and rstrip",
        ));
    }
    let cut = |kind| same_pieces(&file["pre_tokenizer"], &pre_tokenizer(kind));
    match (is_set("ignore_merges"), merges_of(model)?.is_empty()) {
        (true, true) if cut(TokenizerKind::Char) => Ok(TokenizerKind::Char),
        (true, true) if cut(TokenizerKind::Word) => Ok(TokenizerKind::Word),
        (false, _) if cut(TokenizerKind::Bpe) => Ok(TokenizerKind::Bpe),
        (true, false) => Err(refuse("ignore_merges with merges", "one or the other")),
        _ => Err(refuse("a pre-tokenizer", "ByteLevel without add_prefix_space, as GPT-2 has it")),
    }
}

/// Whether two pre-tokenizers cut alike: the outer `trim_offsets` changes no ids, and old files have no `use_regex`.
fn same_pieces(given: &Value, ours: &Value) -> bool {
    let (Value::Object(given), Value::Object(fields)) = (given, ours) else { return false };
    let is_byte_level = ours["type"].as_str() == Some("ByteLevel");
    let is_free = |name: &str| is_byte_level && name == "trim_offsets";
    let matches = |(name, value): &(Name, Value)| is_free(name) || same_value(&ours[&**name], value);
    let n_missing = fields.iter().filter(|(name, _)| !given.iter().any(|(other, _)| other == name));
    given.iter().all(matches)
        && n_missing.into_iter().all(|(name, value)| {
            is_free(name) || (is_byte_level && name == "use_regex" && *value == Value::Bool(true))
        })
}

/// Whether two values are alike, in whatever order their fields stand.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(fields), Value::Object(others)) => {
            fields.len() == others.len() && fields.iter().all(|(name, value)| same_value(value, &b[&**name]))
        }
        (Value::List(items), Value::List(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| same_value(a, b))
        }
        _ => a == b,
    }
}

/// The bytes of every token, by id.
fn read_vocab(vocab: &[(Name, Value)], added: &[AddedToken]) -> Result<Vec<Vec<u8>>> {
    let mut by_id: Vec<Option<Vec<u8>>> = Vec::new();
    let mut insert = |id: u32, bytes: &[u8]| -> Result<()> {
        if id as usize >= MAX_VOCAB_SIZE {
            return Err(refuse(format!("a token of id {id}"), "ids from 0 on, at most 65536 tokens"));
        }
        if by_id.len() <= id as usize {
            by_id.resize(id as usize + 1, None);
        }
        match &mut by_id[id as usize] {
            Some(_) => Err(refuse(format!("two tokens of id {id}"), "one id for each")),
            free => {
                *free = Some(bytes.to_vec());
                Ok(())
            }
        }
    };
    for token in added {
        insert(token.id, token.content.as_bytes())?;
    }
    for (name, id) in vocab {
        let id: u32 = json::from_json(id).map_err(|e| e.within("tokenizer.json:vocab"))?;
        if added.iter().any(|added| added.id == id && added.content == *name) {
            continue;
        }
        let bytes = bytes::unspell(name).filter(|bytes| !bytes.is_empty());
        let bytes =
            bytes.ok_or_else(|| refuse(format!("token {name:?}"), "byte-level names, such as \"Ġthe\""))?;
        insert(id, &bytes)?;
    }
    let n = by_id.len();
    let tokens: Vec<Vec<u8>> = by_id.into_iter().flatten().collect();
    if tokens.len() < n {
        return Err(refuse(format!("{} tokens whose ids have gaps", tokens.len()), "ids from 0 on"));
    }
    Ok(tokens)
}

fn read_merges(list: &[Value], vocab: &[(Name, Value)]) -> Result<Merges> {
    let mut ids = Pieces::new();
    for (name, id) in vocab {
        ids.insert(name, id.as_u64().unwrap_or_default() as i64);
    }
    let mut merges = Merges::default();
    for merge in list {
        let bad = || refuse(format!("merge {merge}"), "two tokens that make a third");
        // The library has written merges in both ways.
        let (a, b) = match merge {
            Value::Text(line) => line.split_once(' ').ok_or_else(bad)?,
            pair => pair[0].as_str().zip(pair[1].as_str()).ok_or_else(bad)?,
        };
        let id = |name: &str| ids.get(name).map(|&id| id as u32).ok_or_else(bad);
        merges.push((id(a)?, id(b)?), id(&format!("{a}{b}"))?);
    }
    Ok(merges)
}

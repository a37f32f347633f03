//! Corpora: a part to train on and a part held out, cut into batches.
//!
//! A [`Corpus`] knows tokens, not models; what random rows it gives is decided by the caller's [`Rng`].
//! Start with [`Corpus::from_text`].

use super::{Batch, Document, Tokenizer, World, check_length};
use crate::error::{Error, Result};
use crate::rng::Rng;

/// Held-out windows that a text must have room for, so that its held-out loss means something.
const MIN_WINDOWS: usize = 2;

/// Tokens to train on and tokens held out.
#[derive(Debug, Clone, PartialEq)]
pub enum Corpus {
    /// Documents of the miniature world. Training rows begin at the beginning of a document.
    Documents {
        /// `<|endoftext|>`, then each document with `<|endoftext|>` after it.
        train: Vec<u32>,
        /// Where in `train` the `<|endoftext|>` before each document stands.
        starts: Vec<usize>,
        /// Fresh documents, each between two `<|endoftext|>`.
        val: Vec<Vec<u32>>,
        /// Exact entropy of the held-out documents: Σ nats / Σ tokens.
        entropy: f64,
    },
    /// A text without seams. Training rows begin anywhere, as in nanoGPT.
    Stream {
        /// The first 90 % of the tokens.
        train: Vec<u32>,
        /// The last 10 %.
        val: Vec<u32>,
    },
}

impl Corpus {
    /// Documents that a world writes. Those held out are fresh ones: the world may repeat itself.
    ///
    /// # Panics
    ///
    /// If no document is held out.
    pub fn from_world(world: &World, tokenizer: &Tokenizer, n_train: usize, n_val: usize, seed: u64) -> Self {
        let train = world.corpus(n_train, &mut Rng::stream(seed, "train"));
        let held_out = world.corpus(n_val, &mut Rng::stream(seed, "held-out"));
        let text = |document: &Document| document.text.clone();
        let text_and_nats = |document: &Document| (document.text.clone(), document.nats);
        Self::from_documents(train.iter().map(text), held_out.iter().map(text_and_nats), tokenizer)
    }

    /// Documents from anywhere, each of those held out with −ln of the probability that it is written.
    ///
    /// # Panics
    ///
    /// If no document is held out.
    pub fn from_documents(
        mut train: impl Iterator<Item = String>,
        mut held_out: impl Iterator<Item = (String, f64)>,
        tokenizer: &Tokenizer,
    ) -> Self {
        Self::of(&mut train, &mut held_out, tokenizer)
    }

    /// One body for all kinds of iterators: readers download it.
    fn of(
        train: &mut dyn Iterator<Item = String>,
        held_out: &mut dyn Iterator<Item = (String, f64)>,
        tokenizer: &Tokenizer,
    ) -> Self {
        let train = train.map(|text| tokenizer.encode(&text));
        let held_out = held_out.map(|(text, nats)| (tokenizer.encode(&text), nats));
        Self::from_tokens(tokenizer.eos(), train, held_out)
    }

    /// Documents that are tokens already and do not contain `eos`, each of those held out with −ln of the probability
    /// that it is written.
    ///
    /// # Panics
    ///
    /// If no document is held out.
    pub fn from_tokens(
        eos: u32,
        train: impl Iterator<Item = Vec<u32>>,
        held_out: impl Iterator<Item = (Vec<u32>, f64)>,
    ) -> Self {
        let (mut tokens, mut starts) = (vec![eos], Vec::new());
        for document in train {
            starts.push(tokens.len() - 1);
            tokens.extend(document);
            tokens.push(eos);
        }
        let (mut val, mut total_nats) = (Vec::new(), 0.0);
        for (document, nats) in held_out {
            val.push([vec![eos], document, vec![eos]].concat());
            total_nats += nats;
        }
        assert!(!val.is_empty(), "corpus: no held-out documents");
        let n_tokens: usize = val.iter().map(|tokens| tokens.len() - 1).sum();
        Self::Documents { train: tokens, starts, val, entropy: total_nats / n_tokens as f64 }
    }

    /// A reader's text: the first 90 % of its tokens are for training, the rest is held out.
    /// `block_size` is the length of the rows that will be asked for.
    ///
    /// # Errors
    ///
    /// If the text is longer than [`MAX_TEXT_BYTES`](super::MAX_TEXT_BYTES), or too short for a few rows in either part.
    pub fn from_text(text: &str, tokenizer: &Tokenizer, block_size: usize) -> Result<Self> {
        check_length(text)?;
        let mut train = tokenizer.encode(text);
        let n = train.len();
        // The held-out part is the smaller one; a window needs one token more to predict its last from.
        let needed = 10 * (MIN_WINDOWS * block_size + 1);
        if n < needed {
            return Err(Error::input(
                "corpus",
                format!("a text of {n} tokens"),
                format!(
                    "at least {needed} tokens for a block_size of {block_size}; use a longer text or shorter blocks"
                ),
            ));
        }
        let val = train.split_off(n - n / 10);
        Ok(Self::Stream { train, val })
    }

    /// A random batch to train on, every position scored.
    ///
    /// # Panics
    ///
    /// If the training part is not longer than `block_size`.
    pub fn sample(&self, rng: &mut Rng, batch_size: usize, block_size: usize) -> Batch {
        let mut batch = Batch::new(block_size);
        self.sample_into(rng, batch_size, block_size, &mut batch);
        batch
    }

    /// [`Corpus::sample`] into a batch that there is.
    ///
    /// # Panics
    ///
    /// If the training part is not longer than `block_size`.
    pub fn sample_into(&self, rng: &mut Rng, batch_size: usize, block_size: usize, batch: &mut Batch) {
        batch.clear(block_size);
        for _ in 0..batch_size {
            let (train, start) = match self {
                Self::Documents { train, starts, .. } => {
                    let n = starts.partition_point(|start| start + block_size < train.len());
                    (train, starts[rng.below(n)])
                }
                Self::Stream { train, .. } => (train, rng.below(train.len().saturating_sub(block_size))),
            };
            batch.push(&train[start..=start + block_size], 0);
        }
    }

    /// The held-out part, each token predicted once; the last batch may have fewer rows.
    ///
    /// Documents stand alone in a row, so that the loss per token compares with [`Corpus::entropy`]; one that
    /// is longer than the block is cut, and then the two do not compare. A text is cut into windows without
    /// overlap, and what does not fill the last one is left out.
    pub fn val_batches(&self, batch_size: usize, block_size: usize) -> impl Iterator<Item = Batch> {
        let rows: Vec<&[u32]> = match self {
            Self::Documents { val, .. } => val.iter().map(|d| &d[..d.len().min(block_size + 1)]).collect(),
            Self::Stream { val, .. } => (0..(val.len() - 1) / block_size)
                .map(|i| &val[i * block_size..=(i + 1) * block_size])
                .collect(),
        };
        // Only documents need filling, and each row of them begins with `<|endoftext|>`.
        let padding = rows.first().map_or(0, |row| row[0]);
        let n_batches = rows.len().div_ceil(batch_size);
        (0..n_batches).map(move |i| {
            let mut batch = Batch::new(block_size);
            for row in rows.iter().skip(i * batch_size).take(batch_size) {
                batch.push(row, padding);
            }
            batch
        })
    }

    /// The loss that no model can beat, in nats per token of the held-out documents; unknown for a text.
    pub fn entropy(&self) -> Option<f64> {
        match self {
            Self::Documents { entropy, .. } => Some(*entropy),
            Self::Stream { .. } => None,
        }
    }
}

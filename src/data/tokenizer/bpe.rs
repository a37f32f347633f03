//! Byte-pair encoding: learning merges from words, and applying them to one.
//!
//! It knows tokens as ids and bytes only; where words end is the pre-tokenizer's business. Start with
//! [`train`].
//!
//! Source: Sennrich et al., "Neural machine translation of rare words with subword units",
//! arXiv:1508.07909, with the order of ties of the `tokenizers` library.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Two neighbouring tokens.
pub(super) type Pair = (u32, u32);

/// The pairs that merge, with the token that each becomes, in the order in which they merge.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Merges {
    list: Vec<(Pair, u32)>,
    /// Position of a pair in the list.
    ranks: HashMap<Pair, u32>,
}

impl Merges {
    /// Adds a pair, to merge after all others; one that is there merges later than it did.
    pub(super) fn push(&mut self, pair: Pair, id: u32) {
        self.ranks.insert(pair, self.list.len() as u32);
        self.list.push((pair, id));
    }

    /// Pairs in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair> {
        (0..)
            .zip(&self.list)
            .filter(|(rank, (pair, _))| self.ranks[pair] == *rank)
            .map(|(_, (pair, _))| *pair)
    }

    /// A pair's rank (the smaller, the sooner it merges) and the token it becomes.
    fn get(&self, pair: Pair) -> Option<(u32, u32)> {
        self.ranks.get(&pair).map(|&rank| (rank, self.list[rank as usize].1))
    }
}

/// A merge that waits for its turn: a priority, what goes first among equals, and words where it applies. When a word
/// is merged: −rank, then from the left, and no words. One type for both, because every heap is code in the module.
type Waiting = (i64, Reverse<Pair>, Vec<u32>);

/// A word of the training text: its tokens so far, and how often it occurs.
struct Word {
    ids: Vec<u32>,
    count: i64,
}

/// How often a pair occurs, and the words in which it has come up since it was last queued, in order.
struct Count {
    pair: Pair,
    count: i64,
    places: Vec<u32>,
}

/// All pairs of the training text.
#[derive(Default)]
struct Counts {
    list: Vec<Count>,
    /// Position of a pair in the list.
    ids: HashMap<Pair, u32>,
    /// Positions of those with places.
    new: Vec<u32>,
}

impl Counts {
    fn of(&mut self, pair: Pair) -> &mut Count {
        let i = self.ids.get(&pair).copied().unwrap_or_else(|| {
            let i = self.list.len() as u32;
            self.ids.insert(pair, i);
            self.list.push(Count { pair, count: 0, places: Vec::new() });
            i
        });
        &mut self.list[i as usize]
    }

    fn change(&mut self, pair: Pair, by: i64, place: u32) {
        let Count { count, places, .. } = self.of(pair);
        *count += by;
        if by > 0 && places.last() != Some(&place) {
            places.push(place);
            if places.len() == 1 {
                self.new.push(self.ids[&pair]);
            }
        }
    }

    fn enqueue(&mut self, queue: &mut BinaryHeap<Waiting>) {
        for i in std::mem::take(&mut self.new) {
            let Count { pair, count, places } = &mut self.list[i as usize];
            let places = std::mem::take(places);
            if *count > 0 {
                queue.push((*count, Reverse(*pair), places));
            }
        }
    }
}

/// Learns merges until there are `vocab_size` tokens, or no pair is left.
///
/// `tokens` are the tokens to begin with, by id, and `ids` the ids of their bytes; the new ones are appended. `words`
/// are distinct, in any order, with their counts. The most frequent pair merges next; among equals the one of smaller
/// ids.
///
/// The counts are kept up to date merge by merge, so the time goes with the number of changed places, not
/// with merges × text.
pub(super) fn train(
    tokens: &mut Vec<Vec<u8>>,
    ids: &mut HashMap<Vec<u8>, u32>,
    words: Vec<(Vec<u32>, i64)>,
    vocab_size: usize,
) -> Merges {
    let mut words: Vec<Word> = words.into_iter().map(|(ids, count)| Word { ids, count }).collect();
    let mut counts = Counts::default();
    for (place, word) in (0..).zip(&words) {
        for pair in word.ids.windows(2) {
            counts.change((pair[0], pair[1]), word.count, place);
        }
    }
    // Counts in the queue may be out of date; they are put right when they come up. A pair that is merged
    // keeps its count, as in `tokenizers`: in a run such as "aaaa" it can come back.
    let mut queue = BinaryHeap::new();
    counts.enqueue(&mut queue);

    let mut merges = Merges::default();
    while tokens.len() < vocab_size {
        let Some((count, Reverse(pair), changed_words)) = queue.pop() else { break };
        let now = counts.of(pair).count;
        if count != now {
            queue.push((now, Reverse(pair), changed_words));
            continue;
        }
        if count < 1 {
            break;
        }
        let text = [tokens[pair.0 as usize].as_slice(), &tokens[pair.1 as usize]].concat();
        // "a" + "aa" and "aa" + "a" are one token.
        let id = ids.get(&text).copied().unwrap_or_else(|| {
            let id = tokens.len() as u32;
            ids.insert(text.clone(), id);
            tokens.push(text);
            id
        });
        merges.push(pair, id);
        for place in changed_words {
            let word = &mut words[place as usize];
            merge_everywhere(&mut word.ids, pair, id, |pair, change| {
                counts.change(pair, change * word.count, place);
            });
        }
        counts.enqueue(&mut queue);
    }
    merges
}

/// Replaces `pair` by `id` from left to right, and tells which pairs came (+1) and went (−1).
fn merge_everywhere(ids: &mut Vec<u32>, pair: Pair, id: u32, mut changed: impl FnMut(Pair, i64)) {
    let (mut read, mut write) = (0, 0);
    while read < ids.len() {
        if read + 1 < ids.len() && (ids[read], ids[read + 1]) == pair {
            if write > 0 {
                changed((ids[write - 1], pair.0), -1);
                changed((ids[write - 1], id), 1);
            }
            if let Some(&next) = ids.get(read + 2) {
                changed((pair.1, next), -1);
                changed((id, next), 1);
            }
            ids[write] = id;
            read += 2;
        } else {
            ids[write] = ids[read];
            read += 1;
        }
        write += 1;
    }
    ids.truncate(write);
}

/// Merges a word's tokens in the order of the merges' ranks, from left to right among equals.
///
/// A queue, not a scan per merge, because a pasted text can be one piece of a million letters.
pub(super) fn apply(merges: &Merges, ids: &mut Vec<u32>) {
    const REMOVED: u32 = u32::MAX;
    if merges.list.is_empty() || ids.len() < 2 {
        return;
    }
    let n = ids.len();
    let mut next: Vec<usize> = (1..=n).collect();
    let mut previous: Vec<Option<usize>> = (0..n).map(|i| i.checked_sub(1)).collect();
    let mut queue: BinaryHeap<Waiting> = BinaryHeap::new();
    let wait = |queue: &mut BinaryHeap<Waiting>, ids: &[u32], left: usize, right: usize| {
        if let Some((rank, id)) = merges.get((ids[left], ids[right])) {
            queue.push((-i64::from(rank), Reverse((left as u32, id)), Vec::new()));
        }
    };
    for right in 1..n {
        wait(&mut queue, ids, right - 1, right);
    }
    while let Some((_, Reverse((left, id)), _)) = queue.pop() {
        let left = left as usize;
        let right = next[left];
        // The entry is stale if one of its halves has meanwhile been merged with something else.
        if ids[left] == REMOVED || right == n || merges.get((ids[left], ids[right])).is_none_or(|m| m.1 != id)
        {
            continue;
        }
        ids[left] = id;
        ids[right] = REMOVED;
        next[left] = next[right];
        if next[left] < n {
            previous[next[left]] = Some(left);
            wait(&mut queue, ids, left, next[left]);
        }
        if let Some(before) = previous[left] {
            wait(&mut queue, ids, before, left);
        }
    }
    ids.retain(|&id| id != REMOVED);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<u32> {
        text.bytes().map(|b| u32::from(b - b'a')).collect()
    }

    fn trained(words: &[(&str, i64)], n_merges: usize) -> (Vec<String>, Merges) {
        let mut tokens: Vec<Vec<u8>> = (b'a'..=b'z').map(|b| vec![b]).collect();
        let words = words.iter().map(|&(word, count)| (letters(word), count)).collect();
        let mut ids = (0..).zip(&tokens).map(|(id, token)| (token.clone(), id)).collect();
        let merges = train(&mut tokens, &mut ids, words, 26 + n_merges);
        (tokens[26..].iter().map(|t| String::from_utf8_lossy(t).into_owned()).collect(), merges)
    }

    #[test]
    fn the_most_frequent_pair_merges_first_and_ties_go_to_smaller_ids() {
        assert_eq!(trained(&[("xy", 2), ("ba", 3), ("bc", 3)], 3).0, ["ba", "bc", "xy"]);
    }

    #[test]
    fn training_stops_when_every_word_is_one_token() {
        assert_eq!(trained(&[("aaaa", 1)], 10).0, ["aa", "aaaa"]);
    }

    #[test]
    fn merges_apply_by_rank_then_from_the_left() {
        let (_, merges) = trained(&[("bc", 5), ("ab", 4), ("aa", 3)], 3);
        let mut ids = letters("abcaaab");
        apply(&merges, &mut ids);
        // bc (26) first, then ab (27), then aa (28).
        assert_eq!(ids, [0, 26, 28, 27]);
    }
}

//! Byte-pair encoding: learning merges from words, and applying them to one.
//!
//! It knows tokens as ids and bytes only; where words end is the pre-tokenizer's business. Start with
//! [`train`].
//!
//! Source: Sennrich et al., "Neural machine translation of rare words with subword units",
//! arXiv:1508.07909, with the order of ties of the `tokenizers` library.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

/// Two neighbouring tokens.
pub(super) type Pair = (u32, u32);

/// For each pair that merges: its rank (the smaller, the sooner it merges) and the token it becomes.
pub(super) type Merges = HashMap<Pair, (u32, u32)>;

/// A word of the training text: its tokens so far, and how often it occurs.
struct Word {
    ids: Vec<u32>,
    count: i64,
}

/// Learns merges until there are `vocab_size` tokens, or no pair is left.
///
/// `tokens` are the tokens to begin with, by id; the new ones are appended. `words` are distinct, in any
/// order, with their counts. The most frequent pair merges next; among equals the one of smaller ids.
///
/// The counts are kept up to date merge by merge, so the time goes with the number of changed places, not
/// with merges × text.
pub(super) fn train(tokens: &mut Vec<Vec<u8>>, words: Vec<(Vec<u32>, i64)>, vocab_size: usize) -> Merges {
    let mut ids: HashMap<Vec<u8>, u32> = (0..).zip(tokens.iter()).map(|(id, t)| (t.clone(), id)).collect();
    let mut words: Vec<Word> = words.into_iter().map(|(ids, count)| Word { ids, count }).collect();

    let mut counts: HashMap<Pair, i64> = HashMap::new();
    let mut places: BTreeMap<Pair, BTreeSet<usize>> = BTreeMap::new();
    for (place, word) in words.iter().enumerate() {
        for pair in word.ids.windows(2).map(|w| (w[0], w[1])) {
            *counts.entry(pair).or_default() += word.count;
            places.entry(pair).or_default().insert(place);
        }
    }
    // Counts in the queue may be out of date; they are put right when they come up. A pair that is merged
    // keeps its count, as in `tokenizers`: in a run such as "aaaa" it can come back.
    let mut queue: BinaryHeap<(i64, Reverse<Pair>, BTreeSet<usize>)> = BinaryHeap::new();
    enqueue(&mut queue, &counts, &mut places);

    let mut merges = Merges::new();
    let mut rank = 0;
    while tokens.len() < vocab_size {
        let Some((count, Reverse(pair), changed_words)) = queue.pop() else { break };
        if count != counts[&pair] {
            queue.push((counts[&pair], Reverse(pair), changed_words));
            continue;
        }
        if count < 1 {
            break;
        }
        let text = [tokens[pair.0 as usize].as_slice(), &tokens[pair.1 as usize]].concat();
        // "a" + "aa" and "aa" + "a" are one token.
        let id = *ids.entry(text.clone()).or_insert_with(|| {
            tokens.push(text);
            tokens.len() as u32 - 1
        });
        merges.insert(pair, (rank, id));
        rank += 1;
        for place in changed_words {
            let word = &mut words[place];
            merge_everywhere(&mut word.ids, pair, id, |pair, change| {
                *counts.entry(pair).or_default() += change * word.count;
                if change > 0 {
                    places.entry(pair).or_default().insert(place);
                }
            });
        }
        enqueue(&mut queue, &counts, &mut places);
    }
    merges
}

fn enqueue(
    queue: &mut BinaryHeap<(i64, Reverse<Pair>, BTreeSet<usize>)>,
    counts: &HashMap<Pair, i64>,
    places: &mut BTreeMap<Pair, BTreeSet<usize>>,
) {
    for (pair, places) in std::mem::take(places) {
        if counts[&pair] > 0 {
            queue.push((counts[&pair], Reverse(pair), places));
        }
    }
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
    if merges.is_empty() || ids.len() < 2 {
        return;
    }
    let n = ids.len();
    let mut next: Vec<usize> = (1..=n).collect();
    let mut previous: Vec<Option<usize>> = (0..n).map(|i| i.checked_sub(1)).collect();
    let mut queue = BinaryHeap::new();
    let candidate = |ids: &[u32], left: usize, right: usize| {
        let (rank, id) = *merges.get(&(ids[left], ids[right]))?;
        Some(Reverse((rank, left, id)))
    };
    queue.extend((1..n).filter_map(|right| candidate(ids, right - 1, right)));
    while let Some(Reverse((_, left, id))) = queue.pop() {
        let right = next[left];
        // The entry is stale if one of its halves has meanwhile been merged with something else.
        if ids[left] == REMOVED
            || right == n
            || merges.get(&(ids[left], ids[right])).is_none_or(|m| m.1 != id)
        {
            continue;
        }
        ids[left] = id;
        ids[right] = REMOVED;
        next[left] = next[right];
        if next[left] < n {
            previous[next[left]] = Some(left);
            queue.extend(candidate(ids, left, next[left]));
        }
        if let Some(before) = previous[left] {
            queue.extend(candidate(ids, before, left));
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
        let merges = train(&mut tokens, words, 26 + n_merges);
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

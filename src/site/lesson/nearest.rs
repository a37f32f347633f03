//! "Did you mean": the known name that is nearest to a mistyped one.

/// The candidate with the fewest edits to `given`, if it is near enough to be what was meant:
/// at most one edit in three characters.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let near = |candidate: &&'a str| {
        let distance = edits(&given, &candidate.to_lowercase());
        (distance * 3 <= candidate.chars().count().max(3)).then_some(distance)
    };
    candidates.into_iter().filter_map(|c| near(&c).map(|d| (d, c))).min().map(|(_, c)| c)
}

/// `; did you mean NAME?`, or nothing.
pub fn suggestion<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, candidates).map_or(String::new(), |name| format!("did you mean {name}? "))
}

/// Levenshtein distance: insertions, deletions and replacements of one character.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_single_characters() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let fields = ["title", "slug", "difficulty"];
        assert_eq!(nearest("dificulty", fields), Some("difficulty"));
        assert_eq!(nearest("Title", fields), Some("title"));
        assert_eq!(nearest("colour", fields), None);
    }
}

//! "Did you mean": the known word that a mistyped one most likely stands for.
//!
//! It does not decide whether a word is wrong, and it proposes nothing where nothing is near.

/// Longer words are not compared: the distance costs the product of both lengths, and nobody mistypes a word
/// of this length.
const LONGEST: usize = 64;

/// The candidate nearest to `word`, if one is near enough to be meant.
///
/// In this order: equal but for case, `_`, `-` and blanks; the fewest slips of the hand (at most one in three
/// characters); one word being the beginning of the other (`ascending` for `asc`). The first of equals wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(word);
    if wanted.is_empty() || wanted.chars().count() > LONGEST {
        return None;
    }
    let known: Vec<(&str, String)> = candidates
        .into_iter()
        .map(|candidate| (candidate, plain(candidate)))
        .filter(|(_, plain)| !plain.is_empty() && plain.chars().count() <= LONGEST)
        .collect();
    if let Some((same, _)) = known.iter().find(|(_, candidate)| *candidate == wanted) {
        return Some(same);
    }
    let slips = known
        .iter()
        .map(|(shown, candidate)| (strsim::damerau_levenshtein(&wanted, candidate), *shown, candidate))
        .filter(|(distance, _, candidate)| *distance <= allowed(&wanted, candidate))
        .min_by_key(|(distance, _, _)| *distance);
    if let Some((_, shown, _)) = slips {
        return Some(shown);
    }
    known
        .iter()
        .find(|(_, candidate)| {
            let shorter = candidate.chars().count().min(wanted.chars().count());
            shorter >= 3 && (candidate.starts_with(&wanted) || wanted.starts_with(candidate.as_str()))
        })
        .map(|(shown, _)| *shown)
}

/// The cure of a word that is not known: the one that was meant, or those that there are.
pub fn cure<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    /// A line of a terminal holds no more.
    const SHOWN: usize = 12;
    let known: Vec<&str> = candidates.into_iter().collect();
    match (nearest(word, known.iter().copied()), known.as_slice()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, []) => "there is none yet".to_owned(),
        (None, all) => {
            let more = if all.len() > SHOWN { ", …" } else { "" };
            let shown: Vec<&str> = all.iter().copied().take(SHOWN).collect();
            format!("known here: {}{more}", shown.join(", "))
        }
    }
}

/// A word without what people confuse most: case, and how its parts are joined.
fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// One slip for three characters of the longer word; words of one or two characters allow none, as every other
/// short word would be near.
fn allowed(word: &str, candidate: &str) -> usize {
    word.chars().count().max(candidate.chars().count()) / 3
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let keys = ["fields", "filter", "sort", "order", "resource", "asc", "desc"];
        for (word, meant) in [
            ("feilds", Some("fields")),
            ("FIELDS", Some("fields")),
            ("fi_elds", Some("fields")),
            ("filters", Some("filter")),
            ("sortt", Some("sort")),
            ("resorce", Some("resource")),
            ("ascending", Some("asc")),
            ("colour", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
    }

    #[test]
    fn prefers_the_same_word_in_another_case_to_a_nearer_spelling() {
        assert_eq!(nearest("Dog", ["dot", "dog"]), Some("dog"));
    }

    #[test]
    fn is_quiet_about_endless_words() {
        assert_eq!(nearest(&"a".repeat(100_000), ["a"]), None);
    }
}

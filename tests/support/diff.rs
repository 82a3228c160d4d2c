//! The difference between two texts, line by line, as a person wants to see it. It colours nothing.

/// The lines that differ: `-` was expected, `+` came. Long lines are shown around the first place that differs.
pub fn diff(expected: &str, came: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), came.lines().collect());
    // The longest common lines, by the textbook's table; the texts are short.
    let mut common = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let removed = i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]);
        if removed {
            let other = new.get(j).copied().unwrap_or_default();
            out.push_str(&format!("    - {}\n", around(old[i], other)));
            i += 1;
        } else {
            let other = if i > 0 { old[i - 1] } else { "" };
            out.push_str(&format!("    + {}\n", around(new[j], other)));
            j += 1;
        }
    }
    out
}

/// The part of a long line that differs from another one.
fn around(line: &str, other: &str) -> String {
    const WIDE: usize = 160;
    let chars: Vec<char> = line.chars().collect();
    if chars.len() <= WIDE {
        return line.to_owned();
    }
    let same = chars.iter().zip(other.chars()).take_while(|(a, b)| **a == *b).count();
    let start = same.saturating_sub(WIDE / 4).min(chars.len());
    let shown: String = chars.iter().skip(start).take(WIDE).collect();
    let (before, after) =
        (if start > 0 { "…" } else { "" }, if start + WIDE < chars.len() { "…" } else { "" });
    format!("{before}{shown}{after}   (from character {start})")
}

#[test]
fn only_what_differs_is_shown() {
    assert_eq!(diff("a\nb\nc\n", "a\nx\nc\nd\n"), "    - b\n    + x\n    + d\n");
    assert_eq!(diff("a\n", "a\n"), "");
}

//! The table of traits (`docs/traits.md`): every trait has its row, and every specification that it names is there.

use crate::support::{at, read};
use std::collections::BTreeMap;

/// How many traits of each letter there are.
const TRAITS: [(char, usize); 7] =
    [('P', 17), ('E', 19), ('A', 16), ('N', 17), ('W', 11), ('B', 3), ('L', 1)];

/// Each row's first cell, and the files of its last.
fn rows() -> Vec<(String, Vec<String>)> {
    let text = read("docs/traits.md");
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| trait "));
    lines
        .map(|line| {
            // A bar within back-ticks would be none; there is none in this table.
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let last = cells.last().copied().unwrap_or_default();
            let files = last.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (cells[0].to_owned(), files)
        })
        .collect()
}

#[test]
fn every_trait_has_its_row_and_every_row_its_specification() {
    let rows: BTreeMap<String, Vec<String>> = rows().into_iter().collect();
    let mut wrong = Vec::new();
    for (letter, count) in TRAITS {
        for number in 1..=count {
            let name = format!("{letter}{number}");
            match rows.get(&name) {
                None => wrong.push(format!("{name} has no row")),
                Some(files) if files.is_empty() => wrong.push(format!("{name} names no specification")),
                Some(_) => {}
            }
        }
    }
    for (name, files) in &rows {
        let gone = files.iter().filter(|file| !at(&format!("tests/{file}")).is_file());
        wrong.extend(gone.map(|file| format!("{name}: there is no `tests/{file}`")));
    }
    assert!(wrong.is_empty(), "docs/traits.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_specification_of_a_trait_is_in_the_table() {
    let named: Vec<String> = rows().into_iter().flat_map(|(_, files)| files).collect();
    let of_trait = |name: &str| {
        let (letter, rest) = name.split_at(1);
        "peanwbl".contains(letter)
            && rest.split('_').next().is_some_and(|n| n.len() == 2 && n.parse::<u8>().is_ok())
    };
    let all =
        crate::support::below("tests/roads").into_iter().chain(crate::support::below("tests/paging/styles"));
    let left_out: Vec<String> = all
        .map(|file| file.trim_start_matches("tests/").to_owned())
        .filter(|file| of_trait(file.rsplit('/').next().unwrap_or_default()) && !named.contains(file))
        .collect();
    assert!(left_out.is_empty(), "docs/traits.md does not name {left_out:?}");
}

//! Places, orders and words of diagnostics.

use super::{Diagnostic, Diagnostics, SourceFile, quoted};

const PETS: &str = "binds: pets\nfields:\n  petId: nid\n  specis: species\n  name: title\n";

fn at(text: &str, word: &str) -> std::ops::Range<usize> {
    let start = text.find(word).unwrap();
    start..start + word.len()
}

#[test]
fn shows_the_line_the_carets_and_the_cure() {
    let file = SourceFile::new("mappings/pets.yaml", PETS);
    let fault = Diagnostic::error("M104", &file, at(PETS, "specis"), "the contract has no member `specis`")
        .with_hint("did you mean `species`?");
    assert_eq!(
        fault.render_plain(),
        "error[M104]: the contract has no member `specis`\n \
         --> mappings/pets.yaml:4:3\n  |\n\
         4 |   specis: species\n  |   ^^^^^^\n  |\n  \
         = help: did you mean `species`?"
    );
    assert_eq!(fault.one_line(), "mappings/pets.yaml:4:3: error[M104]: the contract has no member `specis`");
}

#[test]
fn shows_further_places_beside_the_first() {
    let file = SourceFile::new("a.yaml", PETS);
    let fault = Diagnostic::warning("M002", &file, at(PETS, "name"), "twice")
        .with_related(at(PETS, "petId"), "first here");
    let shown = fault.render_plain();
    assert!(shown.starts_with("warning[M002]: twice\n --> a.yaml:5:3\n"), "{shown}");
    assert!(shown.contains("3 |   petId: nid\n  |   ----- first here\n"), "{shown}");
    assert!(shown.contains("5 |   name: title\n  |   ^^^^"), "{shown}");
}

#[test]
fn counts_columns_in_characters() {
    let text = "größe: ü1\n";
    let file = SourceFile::new("a.yaml", text);
    let fault = Diagnostic::error("M001", &file, at(text, "1"), "x");
    assert_eq!(fault.line_column(), (1, 9));
    assert!(fault.render_plain().contains("a.yaml:1:9"));
}

#[test]
fn survives_endless_lines_tabs_and_spans_outside_the_text() {
    let text = format!("a:\t{}needle{}\r\n\tb: 1", "ü".repeat(400_000), "x".repeat(400_000));
    let file = SourceFile::new("a.yaml", text.clone());
    let started = std::time::Instant::now();
    let shown = Diagnostic::error("M001", &file, at(&text, "needle"), "x").render_plain();
    assert!(started.elapsed().as_secs() < 5);
    assert!(shown.contains("a.yaml:1:400004"), "{shown}");
    assert!(shown.contains("needle") && shown.contains("^^^^^^"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() < 200), "{shown}");

    let shown = Diagnostic::error("M001", &file, at(&text, "b: 1"), "x").render_plain();
    assert!(shown.contains("a.yaml:2:2") && shown.contains("2 |     b: 1\n  |     ^^^^"), "{shown}");

    for span in [0..0, text.len()..text.len(), text.len() + 9..text.len() + 99, 4..5, 0..usize::MAX] {
        let fault = Diagnostic::error("M001", &file, span, "x");
        assert!(fault.render_plain().contains("error[M001]: x"));
        assert!(fault.one_line().contains("error[M001]: x"));
    }
    let nothing = SourceFile::new("empty.yaml", "");
    assert!(Diagnostic::error("M001", &nothing, 0..0, "x").render_plain().contains("empty.yaml:1:1"));
}

#[test]
fn a_long_block_is_shown_by_its_first_line() {
    let file = SourceFile::new("a.yaml", PETS);
    let shown = Diagnostic::error("M012", &file, 0..PETS.len(), "x").render_plain();
    assert!(shown.contains("1 | binds: pets\n  | ^^^^^^^^^^^"), "{shown}");
    assert!(!shown.contains("fields"), "{shown}");
}

#[test]
fn colours_change_nothing_but_colours() {
    let file = SourceFile::new("a.yaml", PETS);
    let fault = Diagnostic::error("M001", &file, 0..5, "x").with_hint("y");
    let coloured = fault.render_coloured();
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), fault.render_plain());
}

#[test]
fn orders_counts_and_says_nothing_twice() {
    let a = SourceFile::new("a.yaml", PETS);
    let b = SourceFile::new("b.yaml", PETS);
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("M001", &b, 0..5, "first of b"));
    all.extend([
        Diagnostic::warning("M003", &a, 7..9, "second of a"),
        Diagnostic::error("M001", &a, 0..5, "first of a"),
        Diagnostic::error("M001", &a, 0..5, "first of a"),
    ]);
    all.sort();
    all.dedupe();
    let said: Vec<&str> = all.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(said, ["first of a", "second of a", "first of b"]);
    assert_eq!((all.errors(), all.warnings(), all.has_errors(), all.len()), (2, 1, true, 3));
    assert_eq!(all.render_plain().matches("error[M001]").count(), 2);
}

#[test]
fn quotes_a_word_so_that_it_stays_on_one_line() {
    assert_eq!(quoted("name"), "`name`");
    assert_eq!(quoted("a\nb\u{1b}[0m"), "`a\u{fffd}b\u{fffd}[0m`");
    assert_eq!(quoted(&"x".repeat(100)).chars().count(), 51);
}

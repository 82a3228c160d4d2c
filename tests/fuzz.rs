//! The short run of the fuzz targets: every input of the corpus, and as many changes of them as take a few seconds, the
//! same in each run. `make fuzz` runs the same targets for long, led by coverage; a fault that it finds is put into
//! the corpus under a name that says what it shows.

mod change;
mod targets;

use crate::support;
use change::Changes;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Changed inputs of a target. The whole proof takes a thousand times as many (`PORTICO_PROVE=1`).
const CHANGED: usize = 400;

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("tests/fuzz/corpus/{name}");
    let read = |file: String| {
        let bytes = std::fs::read(support::at(&file)).unwrap();
        (file, bytes)
    };
    support::below(&folder).into_iter().map(read).collect()
}

fn run(name: &str) {
    let (_, check) = targets::ALL.iter().find(|(known, _)| *known == name).expect(name);
    let corpus = corpus(name);
    assert!(corpus.len() >= 10, "{name} has {} inputs", corpus.len());
    let judge = |what: &str, input: &[u8]| {
        if let Err(why) = catch_unwind(AssertUnwindSafe(|| check(input))) {
            let kept = support::at(&format!("target/fuzz-{name}"));
            let kept =
                std::fs::write(&kept, input).map_or_else(|e| e.to_string(), |()| kept.display().to_string());
            eprintln!("{name}: {what} (kept as {kept}): {}", String::from_utf8_lossy(input));
            std::panic::resume_unwind(why);
        }
    };
    corpus.iter().for_each(|(file, input)| judge(file, input));
    let times = if std::env::var_os("PORTICO_PROVE").is_some() { 1000 } else { 1 };
    let mut changes = Changes::of(&corpus);
    for number in 0..CHANGED * times {
        judge(&format!("change {number}"), &changes.next());
    }
}

macro_rules! each_target {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_target_is_run() {
            let run: Vec<&str> = vec![$(stringify!($name)),*];
            assert_eq!(targets::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>(), run);
        }
    };
}

each_target! { mappings paths queries soap tokens xml }

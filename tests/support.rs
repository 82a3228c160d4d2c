//! What the data-driven tests share: where files stand, blessing, and differences for people. It judges nothing.

pub mod caller;
pub mod diff;
pub mod port;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A sealing key, as a file holds it.
pub const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// The demo's configuration with sealing keys that need no file.
pub fn with_keys(config: &str) -> String {
    config.replace("{ file: ../target/demo/sealing", &format!("{{ command: [echo, {KEY}] }} # "))
}

/// A file below the repository, from its root.
pub fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(at(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Whether what was expected is to be rewritten as it came (`BLESS=1 cargo test`).
pub fn blesses() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// All files below a folder, from the repository's root, sorted. Folders whose name begins with a dot are left out.
pub fn below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![at(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() {
                open.extend((!hidden).then_some(path));
            } else {
                let name = path.strip_prefix(at("")).unwrap().to_string_lossy().into_owned();
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// The files of a configuration, read into memory under the names that they have below `folder`.
pub fn tree(folder: &str, parts: &[&str]) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for part in parts {
        for name in below(&format!("{folder}{part}")) {
            let kept = name.strip_prefix(folder).unwrap_or(&name);
            files.insert(PathBuf::from(kept), read(&name));
        }
    }
    files
}

/// Makes a test of each file, so that each is a result of its own name; and one that no file is left out.
macro_rules! each_file {
    ($folder:literal, $extension:literal, $check:path; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $check(concat!($folder, "/", stringify!($name), ".", $extension));
            }
        )*

        #[test]
        fn every_file_of_the_folder_is_named_here() {
            let named = [$(concat!($folder, "/", stringify!($name), ".", $extension)),*];
            let end = concat!(".", $extension);
            let found = crate::support::below($folder).into_iter().filter(|f| f.ends_with(end) && !f.ends_with("/README.md"));
            let left_out: Vec<String> = found.filter(|f| !named.contains(&f.as_str())).collect();
            assert!(left_out.is_empty(), "no test runs {left_out:?}: name them in `each_file!`");
        }
    };
}
pub(crate) use each_file;

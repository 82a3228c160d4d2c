//! Who may know whom. Tests beside the code may look further: they are left out.

use crate::support::{below, read};
use std::collections::BTreeSet;

/// Each module of the top, lowest first, with those that it may name. Whoever it names stands above it in this
/// list, so that there is no circle; what is not listed is not named, even where it stands lower.
const FLOORS: &[(&str, &[&str])] = &[
    ("boxed", &[]),
    ("fault", &[]),
    ("pace", &[]),
    ("value", &["fault"]),
    ("telemetry", &["fault", "value"]),
    ("spec", &["fault", "pace"]),
    ("plan", &["fault", "pace", "value", "spec"]),
    // Bounds of calls: it words nothing and calls nothing.
    ("resilience", &["boxed", "plan"]),
    ("translate", &["fault", "value", "plan"]),
    ("identity", &["fault", "value", "telemetry", "plan"]),
    ("idempotency", &["fault", "telemetry", "identity"]),
    ("limits", &["fault", "value", "telemetry", "plan", "identity"]),
    // Keys and envelopes, without files or sockets.
    ("seal", &[]),
    (
        "backend",
        &[
            "boxed",
            "fault",
            "value",
            "telemetry",
            "pace",
            "plan",
            "resilience",
            "translate",
            "identity",
            "idempotency",
            "seal",
        ],
    ),
    ("cache", &["fault", "telemetry", "plan", "backend"]),
    ("describe", &["spec"]),
    (
        "ledger",
        &["fault", "value", "telemetry", "plan", "identity", "idempotency", "limits", "seal", "backend"],
    ),
    ("pages", &["fault"]),
    (
        "pipeline",
        &[
            "boxed",
            "fault",
            "value",
            "telemetry",
            "plan",
            "resilience",
            "translate",
            "identity",
            "idempotency",
            "limits",
            "backend",
            "cache",
            "pages",
        ],
    ),
    ("oauth", &["fault", "value", "telemetry", "plan", "identity", "limits", "backend", "ledger", "pages"]),
    ("edge", &["boxed"]),
    (
        "control",
        &[
            "backend",
            "boxed",
            "cache",
            "edge",
            "fault",
            "idempotency",
            "identity",
            "ledger",
            "limits",
            "oauth",
            "pace",
            "pipeline",
            "plan",
            "resilience",
            "seal",
            "spec",
            "telemetry",
            "value",
        ],
    ),
    ("import", &["backend", "fault", "plan", "spec"]),
    ("demo", &[]),
    (
        "cli",
        &[
            "fault",
            "value",
            "telemetry",
            "spec",
            "plan",
            "translate",
            "identity",
            "seal",
            "value",
            "backend",
            "describe",
            "ledger",
            "pipeline",
            "oauth",
            "control",
            "import",
            "demo",
        ],
    ),
];

/// Crates that stand behind a part of ours, and are named nowhere else.
const BEHIND: &[(&str, &[&str])] = &[
    ("pingora_core", &["src/edge"]),
    ("reqwest", &["src/backend/fetch.rs", "src/demo/station"]),
    ("hyper_rustls", &["src/backend/http/transport.rs"]),
    ("oauth2", &["src/backend/http/grants.rs"]),
    ("sqlx", &["src/backend/sql", "src/ledger", "src/demo"]),
    ("axum", &["src/oauth", "src/demo", "src/cli"]),
    ("clap", &["src/cli"]),
    ("anyhow", &["src/cli"]),
    ("granit_parser", &["src/spec/yaml"]),
    ("quick_xml", &["src/value/xml", "src/translate/soap", "src/plan/compile/wsdl", "src/demo/opentrack"]),
    ("roxmltree", &["src/plan/compile/wsdl", "src/demo/opentrack"]),
    ("rust_embed", &["src/pages"]),
    ("pulldown_cmark", &["src/pages"]),
    ("notify", &["src/control"]),
    ("prometheus_client", &["src/control"]),
    ("opentelemetry", &["src/control/telling/otlp.rs"]),
    ("opentelemetry_sdk", &["src/control/telling/otlp.rs"]),
    ("opentelemetry_otlp", &["src/control/telling/otlp.rs"]),
    ("opentelemetry_http", &["src/control/telling/otlp.rs"]),
    ("governor", &["src/limits"]),
    ("redis", &["src/cache/shared", "src/limits/shared.rs"]),
];

/// The files of the program with what they say, tests and comments left out.
fn code() -> Vec<(String, String)> {
    let files = below("src").into_iter().filter(|name| name.ends_with(".rs"));
    let files = files.filter(|name| !name.ends_with("/tests.rs") && !name.contains("/tests/"));
    files.map(|name| (name.clone(), plain(&read(&name)))).collect()
}

/// The text without comments, and without the tests at its end.
fn plain(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |all, l| all + l + "\n")
}

/// The module of the top that a file belongs to, and how deep the file's module stands below the crate.
fn stands(name: &str) -> (String, usize) {
    let inner = name.trim_start_matches("src/").trim_end_matches(".rs");
    let depth = if inner == "lib" || inner == "main" { 0 } else { inner.split('/').count() };
    (inner.split('/').next().unwrap_or_default().to_owned(), depth)
}

/// The modules of the top that a text names, by `crate::` or by as many `super::` as lead there.
fn named(text: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let up = "super::".repeat(depth.max(1));
    let further = format!("super::{up}");
    for start in ["crate::", &up] {
        if depth == 0 && start == up {
            continue;
        }
        for (at, _) in text.match_indices(start) {
            let before = &text[..at];
            if before.ends_with("super::") || before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = &text[at + start.len()..];
            assert!(!text[at..].starts_with(&further), "more `super::` than there are modules");
            found.extend(heads(rest));
        }
    }
    found
}

/// The first names behind `crate::`: one, or those of a group.
fn heads(rest: &str) -> Vec<String> {
    let word =
        |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut open, mut names, mut from) = (1, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 || (c == ',' && open == 1) {
            names.push(word(&group[from..at]));
            from = at + 1;
        }
        if open == 0 {
            break;
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

#[test]
fn floors_have_no_circle() {
    let order: Vec<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    for (at, (name, may)) in FLOORS.iter().enumerate() {
        for other in *may {
            let place = order.iter().position(|known| known == other);
            assert!(
                place.is_some_and(|place| place < at),
                "`{name}` may name `{other}`, which does not stand before it"
            );
        }
    }
    let modules: BTreeSet<String> = named_modules();
    assert_eq!(
        modules,
        order.iter().map(|name| (*name).to_owned()).collect(),
        "`lib.rs` and the floors differ"
    );
}

fn named_modules() -> BTreeSet<String> {
    let lib = read("src/lib.rs");
    lib.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, text) in code() {
        let (top, depth) = stands(&name);
        let Some((_, may)) = FLOORS.iter().find(|(known, _)| *known == top) else { continue };
        for other in named(&text, depth).into_iter().filter(|other| *other != top) {
            let known = FLOORS.iter().any(|(known, _)| *known == other);
            if known && !may.contains(&other.as_str()) {
                wrong.push(format!("{name}: `{top}` names `{other}`"));
            }
            used.insert((top.clone(), other));
        }
    }
    assert!(wrong.is_empty(), "imports that the floors do not allow:\n  {}", wrong.join("\n  "));
    let unused: Vec<String> = FLOORS
        .iter()
        .flat_map(|(top, may)| may.iter().map(move |other| ((*top).to_owned(), (*other).to_owned())))
        .filter(|pair| !used.contains(pair))
        .map(|(top, other)| format!("`{top}` no longer names `{other}`"))
        .collect();
    assert!(unused.is_empty(), "the floors allow what nobody needs; take it out:\n  {}", unused.join("\n  "));
}

#[test]
fn the_plan_sees_words_only_while_it_is_made() {
    // What the operator wrote is read by the compilers; the plan takes over the one word that means the same to both.
    let makers = ["src/plan/compile.rs", "src/plan/compile/", "src/plan/contract/compile.rs"];
    let taken = "pub use crate::spec::words::resource::Operation;\n";
    for (name, text) in code().into_iter().filter(|(name, _)| stands(name).0 == "plan") {
        let text = if name == "src/plan/resource.rs" { text.replacen(taken, "", 1) } else { text };
        let maker = makers.iter().any(|maker| name.starts_with(maker));
        assert!(maker || !named(&text, stands(&name).1).contains("spec"), "{name} names `spec`");
        assert!(
            !text.contains("Serialize") && !text.contains("Deserialize"),
            "{name}: nothing in `plan` is serialisable"
        );
    }
}

#[test]
fn crates_stand_behind_the_part_that_uses_them() {
    for (name, text) in code() {
        for (package, places) in BEHIND {
            let uses = text
                .match_indices(&format!("{package}::"))
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            let may = places.iter().any(|place| name.starts_with(place));
            assert!(!uses || may, "{name} names `{package}`, which only {places:?} may");
        }
    }
}

#[test]
fn groups_and_steps_up_are_understood() {
    let of = |text: &str, depth| named(text, depth).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(of("use crate::{\n    fault::{Fault, code},\n    plan::Plan,\n};", 1), "fault plan");
    assert_eq!(of("use crate::value::Value; crate::pages::answer(x)", 2), "pages value");
    assert_eq!(of("use super::super::fault::Fault; use super::words;", 2), "fault");
    assert_eq!(of("use super::spec::Files;", 1), "spec");
}

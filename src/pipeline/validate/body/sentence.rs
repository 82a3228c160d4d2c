//! The sentences: what is wrong, and what would be right. No word of JSON Schema's, and no value of the client's.

use super::finding::{Bound, Finding, Spot, Step, What, pointer};
use crate::{
    fault::{Code, Violation, code, diagnostic::quoted, nearest::nearest},
    plan::{Contract, Kind, contract::Member},
    value::Value,
};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// Longer lists of words are cut; the documentation has them whole.
const MOST_WORDS: usize = 30;

pub(super) fn violation(contract: &Contract, finding: &Finding) -> Violation {
    let subject = subject(&finding.steps);
    let spot = Spot::at(contract, &finding.steps);
    let message = match &finding.what {
        What::ReadOnly => format!("{subject} is set by the system; leave it out."),
        What::Missing => format!("{subject} is missing; send {}.", wanted(&spot, &[])),
        What::WrongType { found, types } => format!("{subject} is {found}; send {}.", wanted(&spot, types)),
        What::NotOneOf { choices, sent } => not_one_of(&subject, choices, sent.as_deref()),
        What::Unknown => unknown(contract, &subject, &finding.steps),
        What::Format(format) => format!("{subject} {}.", format_of(format)),
        What::Bounds(bound) => format!("{subject} {}.", bound_of(contract, &spot, bound)),
        What::Other(what) => format!("{subject} {what}."),
    };
    Violation::pointer(pointer(&finding.steps), finding.what.code(), message)
}

/// What stands for the violations that are not listed; `full` says that there may be more than were counted.
pub(super) fn more(number: usize, full: bool) -> String {
    match (number, full) {
        (1, false) => "1 more thing is wrong with the body.".into(),
        (number, false) => format!("{number} more things are wrong with the body."),
        (number, true) => format!("At least {number} more things are wrong with the body."),
    }
}

// === impl What ===

impl What {
    pub fn code(&self) -> &'static Code {
        match self {
            Self::ReadOnly => &code::READ_ONLY,
            Self::Missing => &code::MISSING_MEMBER,
            Self::WrongType { .. } => &code::WRONG_TYPE,
            Self::NotOneOf { .. } => &code::NOT_ONE_OF,
            Self::Unknown => &code::UNKNOWN_MEMBER,
            Self::Format(_) | Self::Bounds(Bound::Pattern(_)) => &code::WRONG_FORMAT,
            Self::Bounds(_) => &code::OUT_OF_BOUNDS,
            Self::Other(_) => &code::BAD_BODY,
        }
    }
}

/// `weight.value` and `colors[1]`, in back-ticks; the body has no name.
fn subject(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            // Writing into a String cannot fail.
            Step::Index(index) => _ = write!(text, "[{index}]"),
        }
    }
    if steps.is_empty() { "The body".into() } else { quoted(&text) }
}

/// What can stand there.
fn wanted(spot: &Spot<'_>, types: &[&str]) -> String {
    let nullable = types.contains(&"null");
    let noun = match spot.kind() {
        Some(Kind::Enum(texts)) => {
            let words: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
            return listed(&words, nullable);
        }
        Some(Kind::Boolean) if nullable => return "`true`, `false` or null".into(),
        // A free-form member is an object by its contract.
        Some(Kind::Free) => "an object",
        Some(kind) => kind.noun(),
        None => types.iter().find(|name| **name != "null").map_or("another value", |name| noun(name)),
    };
    if nullable { format!("{noun} or null") } else { noun.to_owned() }
}

fn noun(json_type: &str) -> &'static str {
    match json_type {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        _ => "null",
    }
}

pub(super) fn noun_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn noun_of_json(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// `a`, `b` or `c`.
fn listed(words: &[String], nullable: bool) -> String {
    let mut shown: Vec<&str> = words.iter().take(MOST_WORDS).map(String::as_str).collect();
    let more = format!("{} others", words.len().saturating_sub(MOST_WORDS));
    if words.len() > MOST_WORDS {
        shown.push(&more);
    }
    if nullable {
        shown.push("null");
    }
    match shown.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".into(),
    }
}

fn not_one_of(subject: &str, choices: &[Json], sent: Option<&str>) -> String {
    let shown = |choice: &Json| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
    let words: Vec<String> =
        choices.iter().filter(|c| !c.is_null()).map(|c| format!("`{}`", shown(c))).collect();
    let list = listed(&words, choices.iter().any(Json::is_null));
    match sent.and_then(|sent| nearest(sent, choices.iter().filter_map(Json::as_str))) {
        Some(meant) => format!("{subject} can be {list}; did you mean `{meant}`?"),
        None => format!("{subject} can be {list}."),
    }
}

fn unknown(contract: &Contract, subject: &str, steps: &[Step]) -> String {
    let Some((Step::Name(name), parents)) = steps.split_last() else {
        return format!("{subject} is not known.");
    };
    let known = Spot::at(contract, parents).members(contract);
    let writable: Vec<&Member> = known.into_iter().filter(|member| !contract.is_read_only(member)).collect();
    let near = nearest(name, writable.iter().map(|member| &*member.name));
    let near = near.and_then(|near| writable.iter().find(|member| *member.name == *near)).copied();
    // A member that belongs elsewhere is often put at the top, or the other way round.
    let elsewhere = || contract.members().iter().find(|m| *m.name == **name && !contract.is_read_only(m));
    if let Some(meant) = near.or_else(elsewhere) {
        return format!("{subject} is not known; did you mean `{}`?", meant.path);
    }
    let words: Vec<String> = writable.iter().map(|member| format!("`{}`", member.name)).collect();
    match words.as_slice() {
        [] => format!("{subject} is not known; leave it out."),
        words => format!("{subject} is not known; what can stand here is {}.", listed(words, false)),
    }
}

fn format_of(format: &str) -> String {
    match format {
        "date" => "is no date; write it as `2019-04-23`".into(),
        "date-time" => "is no time with a zone; write it as `2019-04-23T10:00:00Z`".into(),
        "time" => "is no time of day with a zone; write it as `10:00:00Z`".into(),
        "email" | "idn-email" => "is no email address; write it as `name@example.org`".into(),
        "uri" | "iri" => "is no absolute URI; write it as `https://example.org/page`".into(),
        "duration" => "is no duration; write it as `P1Y6M` or `PT30M`".into(),
        "uuid" => "is no UUID; write it as `0190163d-8694-739b-aea5-966c26f8ad91`".into(),
        other => format!("does not have the form `{other}`"),
    }
}

fn bound_of(contract: &Contract, spot: &Spot<'_>, bound: &Bound) -> String {
    let count =
        |limit: &u64, one: &str, many: &str| format!("{limit} {}", if *limit == 1 { one } else { many });
    match bound {
        Bound::Digits => "is a number with more digits than can be kept; send a shorter one".into(),
        Bound::Least(limit) => format!("is too small; the least is `{limit}`"),
        Bound::Most(limit) => format!("is too large; the most is `{limit}`"),
        Bound::Above(limit) => format!("is too small; it has to be more than `{limit}`"),
        Bound::Below(limit) => format!("is too large; it has to be less than `{limit}`"),
        Bound::Places(0) => "has to be a whole number".into(),
        Bound::Places(1) => "has too many digits after the point; 1 is kept".into(),
        Bound::Places(places) => format!("has too many digits after the point; {places} are kept"),
        Bound::MultipleOf(step) => format!("has to be a multiple of `{step}`"),
        Bound::Shortest(1) => "is empty; send a text with at least 1 character".into(),
        Bound::Shortest(limit) => format!("is too short; the least is {limit} characters"),
        Bound::Longest(limit) => {
            format!("is too long; the most is {}", count(limit, "character", "characters"))
        }
        Bound::FewestItems(limit) => {
            format!("has too few items; the least is {}", count(limit, "item", "items"))
        }
        Bound::MostItems(limit) => {
            format!("has too many items; the most is {}", count(limit, "item", "items"))
        }
        Bound::FewestMembers(limit) => format!("has too few members; the least is {limit}"),
        Bound::MostMembers(limit) => format!("has too many members; the most is {limit}"),
        Bound::Unique => "has the same item twice; send each once".into(),
        Bound::Pattern(pattern) => match (example(contract, spot), in_words(pattern)) {
            (None, Some(words)) => format!("has another form than it should; write {words}"),
            (Some(example), Some(words)) => {
                format!("has another form than it should; write {words}, for example `{example}`")
            }
            (Some(example), None) => format!("has another form than it should; write it as in `{example}`"),
            (None, None) => format!("has another form than it should; it has to match `{pattern}`"),
        },
    }
}

/// The contract's own example of a member.
fn example(contract: &Contract, spot: &Spot<'_>) -> Option<String> {
    let mut schema: &Json = &contract.schema;
    for name in spot.member()?.path.split('.') {
        // The members of a list's items stand below the list.
        let holder = schema.get("items").unwrap_or(schema);
        schema = holder.get("properties")?.get(name)?;
    }
    if matches!(spot, Spot::Item(_)) {
        schema = schema.get("items")?;
    }
    schema.get("examples")?.as_array()?.iter().find_map(Json::as_str).map(str::to_owned)
}

/// A pattern of one class of characters and a number of them, in words: `^[0-9]{15}$` is "15 digits".
fn in_words(pattern: &str) -> Option<String> {
    let (class, length) = pattern.strip_prefix("^[")?.strip_suffix("}$")?.split_once("]{")?;
    let class = match class {
        "0-9" => "digits",
        "A-Z" => "capital letters from A to Z",
        "a-z" => "small letters from a to z",
        "A-Za-z" | "a-zA-Z" => "letters from A to Z",
        "A-Za-z0-9" | "a-zA-Z0-9" => "letters from A to Z and digits",
        _ => return None,
    };
    let number = |text: &str| text.parse::<u32>().ok();
    match length.split_once(',') {
        None => Some(format!("{} {class}", number(length)?)),
        Some((least, "")) => Some(format!("at least {} {class}", number(least)?)),
        Some((least, most)) => Some(format!("{} to {} {class}", number(least)?, number(most)?)),
    }
}

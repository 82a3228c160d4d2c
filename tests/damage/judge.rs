//! Whether a public answer may be what it is, after one answer behind was spoilt: the same as ever, a fault in the
//! contract's form, or data that changed in just the member whose text was touched.

use super::{
    harm::{Harm, Touch},
    rig::Came,
};
use serde_json::Value;
use std::collections::HashMap;

/// The truth about one kind of record.
#[derive(Debug, Default)]
pub struct Truth {
    /// The whole public records by their keys.
    pub records: HashMap<String, Value>,
    /// The keys in the order of a question, without its stretch.
    pub orders: HashMap<String, Vec<String>>,
}

/// What a resource's answers look like.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub plural: &'static str,
    pub key: &'static str,
    /// Which public members a member of the source is shown in.
    pub shown: fn(&str) -> &'static [&'static str],
}

pub const PETS: Kind = Kind { plural: "pets", key: "petId", shown: pet };
pub const THINGS: Kind = Kind { plural: "things", key: "thingId", shown: thing };
pub const NOTES: Kind = Kind { plural: "notes", key: "noteId", shown: thing };

fn pet(source: &str) -> &'static [&'static str] {
    match source {
        "uid" => &["ownerId"],
        "title" => &["name"],
        "created" => &["createdAt"],
        "changed" => &["updatedAt"],
        "field_species" => &["species"],
        "field_breed_primary" | "field_breed_secondary" | "field_breed_mix" => &["breed"],
        "field_gender" => &["sex"],
        "field_altered" => &["altered"],
        "field_birthday" => &["birthDate", "age"],
        "field_birthday_estimated" => &["birthDateEstimated"],
        "field_weight_value" | "field_weight_unit" => &["weight"],
        "field_colors" => &["colors"],
        "field_microchip" => &["microchip"],
        "field_behavior_notes" => &["behaviorNotes"],
        "field_photos" => &["photos"],
        "field_visibility" => &["visibility"],
        "field_pet_status" => &["status"],
        _ => &[],
    }
}

fn thing(source: &str) -> &'static [&'static str] {
    match source {
        "label" => &["label"],
        "size" => &["size"],
        "on" => &["open"],
        "tags" => &["tags"],
        _ => &[],
    }
}

/// What no public body ever holds: a system's page, name, place, member or stack.
const FOREIGN: &[&str] = &[
    "<html",
    "<!DOCTYPE",
    "Maintenance",
    "PDOException",
    "SQLSTATE",
    "127.0.0.1",
    ":41",
    "/rest/",
    "drupal",
    "nid",
    "field_",
    "shelf",
    "src/",
    "panicked",
    "renamed",
    "byte ",
];

/// A fault of a system behind, in the contract's form; why it is none.
pub fn fault(came: &Came, logged: &[String]) -> Result<(), String> {
    if let Some(foreign) = FOREIGN.iter().find(|text| came.body.contains(**text)) {
        return Err(format!("`{foreign}` stands in the public body"));
    }
    let code = if let Ok(body) = serde_json::from_str::<Value>(&came.body) {
        let members: Vec<&String> = body.as_object().into_iter().flat_map(|o| o.keys()).collect();
        if members != ["responseCode", "message", "more_info", "code"]
            && members != ["response_code", "message", "more_info", "code"]
        {
            return Err(format!("an error of another form: {members:?}"));
        }
        body["code"].as_str().unwrap_or_default().to_owned()
    } else {
        between(&came.body, "<code>", "</code>").unwrap_or_default().to_owned()
    };
    if !(code.starts_with("F5") || code.starts_with("F6")) || came.status < 400 {
        return Err(format!("status {} and code `{code}`: not the systems' doing?", came.status));
    }
    if !logged.iter().any(|line| line.contains('`') || line.contains("login")) {
        return Err(format!("the log names neither call nor place: {logged:?}"));
    }
    Ok(())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = text.find(before)? + before.len();
    text[start..].split_once(after).map(|(found, _)| found)
}

/// Whether one record or a list may differ so from what it is without damage.
pub fn changed(
    kind: Kind,
    truth: &Truth,
    order: &str,
    harm: &Harm,
    honest: &Came,
    came: &Came,
) -> Result<(), String> {
    let (hurt, members): (&str, &[&str]) = match &harm.touch {
        Touch::Member { key, name } => (key, (kind.shown)(name)),
        Touch::Beside(name) if name == "total" => ("", &[]),
        other => return Err(format!("{other:?}: the answer is another one")),
    };
    let source = if let Touch::Member { name, .. } = &harm.touch { name.as_str() } else { "" };
    // A record that says to be of another kind is not one of these.
    if source == "type" && came.status == 404 {
        return Ok(());
    }
    let keyed = matches!(source, "nid" | "id");
    if came.status != honest.status && !(keyed && came.status == 404) {
        return Err(format!("status {} in the place of {}", came.status, honest.status));
    }
    if honest.body.starts_with('<') {
        let strip = |text: &str| members.iter().fold(text.to_owned(), |text, name| without(&text, name));
        let same = strip(&honest.body) == strip(&came.body);
        // Which records a list of XML shows is judged where the same list is asked for in JSON.
        return if same || keyed || source == "type" { Ok(()) } else { Err("other members differ".into()) };
    }
    let read = |came: &Came| serde_json::from_str::<Value>(&came.body).map_err(|e| e.to_string());
    let (was, is) = (read(honest)?, read(came)?);
    let Some(rows) = is.get(kind.plural).and_then(Value::as_array) else {
        if keyed && came.status == 404 {
            return Ok(());
        }
        return record(kind, truth, hurt, members, keyed, &was, &is);
    };
    let mut keys: Vec<&str> = Vec::new();
    for row in rows {
        let key = row[kind.key].as_str().unwrap_or_default();
        let model = was[kind.plural].get(0).unwrap_or(row);
        record(kind, truth, hurt, members, keyed, model, row)?;
        keys.push(key);
    }
    let all: Vec<&str> = truth.orders[order].iter().map(String::as_str).filter(|key| *key != hurt).collect();
    keys.retain(|key| *key != hurt);
    if !keyed && !keys.is_empty() && !all.windows(keys.len()).any(|window| window == keys) {
        return Err("other rows, or in another order".into());
    }
    let count = |value: &Value| value["metadata"]["totalCount"].as_i64();
    let slack = i64::from(!harm.body.is_empty());
    match (count(&was), count(&is)) {
        _ if matches!(harm.touch, Touch::Beside(_)) => Ok(()),
        (Some(was), Some(is)) if (was - is).abs() <= slack => Ok(()),
        (was, is) if was == is => Ok(()),
        (was, is) => Err(format!("a total of {is:?} in the place of {was:?}")),
    }
}

/// A record differs from the truth in the touched members alone, and has just the members that were asked for.
fn record(
    kind: Kind,
    truth: &Truth,
    hurt: &str,
    members: &[&str],
    keyed: bool,
    model: &Value,
    is: &Value,
) -> Result<(), String> {
    let key = is[kind.key].as_str().unwrap_or_default();
    // A row whose own key changed is the touched record, under another key.
    let own = [kind.key];
    let (honest, members) = match truth.records.get(key) {
        Some(honest) => (Some(honest), if key == hurt && !keyed { members } else { &[] }),
        None if keyed => (truth.records.get(hurt), &own[..]),
        None => (None, members),
    };
    let Some(honest) = honest else { return Err(format!("no record has the key `{key}`")) };
    let (Some(is), Some(model)) = (is.as_object(), model.as_object()) else {
        return Err("no object".into());
    };
    for name in model.keys().filter(|name| !members.contains(&name.as_str())) {
        if is.get(name).is_none() && honest.get(name).is_some() {
            return Err(format!("`{name}` is not there"));
        }
    }
    for (name, value) in is.iter().filter(|(name, _)| !members.contains(&name.as_str())) {
        if honest.get(name) != Some(value) {
            return Err(format!("`{name}` of `{key}` is not what it is"));
        }
    }
    Ok(())
}

/// The text without the elements of this name.
fn without(text: &str, name: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    let open = format!("<{name}");
    while let Some(at) = rest.find(&open) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let head = tail.find('>').map_or(tail.len(), |end| end + 1);
        let close = format!("</{name}>");
        rest = if tail[..head].ends_with("/>") {
            &tail[head..]
        } else {
            tail.find(&close).map_or("", |end| &tail[end + close.len()..])
        };
    }
    out.push_str(rest);
    out
}

//! Two schemas that both hold, as one. It knows the keywords by which samples are bounded; of others the
//! first one stays, and what that breaks the validator finds.

use serde_json::{Map, Value as Json, json};

/// Narrows `into` by all that `from` asks for.
pub fn narrow(into: &mut Map<String, Json>, from: Map<String, Json>) {
    for (key, value) in from {
        let Some(present) = into.get(&key) else {
            into.insert(key, value);
            continue;
        };
        let merged = match key.as_str() {
            "properties" => properties(present, value),
            "required" => union(present, value),
            "type" => types(present, &value),
            "enum" => intersection(present, &value),
            "items" => json!({ "allOf": [present, value] }),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
                if value.as_f64() > present.as_f64() =>
            {
                value
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties"
                if value.as_f64() < present.as_f64() =>
            {
                value
            }
            "uniqueItems" if value == Json::Bool(true) => value,
            "additionalProperties" if value == Json::Bool(false) => value,
            _ => continue,
        };
        into.insert(key, merged);
    }
}

fn properties(present: &Json, more: Json) -> Json {
    let mut all = present.as_object().cloned().unwrap_or_default();
    if let Json::Object(more) = more {
        for (name, schema) in more {
            let schema = match all.get(&name) {
                Some(first) => json!({ "allOf": [first, schema] }),
                None => schema,
            };
            all.insert(name, schema);
        }
    }
    Json::Object(all)
}

fn union(present: &Json, more: Json) -> Json {
    let mut all = present.as_array().cloned().unwrap_or_default();
    if let Json::Array(more) = more {
        for name in more {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    Json::Array(all)
}

fn intersection(present: &Json, other: &Json) -> Json {
    let other = other.as_array().map(Vec::as_slice).unwrap_or_default();
    present.as_array().into_iter().flatten().filter(|choice| other.contains(choice)).cloned().collect()
}

/// The types in both; a whole number is a number, too.
fn types(present: &Json, other: &Json) -> Json {
    let (ours, theirs) = (names(present), names(other));
    let mut both: Vec<&str> = ours.iter().filter(|name| theirs.contains(name)).copied().collect();
    let mixed = |a: &[&str], b: &[&str]| a.contains(&"integer") && b.contains(&"number");
    let alike = both.contains(&"integer") || both.contains(&"number");
    if !alike && (mixed(&ours, &theirs) || mixed(&theirs, &ours)) {
        both.push("integer");
    }
    json!(both)
}

/// The names in a `type`, be it one or several.
pub fn names(types: &Json) -> Vec<&str> {
    match types {
        Json::String(one) => vec![one],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

//! Numbers, judged on their digits: bounds, places after the point, and whether a number is whole. Floats would
//! take 4.10 for 4.0999…, and 2^53 + 1 for 2^53. What has no digits to judge is left to the validator.

use super::finding::{At, Bound, Findings, Step, What, taken};
use crate::{
    plan::Contract,
    value::{Value, decimal::Decimal},
};
use serde_json::{Map, Value as Json};
use std::{cmp::Ordering, collections::HashSet};

/// Places whose numbers have been judged here: the validator's verdict on them does not count.
pub(super) type Judged = HashSet<Vec<Step>>;

/// The body as the validator can hold it. A number that no float can hold, such as `1e400`, is found to be out
/// of bounds, and another one stands for it: one that is like no other, so that lists stay free of repetitions.
pub(super) fn holdable(body: &Value, findings: &mut Findings) -> Json {
    hold(body, &mut Vec::new(), &mut 1_000_000_007, findings)
}

fn hold<'b>(value: &'b Value, steps: &mut Vec<At<'b>>, stand_in: &mut u64, findings: &mut Findings) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Number(digits) => {
            if let Ok(number) = serde_json::from_str(digits) {
                return Json::Number(number);
            }
            findings.push(taken(steps), What::Bounds(Bound::Digits));
            *stand_in += 1;
            (*stand_in).into()
        }
        Value::List(items) => {
            let mut held = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                steps.push(At::Index(index));
                held.push(hold(item, steps, stand_in, findings));
                steps.pop();
            }
            Json::Array(held)
        }
        Value::Object(members) => {
            let mut held = Map::with_capacity(members.len());
            for (name, member) in members {
                steps.push(At::Name(name));
                held.insert(name.as_str().into(), hold(member, steps, stand_in, findings));
                steps.pop();
            }
            Json::Object(held)
        }
    }
}

/// A keyword, when a number is beyond its limit, and what is said then.
type BoundRule = (&'static str, fn(Ordering) -> bool, fn(String) -> Bound);

struct Judge<'a> {
    root: &'a Json,
    steps: Vec<At<'a>>,
    judged: Judged,
    findings: &'a mut Findings,
}

/// Judges every number that the schema describes by `properties`, `items` and `$ref`.
pub(super) fn judge<'a>(contract: &'a Contract, body: &'a Value, findings: &'a mut Findings) -> Judged {
    let root = &contract.schema;
    let mut judge = Judge { root, steps: Vec::new(), judged: Judged::new(), findings };
    judge.value(root, body);
    judge.judged
}

// === impl Judge ===
// Recursion is bounded by the depth of the body.

impl<'a> Judge<'a> {
    fn find(&mut self, bound: Bound) {
        self.findings.push(taken(&self.steps), What::Bounds(bound));
    }

    fn value(&mut self, schema: &'a Json, value: &'a Value) {
        let schema = resolve(self.root, schema);
        match value {
            Value::Object(members) => {
                let Some(properties) = schema.get("properties") else { return };
                for (name, member) in members {
                    // Most members are texts, and need not be looked up.
                    if !matches!(member, Value::Number(_) | Value::List(_) | Value::Object(_)) {
                        continue;
                    }
                    if let Some(inner) = properties.get(&**name) {
                        self.steps.push(At::Name(name));
                        self.value(inner, member);
                        self.steps.pop();
                    }
                }
            }
            Value::List(items) => {
                let Some(inner) = schema.get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.steps.push(At::Index(index));
                    self.value(inner, item);
                    self.steps.pop();
                }
            }
            Value::Number(digits) if !self.findings.full() => self.number(schema, digits),
            _ => {}
        }
    }

    fn number(&mut self, schema: &Json, digits: &str) {
        if !(says(schema, "number") || says(schema, "integer")) {
            return;
        }
        let Some(number) = Decimal::parse(digits) else {
            self.find(Bound::Digits);
            return;
        };
        self.judged.insert(taken(&self.steps));
        if says(schema, "integer") && !says(schema, "number") && !number.is_integer() {
            let types = if says(schema, "null") { vec!["integer", "null"] } else { vec!["integer"] };
            let what = What::WrongType { found: "a number with a fraction", types };
            self.findings.push(taken(&self.steps), what);
            return;
        }
        let bounds: [BoundRule; 4] = [
            ("minimum", Ordering::is_lt, Bound::Least),
            ("maximum", Ordering::is_gt, Bound::Most),
            ("exclusiveMinimum", Ordering::is_le, Bound::Above),
            ("exclusiveMaximum", Ordering::is_ge, Bound::Below),
        ];
        for (key, beyond, bound) in bounds {
            let limit = schema.get(key).map(Json::to_string);
            if let Some(limit) = limit
                && let Some(decimal) = Decimal::parse(&limit)
                && beyond(number.cmp(&decimal))
            {
                self.find(bound(limit));
            }
        }
        if let Some(places) = schema.get("multipleOf").and_then(places)
            && !number.fits(places)
        {
            self.find(Bound::Places(places));
        }
    }
}

/// Whether the `multipleOf` at this place of the schema is one that `judge` decides.
pub(super) fn decides_multiple(contract: &Contract, schema_path: &str) -> bool {
    contract.schema.pointer(schema_path).and_then(places).is_some()
}

fn says(schema: &Json, name: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(one)) => one == name,
        Some(Json::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

/// The schema behind references within the file. The contract was refused if they went in a circle.
fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let mut schema = schema;
    for _ in 0..8 {
        let reference = schema.get("$ref").and_then(Json::as_str).and_then(|text| text.strip_prefix('#'));
        let Some(target) = reference.and_then(|pointer| root.pointer(pointer)) else { break };
        schema = target;
    }
    schema
}

/// The places after the point of a `multipleOf` that is 1, 0.1, 0.01 and so on.
fn places(multiple: &Json) -> Option<u8> {
    let text = Decimal::parse(&multiple.to_string())?.to_text(None)?;
    match text.strip_prefix("0.") {
        None if text == "1" => Some(0),
        Some(fraction) if fraction.trim_start_matches('0') == "1" => u8::try_from(fraction.len()).ok(),
        _ => None,
    }
}

//! The text that a write sends, printed by its form. What the form has no way for is told by nobody here: the record is then
//! placed as a tree, which finds the same violations, with their places.

use super::{
    Placer,
    document::{is_hollow, of},
};
use crate::{
    plan::{
        Contract,
        http::form::{Form, Part},
        writing::{Rule, What, Writing},
    },
    translate::{Surroundings, convert::uncook},
    value::{Value, json, path::Step},
};

/// Prints a record; `None` where one of its values has no way, and where this record has another form.
pub fn print(
    form: &Form,
    contract: &Contract,
    writing: &Writing,
    body: &Value,
    around: &Surroundings,
) -> Option<Vec<u8>> {
    let is_null =
        |id| contract.get(id).is_some_and(|object| body.get(&object.name).is_none_or(Value::is_null));
    if form.objects.iter().any(|id| is_null(*id)) {
        return None;
    }
    let mut placer = Placer::new(contract, around);
    placer.without_place(writing, None, body);
    let mut out = Vec::with_capacity(ROOM);
    let (mut begun, mut hollow, mut next) = (0, true, 0);
    for part in &form.parts {
        match part {
            Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            Part::Rule(at) => hollow &= placer.print(writing.rules.get(*at)?, body, &mut next, &mut out)?,
            Part::Begin => (begun, hollow) = (out.len(), true),
            Part::End => {
                if let Some(empty) = form.empty.as_deref().filter(|_| hollow) {
                    out.truncate(begun);
                    out.extend_from_slice(empty.as_bytes());
                }
            }
        }
    }
    placer.is_content().then_some(out)
}

/// What a record mostly takes.
const ROOM: usize = 1024;

impl Placer<'_> {
    /// Prints what a rule makes of a record as JSON, and tells whether there is nothing in it; `None` where it has no way.
    fn print(&mut self, rule: &Rule, body: &Value, next: &mut usize, out: &mut Vec<u8>) -> Option<bool> {
        match &rule.what {
            What::One(id, chain) => {
                let value = self.value(body, self.contract.get(*id)?, next);
                // Most values are what they are.
                if chain.write.is_empty() && chain.blank.is_empty() {
                    value.write(out);
                    return Some(value.is_null());
                }
                let value = uncook(value, chain, self.around).ok()?;
                value.write(out);
                Some(is_hollow(&value))
            }
            What::Scalars(id, path, chain) => {
                let Value::List(items) = self.value(body, self.contract.get(*id)?, next) else {
                    out.extend_from_slice(b"[]");
                    return Some(true);
                };
                let mut hollow = true;
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    let value = uncook(item, chain, self.around).ok()?;
                    if at > 0 {
                        out.push(b',');
                    }
                    alone(&path.0, &value, out);
                    hollow &= is_hollow(&value);
                }
                out.push(b']');
                Some(hollow)
            }
            _ => {
                let value = of(self.rule(rule, body, "", "")?.content);
                value.write(out);
                Some(is_hollow(&value))
            }
        }
    }
}

/// Prints the document that has one value at a place, and nothing else.
fn alone(path: &[Step], value: &Value, out: &mut Vec<u8>) {
    match path.split_first() {
        None => value.write(out),
        Some((Step::Key(name), rest)) => {
            out.push(b'{');
            json::write::text(out, name);
            out.push(b':');
            alone(rest, value, out);
            out.push(b'}');
        }
        Some((Step::Index(at), rest)) => {
            out.push(b'[');
            for _ in 0..*at {
                out.extend_from_slice(b"null,");
            }
            alone(rest, value, out);
            out.push(b']');
        }
    }
}

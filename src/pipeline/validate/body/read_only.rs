//! Read-only members of a body that replaces a record. It changes the body, and the record never.

use crate::{
    fault::{Violation, code},
    plan::{Contract, Kind, MemberId, contract::Member},
    value::{Brief, Value, decimal::Decimal, pointer},
};

struct Strip<'a> {
    contract: &'a Contract,
    pointer: String,
    violations: Vec<Violation>,
}

/// Takes the read-only members out of a body that replaces `current`. One that equals the record's goes without
/// a word, so that a client can send back what it read; one that differs is a violation (F447).
///
/// Equal is by value: `4.2` is `4.20`, the order of members does not count, and null is what is not there. An
/// item of a list is held against the record's item at its place, or else against any that has the same
/// read-only members, as a client may move and leave out items.
pub fn strip_read_only(contract: &Contract, body: &mut Value, current: &Value) -> Vec<Violation> {
    let mut strip = Strip { contract, pointer: String::new(), violations: Vec::new() };
    strip.members(&contract.top().collect::<Vec<_>>(), body, current);
    strip.violations
}

/// Brings the members that are given when a record is made to what they are in `current`. One that was sent and differs is
/// a violation (F447).
pub fn keep_created(
    contract: &Contract,
    ids: &[MemberId],
    body: &mut Value,
    current: &Value,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in ids.iter().filter_map(|id| contract.get(*id)) {
        let theirs = current.at(&member.path).unwrap_or(&Value::Null);
        if body.at(&member.path).is_some_and(|sent| !same(sent, theirs)) {
            let message = format!(
                "`{}` is given when the record is made, and cannot be changed; leave it out, or send it as it is.",
                member.path
            );
            let pointer = format!("/{}", member.path.replace('.', "/"));
            violations.push(Violation::pointer(pointer, &code::READ_ONLY, message));
        }
        if !theirs.is_null() || body.at(&member.path).is_some() {
            body.set_at(&member.path, theirs.clone());
        }
    }
    violations
}

// === impl Strip ===

impl Strip<'_> {
    fn members(&mut self, members: &[&Member], body: &mut Value, current: &Value) {
        for member in members {
            let length = self.pointer.len();
            pointer::push(&mut self.pointer, &member.name);
            let theirs = current.get(&member.name).unwrap_or(&Value::Null);
            if member.read_only {
                if let Some(sent) = body.remove(&member.name)
                    && !same(&sent, theirs)
                {
                    let message =
                        format!("`{}` cannot be changed; leave it out, or send it as it is.", member.path);
                    self.violations.push(Violation::pointer(self.pointer.clone(), &code::READ_ONLY, message));
                }
            } else if self.has_read_only(member)
                && let Some(inner) = inner(body, &member.name)
            {
                self.below(member, inner, theirs);
            }
            self.pointer.truncate(length);
        }
    }

    fn has_read_only(&self, member: &Member) -> bool {
        (member.id..member.end).filter_map(|id| self.contract.get(id)).any(|below| below.read_only)
    }

    fn below(&mut self, member: &Member, body: &mut Value, current: &Value) {
        let children: Vec<&Member> = self.contract.children(member).collect();
        match (&member.kind, body) {
            (Kind::List(None), Value::List(items)) => {
                let theirs = if let Value::List(theirs) = current { theirs.as_slice() } else { &[] };
                for (index, item) in items.iter_mut().enumerate() {
                    let mut candidates = theirs.get(index).into_iter().chain(theirs);
                    let counterpart = candidates.find(|other| self.agrees(&children, item, other));
                    let counterpart = counterpart.or_else(|| theirs.get(index)).unwrap_or(&Value::Null);
                    let length = self.pointer.len();
                    pointer::push_index(&mut self.pointer, index);
                    self.members(&children, item, counterpart);
                    self.pointer.truncate(length);
                }
            }
            (Kind::Object, body) => self.members(&children, body, current),
            _ => {}
        }
    }

    /// Whether all read-only members that were sent are as the record's.
    fn agrees(&self, members: &[&Member], body: &Value, current: &Value) -> bool {
        members.iter().all(|member| {
            let Some(sent) = body.get(&member.name) else { return true };
            let theirs = current.get(&member.name).unwrap_or(&Value::Null);
            match member.kind {
                _ if member.read_only => same(sent, theirs),
                Kind::Object => {
                    self.agrees(&self.contract.children(member).collect::<Vec<_>>(), sent, theirs)
                }
                _ => true,
            }
        })
    }
}

fn inner<'a>(body: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match body {
        Value::Object(members) => members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x == y || Decimal::parse(x).is_some_and(|x| Some(x) == Decimal::parse(y))
        }
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            let within = |x: &[(Brief, Value)], other: &Value| {
                x.iter().all(|(name, value)| same(value, other.get(name).unwrap_or(&Value::Null)))
            };
            within(x, b) && within(y, a)
        }
        _ => a == b,
    }
}

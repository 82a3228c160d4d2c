//! A public record to what a source takes: each writable member goes back through its rule to its place.
//! What has no way back is told as violations in public names. It sends nothing.

use super::{
    Surroundings,
    convert::{NoWay, joined, uncook},
};
use crate::{
    fault::{Violation, code},
    plan::{
        Contract, MemberId, Selection,
        contract::Member,
        convert::Chain,
        reading::SlotId,
        writing::{Picked, Rule, Together, What, Writing},
    },
    value::{
        Value,
        path::{Path, Step},
    },
};

/// A value in the source's form, and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<'p> {
    pub slot: SlotId,
    pub path: &'p [Step],
    pub content: Content<'p>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content<'p> {
    Scalar(Value),
    /// A member with parts, in JSON.
    Whole(Value),
    Rows(Vec<Vec<Placed<'p>>>),
}

/// Fills in what the contract says for members that are not there, so that a record is whole.
pub fn complete(contract: &Contract, body: &mut Value) {
    fill(contract, contract.top(), body);
}

fn fill<'c>(contract: &'c Contract, members: impl Iterator<Item = &'c Member>, body: &mut Value) {
    for member in members {
        if body.get(&member.name).is_none() {
            let parts_have_defaults = contract.children(member).any(|child| child.default.is_some());
            let is_open_object = matches!(member.kind, crate::plan::Kind::Object) && !member.nullable;
            if let Some(default) = &member.default {
                body.set(&member.name, default.clone());
            } else if is_open_object && parts_have_defaults && !member.required {
                body.set(&member.name, Value::Object(Vec::new()));
            }
        }
        if let Value::Object(members) = body
            && let Some((_, inner)) = members.iter_mut().find(|(name, _)| **name == *member.name)
        {
            match inner {
                Value::Object(_) => fill(contract, contract.children(member), inner),
                Value::List(items) => {
                    items.iter_mut().filter(|i| matches!(i, Value::Object(_))).for_each(|item| {
                        fill(contract, contract.children(member), item);
                    });
                }
                _ => {}
            }
        }
    }
}

/// Places the members of a record. `only` limits it to the rules that write one of these members.
pub fn place<'p>(
    contract: &Contract,
    writing: &'p Writing,
    body: &Value,
    only: Option<&Selection>,
    around: &Surroundings,
) -> Result<Vec<Placed<'p>>, Vec<Violation>> {
    let mut placer = Placer { contract, around, violations: Vec::new() };
    for (id, value) in &writing.only {
        if only.is_none_or(|only| only.has(*id)) {
            placer.only(*id, value, body);
        }
    }
    let wanted = |rule: &&Rule| only.is_none_or(|only| rule.members().iter().any(|m| only.has(*m)));
    let mut placed: Vec<Placed<'p>> =
        writing.rules.iter().filter(wanted).filter_map(|rule| placer.rule(rule, body, "", "")).collect();
    nothing_as_a_whole(contract, writing, body, &mut placed);
    if placer.violations.is_empty() { Ok(placed) } else { Err(placer.violations) }
}

/// An object of the contract that is null is null in the source, too, where the source has an object of its own for it.
fn nothing_as_a_whole<'p>(
    contract: &Contract,
    writing: &'p Writing,
    body: &Value,
    placed: &mut Vec<Placed<'p>>,
) {
    let objects = contract.top().filter(|m| matches!(m.kind, crate::plan::Kind::Object) && m.nullable);
    for object in objects.filter(|object| within(body, object, "").is_null()) {
        let inside = |rule: &&Rule| rule.members().iter().all(|id| (object.id..object.end).contains(id));
        let mut paths = writing.rules.iter().filter(inside).map(|rule| &rule.path.0[..]);
        let Some(first) = paths.next() else { continue };
        // The names that all of them begin with; the last one of each is a member within the object.
        let shared = |one: &[Step], other: &[Step]| one.iter().zip(other).take_while(|(a, b)| a == b).count();
        let most = first.len().saturating_sub(1);
        let length = paths.fold(most, |least, path| least.min(path.len() - 1).min(shared(first, path)));
        let Some(prefix) = first.get(..length).filter(|prefix| matches!(prefix, [.., Step::Key(_)])) else {
            continue;
        };
        let below = |path: &[Step]| path.starts_with(prefix);
        if writing.rules.iter().any(|rule| !inside(&rule) && below(&rule.path.0)) {
            continue;
        }
        let before = placed.len();
        placed.retain(|place| !below(place.path));
        if placed.len() < before {
            let content = Content::Scalar(Value::Null);
            placed.push(Placed { slot: SlotId::MAX, path: prefix, content });
        }
    }
}

/// Whether a value is kept by a source that has nothing for its member: it is nothing, or what is shown there anyway.
pub fn is_kept(contract: &Contract, member: &Member, value: &Value, only: &Value) -> bool {
    if value.is_null() || value == only {
        return true;
    }
    match value {
        _ if only.is_null() && member.default.as_ref() == Some(value) => true,
        Value::List(items) => only.is_null() && items.is_empty(),
        Value::Object(_) => {
            let mut children = contract.children(member);
            only.is_null()
                && children
                    .all(|child| is_kept(contract, child, value.get(&child.name).unwrap_or(NULL), NULL))
        }
        _ => false,
    }
}

struct Placer<'a> {
    contract: &'a Contract,
    around: &'a Surroundings,
    violations: Vec<Violation>,
}

impl Placer<'_> {
    /// A member that the source has no place for.
    fn only(&mut self, id: MemberId, only: &Value, body: &Value) {
        let Some(member) = self.contract.get(id) else { return };
        if is_kept(self.contract, member, within(body, member, ""), only) {
            return;
        }
        let name = &member.path;
        let (code, message) = match only.scalar() {
            Some(one) => (
                &code::NOT_ONE_OF,
                format!("The system that keeps this record has only `{one}` for `{name}`. Send that."),
            ),
            None => (
                &code::REFUSED_BEHIND,
                format!("The system that keeps this record has no place for `{name}`. Leave it out."),
            ),
        };
        self.violations.push(Violation::pointer(pointer_of(member, ""), code, message));
    }

    /// `base` is the dotted name that the members' names start with, within a list's item.
    fn rule<'p>(&mut self, rule: &'p Rule, body: &Value, base: &str, pointer: &str) -> Option<Placed<'p>> {
        let content = match &rule.what {
            What::One(id, chain) => {
                let member = self.contract.get(*id)?;
                let value = within(body, member, base);
                match uncook(value, chain, self.around) {
                    Ok(value) => Content::Scalar(value),
                    Err(why) => return self.refuse(member, value, &why, base, pointer),
                }
            }
            What::Several(ids, together, chain) => {
                Content::Scalar(self.several(ids, together, chain, body, (base, pointer))?)
            }
            What::Whole(id, chain) => {
                let member = self.contract.get(*id)?;
                let value = within(body, member, base);
                if chain.write.is_empty() {
                    Content::Whole(value.clone())
                } else if value.is_null() {
                    Content::Scalar(Value::Null)
                } else {
                    Content::Scalar(Value::Text(value.to_json().into()))
                }
            }
            What::Scalars(id, path, chain) => {
                let member = self.contract.get(*id)?;
                let Value::List(items) = within(body, member, base) else { return Some(empty(rule)) };
                let mut rows = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    match uncook(item, chain, self.around) {
                        Ok(value) => rows.push(vec![Placed {
                            slot: 0,
                            path: &path.0,
                            content: Content::Scalar(value),
                        }]),
                        Err(why) => {
                            let place = format!("{pointer}{}/{at}", pointer_of(member, base));
                            self.tell(place, member, item, &why);
                        }
                    }
                }
                Content::Rows(rows)
            }
            What::Rows(id, rules) => {
                let member = self.contract.get(*id)?;
                let Value::List(items) = within(body, member, base) else { return Some(empty(rule)) };
                let mut rows = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    let place = format!("{pointer}{}/{at}", pointer_of(member, base));
                    rows.push(
                        rules.iter().filter_map(|r| self.rule(r, item, &member.path, &place)).collect(),
                    );
                }
                Content::Rows(rows)
            }
            What::Picked(all) => Content::Rows(self.picked(all, body, base, pointer)),
            What::Flags(flags, path) => {
                let set = flags.iter().filter(|(id, _)| {
                    self.contract.get(*id).is_some_and(|m| matches!(within(body, m, base), Value::Bool(true)))
                });
                let row = |text: &str| Placed {
                    slot: 0,
                    path: &path.0,
                    content: Content::Scalar(Value::Text(text.into())),
                };
                Content::Rows(set.map(|(_, text)| vec![row(text)]).collect())
            }
        };
        Some(Placed { slot: rule.slot, path: &rule.path.0, content })
    }

    /// The items of a list that are members, without the others.
    fn picked<'p>(
        &mut self,
        all: &'p [Picked],
        body: &Value,
        base: &str,
        pointer: &str,
    ) -> Vec<Vec<Placed<'p>>> {
        let scalar =
            |path: &'p Path, value: Value| Placed { slot: 0, path: &path.0, content: Content::Scalar(value) };
        let mut rows = Vec::new();
        for one in all {
            let Some(member) = self.contract.get(one.member) else { continue };
            let value = within(body, member, base);
            match uncook(value, &one.chain, self.around) {
                Ok(Value::Null) => {}
                Ok(value) => {
                    let marks = one.marks.iter();
                    let marks =
                        marks.filter_map(|(path, values)| Some(scalar(path, values.first()?.clone())));
                    rows.push(marks.chain([scalar(&one.value, value)]).collect());
                }
                Err(why) => _ = self.refuse(member, value, &why, base, pointer),
            }
        }
        rows
    }

    /// Several members in one scalar. Each member of a combination without a code is told.
    fn several(
        &mut self,
        ids: &[MemberId],
        together: &Together,
        chain: &Chain,
        body: &Value,
        (base, pointer): (&str, &str),
    ) -> Option<Value> {
        let members: Vec<&Member> = ids.iter().filter_map(|id| self.contract.get(*id)).collect();
        let values: Vec<Value> = members.iter().map(|m| within(body, m, base).clone()).collect();
        let place = |member: &Member| format!("{pointer}{}", pointer_of(member, base));
        let one = match together {
            Together::Codes(table) => {
                let Some(code) = table.back(&values) else {
                    for member in members {
                        let message =
                            "These values cannot be kept together. Change one of the members that are named.";
                        let violation =
                            Violation::pointer(place(member), &code::NO_SUCH_COMBINATION, message);
                        self.violations.push(violation);
                    }
                    return None;
                };
                Value::Text(code.into())
            }
            Together::Pieces(split) => match joined(split, &values) {
                Ok(text) => text,
                Err((at, why)) => {
                    let (member, value) = (members.get(at)?, values.get(at)?);
                    self.tell(place(member), member, value, &why);
                    return None;
                }
            },
        };
        match uncook(&one, chain, self.around) {
            Ok(value) => Some(value),
            Err(why) => {
                let member = members.first()?;
                self.tell(place(member), member, &one, &why);
                None
            }
        }
    }

    fn refuse(
        &mut self,
        member: &Member,
        value: &Value,
        why: &NoWay,
        base: &str,
        pointer: &str,
    ) -> Option<Placed<'static>> {
        self.tell(format!("{pointer}{}", pointer_of(member, base)), member, value, why);
        None
    }

    fn tell(&mut self, place: String, member: &Member, value: &Value, why: &NoWay) {
        let shown: String = value.scalar().unwrap_or("this value").chars().take(40).collect();
        let (code, message) = match why {
            NoWay::NoCode => (
                &code::NOT_ONE_OF,
                format!("`{shown}` is not known for `{}`. Choose a value that exists.", member.path),
            ),
            NoWay::Holds(sign) => (
                &code::WRONG_FORMAT,
                format!("`{}` cannot be kept: it holds `{sign}`. Leave that out.", member.path),
            ),
            NoWay::Form(form) => {
                (&code::WRONG_FORMAT, format!("`{}` cannot be kept: {form} is expected.", member.path))
            }
        };
        self.violations.push(Violation::pointer(place, code, message));
    }
}

fn empty(rule: &Rule) -> Placed<'_> {
    Placed { slot: rule.slot, path: &rule.path.0, content: Content::Rows(Vec::new()) }
}

const NULL: &Value = &Value::Null;

/// A member's value within a record, or within a list's item whose names start with `base`.
fn within<'v>(body: &'v Value, member: &Member, base: &str) -> &'v Value {
    let path = member.path.strip_prefix(base).map_or(&*member.path, |p| p.trim_start_matches('.'));
    body.at(path).unwrap_or(NULL)
}

fn pointer_of(member: &Member, base: &str) -> String {
    let path = member.path.strip_prefix(base).unwrap_or(&member.path);
    path.split('.').filter(|s| !s.is_empty()).fold(String::new(), |all, name| all + "/" + name)
}

/// The document that places make together. A member of several parts that is all nothing is sent as `empty`.
pub fn document(placed: Vec<Placed<'_>>, carries: &[(String, Value)], empty: Option<&Value>) -> Value {
    let mut document = Value::Object(Vec::with_capacity(placed.len() + carries.len()));
    for (name, value) in carries {
        document.put(&[Step::Key(name.as_str().into())], value.clone());
    }
    let mut deep = Vec::new();
    for Placed { path, content, .. } in placed {
        let value = match content {
            Content::Scalar(value) | Content::Whole(value) => value,
            Content::Rows(rows) => Value::List(rows.into_iter().map(item).collect()),
        };
        document.put(path, value);
        if empty.is_some() && path.len() > 1 {
            deep.push(path);
        }
    }
    if let (Some(empty), Value::Object(members)) = (empty, &mut document) {
        for (name, value) in members.iter_mut() {
            if deep.iter().any(|path| matches!(path.first(), Some(Step::Key(first)) if **first == **name))
                && is_hollow(value)
            {
                *value = empty.clone();
            }
        }
    }
    document
}

/// A list's item: an object, or the value itself where the path within the item is empty.
fn item(mut row: Vec<Placed<'_>>) -> Value {
    if let [Placed { path, content: Content::Scalar(value), .. }] = row.as_mut_slice()
        && path.is_empty()
    {
        return std::mem::take(value);
    }
    document(row, &[], None)
}

/// Whether there is no value anywhere in it.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.iter().all(is_hollow),
        Value::Object(members) => members.iter().all(|(_, v)| is_hollow(v)),
        _ => false,
    }
}

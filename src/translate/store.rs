//! A public record to what a source takes: each writable member goes back through its rule to its place.
//! What has no way back is told as violations in public names. It sends nothing.

mod document;
pub mod form;

use super::{
    Surroundings,
    convert::{NoWay, joined, uncook},
};
use crate::{
    fault::{Violation, code},
    plan::{
        Contract, Kind, MemberId, Selection,
        contract::Member,
        convert::Chain,
        reading::SlotId,
        writing::{Picked, Rule, Together, What, Writing},
    },
    value::{
        Brief, Value,
        path::{Path, Step},
    },
};

pub use document::document;

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
    let Value::Object(sent) = body else { return };
    // Members are mostly sent in the contract's order.
    let mut expected = 0;
    for member in members {
        let is_it = |(name, _): &(Brief, Value)| **name == *member.name;
        let at = match sent.get(expected) {
            Some(one) if is_it(one) => Some(expected),
            _ => sent.iter().position(is_it),
        };
        let stands = match (at, &member.default) {
            (Some(_), _) => None,
            (None, Some(default)) => Some(default.clone()),
            (None, None) => {
                let is_open = matches!(member.kind, Kind::Object) && !member.nullable && !member.required;
                if !is_open || contract.children(member).all(|child| child.default.is_none()) {
                    continue;
                }
                Some(Value::Object(Vec::new()))
            }
        };
        expected = at.map_or(expected, |at| at + 1);
        let at = at.unwrap_or(sent.len());
        if let Some(value) = stands {
            sent.push((Brief::new(&member.name), value));
        }
        match sent.get_mut(at).map(|(_, inner)| inner) {
            Some(inner @ Value::Object(_)) => fill(contract, contract.children(member), inner),
            Some(Value::List(items)) if !member.children.is_empty() => {
                for item in items {
                    fill(contract, contract.children(member), item);
                }
            }
            _ => {}
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
    let mut placer = Placer::new(contract, around);
    placer.without_place(writing, only, body);
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
    for object in contract.top().filter(|object| object.nullable && within(body, object, "").is_null()) {
        let Some(prefix) = writing.whole(object) else { continue };
        let before = placed.len();
        placed.retain(|place| !place.path.starts_with(prefix));
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

impl<'a> Placer<'a> {
    fn new(contract: &'a Contract, around: &'a Surroundings) -> Self {
        Self { contract, around, violations: Vec::new() }
    }

    /// Whether every value has had a way.
    fn is_content(&self) -> bool {
        self.violations.is_empty()
    }

    /// The members that the source has no place for.
    fn without_place(&mut self, writing: &Writing, only: Option<&Selection>, body: &Value) {
        let mut next = 0;
        for (id, value) in &writing.only {
            if only.is_none_or(|only| only.has(*id)) {
                self.only(*id, value, body, &mut next);
            }
        }
    }

    /// A member that the source has no place for.
    fn only(&mut self, id: MemberId, only: &Value, body: &Value, next: &mut usize) {
        let Some(member) = self.contract.get(id) else { return };
        if is_kept(self.contract, member, self.value(body, member, next), only) {
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

    /// A member's value. Rules and members are mostly in the contract's order: `next` is where the next one stands then.
    fn value<'v>(&self, body: &'v Value, member: &Member, next: &mut usize) -> &'v Value {
        if let Some(parent) = member.parent {
            let parent = self.contract.get(parent).map(|parent| self.value(body, parent, next));
            return parent.and_then(|parent| parent.get(&member.name)).unwrap_or(NULL);
        }
        let Value::Object(members) = body else { return NULL };
        let is_it = |(name, _): &&(Brief, Value)| **name == *member.name;
        // Members of one object have several rules.
        let from = next.saturating_sub(1);
        let (before, behind) = members.split_at(from.min(members.len()));
        let behind = behind.iter().position(|one| is_it(&one)).map(|at| from + at);
        let Some(at) = behind.or_else(|| before.iter().position(|one| is_it(&one))) else { return NULL };
        *next = at + 1;
        members.get(at).map_or(NULL, |(_, value)| value)
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
    if base.is_empty() && member.parent.is_none() {
        return body.get(&member.name).unwrap_or(NULL);
    }
    let path = member.path.strip_prefix(base).map_or(&*member.path, |p| p.trim_start_matches('.'));
    body.at(path).unwrap_or(NULL)
}

fn pointer_of(member: &Member, base: &str) -> String {
    let path = member.path.strip_prefix(base).unwrap_or(&member.path);
    path.split('.').filter(|s| !s.is_empty()).fold(String::new(), |all, name| all + "/" + name)
}

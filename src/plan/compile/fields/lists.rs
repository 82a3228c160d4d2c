//! Rules of lists: items that are objects, items that are single values, and truths that a list holds.

use super::{Filler, ListRules, Work, WriteHow, fill_slot};
use crate::{
    fault::{mapping as m, nearest::cure},
    plan::{
        Kind, MemberId,
        compile::{Compiler, converters::constant},
        contract::Member,
        reading::{Condition, Fill, Item, Leaf, LevelId, ListNode, Node, Nothing},
        writing::{Picked, Rule as WriteRule, What},
    },
    spec::words::binding::{Field, Rule},
    value::{Value, path::Path},
};
use std::{collections::BTreeMap, sync::Arc};

impl Compiler<'_> {
    #[expect(clippy::too_many_arguments, reason = "one place, walked down with its context")]
    pub(super) fn each(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        each: &str,
        member: &Member,
        level: LevelId,
        root: usize,
    ) -> Option<Filler> {
        let doc = work.ground.doc;
        let path = match work.places.list(each) {
            Ok(path) => path,
            Err(message) => {
                doc.error(
                    self.out,
                    m::NO_ALIAS,
                    &[place, &["each"]].concat(),
                    message,
                    Some("name a list of the source, or a table of `children`".into()),
                );
                return None;
            }
        };
        let (slot, inner, node) = work.reading.level(level, root, &path);
        let condition = self.condition(work, place, rule, each, (inner, node))?;
        if let Some(text) = &rule.has {
            if member.kind != Kind::Boolean {
                let message =
                    format!("`has` gives true or false, and `{}` is {}", member.path, member.kind.noun());
                doc.error_at_key(
                    self.out,
                    m::CONVERTER_MISFIT,
                    &[place, &["has"]].concat(),
                    message,
                    Some("use it with a boolean member, or remove it".into()),
                );
            }
            let item = self.place(work, place, rule.from.as_deref().unwrap_or("$"), Some(each))?;
            let item_slot = work.reading.slot(inner, node, &item);
            let writes = condition.is_empty().then(|| (path, WriteHow::Flag(text.as_str().into(), item)));
            let fill = Fill::Has(slot, item_slot, text.as_str().into(), condition);
            return Some(Filler::Leaf { fill, writes });
        }
        if rule.pick == Some(true) {
            return self.picked(work, place, rule, each, member, (slot, path), (inner, node), condition);
        }
        match (&member.kind, &rule.from, rule.fields.is_empty()) {
            (Kind::List(Some(kind)), Some(from), true) => {
                let item = self.place(work, place, from, Some(each))?;
                let chain = self.chain(work.ground, place, rule, work.end(member, kind))?;
                let item_slot = work.reading.slot(inner, node, &item);
                let leaf = Leaf {
                    member: member.id,
                    kind: (**kind).clone(),
                    fill: Fill::Slot(item_slot, chain.clone()),
                    nothing: Nothing::Fault,
                };
                Some(Filler::List {
                    slot,
                    path,
                    item: Item::Scalar(leaf),
                    rules: ListRules::Scalars(item, chain),
                    condition,
                })
            }
            (Kind::List(None), None, false) => {
                let (item, rules) = self.items(work, place, rule, each, member, (inner, node))?;
                Some(Filler::List { slot, path, item, rules, condition })
            }
            (Kind::List(Some(_)), ..) => {
                let hint = Some("write `{ each: <list>, from: <value in an item> }`".into());
                doc.error_at_key(
                    self.out,
                    m::BAD_PLACE,
                    place,
                    "a list of single values says `from` for them",
                    hint,
                );
                None
            }
            (Kind::List(None), ..) => {
                let hint = Some("write `{ each: <list>, fields: { ... } }`".into());
                doc.error_at_key(
                    self.out,
                    m::BAD_PLACE,
                    place,
                    "a list of objects says `fields` for their members",
                    hint,
                );
                None
            }
            _ => {
                let message = format!("`each` fills a list, and `{}` is {}", member.path, member.kind.noun());
                doc.error_at_key(
                    self.out,
                    m::CONVERTER_MISFIT,
                    &[place, &["each"]].concat(),
                    message,
                    Some("write `from: <place>` for a single value".into()),
                );
                None
            }
        }
    }

    /// One item of a list that is a member of its own.
    #[expect(clippy::too_many_arguments, reason = "one place, walked down with its context")]
    fn picked(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        each: &str,
        member: &Member,
        (slot, path): (u16, Path),
        (inner, node): (LevelId, usize),
        condition: Box<[Condition]>,
    ) -> Option<Filler> {
        let Some(from) = rule.from.as_ref().filter(|_| member.kind.is_scalar() && !condition.is_empty())
        else {
            let hint = Some(
                "write `{ each: <list>, where: { <place>: <value> }, from: <place>, pick: true }`".into(),
            );
            let message = format!(
                "`pick` takes one item by its `where`, and of it a single value for `{}`",
                member.path
            );
            let here = [place, &["pick"]].concat();
            work.ground.doc.error_at_key(self.out, m::CONVERTER_MISFIT, &here, message, hint);
            return None;
        };
        let value = self.place(work, place, from, Some(each))?;
        let chain = self.chain(work.ground, place, rule, work.end(member, &member.kind))?;
        let item = work.reading.slot(inner, node, &value);
        let marks = rule.condition.iter().map(|(text, wanted)| {
            let values: Vec<Value> = wanted.all().iter().map(constant).collect();
            Some((work.places.path(text, Some(each)).ok()?, values.into()))
        });
        let marks: Vec<(Path, Box<[Value]>)> = marks.collect::<Option<_>>()?;
        let picked = Picked { member: member.id, value, chain: chain.clone(), marks };
        // Rows of a database are written all together, and the others would be lost.
        let writes = (!work.ground.sql).then_some((path, WriteHow::Pick(picked)));
        Some(Filler::Leaf { fill: Fill::Pick(slot, item, chain, condition), writes })
    }

    fn items(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        each: &str,
        member: &Member,
        (inner, node): (LevelId, usize),
    ) -> Option<(Item, ListRules)> {
        let contract = Arc::clone(&work.contract);
        let before = self.out.errors();
        let mut fillers: BTreeMap<MemberId, Filler> = BTreeMap::new();
        for (name, field) in &rule.fields {
            let here = [place, &["fields", name]].concat();
            let full = format!("{}.{name}", member.path);
            let Some(id) = contract.find(&full).map(|found| found.id) else {
                let names = contract.children(member).map(|child| &*child.name);
                let hint = Some(cure(name, names));
                let message = format!("`{name}` is no member of an item of `{}`", member.path);
                work.ground.doc.error_at_key(self.out, m::NO_MEMBER, &here, message, hint);
                continue;
            };
            let Some(child) = contract.get(id) else { continue };
            let inner_rule = match field {
                Field::Place(text) => Rule { from: Some(text.clone()), ..Rule::default() },
                Field::Rule(rule) => (**rule).clone(),
            };
            if let Some(filler) = self.filler(work, &here, &inner_rule, child, inner, node, Some(each)) {
                fillers.insert(id, filler);
            }
        }
        let mut nodes = Vec::new();
        let mut rules = Vec::new();
        for child in contract.children(member) {
            match fillers.remove(&child.id) {
                Some(Filler::Leaf { fill, writes }) => {
                    if let Some((path, how)) = writes {
                        let slot = fill_slot(&fill);
                        let what = match how {
                            WriteHow::One(chain) => What::One(child.id, chain),
                            WriteHow::Whole(chain) => What::Whole(child.id, chain),
                            WriteHow::Part(..) | WriteHow::Flag(..) | WriteHow::Pick(_) => continue,
                        };
                        rules.push(WriteRule { slot, path, what });
                    }
                    nodes.push(Node::Leaf(work.leaf(child, fill)));
                }
                Some(Filler::List { slot, path, item, rules: inner, condition }) => {
                    let what = match inner {
                        ListRules::Scalars(within, chain) => What::Scalars(child.id, within, chain),
                        ListRules::Rows(inner) => What::Rows(child.id, inner),
                    };
                    rules.push(WriteRule { slot, path, what });
                    nodes.push(Node::List(ListNode { member: child.id, slot, condition, item }));
                }
                None if self.out.errors() > before => {}
                None => self.unfilled(work.ground, place, child),
            }
        }
        if self.out.errors() > before {
            return None;
        }
        Some((Item::Object(nodes), ListRules::Rows(rules)))
    }

    /// What an item has to hold to count.
    fn condition(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        each: &str,
        (inner, node): (LevelId, usize),
    ) -> Option<Box<[Condition]>> {
        let doc = work.ground.doc;
        let before = self.out.errors();
        let mut found = Vec::new();
        for (text, wanted) in &rule.condition {
            let here = [place, &["where", text]].concat();
            let path = match work.places.path(text, Some(each)) {
                Ok(path) => path,
                Err(message) => {
                    let hint = Some(work.places.form().into());
                    doc.error_at_key(self.out, m::BAD_PLACE, &here, message, hint);
                    continue;
                }
            };
            let mut values: Vec<Value> = wanted.all().iter().map(constant).collect();
            if values.is_empty() || values.iter().any(|value| value.scalar().is_none_or(str::is_empty)) {
                let message = "an empty place holds no value: this would choose no item";
                let hint = Some("name the values that the items to be shown have".into());
                doc.error(self.out, m::CONVERTER_MISFIT, &here, message, hint);
            }
            if work.ground.sql {
                let words: Vec<&str> = values.iter().flat_map(words_of_truth).copied().collect();
                values.extend(words.into_iter().map(|word| Value::Text(word.into())));
            }
            found.push(Condition { slot: work.reading.slot(inner, node, &path), values: values.into() });
        }
        (self.out.errors() == before).then(|| found.into())
    }
}

/// How databases say a truth in a text.
fn words_of_truth(value: &Value) -> &'static [&'static str] {
    match value {
        Value::Bool(true) => &["1", "t"],
        Value::Bool(false) => &["0", "f"],
        _ => &[],
    }
}

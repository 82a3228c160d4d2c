//! The way back: the rules of writing. What can be written has one, and no place is written twice.

use super::{Filler, ListRules, Work, WriteHow, fill_slot};
use crate::{
    fault::mapping as m,
    plan::{
        Kind, MemberId,
        compile::{Compiler, converters::Ground},
        contract::Member,
        reading::{Condition, Fill, Item, Node},
        writing::{Rule as WriteRule, What, Writing},
    },
    spec::words::binding::Field,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

const HIDES: &str = "a write would remove the items that `where` hides";

/// Whether a constant is all that a member can be: whoever writes it says nothing, and nothing is lost.
fn is_only_value(member: &Member, fill: &Fill) -> bool {
    match (&member.kind, fill) {
        (Kind::Enum(texts), Fill::Constant(Value::Text(value))) => {
            !member.nullable && texts.iter().all(|text| **text == **value)
        }
        _ => false,
    }
}

/// Why a list cannot be written, or one within it.
fn unwritten(item: &Item, rules: &ListRules, condition: &[Condition]) -> Option<&'static str> {
    fn hides(nodes: &[Node]) -> bool {
        nodes.iter().any(|node| match node {
            Node::Leaf(leaf) => matches!(&leaf.fill, Fill::Has(_, _, _, condition) if !condition.is_empty()),
            Node::Object(object) => hides(&object.children),
            Node::List(list) => {
                !list.condition.is_empty() || matches!(&list.item, Item::Object(inner) if hides(inner))
            }
        })
    }
    fn reversed(rules: &[WriteRule]) -> bool {
        rules.iter().all(|rule| match &rule.what {
            What::One(_, chain) | What::Scalars(_, _, chain) => chain.has_way_back(),
            What::Rows(_, inner) => reversed(inner),
            _ => true,
        })
    }
    let reversed = match rules {
        ListRules::Scalars(_, chain) => chain.has_way_back(),
        ListRules::Rows(rules) => reversed(rules),
    };
    if !condition.is_empty() || matches!(item, Item::Object(nodes) if hides(nodes)) {
        Some(HIDES)
    } else {
        (!reversed).then_some("its converters cannot be reversed")
    }
}

/// The slot of a member that is sent and never read: no level has so many.
const NOWHERE: u16 = u16::MAX;

impl Compiler<'_> {
    /// The rules of writing: what can be written has a way back, and no place is written twice.
    pub(super) fn writing(&mut self, work: &mut Work<'_, '_>) -> Writing {
        let mut writing = Writing::default();
        let contract = Arc::clone(&work.contract);
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        let mut tables_done: Vec<Vec<MemberId>> = Vec::new();
        for (id, (names, filler)) in &work.fillers {
            let Some(member) = contract.get(*id) else { continue };
            let here = ["fields", names.as_str()];
            // The key of a parent is said by the path; the binding says where the source wants to be told, and a column
            // is written where it is read.
            let said = matches!(work.ground.doc.words.fields.get(names), Some(Field::Rule(rule)) if rule.to.is_some());
            let told = work.parents.contains(id) && (work.ground.sql || said);
            let read_only = contract.is_read_only(member) && !told;
            let (path, slot, what) = match filler {
                Filler::Leaf { fill: Fill::Absent, writes: Some((path, WriteHow::One(chain))) } => {
                    if !chain.has_way_back() {
                        self.no_way_back(work.ground, &here, member, "its converters cannot be reversed");
                        continue;
                    }
                    (path, NOWHERE, What::One(*id, chain.clone()))
                }
                Filler::Leaf { fill: Fill::Absent, writes: Some((path, WriteHow::Whole(chain))) } => {
                    (path, NOWHERE, What::Whole(*id, chain.clone()))
                }
                Filler::Leaf { fill: fill @ (Fill::Absent | Fill::Constant(_)), .. } => {
                    let value = if let Fill::Constant(value) = fill { value.clone() } else { Value::Null };
                    if !read_only {
                        writing.only.push((*id, value));
                    }
                    continue;
                }
                Filler::Leaf { fill, writes: Some((path, how)) } => {
                    let slot = fill_slot(fill);
                    match how {
                        WriteHow::One(chain) => {
                            if !chain.has_way_back() && !read_only {
                                let why = "its converters cannot be reversed";
                                self.no_way_back(work.ground, &here, member, why);
                                continue;
                            }
                            (path, slot, What::One(*id, chain.clone()))
                        }
                        WriteHow::Whole(chain) => (path, slot, What::Whole(*id, chain.clone())),
                        WriteHow::Part(together, ids, chain) => {
                            if tables_done.contains(ids) {
                                continue;
                            }
                            tables_done.push(ids.clone());
                            (path, slot, What::Several(ids.clone(), together.clone(), chain.clone()))
                        }
                        WriteHow::Pick(picked) => {
                            if read_only {
                                continue;
                            }
                            if !picked.chain.has_way_back() {
                                self.no_way_back(
                                    work.ground,
                                    &here,
                                    member,
                                    "its converters cannot be reversed",
                                );
                                continue;
                            }
                            let known =
                                writing.rules.iter_mut().find(|r| r.path == *path).map(|r| &mut r.what);
                            if let Some(What::Picked(all)) = known {
                                all.push(picked.clone());
                                continue;
                            }
                            (path, slot, What::Picked(vec![picked.clone()]))
                        }
                        WriteHow::Flag(text, item) => {
                            let flag = (*id, text.clone());
                            let known =
                                writing.rules.iter_mut().find(|r| r.path == *path).map(|r| &mut r.what);
                            if let Some(What::Flags(flags, _)) = known {
                                flags.push(flag);
                                continue;
                            }
                            (path, slot, What::Flags(vec![flag], item.clone()))
                        }
                    }
                }
                Filler::Leaf { fill, writes: None } => {
                    if !read_only && !is_only_value(member, fill) {
                        let why = match fill {
                            Fill::Has(_, _, _, condition) if !condition.is_empty() => HIDES,
                            _ => "its place can only be read",
                        };
                        self.no_way_back(work.ground, &here, member, why);
                    }
                    continue;
                }
                Filler::List { slot, path, rules, item, condition } => {
                    if let Some(why) = unwritten(item, rules, condition)
                        && !read_only
                    {
                        self.no_way_back(work.ground, &here, member, why);
                        continue;
                    }
                    match rules {
                        ListRules::Scalars(item, chain) => {
                            (path, *slot, What::Scalars(*id, item.clone(), chain.clone()))
                        }
                        ListRules::Rows(rules) => (path, *slot, What::Rows(*id, rules.clone())),
                    }
                }
            };
            if read_only {
                continue;
            }
            if let Some(other) = places.insert(path.to_string(), names.clone())
                && other != *names
            {
                let message = format!("`{names}` and `{other}` fill the same place `{path}`");
                let hint =
                    Some("fill both from one place by a `table`, or make one of them read-only".into());
                work.ground.doc.error_at_key(self.out, m::FILLED_TWICE, &here, message, hint);
                continue;
            }
            writing.rules.push(WriteRule { slot, path: path.clone(), what });
        }
        writing.looked_up()
    }

    fn no_way_back(&mut self, ground: Ground<'_>, place: &[&str], member: &Member, why: &str) {
        let message = format!("`{}` can be written, and there is no way back: {why}", member.path);
        let hint = if why == HIDES {
            "make it `readOnly` in the contract, or remove `where`"
        } else {
            "make it `readOnly` in the contract, or give the rule a `write`"
        };
        let hint = Some(hint.to_owned());
        ground.doc.error_at_key(self.out, m::NO_WAY_BACK, place, message, hint);
    }
}

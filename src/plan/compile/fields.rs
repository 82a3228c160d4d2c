//! The rules of a binding to reading and writing: every member has one filler or is declared absent, no two
//! rules fill one place, and what can be written has a way back.

mod back;
mod lists;
mod one_way;
mod several;

use super::{
    Compiler,
    converters::{End, Ground, constant},
};
use crate::{
    fault::{mapping as m, nearest::nearest},
    plan::{
        Contract, Kind, MemberId,
        contract::{Member, Stands},
        convert::{Chain, Op},
        reading::{
            Condition, Empties, Fill, Item, Leaf, LevelId, ListNode, Node, Nothing, ObjectNode, Reading,
        },
        writing::{Picked, Rule as WriteRule, Together, Writing},
    },
    spec::words::{
        binding::{Field, Rule},
        resource::Operation,
    },
    value::{Value, path::Path},
};
use std::{collections::BTreeMap, sync::Arc};

/// How places of this binding are understood.
pub(super) trait Places {
    /// The path of a place; a message where it is not understood.
    fn path(&self, text: &str, within: Option<&str>) -> Result<Path, String>;
    /// The path of a list's place.
    fn list(&self, text: &str) -> Result<Path, String>;
    /// Whether a place can be written.
    fn can_write(&self, text: &str) -> bool;
    /// What a place looks like, for those who wrote one that is none.
    fn form(&self) -> &'static str;
}

/// What fills each member, as the fields say it.
enum Filler {
    Leaf { fill: Fill, writes: Option<(Path, WriteHow)> },
    List { slot: u16, path: Path, item: Item, rules: ListRules, condition: Box<[Condition]> },
}

enum WriteHow {
    One(Chain),
    Whole(Chain),
    Part(Together, Vec<MemberId>, Chain),
    Flag(Box<str>, Path),
    Pick(Picked),
}

enum ListRules {
    Scalars(Path, Chain),
    Rows(Vec<WriteRule>),
}

struct Work<'w, 'a> {
    ground: Ground<'a>,
    places: &'w dyn Places,
    contract: Arc<Contract>,
    reading: Reading,
    /// Whether the resource has operations that write.
    writes: bool,
    fillers: BTreeMap<MemberId, (String, Filler)>,
    /// Members whose rule has faults of its own: they are not told to be without one.
    faulty: Vec<MemberId>,
    /// Members that a path says: written when a record is made, also where no body may say them.
    parents: Vec<MemberId>,
    /// Members for which a list always has a value, because it is asked with one.
    asked: Vec<MemberId>,
    /// What is shown for members of which the source has nothing.
    otherwise: BTreeMap<MemberId, Value>,
}

impl Work<'_, '_> {
    /// The end of a chain, for a member of this kind or with items of it.
    fn end<'m>(&self, member: &'m Member, kind: &'m Kind) -> End<'m> {
        End { member, kind, written: self.writes && !self.contract.is_read_only(member) }
    }

    fn leaf(&self, member: &Member, fill: Fill) -> Leaf {
        let mut leaf = leaf_of(member, fill);
        if let Some(value) = self.otherwise.get(&member.id) {
            leaf.nothing = Nothing::Default(value.clone());
        }
        leaf
    }
}

impl Compiler<'_> {
    /// Compiles the fields of a binding.
    pub(super) fn fields(
        &mut self,
        ground: Ground<'_>,
        resource: usize,
        empty: Empties,
        places: &dyn Places,
    ) -> Option<(Reading, Writing)> {
        let draft = self.drafts.get(resource)?;
        let contract = Arc::clone(&draft.contract);
        let derived = draft.public.derived.clone();
        let parents =
            draft.public.paths.iter().filter_map(|path| path.parent.map(|(_, member)| member)).collect();
        let writes = draft.doc.words.operations.iter().any(|o| o.is_write());
        let lists_alone = draft.doc.words.operations.iter().all(|o| *o == Operation::List);
        let asked = if lists_alone { draft.public.asked_with() } else { Vec::new() };
        let mut work = Work {
            ground,
            places,
            contract,
            reading: Reading::new(empty),
            writes,
            fillers: BTreeMap::new(),
            faulty: Vec::new(),
            parents,
            asked,
            otherwise: BTreeMap::new(),
        };
        let before = self.out.errors();
        let fields = ground.doc.words.fields.clone();
        for (names, field) in &fields {
            self.field(&mut work, names, field);
        }
        for (member, from, ops) in derived {
            derive(&mut work, member, from, &ops);
        }
        let contract = Arc::clone(&work.contract);
        let top: Vec<&Member> = contract.top().collect();
        let nodes = self.nodes(&mut work, &contract, &top);
        if self.out.errors() > before {
            return None;
        }
        work.reading.found(nodes);
        let writing = if writes { self.writing(&mut work) } else { Writing::default() };
        (self.out.errors() == before).then_some((work.reading, writing))
    }

    fn field(&mut self, work: &mut Work<'_, '_>, names: &str, field: &Field) {
        let place = ["fields", names];
        let rule = match field {
            Field::Place(text) => Rule { from: Some(text.clone()), ..Rule::default() },
            Field::Rule(rule) => (**rule).clone(),
        };
        let contract = Arc::clone(&work.contract);
        let mut members = Vec::new();
        for name in names.split(',').map(str::trim) {
            let Some(id) = self.member(work.ground.doc, &contract, &place, name) else {
                // The member that was meant has its rule: it is not told to be without one.
                let meant = nearest(name, contract.names()).and_then(|near| contract.find(near));
                work.faulty.extend(meant.map(|member| member.id));
                return;
            };
            let Some(member) = contract.get(id) else { return };
            if member.in_list {
                let hint = Some("say it in the `fields` of its list".into());
                work.ground.doc.error_at_key(
                    self.out,
                    m::BAD_PLACE,
                    &place,
                    format!("`{name}` stands in a list's items"),
                    hint,
                );
                return;
            }
            if let Some((other, _)) = work.fillers.get(&id) {
                let message = format!("`{name}` is filled by `{other}` already");
                work.ground.doc.error_at_key(
                    self.out,
                    m::FILLED_TWICE,
                    &place,
                    message,
                    Some("keep one of the two rules".into()),
                );
                return;
            }
            members.push(member.clone());
        }
        match members.as_slice() {
            [member] => match self.filler(work, &place, &rule, member, 0, 0, None) {
                Some(filler) => _ = work.fillers.insert(member.id, (names.to_owned(), filler)),
                None => work.faulty.push(member.id),
            },
            several => {
                self.several(work, &place, names, &rule, several);
                work.faulty.extend(several.iter().map(|m| m.id).filter(|id| !work.fillers.contains_key(id)));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place, walked down with its context")]
    fn filler(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        member: &Member,
        level: LevelId,
        root: usize,
        within: Option<&str>,
    ) -> Option<Filler> {
        let doc = work.ground.doc;
        self.alone(work.ground, place, rule, work.contract.is_write_only(member));
        self.otherwise(work, place, rule, member);
        if rule.absent == Some(true) {
            if member.required && !member.nullable {
                let message = format!("the contract requires `{}`: it cannot be absent", member.path);
                doc.error_at_key(
                    self.out,
                    m::NO_FILLER,
                    place,
                    message,
                    Some("say where it comes from, or take it from `required` in the contract".into()),
                );
            }
            return Some(Filler::Leaf { fill: Fill::Absent, writes: None });
        }
        if let Some(constant_value) = &rule.constant {
            let value = constant(constant_value);
            if !allows(member, &value) {
                let message = format!("{} is no value of `{}`", value.to_json(), member.path);
                doc.error(
                    self.out,
                    m::BAD_CONSTANT,
                    &[place, &["const"]].concat(),
                    message,
                    Some(values_of(member)),
                );
            }
            return Some(Filler::Leaf { fill: Fill::Constant(value), writes: None });
        }
        if rule.asked == Some(true) {
            return self.asked_for(work, place, member);
        }
        if let Some(each) = &rule.each {
            return self.each(work, place, rule, each, member, level, root);
        }
        if self.sent_alone(work, place, rule, member, level) {
            let path = self.sent_to(work, place, rule.to.as_deref().unwrap_or_default(), level)?;
            let chain = self.chain(work.ground, place, rule, work.end(member, &member.kind))?;
            let how = if member.kind.is_scalar() { WriteHow::One(chain) } else { WriteHow::Whole(chain) };
            return Some(Filler::Leaf { fill: Fill::Absent, writes: Some((path, how)) });
        }
        let Some(from) = &rule.from else {
            let hint = Some("say `from`, `each`, `const` or `absent: true`".into());
            doc.error_at_key(
                self.out,
                m::BAD_PLACE,
                place,
                "the rule does not say where the member comes from",
                hint,
            );
            return None;
        };
        let path = self.place(work, place, from, within)?;
        let chain = self.chain(work.ground, place, rule, work.end(member, &member.kind))?;
        let slot = work.reading.slot(level, root, &path);
        let can_write = work.places.can_write(from);
        let path = match &rule.to {
            Some(to) => self.sent_to(work, place, to, level)?,
            None => path,
        };
        let has_parts = !member.kind.is_scalar();
        let how = if has_parts { WriteHow::Whole(chain.clone()) } else { WriteHow::One(chain.clone()) };
        let fill = if has_parts { Fill::Whole(slot, chain) } else { Fill::Slot(slot, chain) };
        Some(Filler::Leaf { fill, writes: can_write.then_some((path, how)) })
    }

    /// The place that is written, where it is not the one that is read.
    fn sent_to(&mut self, work: &Work<'_, '_>, place: &[&str], to: &str, level: LevelId) -> Option<Path> {
        let here = [place, &["to"]].concat();
        let (message, hint) = if work.ground.sql {
            ("a column is read where it is written", "remove `to`")
        } else if level > 0 {
            ("`to` stands beside the members of a record, not within a list", "remove `to`")
        } else {
            match work.places.path(to, None) {
                Ok(path) => return Some(path),
                Err(message) => {
                    let hint = Some(work.places.form().into());
                    work.ground.doc.error(self.out, m::BAD_PLACE, &here, message, hint);
                    return None;
                }
            }
        };
        work.ground.doc.error_at_key(self.out, m::BAD_PLACE, &here, message, Some(hint.into()));
        None
    }

    /// A condition without a list has nothing to choose from, and only a single value is sent elsewhere.
    fn alone(&mut self, ground: Ground<'_>, place: &[&str], rule: &Rule, never_shown: bool) {
        if rule.to.is_some() && (rule.each.is_some() || (rule.from.is_none() && !never_shown)) {
            let hint = Some("say it beside `from`, or remove it".into());
            let message = "`to` says where one value is sent that comes `from` another place";
            let place = [place, &["to"]].concat();
            ground.doc.error_at_key(self.out, m::CONVERTER_MISFIT, &place, message, hint);
        }
        if rule.each.is_none() && !rule.condition.is_empty() {
            let hint = Some("say it beside `each`, or remove it".into());
            let message = "`where` chooses among the items of a list, and this rule has none";
            let place = [place, &["where"]].concat();
            ground.doc.error_at_key(self.out, m::CONVERTER_MISFIT, &place, message, hint);
        }
    }

    fn unfilled(&mut self, ground: Ground<'_>, place: &[&str], member: &Member) {
        let hint = if member.required {
            "the contract requires it: add a rule".to_owned()
        } else {
            format!("add a rule, or declare `{}: {{ absent: true }}`", member.path)
        };
        let message = format!("the contract's `{}` has no filler", member.path);
        ground.doc.error_at_key(self.out, m::NO_FILLER, place, message, Some(hint));
    }

    fn place(
        &mut self,
        work: &Work<'_, '_>,
        place: &[&str],
        text: &str,
        within: Option<&str>,
    ) -> Option<Path> {
        match work.places.path(text, within) {
            Ok(path) => Some(path),
            Err(message) => {
                work.ground.doc.error(
                    self.out,
                    m::BAD_PLACE,
                    &[place, &["from"]].concat(),
                    message,
                    Some(work.places.form().into()),
                );
                None
            }
        }
    }

    /// The nodes of these members, in the contract's order.
    fn nodes(&mut self, work: &mut Work<'_, '_>, contract: &Contract, members: &[&Member]) -> Vec<Node> {
        let mut nodes = Vec::new();
        for member in members {
            if let Some((_, filler)) = work.fillers.get(&member.id) {
                nodes.push(match filler {
                    Filler::Leaf { fill, .. } => Node::Leaf(work.leaf(member, fill.clone())),
                    Filler::List { slot, item, condition, .. } => Node::List(ListNode {
                        member: member.id,
                        slot: *slot,
                        condition: condition.clone(),
                        item: item.clone(),
                    }),
                });
                continue;
            }
            let below = (member.id + 1..member.end).any(|id| work.fillers.contains_key(&id));
            if matches!(member.kind, Kind::Object) && below {
                let children: Vec<&Member> = contract.children(member).collect();
                let inner = self.nodes(work, contract, &children);
                let required = |node: &Node| contract.get(node.member()).is_some_and(|c| c.required);
                let mut decisive: Vec<usize> =
                    inner.iter().enumerate().filter(|(_, n)| required(n)).map(|(at, _)| at).collect();
                if decisive.is_empty() {
                    decisive = (0..inner.len()).collect();
                }
                let nothing = if member.nullable {
                    Nothing::Null
                } else if member.required || children.iter().any(|c| c.default.is_some()) {
                    Nothing::Fault
                } else {
                    Nothing::Omit
                };
                nodes.push(Node::Object(ObjectNode {
                    member: member.id,
                    children: inner,
                    nothing,
                    decisive,
                }));
            } else if !(member.id..member.end).any(|id| work.faulty.contains(&id)) {
                self.unfilled(work.ground, &["fields"], member);
            }
        }
        nodes
    }
}

/// A member that is made from another one: the other's chain, and then its own steps.
fn derive(work: &mut Work<'_, '_>, member: MemberId, from: MemberId, ops: &[Op]) {
    let Some((_, Filler::Leaf { fill: Fill::Slot(slot, chain), .. })) = work.fillers.get(&from) else {
        return;
    };
    let mut chain = chain.clone();
    chain.read.extend(ops.iter().cloned());
    chain.write.clone_from(&chain.read);
    let filler = Filler::Leaf { fill: Fill::Slot(*slot, chain), writes: None };
    work.fillers.insert(member, ("derived".into(), filler));
}

fn fill_slot(fill: &Fill) -> u16 {
    match fill {
        Fill::Slot(slot, _) | Fill::Whole(slot, _) | Fill::Has(slot, ..) | Fill::Pick(slot, ..) => *slot,
        Fill::Constant(_) | Fill::Absent => 0,
    }
}

fn leaf_of(member: &Member, fill: Fill) -> Leaf {
    let nothing = match member.stands_for_nothing() {
        Stands::Null => Nothing::Null,
        Stands::Default(default) => Nothing::Default(default.clone()),
        Stands::EmptyList => Nothing::Default(Value::List(Vec::new())),
        Stands::Omit => Nothing::Omit,
        Stands::Fault => Nothing::Fault,
    };
    Leaf { member: member.id, kind: member.kind.clone(), fill, nothing }
}

/// What a member can be, for those who wrote something else.
fn values_of(member: &Member) -> String {
    match &member.kind {
        Kind::Enum(texts) => format!("the contract has {}", texts.join(", ")),
        kind => format!("the contract says that it is {}", kind.noun()),
    }
}

/// Whether a constant is a value of a member.
fn allows(member: &Member, value: &Value) -> bool {
    match (&member.kind, value) {
        (_, Value::Null) => member.nullable || !member.required,
        (Kind::Enum(texts), Value::Text(text)) => texts.iter().any(|t| **t == **text),
        (Kind::Text(_), Value::Text(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Number(_), Value::Number(_)) => true,
        (Kind::Integer, Value::Number(digits)) => !digits.contains('.'),
        _ => false,
    }
}

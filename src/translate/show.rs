//! A record in slots to the public form: walks the plan's nodes in the contract's order and writes each
//! member straight into the sink. It decides no selection and no status.

mod rows;
mod values;

use super::{
    Batch, Problem, Sink, Slot, Surroundings,
    convert::{Cooked, Misfit, cook, is_nothing},
    sink::Place,
    whole,
};
use crate::{
    plan::{
        Contract, Kind, Selection,
        contract::{Format, Member},
        convert::Op,
        reading::{Fill, Item, Leaf, LevelId, ListNode, Node, Nothing, ObjectNode, Reading},
    },
    value::{Brief, Value},
};

/// A source's answer with all that is needed to show it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub contract: &'a Contract,
    pub reading: &'a Reading,
    pub batch: &'a Batch,
    pub around: &'a Surroundings,
    /// Whether texts come out of JSON strings without escapes, so that they need no check.
    pub clean: bool,
}

impl<'a> Shown<'a> {
    /// Writes the members of one record; the caller has begun the object.
    pub fn members<S: Sink>(&self, row: u32, selection: &Selection, sink: &mut S) -> Result<(), Problem> {
        self.nodes(&self.reading.top, 0, row, selection, sink)
    }

    /// One record as an object.
    pub fn record<S: Sink>(
        &self,
        row: u32,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        sink.begin_object(place);
        self.members(row, selection, sink)?;
        sink.end_object(place);
        Ok(())
    }

    /// Where a member is filled, wherever it stands: for [`Self::at`], which is asked once for each row.
    pub fn filler(&self, member: u16) -> Option<&'a Node> {
        fn find(nodes: &[Node], member: u16) -> Option<&Node> {
            nodes.iter().find_map(|node| match node {
                node if node.member() == member => Some(node),
                Node::Object(object) => find(&object.children, member),
                _ => None,
            })
        }
        find(&self.reading.top, member)
    }

    /// One member of a record at a place of the caller's choosing.
    pub fn at<S: Sink>(
        &self,
        row: u32,
        filler: &'a Node,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        self.node(filler, 0, row, selection, place, sink)
    }

    /// A scalar member's public value as text; `None` for nothing. For keys, comparisons and conditions.
    pub fn value(&self, row: u32, member: u16) -> Result<Option<Brief>, Problem> {
        match self.reading.leaf(member) {
            Some(leaf) => self.leaf_value(leaf, 0, row),
            None => self.whole_value(row, member),
        }
    }

    fn leaf_value(&self, leaf: &'a Leaf, level: LevelId, row: u32) -> Result<Option<Brief>, Problem> {
        let mut cooked = Cooked::Nothing;
        self.cook(&mut cooked, leaf, level, row)?;
        if let Cooked::Nothing = cooked {
            return Ok(match &leaf.nothing {
                Nothing::Default(value) => value.scalar().map(Brief::new),
                _ => None,
            });
        }
        if let Kind::Number(scale) = leaf.kind {
            let mut out = Vec::new();
            let fits =
                cooked.as_text().is_some_and(|t| crate::value::decimal::write_fixed(&mut out, t, scale));
            return if fits {
                Ok(Brief::from_utf8(out).ok())
            } else {
                Err(self.misfit(leaf, level, &cooked))
            };
        }
        Ok(cooked.as_text().map(Brief::new))
    }

    /// A member within one that is kept as JSON.
    fn whole_value(&self, row: u32, member: u16) -> Result<Option<Brief>, Problem> {
        let Some(wanted) = self.contract.get(member) else { return Ok(None) };
        let Some(leaf) = wanted.parent.and_then(|parent| self.reading.leaf(parent)) else { return Ok(None) };
        let mut cooked = Cooked::Nothing;
        self.cook(&mut cooked, leaf, 0, row)?;
        let Cooked::Json(text) = cooked else {
            return Ok(wanted.default.as_ref().and_then(|d| d.scalar().map(Brief::new)));
        };
        let value = whole::parse(text).ok_or_else(|| self.misfit(leaf, 0, &Cooked::Json(text)))?;
        let own = value.get(&wanted.name).or(wanted.default.as_ref());
        Ok(own.and_then(|v| v.scalar().map(Brief::new)))
    }

    fn nodes<S: Sink>(
        &self,
        nodes: &[Node],
        level: LevelId,
        row: u32,
        selection: &Selection,
        sink: &mut S,
    ) -> Result<(), Problem> {
        for node in nodes {
            let id = node.member();
            if selection.has(id)
                && let Some(member) = self.contract.get(id)
            {
                self.node(node, level, row, selection, Place::Member(&member.label), sink)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn node<S: Sink>(
        &self,
        node: &Node,
        level: LevelId,
        row: u32,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        match node {
            Node::Leaf(leaf) => self.leaf(leaf, level, row, selection, place, sink),
            Node::Object(object) => self.object(object, level, row, selection, place, sink),
            Node::List(list) => self.list(list, level, row, selection, place, sink),
        }
    }

    fn object<S: Sink>(
        &self,
        object: &ObjectNode,
        level: LevelId,
        row: u32,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        if object.nothing != Nothing::Fault && self.object_is_nothing(object, level, row) {
            return self.nothing(&object.nothing, object.member, String::new, place, sink);
        }
        sink.begin_object(place);
        self.nodes(&object.children, level, row, selection, sink)?;
        sink.end_object(place);
        Ok(())
    }

    /// An object is nothing where one of its required members is; where it has none, when all are.
    fn object_is_nothing(&self, object: &ObjectNode, level: LevelId, row: u32) -> bool {
        let nothing =
            |at: &usize| object.children.get(*at).is_none_or(|child| self.node_is_nothing(child, level, row));
        let requires = object.decisive.len() < object.children.len()
            || object.decisive.iter().all(|at| {
                let id = object.children.get(*at).map(Node::member);
                id.and_then(|id| self.contract.get(id)).is_some_and(|m| m.required)
            });
        if requires { object.decisive.iter().any(nothing) } else { object.decisive.iter().all(nothing) }
    }

    fn node_is_nothing(&self, node: &Node, level: LevelId, row: u32) -> bool {
        match node {
            Node::Leaf(leaf) => match &leaf.fill {
                // A part of a text may be nothing where the text is not.
                Fill::Slot(_, chain) if matches!(chain.read.last(), Some(Op::Piece(..))) => {
                    self.is_cooked_to_nothing(leaf, level, row)
                }
                Fill::Slot(slot, chain) | Fill::Whole(slot, chain) => {
                    is_nothing(self.batch, self.batch.get(level, row, *slot), self.reading.empty, chain)
                }
                Fill::Has(..) => false,
                Fill::Pick(..) => self.is_cooked_to_nothing(leaf, level, row),
                Fill::Constant(value) => value.is_null(),
                Fill::Absent => true,
            },
            Node::Object(object) => self.object_is_nothing(object, level, row),
            Node::List(list) => self.rows(level, row, list.slot, &list.condition).next().is_none(),
        }
    }

    fn list<S: Sink>(
        &self,
        list: &ListNode,
        level: LevelId,
        row: u32,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        if let Slot::Misshapen(_) | Slot::Json(_) | Slot::True | Slot::False | Slot::Number(_) =
            self.batch.get(level, row, list.slot)
        {
            let place = self.place_of(level, list.slot);
            return Err(Problem::Misfit { place, found: "something else".into(), expected: "a list" });
        }
        let (Some(member), Some(inner)) =
            (self.contract.get(list.member), self.reading.inner(level, list.slot))
        else {
            return Ok(());
        };
        sink.begin_list(place);
        let item = Place::Item(&member.label);
        for row in self.rows(level, row, list.slot, &list.condition) {
            match &list.item {
                Item::Object(nodes) => {
                    sink.begin_object(item);
                    self.nodes(nodes, inner, row, selection, sink)?;
                    sink.end_object(item);
                }
                Item::Scalar(leaf) => self.leaf(leaf, inner, row, selection, item, sink)?,
            }
        }
        sink.end_list(place);
        Ok(())
    }

    fn is_cooked_to_nothing(&self, leaf: &'a Leaf, level: LevelId, row: u32) -> bool {
        let mut cooked = Cooked::Nothing;
        self.cook(&mut cooked, leaf, level, row).is_ok() && matches!(cooked, Cooked::Nothing)
    }

    /// A member's value, into the place of one that is nothing.
    #[inline]
    fn cook(&self, cooked: &mut Cooked<'a>, leaf: &'a Leaf, level: LevelId, row: u32) -> Result<(), Problem> {
        match &leaf.fill {
            Fill::Slot(slot, chain) | Fill::Whole(slot, chain) => {
                let slot = self.batch.get(level, row, *slot);
                cook(cooked, self.batch, slot, self.reading.empty, chain, self.around)
                    .map_err(|misfit| self.problem(leaf, level, row, &misfit))?;
            }
            Fill::Has(list, item, text, condition) => {
                *cooked = Cooked::Bool(self.has((level, row, *list), *item, text, condition));
            }
            Fill::Pick(list, item, chain, condition) => {
                let Some(inner) = self.reading.inner(level, *list) else { return Ok(()) };
                let Some(found) = self.rows(level, row, *list, condition).next() else { return Ok(()) };
                let slot = self.batch.get(inner, found, *item);
                cook(cooked, self.batch, slot, self.reading.empty, chain, self.around)
                    .map_err(|misfit| self.problem(leaf, level, row, &misfit))?;
            }
            Fill::Constant(value) => match value {
                Value::Null => {}
                Value::Bool(truth) => *cooked = Cooked::Bool(*truth),
                Value::Number(digits) => *cooked = Cooked::Number(digits),
                Value::Text(text) => *cooked = Cooked::Text(text),
                other => *cooked = Cooked::Made(other),
            },
            Fill::Absent => {}
        }
        Ok(())
    }

    #[inline]
    fn leaf<S: Sink>(
        &self,
        leaf: &'a Leaf,
        level: LevelId,
        row: u32,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        let mut cooked = Cooked::Nothing;
        self.cook(&mut cooked, leaf, level, row)?;
        match (&leaf.kind, &cooked) {
            (_, Cooked::Nothing) => {
                let from = || self.place_of_leaf(leaf, level);
                return self.nothing(&leaf.nothing, leaf.member, from, place, sink);
            }
            (Kind::Object | Kind::List(_) | Kind::Free, _) => {
                return self.whole(leaf, level, &cooked, selection, place, sink);
            }
            (Kind::Text(Format::Plain) | Kind::Enum(_), Cooked::Number(digits)) => {
                sink.clean_text(place, digits);
            }
            (Kind::Text(_) | Kind::Enum(_), Cooked::Clean(text)) => {
                if self.clean {
                    sink.clean_text(place, text);
                } else {
                    sink.text(place, text);
                }
            }
            (Kind::Text(_) | Kind::Enum(_), Cooked::Text(text)) => sink.text(place, text),
            (Kind::Text(_) | Kind::Enum(_), Cooked::Owned(text)) => sink.text(place, text),
            (Kind::Text(_) | Kind::Enum(_), Cooked::Short(short)) => sink.clean_text(place, short.as_str()),
            (Kind::Number(scale), Cooked::Number(digits)) => {
                if !sink.fixed(place, digits, *scale) {
                    return Err(self.misfit(leaf, level, &cooked));
                }
            }
            (Kind::Number(scale), Cooked::ShortNumber(digits)) => {
                if !sink.fixed(place, digits.as_str(), *scale) {
                    return Err(self.misfit(leaf, level, &cooked));
                }
            }
            (Kind::Integer, Cooked::Number(digits)) => {
                if !sink.fixed(place, digits, Some(0)) {
                    return Err(self.misfit(leaf, level, &cooked));
                }
            }
            (Kind::Integer, Cooked::ShortNumber(digits)) => {
                if !sink.fixed(place, digits.as_str(), Some(0)) {
                    return Err(self.misfit(leaf, level, &cooked));
                }
            }
            (Kind::Boolean, Cooked::Bool(truth)) => sink.boolean(place, *truth),
            _ => return Err(self.misfit(leaf, level, &cooked)),
        }
        Ok(())
    }

    /// What stands for nothing. `from` is the place in the source, which is asked for only where that is a fault.
    #[inline]
    fn nothing<S: Sink>(
        &self,
        nothing: &Nothing,
        member: u16,
        from: impl FnOnce() -> String,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        match nothing {
            Nothing::Null => sink.null(place),
            Nothing::Omit => {}
            Nothing::Default(value) => whole::any(value, place, sink),
            Nothing::Fault => {
                let member = self.contract.get(member).map_or_else(String::new, |m| m.path.to_string());
                return Err(Problem::Missing { place: from(), member });
            }
        }
        Ok(())
    }

    fn whole<S: Sink>(
        &self,
        leaf: &Leaf,
        level: LevelId,
        cooked: &Cooked<'_>,
        selection: &Selection,
        place: Place<'_>,
        sink: &mut S,
    ) -> Result<(), Problem> {
        let value = match cooked {
            Cooked::Json(text) => whole::parse(text),
            Cooked::Owned(text) => whole::parse(text),
            Cooked::Made(value) => Some((*value).clone()),
            _ => None,
        };
        let member: Option<&Member> = self.contract.get(leaf.member);
        let (Some(value), Some(member)) = (value, member) else {
            return Err(self.misfit(leaf, level, cooked));
        };
        whole::member(self.contract, member, &value, selection, place, sink).map_err(|what| Problem::Misfit {
            place: self.place_of_leaf(leaf, level),
            found: what,
            expected: "what the contract says",
        })
    }

    fn place_of(&self, level: LevelId, slot: u16) -> String {
        let level = self.reading.levels.get(usize::from(level));
        level.and_then(|l| l.places.get(usize::from(slot))).map_or_else(String::new, ToString::to_string)
    }

    fn place_of_leaf(&self, leaf: &Leaf, level: LevelId) -> String {
        match &leaf.fill {
            Fill::Slot(slot, _) | Fill::Whole(slot, _) | Fill::Has(slot, ..) | Fill::Pick(slot, ..) => {
                self.place_of(level, *slot)
            }
            Fill::Constant(_) | Fill::Absent => String::new(),
        }
    }

    #[cold]
    fn problem(&self, leaf: &Leaf, level: LevelId, row: u32, misfit: &Misfit) -> Problem {
        let place = self.place_of_leaf(leaf, level);
        let slot = match &leaf.fill {
            Fill::Slot(slot, _) | Fill::Whole(slot, _) | Fill::Has(slot, ..) => {
                self.batch.get(level, row, *slot)
            }
            _ => Slot::Absent,
        };
        match misfit {
            Misfit::UnknownCode => {
                let code = match slot {
                    Slot::Text(span) | Slot::Number(span) | Slot::Escaped(span) => {
                        self.batch.text(span).chars().take(40).collect()
                    }
                    _ => String::new(),
                };
                Problem::UnknownCode { place, code }
            }
            Misfit::Expected(expected) => Problem::Misfit { place, found: noun(slot).into(), expected },
        }
    }

    #[cold]
    fn misfit(&self, leaf: &Leaf, level: LevelId, cooked: &Cooked<'_>) -> Problem {
        Problem::Misfit {
            place: self.place_of_leaf(leaf, level),
            found: cooked.noun().into(),
            expected: leaf.kind.noun(),
        }
    }
}

fn noun(slot: Slot) -> &'static str {
    match slot {
        Slot::Absent | Slot::Null => "nothing",
        Slot::True | Slot::False => "a truth",
        Slot::Number(_) => "a number",
        Slot::Text(_) | Slot::Escaped(_) => "a text",
        Slot::Json(_) | Slot::EmptyObject => "an object or list",
        Slot::EmptyList | Slot::Rows { .. } => "a list",
        Slot::Misshapen(_) => "something of another shape",
    }
}

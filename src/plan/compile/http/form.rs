//! The form of what a write sends. A write that has none is sent as a tree: one in another format than JSON, one whose body
//! has blanks, and one of whose rules two meet at a place.

use crate::{
    plan::{
        Contract,
        http::{
            Call, Dialect, Format,
            call::{Json, Piece, Template},
            form::{Form, Part},
            rules::{Condition, Test},
        },
        writing::Writing,
    },
    value::{Brief, Value, path::Step},
};

/// A document as its places make it.
#[derive(Debug)]
enum Node {
    Leaf(Part),
    /// In the order in which the members came.
    Object(Vec<(Box<str>, Node)>),
    List(Vec<Option<Node>>),
}

pub(super) fn form(dialect: &Dialect, call: &Call, contract: &Contract, writing: &Writing) -> Option<Form> {
    let special = call.apart || call.form || call.graphql.is_some() || call.soap.is_some();
    let compares = |one: &Condition| matches!(one.test, Test::Same(_));
    let mut conditions = call.expect.iter().chain(dialect.errors.rules.iter().flat_map(|rule| &rule.when));
    if dialect.format != Format::Json || special || conditions.any(compares) || writing.rules.is_empty() {
        return None;
    }
    let inside = &call.inside.0;
    let mut root = Node::Object(Vec::new());
    for (path, json) in dialect.always.body.iter().chain(&call.carries) {
        root.put(&path.0, Part::Text(plain(json)?.to_json().into()))?;
    }
    for (at, rule) in writing.rules.iter().enumerate() {
        // What every body carries and the record stand beside each other, and not within one member of the record.
        let first = rule.path.0.get(..1).filter(|first| matches!(first, [Step::Key(_)]))?;
        let member = [inside, first].concat();
        if dialect.always.body.iter().chain(&call.carries).any(|(path, _)| path.0.starts_with(&member)) {
            return None;
        }
        root.put(&[inside, &rule.path.0[..]].concat(), Part::Rule(at))?;
    }
    let empty = (!dialect.empty_write.is_null()).then(|| dialect.empty_write.to_json().into());
    let mut form = Form { parts: Vec::new(), empty, objects: Vec::new() };
    form.objects.extend(contract.top().filter(|one| writing.whole(one).is_some()).map(|one| one.id));
    let mut printed = Printed { parts: Vec::new(), text: String::new(), empty: form.empty.is_some() };
    printed.node(&root, Some(inside));
    printed.close();
    form.parts = printed.parts;
    Some(form)
}

impl Node {
    /// Puts a part at a place; `None` where something else stands there, or on the way.
    fn put(&mut self, path: &[Step], part: Part) -> Option<()> {
        let (step, rest) = path.split_first()?;
        let place = match (self, step) {
            (Node::Object(members), Step::Key(name)) => {
                let known = members.iter().position(|(known, _)| known == name);
                let at = known.unwrap_or(members.len());
                if at == members.len() {
                    members.push((name.clone(), Node::new(rest, &part)));
                }
                &mut members.get_mut(at)?.1
            }
            (Node::List(items), Step::Index(at)) => {
                items.resize_with(items.len().max(at + 1), || None);
                items.get_mut(*at)?.get_or_insert_with(|| Node::new(rest, &part))
            }
            _ => return None,
        };
        match place {
            Node::Leaf(known) if rest.is_empty() && *known == part => Some(()),
            Node::Leaf(_) => None,
            inner => inner.put(rest, part),
        }
    }

    /// What stands above the rest of a path.
    fn new(rest: &[Step], part: &Part) -> Self {
        match rest.first() {
            None => Node::Leaf(part.clone()),
            Some(Step::Key(_)) => Node::Object(Vec::new()),
            Some(Step::Index(_)) => Node::List(Vec::new()),
        }
    }
}

struct Printed {
    parts: Vec<Part>,
    /// The text since the last part.
    text: String,
    /// Whether something is sent for what is nothing.
    empty: bool,
}

impl Printed {
    fn close(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text).into()));
        }
    }

    fn part(&mut self, part: Part) {
        self.close();
        self.parts.push(part);
    }

    /// `record` leads to the record from here, where it stands here or below.
    fn node(&mut self, node: &Node, record: Option<&[Step]>) {
        match node {
            Node::Leaf(Part::Text(text)) => self.text.push_str(text),
            Node::Leaf(part) => self.part(part.clone()),
            Node::Object(members) => {
                self.text.push('{');
                for (at, (name, inner)) in members.iter().enumerate() {
                    if at > 0 {
                        self.text.push(',');
                    }
                    self.text.push_str(&Value::Text((&**name).into()).to_json());
                    self.text.push(':');
                    let several = self.empty && record == Some(&[]) && has_rules(inner);
                    if several {
                        self.part(Part::Begin);
                    }
                    let below = record.and_then(<[Step]>::split_first);
                    let below = below.filter(|(step, _)| matches!(step, Step::Key(key) if key == name));
                    self.node(inner, below.map(|(_, rest)| rest));
                    if several {
                        self.part(Part::End);
                    }
                }
                self.text.push('}');
            }
            Node::List(items) => {
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.text.push(',');
                    }
                    match item {
                        None => self.text.push_str("null"),
                        Some(inner) => self.node(inner, None),
                    }
                }
                self.text.push(']');
            }
        }
    }
}

/// Whether it has parts, and members of the record in them.
fn has_rules(node: &Node) -> bool {
    let within = |node: &Node| has_rules(node) || matches!(node, Node::Leaf(Part::Rule(_)));
    match node {
        Node::Leaf(_) => false,
        Node::Object(members) => members.iter().any(|(_, inner)| within(inner)),
        Node::List(items) => items.iter().flatten().any(within),
    }
}

/// What is carried, where it has no blank.
fn plain(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Plain(value) => value.clone(),
        Json::Text(Template(pieces)) => match pieces.as_slice() {
            [] => Value::Text(Brief::default()),
            [Piece::Literal(text)] => Value::Text(text.as_str().into()),
            _ => return None,
        },
        Json::List(items) => Value::List(items.iter().map(plain).collect::<Option<_>>()?),
        Json::Object(members) => {
            let members = members.iter().map(|(name, json)| Some((name.as_str().into(), plain(json)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

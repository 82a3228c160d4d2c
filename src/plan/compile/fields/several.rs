//! Several members from one place: a code for all of them (`table`), or a text that holds one behind the other (`split`).

use super::{Filler, Work, WriteHow, allows, values_of};
use crate::{
    fault::mapping as m,
    plan::{
        Kind, MemberId,
        compile::{Compiler, converters::constant},
        contract::{Format, Member},
        convert::{Chain, CodeTable, Op, Split},
        reading::Fill,
        writing::Together,
    },
    spec::words::{
        Scalar,
        binding::Rule,
        converter::{self, Converter},
    },
    value::Value,
};
use indexmap::IndexMap;
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn several(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        names: &str,
        rule: &Rule,
        members: &[Member],
    ) {
        self.alone(work.ground, place, rule, false);
        let misfit = |compiler: &mut Self| {
            let hint = Some("write `from: <place>` and end `via` with a `table` or a `split`".into());
            let message = "several members come from one place by a `table` or a `split`";
            work.ground.doc.error_at_key(compiler.out, m::CONVERTER_MISFIT, place, message, hint);
        };
        let (Some(from), Some((last, before))) = (&rule.from, rule.via.split_last()) else {
            return misfit(self);
        };
        let at = before.len().to_string();
        let last_place = [place, &["via", &at]].concat();
        let together = match last {
            Converter::Table(rows) => self.table(work, &last_place, names, rows, members),
            Converter::Split(split) => match self.split(work, &last_place, split, members) {
                Some(split) => split,
                None => return,
            },
            _ => return misfit(self),
        };
        let Some(path) = self.place(work, place, from, None) else { return };
        let Some(first) = members.first() else { return };
        let text = Kind::Text(Format::Plain);
        let lead = [place, &["via"]].concat();
        let Some((ops, _)) = self.steps(work.ground, &lead, before, rule, work.end(first, &text)) else {
            return;
        };
        let blank = self.blank(work.ground, place, rule);
        let slot = work.reading.slot(0, 0, &path);
        let path = match &rule.to {
            Some(to) => match self.sent_to(work, place, to, 0) {
                Some(path) => path,
                None => return,
            },
            None => path,
        };
        let ids: Vec<MemberId> = members.iter().map(|mm| mm.id).collect();
        let back = Chain { read: ops.clone(), write: ops.clone(), blank: blank.clone() };
        for (part, member) in members.iter().enumerate() {
            let mut read = ops.clone();
            read.push(match &together {
                Together::Codes(table) => Op::Part(Arc::clone(table), part),
                Together::Pieces(split) => Op::Piece(Arc::clone(split), part),
            });
            if let (Together::Pieces(_), Kind::Enum(texts)) = (&together, &member.kind) {
                read.push(Op::OneOf(texts.clone().into()));
            }
            let chain = Chain { write: read.clone(), read, blank: blank.clone() };
            let writes = work
                .places
                .can_write(from)
                .then(|| (path.clone(), WriteHow::Part(together.clone(), ids.clone(), back.clone())));
            let filler = Filler::Leaf { fill: Fill::Slot(slot, chain), writes };
            work.fillers.insert(member.id, (names.to_owned(), filler));
        }
    }

    /// Each row has a value for each member, and each value of a member that has few of them has a row.
    fn table(
        &mut self,
        work: &Work<'_, '_>,
        place: &[&str],
        names: &str,
        rows: &IndexMap<String, Vec<Scalar>>,
        members: &[Member],
    ) -> Together {
        let doc = work.ground.doc;
        let place = [place, &["table"]].concat();
        let mut table = CodeTable { rows: Vec::new() };
        for (code, values) in rows {
            let path = [&place[..], &[code]].concat();
            let values: Vec<Value> = values.iter().map(constant).collect();
            if values.len() != members.len() {
                let message = format!("`{code}` gives {} values for {} members", values.len(), members.len());
                let hint = Some(format!("write one value for each of {names}, `null` for nothing"));
                doc.error_at_key(self.out, m::CODE_MISSING, &path, message, hint);
                continue;
            }
            for (member, value) in members.iter().zip(&values) {
                if !allows(member, value) {
                    let message = format!("{} is no value of `{}`", value.to_json(), member.path);
                    doc.error_at_key(self.out, m::CODE_MISSING, &path, message, Some(values_of(member)));
                }
            }
            table.rows.push((code.as_str().into(), values));
        }
        for (part, member) in members.iter().enumerate() {
            for value in known_values(member) {
                if !table.rows.iter().any(|(_, values)| values.get(part) == Some(&value)) {
                    let message = format!("`{}` = {} has no code", member.path, value.to_json());
                    let hint = Some("add a row that has it, or take the value out of the contract".into());
                    doc.error_at_key(self.out, m::CODE_MISSING, &place, message, hint);
                }
            }
        }
        Together::Codes(Arc::new(table))
    }

    /// The sign can be told from the parts, and the parts are texts.
    fn split(
        &mut self,
        work: &Work<'_, '_>,
        place: &[&str],
        split: &converter::Split,
        members: &[Member],
    ) -> Option<Together> {
        let doc = work.ground.doc;
        let before = self.out.errors();
        let place = [place, &["split"]].concat();
        let mut misfit = |key: Option<&str>, message: String, hint: String| {
            let path: Vec<&str> = place.iter().copied().chain(key).collect();
            doc.error(self.out, m::CONVERTER_MISFIT, &path, message, Some(hint));
        };
        let join = split.join.as_ref().unwrap_or(&split.at);
        if split.at.is_empty() {
            let hint = "write the sign between two parts, for example `at: \"^\"`";
            misfit(Some("at"), "this is no sign to part a text at".into(), hint.into());
        } else if !join.contains(&split.at) || join.trim() != split.at.trim() {
            let message = format!("`{join}` would not be taken apart at `{}` again", split.at);
            let hint =
                format!("write the sign with spaces around it, for example `join: \" {} \"`", split.at);
            misfit(Some("join"), message, hint);
        }
        for member in members {
            match &member.kind {
                Kind::Text(Format::Plain) => {}
                Kind::Enum(texts) => {
                    let unfit = |text: &str| {
                        text.contains(&split.at) || split.nothing.iter().any(|word| **word == *text)
                    };
                    if let Some(text) = texts.iter().find(|text| unfit(text)) {
                        let message =
                            format!("`{}` can be `{text}`, which is no part of such a text", member.path);
                        misfit(None, message, "use a `table` for codes, or another sign".into());
                    }
                }
                kind => {
                    let message = format!("`split` gives texts, and `{}` is {}", member.path, kind.noun());
                    misfit(None, message, "use a `table` for what is no text".into());
                }
            }
        }
        (self.out.errors() == before).then(|| {
            Together::Pieces(Arc::new(Split {
                at: split.at.as_str().into(),
                join: join.as_str().into(),
                nothing: split.nothing.iter().map(|word| word.as_str().into()).collect(),
                rest: split.rest,
                members: members.len(),
            }))
        })
    }
}

/// All values of a member that has few of them.
fn known_values(member: &Member) -> Vec<Value> {
    let mut values: Vec<Value> = match &member.kind {
        Kind::Enum(texts) => texts.iter().map(|t| Value::Text(t.to_string().into())).collect(),
        Kind::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        _ => return Vec::new(),
    };
    if member.nullable {
        values.push(Value::Null);
    }
    values
}

//! Converters of a mapping to steps of a plan, judged against the member that they end in: types fit, patterns
//! are sound, every code has a way in and out.

use super::{Compiler, Wish};
use crate::{
    fault::{Diagnostics, mapping as m, nearest::nearest},
    plan::{
        Kind,
        contract::{Format, Member},
        convert::{Chain, Codes, Op},
    },
    spec::{
        Doc,
        words::{
            Scalar,
            binding::{Converter, Rule, Unit},
        },
    },
    value::{Value, time::pattern::Pattern},
};
use std::sync::Arc;

/// What comes out of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Whatever the source has.
    Any,
    Text,
    Number,
    Truth,
    Json,
}

/// Where the rules of one binding stand.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub doc: &'a Doc<crate::spec::words::Binding>,
    pub at: usize,
    pub api_id: &'a str,
    pub source: usize,
    /// Rows of SQL come as texts, whatever the column's type.
    pub sql: bool,
}

pub(super) fn constant(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Bool(b) => Value::Bool(*b),
        Scalar::Integer(i) => Value::Number(i.to_string()),
        Scalar::Number(n) => Value::Number(n.to_string()),
        Scalar::Text(t) => Value::Text(t.clone()),
        Scalar::Null(()) => Value::Null,
    }
}

/// Converters that ask nothing of other files, for derived members.
pub(super) fn simple<T>(doc: &Doc<T>, out: &mut Diagnostics, place: &[&str], via: &[Converter]) -> Vec<Op> {
    let mut ops = Vec::new();
    for (at, converter) in via.iter().enumerate() {
        let at = at.to_string();
        let path: Vec<&str> = place.iter().copied().chain([at.as_str()]).collect();
        match converter {
            Converter::Age => ops.push(Op::Age),
            Converter::Text => ops.push(Op::Text),
            _ => {
                let hint = Some("use `age` or `text`".into());
                doc.error(out, m::BAD_DERIVED, &path, "this converter cannot derive a member", hint);
            }
        }
    }
    ops
}

impl Compiler<'_> {
    /// The chain of a rule that ends in one scalar (or JSON) member.
    pub(super) fn chain(
        &mut self,
        ground: Ground<'_>,
        place: &[&str],
        rule: &Rule,
        member: &Member,
        kind: &Kind,
    ) -> Option<Chain> {
        let before = self.out.errors();
        let blank = rule.blank.as_deref().map(Into::into);
        let read = match &rule.read {
            Some(read) => self.half(ground, &[place, &["read"]].concat(), read, rule, member, kind),
            None => self.half(ground, &[place, &["via"]].concat(), &rule.via, rule, member, kind),
        };
        let write = match &rule.write {
            Some(write) => self.half(ground, &[place, &["write"]].concat(), write, rule, member, kind),
            None => read.clone(),
        };
        if rule.unknown.is_some() && !rule.via.iter().any(|c| matches!(c, Converter::Codes(_))) {
            let hint = Some("it stands beside `codes`".into());
            ground.doc.error_at_key(
                self.out,
                m::CONVERTER_MISFIT,
                &[place, &["unknown"]].concat(),
                "`unknown` has no codes to complete",
                hint,
            );
        }
        (self.out.errors() == before).then_some(Chain { read, write, blank })
    }

    fn half(
        &mut self,
        ground: Ground<'_>,
        place: &[&str],
        converters: &[Converter],
        rule: &Rule,
        member: &Member,
        kind: &Kind,
    ) -> Vec<Op> {
        let mut ops = Vec::new();
        let mut form = Form::Any;
        let mut dated = false;
        for (at, converter) in converters.iter().enumerate() {
            let at = at.to_string();
            let path: Vec<&str> = place.iter().copied().chain([at.as_str()]).collect();
            let Some((op, next)) = self.op(ground, &path, converter, rule, kind) else { return ops };
            dated = matches!(op, Op::Date(_) | Op::DateTime(_) | Op::EpochSeconds | Op::EpochMillis);
            self.date_form(ground, &path, &op, kind);
            ops.push(op);
            form = next;
        }
        if let Some(op) = implied(form, kind, ground.sql, dated) {
            ops.push(op);
        } else if !fits(form, kind) {
            let message =
                format!("`{}` is {}, and these converters give {}", member.path, kind.noun(), noun(form));
            ground.doc.error(self.out, m::CONVERTER_MISFIT, place, message, Some(cure(kind)));
        }
        if let Kind::Enum(texts) = kind
            && !ops.iter().any(|op| matches!(op, Op::Codes(_)))
        {
            ops.push(Op::OneOf(texts.clone().into()));
        }
        ops
    }

    fn date_form(&mut self, ground: Ground<'_>, path: &[&str], op: &Op, kind: &Kind) {
        let wrong = match (op, kind) {
            (Op::Date(_), Kind::Text(Format::DateTime)) => {
                Some("`date`, and the member is a time: use `dateTime`")
            }
            (Op::DateTime(_) | Op::EpochSeconds | Op::EpochMillis, Kind::Text(Format::Date)) => {
                Some("a time, and the member is a date: use `date`")
            }
            _ => None,
        };
        if let Some(what) = wrong {
            ground.doc.error(
                self.out,
                m::CONVERTER_MISFIT,
                path,
                format!("this converter gives {what}"),
                Some("convert to what the contract says, or correct its `format`".into()),
            );
        }
    }

    fn op(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        converter: &Converter,
        rule: &Rule,
        kind: &Kind,
    ) -> Option<(Op, Form)> {
        Some(match converter {
            Converter::Decimal => (Op::Decimal, Form::Number),
            Converter::Integer => (Op::Integer, Form::Number),
            Converter::Text => (Op::Text, Form::Text),
            Converter::Boolean => (Op::Boolean, Form::Truth),
            Converter::Json => (Op::Json, Form::Json),
            Converter::Age => {
                let hint = Some("say it in the resource's `derived`".into());
                ground.doc.error(
                    self.out,
                    m::CONVERTER_MISFIT,
                    path,
                    "`age` belongs to the resource, not to a source",
                    hint,
                );
                return None;
            }
            Converter::Codes(codes) => {
                let pairs: Vec<(Box<str>, Value)> =
                    codes.iter().map(|(k, v)| (k.as_str().into(), constant(v))).collect();
                let unknown = rule.unknown.clone().map(Value::Text);
                self.codes(ground, path, &pairs, unknown.as_ref(), kind);
                let form = match pairs.first().map(|(_, v)| v) {
                    Some(Value::Bool(_)) => Form::Truth,
                    Some(Value::Number(_)) => Form::Number,
                    _ => Form::Text,
                };
                (Op::Codes(Arc::new(Codes { pairs, unknown })), form)
            }
            Converter::Table(_) => {
                let hint = Some(
                    "name the members together, for example `\"sex, altered\": { ... }`; or use `codes`"
                        .into(),
                );
                ground.doc.error(
                    self.out,
                    m::CONVERTER_MISFIT,
                    path,
                    "`table` fills several members from one place",
                    hint,
                );
                return None;
            }
            Converter::Lookup(lookup) => {
                let wish = Wish {
                    api_id: ground.api_id.to_owned(),
                    source: ground.source,
                    table: lookup.table.clone(),
                    by: lookup.by.clone(),
                    give: lookup.give.clone(),
                    asked_by: ground.at,
                    place: path.iter().map(ToString::to_string).chain(["lookup".to_owned()]).collect(),
                };
                (Op::Lookup(self.wish(wish)), Form::Text)
            }
            Converter::Date(pattern) => (Op::Date(self.pattern(ground, path, "date", pattern)?), Form::Text),
            Converter::DateTime(text) => {
                let pattern = self.pattern(ground, path, "dateTime", text)?;
                if !pattern.has_time() {
                    let hint = Some("add %H, %M and %S, or use `date`".into());
                    ground.doc.error(
                        self.out,
                        m::BAD_PATTERN,
                        &[path, &["dateTime"]].concat(),
                        "this pattern says no time of day",
                        hint,
                    );
                }
                (Op::DateTime(pattern), Form::Text)
            }
            Converter::Epoch(Unit::Seconds) => (Op::EpochSeconds, Form::Text),
            Converter::Epoch(Unit::Milliseconds) => (Op::EpochMillis, Form::Text),
            Converter::Scaled(places) => {
                if let Kind::Number(Some(scale)) = kind
                    && scale < places
                {
                    let message =
                        format!("the contract keeps {scale} digits after the point, and this gives {places}");
                    ground.doc.error(
                        self.out,
                        m::CONVERTER_MISFIT,
                        path,
                        message,
                        Some(format!("write `scaled: {scale}`")),
                    );
                }
                (Op::Scaled(*places), Form::Number)
            }
        })
    }

    fn pattern(&mut self, ground: Ground<'_>, path: &[&str], key: &str, text: &str) -> Option<Pattern> {
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(wrong) => {
                ground.doc.error(
                    self.out,
                    m::BAD_PATTERN,
                    &[path, &[key]].concat(),
                    wrong.to_string(),
                    Some("write for example `%Y-%m-%d` for a date, `%Y-%m-%d %H:%M:%S` for a time".into()),
                );
                None
            }
        }
    }

    /// Every code's meaning is one of the contract's, and every one of the contract's has a code.
    fn codes(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        pairs: &[(Box<str>, Value)],
        unknown: Option<&Value>,
        kind: &Kind,
    ) {
        let doc = ground.doc;
        match kind {
            Kind::Enum(texts) => {
                for (code, value) in pairs {
                    let Value::Text(text) = value else {
                        if !value.is_null() {
                            let message =
                                format!("`{code}` gives {}, and the contract has texts", value.to_json());
                            doc.error(
                                self.out,
                                m::CODE_MISSING,
                                &[path, &["codes", code]].concat(),
                                message,
                                Some(format!("the contract has {}", texts.join(", "))),
                            );
                        }
                        continue;
                    };
                    if !texts.iter().any(|t| **t == **text) {
                        let near = nearest(text, texts.iter().map(|t| &**t));
                        let hint = near.map_or_else(
                            || format!("the contract has {}", texts.join(", ")),
                            |n| format!("did you mean `{n}`?"),
                        );
                        let message = format!("`{text}` is not among the contract's codes");
                        doc.error(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes", code]].concat(),
                            message,
                            Some(hint),
                        );
                    }
                }
                for text in texts {
                    if !pairs.iter().any(|(_, v)| *v == Value::Text(text.to_string())) {
                        let message = format!("the contract's code `{text}` has no code of the source");
                        let hint = Some(format!("add `<code>: {text}`"));
                        doc.error_at_key(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes"]].concat(),
                            message,
                            hint,
                        );
                    }
                }
                if let Some(Value::Text(text)) = unknown
                    && !texts.iter().any(|t| **t == **text)
                {
                    doc.error_at_key(
                        self.out,
                        m::CODE_MISSING,
                        path,
                        format!("`unknown: {text}` is not among the contract's codes"),
                        Some(format!("the contract has {}", texts.join(", "))),
                    );
                }
            }
            Kind::Boolean => {
                for truth in [true, false] {
                    if !pairs.iter().any(|(_, v)| *v == Value::Bool(truth)) {
                        let message = format!("no code of the source gives `{truth}`");
                        doc.error_at_key(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes"]].concat(),
                            message,
                            Some(format!("add `<code>: {truth}`")),
                        );
                    }
                }
            }
            _ => {}
        }
    }
}

/// The step that follows by itself from what the source gives and what the contract wants.
fn implied(form: Form, kind: &Kind, sql: bool, dated: bool) -> Option<Op> {
    match (form, kind) {
        (Form::Any, Kind::Text(Format::Date)) => Some(Op::Day),
        (Form::Any, Kind::Text(Format::DateTime)) => Some(Op::Time),
        (Form::Text, Kind::Text(Format::Date)) if !dated => Some(Op::Day),
        (Form::Text, Kind::Text(Format::DateTime)) if !dated => Some(Op::Time),
        (Form::Any, Kind::Number(_)) if sql => Some(Op::Decimal),
        (Form::Any, Kind::Integer) if sql => Some(Op::Integer),
        (Form::Any, Kind::Boolean) if sql => Some(Op::Boolean),
        (Form::Any, Kind::Object | Kind::List(_) | Kind::Free) if sql => Some(Op::Json),
        _ => None,
    }
}

fn fits(form: Form, kind: &Kind) -> bool {
    match kind {
        Kind::Text(_) | Kind::Enum(_) => matches!(form, Form::Any | Form::Text),
        Kind::Number(_) | Kind::Integer => matches!(form, Form::Any | Form::Number),
        Kind::Boolean => matches!(form, Form::Any | Form::Truth),
        Kind::Object | Kind::List(_) | Kind::Free => matches!(form, Form::Any | Form::Json),
    }
}

fn noun(form: Form) -> &'static str {
    match form {
        Form::Any => "whatever the source has",
        Form::Text => "a text",
        Form::Number => "a number",
        Form::Truth => "a truth",
        Form::Json => "JSON",
    }
}

fn cure(kind: &Kind) -> String {
    let converter = match kind {
        Kind::Number(_) => "end with `decimal` or `scaled`",
        Kind::Integer => "end with `integer`",
        Kind::Boolean => "end with `boolean` or with `codes` that give true and false",
        Kind::Text(_) => "end with `text`",
        Kind::Enum(_) => "end with `codes` or `lookup`",
        Kind::Object | Kind::List(_) | Kind::Free => "use `json`, or `each` for a list",
    };
    converter.into()
}

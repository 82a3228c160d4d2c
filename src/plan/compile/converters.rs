//! Converters of a mapping to steps of a plan, judged against the member that they end in: types fit, patterns
//! are sound, every code has a way in and out.

mod codes;
mod numbers;
mod steps;
mod times;

use super::Compiler;
use crate::{
    fault::{Diagnostics, mapping as m},
    plan::{
        Kind,
        contract::{Format, Member},
        convert::{Chain, Op},
    },
    spec::{
        Doc,
        words::{
            Scalar,
            binding::{Converter, Rule},
        },
    },
    value::Value,
};

/// What comes out of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whatever the source has.
    Any,
    Text,
    Number,
    Truth,
    Json,
}

/// What a chain ends in.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub member: &'a Member,
    /// The member's kind, or that of its items.
    pub kind: &'a Kind,
    /// Whether it can be written, so that the way back has to hold.
    pub written: bool,
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
        Scalar::Integer(i) => Value::Number(i.to_string().into()),
        Scalar::Number(n) => Value::Number(n.to_string().into()),
        Scalar::Text(t) => Value::Text(t.as_str().into()),
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
        end: End<'_>,
    ) -> Option<Chain> {
        let before = self.out.errors();
        let blank = self.blank(ground, place, rule);
        let read = match &rule.read {
            Some(read) => self.half(ground, &[place, &["read"]].concat(), read, rule, end),
            None => self.half(ground, &[place, &["via"]].concat(), &rule.via, rule, end),
        };
        let write = match &rule.write {
            Some(write) => self.half(ground, &[place, &["write"]].concat(), write, rule, end),
            None => read.clone(),
        };
        let has_codes =
            |converters: &Vec<Converter>| converters.iter().any(|c| matches!(c, Converter::Codes(_)));
        if rule.unknown.is_some() && !has_codes(&rule.via) && !rule.read.as_ref().is_some_and(has_codes) {
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

    /// The scalars of a source that mean nothing.
    pub(super) fn blank(&mut self, ground: Ground<'_>, place: &[&str], rule: &Rule) -> Box<[Value]> {
        let Some(blank) = &rule.blank else { return Box::default() };
        let blank: Box<[Value]> = blank.all().iter().map(constant).collect();
        if blank.is_empty() || blank.iter().any(Value::is_null) {
            ground.doc.error(
                self.out,
                m::CONVERTER_MISFIT,
                &[place, &["blank"]].concat(),
                "`blank` names values of the source that mean nothing",
                Some("name at least one; what means nothing as `null` does is the dialect's `empty`".into()),
            );
        }
        blank
    }

    fn half(
        &mut self,
        ground: Ground<'_>,
        place: &[&str],
        converters: &[Converter],
        rule: &Rule,
        end: End<'_>,
    ) -> Vec<Op> {
        let Some((mut ops, form)) = self.steps(ground, place, converters, rule, end) else {
            return Vec::new();
        };
        let dated = matches!(
            ops.last(),
            Some(
                Op::Date(_)
                    | Op::DateTime(_)
                    | Op::EpochSeconds
                    | Op::EpochMillis
                    | Op::EpochDay(_)
                    | Op::LocalDate(_)
            )
        );
        let kind = end.kind;
        if let Some(op) = implied(form, kind, ground.sql, dated) {
            ops.push(op);
        } else if !fits(form, kind) {
            let message =
                format!("`{}` is {}, and these converters give {}", end.member.path, kind.noun(), noun(form));
            ground.doc.error(self.out, m::CONVERTER_MISFIT, place, message, Some(cure(kind)));
        }
        if let Kind::Enum(texts) = kind
            && !ops.iter().any(|op| matches!(op, Op::Codes(_)))
        {
            ops.push(Op::OneOf(texts.clone().into()));
        }
        ops
    }

    /// The steps of converters, one by one, and what comes out of the last; whoever calls judges that.
    pub(super) fn steps(
        &mut self,
        ground: Ground<'_>,
        place: &[&str],
        converters: &[Converter],
        rule: &Rule,
        end: End<'_>,
    ) -> Option<(Vec<Op>, Form)> {
        let mut ops = Vec::new();
        let mut form = Form::Any;
        for (at, converter) in converters.iter().enumerate() {
            let index = at.to_string();
            let path: Vec<&str> = place.iter().copied().chain([index.as_str()]).collect();
            let (op, next) = self.op(ground, &path, converter, rule, end)?;
            if at > 0 && matches!(converter, Converter::Number | Converter::Truth) {
                let word = if matches!(converter, Converter::Number) { "number" } else { "truth" };
                let message =
                    format!("`{word}` says what the source has, and stands behind another converter");
                let hint = Some(format!("write `{word}` first"));
                ground.doc.error(self.out, m::CONVERTER_MISFIT, &path, message, hint);
            }
            let op = if ops.last() == Some(&Op::Number) { self.in_number(ground, &path, op)? } else { op };
            let following = converters.get(at + 1);
            let op = Self::as_time(op, following);
            if !matches!(following, Some(Converter::LocalDate(_))) {
                self.date_form(ground, &path, &op, end.kind);
            }
            ops.push(op);
            form = next;
        }
        Some((ops, form))
    }

    fn date_form(&mut self, ground: Ground<'_>, path: &[&str], op: &Op, kind: &Kind) {
        let wrong = match (op, kind) {
            (Op::Date(_), Kind::Text(Format::DateTime)) => {
                Some("`date`, and the member is a time: use `dateTime`")
            }
            (Op::DateTime(_) | Op::EpochSeconds | Op::EpochMillis, Kind::Text(Format::Date)) => {
                Some("a time, and the member is a date: use `date`")
            }
            (Op::Lapse(_), Kind::Text(Format::Date | Format::DateTime)) => {
                Some("a span of time, and the member is a point in time")
            }
            (Op::Fixed(_), Kind::Text(Format::Date | Format::DateTime)) => {
                Some("an amount, and the member is a point in time")
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
        Kind::Text(Format::Plain) => "end with `text`",
        Kind::Text(Format::Date) => "end with `date`",
        Kind::Text(Format::DateTime) => "end with `dateTime` or `epoch`",
        Kind::Enum(_) => "end with `codes` or `lookup`",
        Kind::Object | Kind::List(_) | Kind::Free => "use `json`, or `each` for a list",
    };
    converter.into()
}

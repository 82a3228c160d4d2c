//! One converter to its step: what it asks for, and what comes out of it.

use super::{End, Form, Ground, constant};
use crate::{
    fault::mapping as m,
    plan::{
        Kind,
        compile::{Compiler, Wish},
        contract::Format,
        convert::{Codes, Html, Op},
    },
    spec::words::{
        binding::Rule,
        converter::{self, Converter, Unit},
    },
    value::{Value, time::lapse::Lapse},
};
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn op(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        converter: &Converter,
        rule: &Rule,
        end: End<'_>,
    ) -> Option<(Op, Form)> {
        Some(match converter {
            Converter::Number => (Op::Number, Form::Number),
            // A database has truths in a form of its own, which is not JSON's.
            Converter::Truth => (if ground.sql { Op::Boolean } else { Op::Truth }, Form::Truth),
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
                let unknown = rule.unknown.as_ref().map(constant);
                self.codes(ground, path, &pairs, unknown.as_ref(), (rule, end));
                let form = match pairs.iter().map(|(_, v)| v).find(|v| !v.is_null()) {
                    Some(Value::Bool(_)) => Form::Truth,
                    Some(Value::Number(_)) => Form::Number,
                    _ => Form::Text,
                };
                (Op::Codes(Arc::new(Codes { pairs, unknown })), form)
            }
            Converter::Table(_) => {
                let hint =
                    "name the members together, for example `\"sex, altered\": { ... }`; or use `codes`";
                let message = "`table` fills several members from one place";
                ground.doc.error(self.out, m::CONVERTER_MISFIT, path, message, Some(hint.into()));
                return None;
            }
            Converter::Split(_) => {
                let hint = "name the members together, for example `\"name.family, name.given\": { ... }`, and end with it";
                let message = "`split` fills several members from one place";
                ground.doc.error(self.out, m::CONVERTER_MISFIT, path, message, Some(hint.into()));
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
            Converter::Date(date) => (Op::Date(self.date(ground, path, date)?), Form::Text),
            Converter::DateTime(time) => (Op::DateTime(self.date_time(ground, path, time)?), Form::Text),
            Converter::Epoch(unit) if *end.kind == Kind::Text(Format::Date) => {
                (Op::EpochDay(if *unit == Unit::Seconds { 1 } else { 1000 }), Form::Text)
            }
            Converter::Epoch(Unit::Seconds) => (Op::EpochSeconds, Form::Text),
            Converter::Epoch(Unit::Milliseconds) => (Op::EpochMillis, Form::Text),
            Converter::LocalDate(zone) => {
                (Op::LocalDate(self.zone(ground, path, "localDate", zone)?), Form::Text)
            }
            Converter::LocalTime(zone) => {
                (Op::LocalTime(self.zone(ground, path, "localTime", zone)?), Form::Text)
            }
            Converter::Scaled(places) => (self.scaled(ground, path, *places, end), Form::Number),
            Converter::Affix(affix) => (self.affix(ground, path, affix)?, Form::Text),
            Converter::Grouped(sign) => (self.grouped(ground, path, sign)?, Form::Number),
            Converter::Fixed(places) => (Op::Fixed(*places), Form::Text),
            Converter::Holds(text) => (Op::Holds(self.sought(ground, path, "holds", text)?), Form::Truth),
            Converter::Without(text) => {
                (Op::Without(self.sought(ground, path, "without", text)?), Form::Text)
            }
            Converter::Scale(scale) => (self.scale(ground, path, scale, end)?, Form::Number),
            Converter::Lapse(lapse) => {
                let lapse = match lapse {
                    converter::Lapse::Words => Lapse::Words,
                    converter::Lapse::Months => Lapse::Months,
                    converter::Lapse::Weeks => Lapse::Weeks,
                    converter::Lapse::Days => Lapse::Days,
                };
                (Op::Lapse(lapse), Form::Text)
            }
            Converter::Html(converter::Html::Plain) => (Op::Html(Html::Plain), Form::Text),
            Converter::Html(converter::Html::Escaped) => (Op::Html(Html::Escaped), Form::Text),
        })
    }
}

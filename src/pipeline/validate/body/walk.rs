//! The walk along the contract's members: read-only ones that are sent, dates that are no dates, times
//! without a zone. All else is the schema's to say.

use super::{
    Purpose,
    finding::{At, Findings, What, taken},
};
use crate::{
    plan::{
        Contract, Kind,
        contract::{Format, Member},
    },
    value::{
        Value,
        time::{Date, Moment},
    },
};

struct Walk<'a> {
    contract: &'a Contract,
    purpose: Purpose,
    steps: Vec<At<'a>>,
    findings: &'a mut Findings,
}

pub(super) fn walk<'a>(
    contract: &'a Contract,
    body: &'a Value,
    purpose: Purpose,
    findings: &'a mut Findings,
) {
    let mut walk = Walk { contract, purpose, steps: Vec::new(), findings };
    walk.members(&contract.top().collect::<Vec<_>>(), body);
}

// === impl Walk ===

impl<'a> Walk<'a> {
    fn find(&mut self, what: What) {
        self.findings.push(taken(&self.steps), what);
    }

    fn members(&mut self, members: &[&'a Member], body: &'a Value) {
        for member in members {
            if let Some(value) = body.get(&member.name) {
                self.steps.push(At::Name(&member.name));
                self.member(member, value);
                self.steps.pop();
            }
        }
    }

    fn member(&mut self, member: &'a Member, value: &'a Value) {
        if member.read_only && self.purpose == Purpose::Create {
            self.find(What::ReadOnly);
            return;
        }
        match (&member.kind, value) {
            (Kind::Object, Value::Object(_)) => {
                self.members(&self.contract.children(member).collect::<Vec<_>>(), value);
            }
            (Kind::List(kind), Value::List(items)) => {
                let children: Vec<&'a Member> = self.contract.children(member).collect();
                for (index, item) in items.iter().enumerate() {
                    if self.findings.full() {
                        return;
                    }
                    self.steps.push(At::Index(index));
                    match kind {
                        Some(kind) => self.scalar(kind, item),
                        None => self.members(&children, item),
                    }
                    self.steps.pop();
                }
            }
            (kind, value) => self.scalar(kind, value),
        }
    }

    fn scalar(&mut self, kind: &Kind, value: &Value) {
        let Value::Text(text) = value else { return };
        let format = match kind {
            Kind::Text(Format::Date) if Date::parse(text).is_none() => "date",
            Kind::Text(Format::DateTime) if Moment::parse(text).is_none() => "date-time",
            _ => return,
        };
        self.find(What::Format(format.to_owned()));
    }
}

//! The walk along the contract's members: read-only ones that are sent, dates that are no dates, times
//! without a zone. All else is the schema's to say.

use super::{
    Purpose,
    finding::{Findings, Step, What},
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
    steps: Vec<Step>,
    findings: &'a mut Findings,
}

pub(super) fn walk(contract: &Contract, body: &Value, purpose: Purpose, findings: &mut Findings) {
    let mut walk = Walk { contract, purpose, steps: Vec::new(), findings };
    walk.members(&contract.top().collect::<Vec<_>>(), body);
}

// === impl Walk ===

impl Walk<'_> {
    fn find(&mut self, what: What) {
        self.findings.push(self.steps.clone(), what);
    }

    fn members(&mut self, members: &[&Member], body: &Value) {
        for member in members {
            if let Some(value) = body.get(&member.name) {
                self.steps.push(Step::Name(member.name.to_string()));
                self.member(member, value);
                self.steps.pop();
            }
        }
    }

    fn member(&mut self, member: &Member, value: &Value) {
        if member.read_only && self.purpose == Purpose::Create {
            self.find(What::ReadOnly);
            return;
        }
        match (&member.kind, value) {
            (Kind::Object, Value::Object(_)) => {
                self.members(&self.contract.children(member).collect::<Vec<_>>(), value);
            }
            (Kind::List(kind), Value::List(items)) => {
                let children: Vec<&Member> = self.contract.children(member).collect();
                for (index, item) in items.iter().enumerate() {
                    if self.findings.full() {
                        return;
                    }
                    self.steps.push(Step::Index(index));
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

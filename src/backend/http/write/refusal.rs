//! What a write's answer means: done, absent, overtaken, or refused with the violations in public names.

use super::{Outcome, Work};
use crate::backend::http::send::is_busy;
use crate::{
    backend::{
        Subject,
        http::{Heard, Http, codec, is_absent},
    },
    fault::{Fault, Violation, code},
    plan::http::{Call, Meaning, rules::Test},
    value::{Value, path::Step},
};

impl Http {
    /// What a write's answer means; what the source refuses as violations in public names.
    pub(super) fn written(
        &self,
        work: &Work<'_>,
        call: &Call,
        heard: Heard,
        sent: Option<&Value>,
    ) -> Result<Outcome, Fault> {
        let dialect = &work.means.dialect;
        let lost =
            heard.meaning == Some(Meaning::LostRace) || (heard.meaning.is_none() && heard.status == 412);
        if lost {
            return Ok(Outcome::LostRace);
        }
        if work.key.is_some() && is_absent(work.means, &heard) {
            return Ok(Outcome::Absent);
        }
        if heard.is_good() {
            if let Some(broken) = call.expect.iter().position(|one| !heard.holds(one, sent)) {
                let detail = format!("expectation {} does not hold: {}", broken + 1, heard.said);
                // What should have come back as it was sent is what the system does not take.
                let place = call.expect.get(broken).and_then(|one| match &one.test {
                    Test::Same(path) => violation(work.subject, &path.to_string()),
                    _ => None,
                });
                if let Some(fault) = Fault::of_violations(place.into_iter().collect()) {
                    return Err(fault.detail(format!("{}: call `{}`: {detail}", self.name, call.name)));
                }
                return Err(self.refusal(work, call, &heard, &detail));
            }
            return match &heard.text {
                Ok(text) => {
                    let text = text.clone();
                    Ok(Outcome::Done(heard, text))
                }
                // What is not read need not be understood: an empty answer, or a page.
                Err(_) if heard.is_success() => Ok(Outcome::Done(heard, String::new())),
                Err(why) => Err(self.fault(&code::NOT_UNDERSTOOD, call, why)),
            };
        }
        let ours = [401, 403, 404, 405, 408, 429];
        let refused = match heard.meaning {
            Some(meaning) => meaning == Meaning::Refused,
            None => (400..500).contains(&heard.status) && !ours.contains(&heard.status),
        };
        if !refused || is_busy(dialect, &heard) {
            return Err(self.refused(dialect, call, &heard));
        }
        let said = heard.message(dialect).unwrap_or_else(|| heard.said.clone());
        let detail = format!("status {}: {said}", heard.status);
        Err(self.refusal(work, call, &heard, &detail))
    }

    /// A value that the service's description does not allow is refused here as it would be there.
    pub(super) fn unsent(&self, work: &Work<'_>, call: &Call, sent: Option<&Value>, fault: Fault) -> Fault {
        let Some((place, what)) = sent.and_then(|body| codec::misfit(call, body)) else { return fault };
        let violations = violation(work.subject, &place).into_iter().collect();
        let fault = Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::REFUSED_BEHIND));
        fault.detail(format!("{}: call `{}`: {what}", self.name, call.name))
    }

    pub(super) fn refusal(&self, work: &Work<'_>, call: &Call, heard: &Heard, detail: &str) -> Fault {
        let mut violations: Vec<Violation> = Vec::new();
        for field in heard.fields(&work.means.dialect) {
            let found = violation(work.subject, &field);
            violations.extend(found.filter(|one| !violations.contains(one)));
        }
        let fault = Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::REFUSED_BEHIND));
        fault.detail(format!("{}: call `{}`: {detail}", self.name, call.name))
    }
}

/// A field of the source as the public member that is kept there. Systems name it in many ways: `field_x][und][0`,
/// `/data/attributes/name`, `body.name`; what counts is the rule whose place shares the most names from its end on.
fn violation(subject: Subject<'_>, field: &str) -> Option<Violation> {
    let names: Vec<&str> = field
        .split(['[', ']', '.', '/'])
        .filter(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    let rules = subject.binding.writing.rules.iter();
    let scored = rules.filter_map(|rule| {
        let place: Vec<&str> = rule
            .path
            .0
            .iter()
            .filter_map(|step| if let Step::Key(name) = step { Some(&**name) } else { None })
            .collect();
        let tail = place.iter().rev().zip(names.iter().rev()).take_while(|(a, b)| a == b).count();
        let head = usize::from(place.first() == names.first() && !names.is_empty());
        let score = tail * 2 + head;
        (score > 0).then_some((score, rule))
    });
    let (_, rule) = scored.max_by_key(|(score, _)| *score)?;
    let member = rule.members().first().and_then(|id| subject.resource.contract.get(*id))?;
    let pointer = format!("/{}", member.path.replace('.', "/"));
    let message = format!(
        "The system that keeps this record does not take this value of `{}`. Choose another one.",
        member.path
    );
    Some(Violation::pointer(pointer, &code::REFUSED_BEHIND, message))
}

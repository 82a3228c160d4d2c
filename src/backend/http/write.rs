//! Writes over HTTP calls. Nothing is repeated once it has left; what the source refuses is told in public names.

use super::{Http, Received, document, request, said};
use crate::{
    backend::{
        Journey, Subject, Written,
        explain::{Step, Write},
        stub::impossible,
    },
    fault::{Fault, Violation, code},
    plan::{
        Selection,
        http::{Call, HttpMeans},
    },
    translate::{extract, store},
    value::{Value, json::read, path::Path},
};

impl Http {
    pub(super) async fn add(
        &self,
        subject: Subject<'_>,
        body: &Value,
        journey: &Journey,
    ) -> Result<String, Fault> {
        let means = Self::means(subject)?;
        let create = means.create.as_ref().ok_or_else(|| impossible("create"))?;
        let received = self.put(subject, means, &create.call, "", body, None, journey).await?;
        let text = self.written(subject, means, &create.call, received)?;
        let key = subject.binding.reading.levels.first().and_then(|l| l.places.get(usize::from(means.key)));
        let key = key.and_then(|path| extract::scalar(&text, path));
        self.totals.forget();
        key.ok_or_else(|| self.fault(&code::NOT_UNDERSTOOD, &create.call, "the answer does not give the key"))
    }

    pub(super) async fn save(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let replace = means.replace.as_ref().ok_or_else(|| impossible("replace"))?;
        let Some(place) = request::key_place(subject, means, key, &journey.around) else {
            return Ok(Written::Absent);
        };
        let received = self.put(subject, means, &replace.call, &place, body, Some(changed), journey).await?;
        if is_absent(means, &received) {
            return Ok(Written::Absent);
        }
        self.written(subject, means, &replace.call, received)?;
        self.totals.forget();
        Ok(Written::Done)
    }

    pub(super) async fn remove(
        &self,
        subject: Subject<'_>,
        key: &str,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let call = means.delete.as_ref().ok_or_else(|| impossible("delete"))?;
        let Some(place) = request::key_place(subject, means, key, &journey.around) else {
            return Ok(Written::Absent);
        };
        let received = self.send(call, request::keyed(&self.source, call, &place), journey).await?;
        if is_absent(means, &received) {
            return Ok(Written::Absent);
        }
        self.written(subject, means, call, received)?;
        self.totals.forget();
        Ok(Written::Done)
    }

    #[expect(clippy::too_many_arguments, reason = "what is written, where, and for whom")]
    async fn put(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        call: &Call,
        key: &str,
        body: &Value,
        changed: Option<&Selection>,
        journey: &Journey,
    ) -> Result<Received, Fault> {
        let placed = store::place(
            &subject.resource.contract,
            &subject.binding.writing,
            body,
            changed,
            &journey.around,
        )
        .map_err(|violations| {
            Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::BAD_BODY))
        })?;
        let mut outgoing = request::keyed(&self.source, call, key);
        outgoing.headers.push(("content-type".into(), "application/json".into()));
        outgoing.body = Some(document(means, &placed, call));
        self.send(call, outgoing, journey).await
    }

    /// The text of a write's good answer; what the source refuses as violations in public names.
    fn written(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        call: &Call,
        received: Received,
    ) -> Result<String, Fault> {
        if (200..300).contains(&received.status) {
            return self.good(call, received);
        }
        let ours = [401, 403, 404, 405, 408, 429];
        if !(400..500).contains(&received.status) || ours.contains(&received.status) {
            return Err(self.refused(call, received.status, &received));
        }
        let text = String::from_utf8_lossy(&received.body);
        let fields = means.dialect.faults.as_ref().map(|path| named_fields(&text, path)).unwrap_or_default();
        let violations: Vec<Violation> =
            fields.iter().filter_map(|field| violation(subject, field)).collect();
        let detail =
            format!("{}: call `{}`: status {}: {}", self.name, call.name, received.status, said(&received));
        let fault = Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::REFUSED_BEHIND));
        Err(fault.detail(detail))
    }

    pub(super) fn explain_calls(&self, subject: Subject<'_>, key: Option<&str>, write: Write) -> Vec<Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let call = match write {
            Write::Create => means.create.as_ref().map(|w| &w.call),
            Write::Replace => means.replace.as_ref().map(|w| &w.call),
            Write::Delete => means.delete.as_ref(),
        };
        let Some(call) = call else { return Vec::new() };
        let mut steps = self.session.explain(&self.name, &self.source);
        let outgoing = request::keyed(&self.source, call, key.unwrap_or_default());
        let (why, takes) = match write {
            Write::Create => ("makes the record", names(subject)),
            Write::Replace => ("writes the members that changed", names(subject)),
            Write::Delete => ("removes the record", Vec::new()),
        };
        steps.push(Step {
            source: self.name.clone(),
            call: request::line(&self.source, &outgoing),
            detail: (!takes.is_empty()).then(|| format!("may carry {}", takes.join(", "))),
            why: why.into(),
            takes: Vec::new(),
            login: false,
        });
        steps
    }
}

fn names(subject: Subject<'_>) -> Vec<String> {
    subject.binding.writing.rules.iter().filter_map(|r| r.path.head().map(str::to_owned)).collect()
}

fn is_absent(means: &HttpMeans, received: &Received) -> bool {
    means.read.as_ref().is_some_and(|read| read.absent_statuses.contains(&received.status))
}

/// The names of a map from fields to faults.
fn named_fields(text: &str, path: &Path) -> Vec<String> {
    let Ok(value) = read::read(text) else { return Vec::new() };
    let found = path.0.iter().try_fold(&value, |value, step| match (step, value) {
        (crate::value::path::Step::Key(name), value) => value.get(name),
        (crate::value::path::Step::Index(index), Value::List(items)) => items.get(*index),
        _ => None,
    });
    match found {
        Some(Value::Object(members)) => members.iter().map(|(name, _)| name.clone()).take(50).collect(),
        _ => Vec::new(),
    }
}

/// A field of the source as the public member that is kept there.
fn violation(subject: Subject<'_>, field: &str) -> Option<Violation> {
    // Systems name a field with what stands in it: `field_x][und][0` is `field_x`.
    let head = field.split(['[', ']', '.']).next().unwrap_or(field);
    let rule = subject.binding.writing.rules.iter().find(|r| r.path.head() == Some(head))?;
    let member = rule.members().first().and_then(|id| subject.resource.contract.get(*id))?;
    let pointer = format!("/{}", member.path.replace('.', "/"));
    let message = format!(
        "The system that keeps this record does not take this value of `{}`. Choose another one.",
        member.path
    );
    Some(Violation::pointer(pointer, &code::REFUSED_BEHIND, message))
}

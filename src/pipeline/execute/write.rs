//! Writes: what stands is read first, so that preconditions, read-only members and patches can be judged;
//! then what changed is written, and the record is read back.

use super::{Found, Run};
use crate::{
    backend::{Answer, Content, Written},
    fault::{Fault, Violation, code},
    pipeline::{
        audit::Watch,
        envelope,
        route::Routed,
        select::Selected,
        validate::{Asked, body},
    },
    plan::{Kind, Means, Resource, Selection, resource::Operation},
    translate::store,
    value::Value,
};
use std::borrow::Cow;

pub(super) async fn write<'p>(
    run: &Run<'p>,
    selected: &Selected<'p>,
    resource: &'p Resource,
    path: usize,
    watch: &mut Watch,
) -> Result<Found<'p>, Fault> {
    let routed = &selected.validated.routed;
    match (routed.operation, &selected.validated.asked) {
        (Operation::Create, Asked::Body { body, .. }) => {
            create(run, routed, resource, path, body, watch).await
        }
        (Operation::Replace | Operation::Patch, Asked::Body { body, .. }) => {
            change(run, routed, resource, path, body.clone(), watch).await
        }
        (Operation::Delete, _) => delete(run, routed, resource, path, watch).await,
        _ => Err(Fault::plain(&code::INTERNAL).detail("an operation without its question")),
    }
}

async fn create<'p>(
    run: &Run<'p>,
    routed: &Routed<'p>,
    resource: &'p Resource,
    path: usize,
    body: &Value,
    watch: &mut Watch,
) -> Result<Found<'p>, Fault> {
    run.parent(routed, resource, path).await?;
    let mut body = Cow::Borrowed(body);
    if let Some((_, member)) = resource.paths.get(path).and_then(|p| p.parent)
        && let (Some(member), Some(key)) = (resource.contract.get(member), routed.parameters.first())
    {
        let key = Value::Text(key.as_str().into());
        let of_several = matches!(member.kind, Kind::List(_));
        body.to_mut().set_at(&member.path, if of_several { Value::List(vec![key]) } else { key });
    }
    let body = &*body;
    run.admits(resource, &routed.permit, Operation::Create, body).await?;
    references(run, routed, (resource, path), body, None).await?;
    let subject = Run::subject(resource);
    let journey = run.with(&resource.binding.writing.lookups).await?;
    watch.intends(resource, None, None, Some(body)).await?;
    let call = run.backend(resource)?.create(subject, body, &journey);
    let key = run.writing(resource, call).await?;
    if let Some(mark) = &journey.mark {
        mark.made(&key);
    }
    let answer = if matches!(resource.binding.means, Means::Stub { .. }) {
        kept_nowhere(resource, body, &key)
    } else {
        let read = run.read(resource, &key, &resource.all, &routed.permit).await?;
        read.ok_or_else(|| {
            let detail = format!("what was made in `{}` could not be read back", resource.name);
            Fault::plain(&code::BACKEND_FAILED).detail(detail)
        })?
    };
    Ok(Found::Record { resource, answer, created: true })
}

async fn change<'p>(
    run: &Run<'p>,
    routed: &Routed<'p>,
    resource: &'p Resource,
    path: usize,
    mut sent: Value,
    watch: &mut Watch,
) -> Result<Found<'p>, Fault> {
    let current = run.existing(routed, resource, path, &resource.all).await?;
    let before = as_value(resource, &current)?;
    precondition(routed, resource, &current)?;
    let contract = &resource.contract;
    let mut violations = body::strip_read_only(contract, &mut sent, &before);
    let mut after = if routed.operation == Operation::Patch {
        let mut whole = before.clone();
        writable(resource, &mut whole);
        whole.merge(sent);
        whole
    } else {
        sent
    };
    routed.permit.keep_hidden(contract, &mut after, &before);
    violations.extend(body::keep_created(contract, &resource.create_only, &mut after, &before));
    violations.extend(body::violations(contract, &after, body::Purpose::Replace));
    violations.extend(another_key(resource, &before, &after));
    if let Some(fault) = Fault::of_violations(violations) {
        return Err(fault);
    }
    store::complete(contract, &mut after);
    // Whose child a record is says its path. That stays, also where a source is sent all of a record.
    for member in
        resource.paths.iter().filter_map(|path| contract.get(path.parent?.1)).filter(|m| m.read_only)
    {
        after.set_at(&member.path, before.at(&member.path).cloned().unwrap_or_default());
    }
    run.admits(resource, &routed.permit, routed.operation, &after).await?;
    let mut old = before.clone();
    writable(resource, &mut old);
    let changed = different(resource, &old, &after);
    references(run, routed, (resource, path), &after, Some(&old)).await?;
    let subject = Run::subject(resource);
    if matches!(resource.binding.means, Means::Stub { .. }) {
        watch.intends(resource, Some(routed.key()), Some(&before), Some(&after)).await?;
        let mut shown = before;
        for member in contract.top().filter(|m| !contract.is_read_only(m) && !m.write_only) {
            shown.set(&member.name, after.get(&member.name).cloned().unwrap_or_default());
        }
        let answer =
            Answer { content: Content::Values(vec![shown]), total: None, version: None, printed: None };
        return Ok(Found::Record { resource, answer, created: false });
    }
    if changed == Selection::none(contract) {
        return Ok(Found::Record { resource, answer: current, created: false });
    }
    let journey = run.with(&resource.binding.writing.lookups).await?;
    let version = current.version.as_deref();
    if watch.is_kept() {
        let mut wanted = before.clone();
        for member in contract.top().filter(|member| changed.has(member.id)) {
            wanted.set(&member.name, after.get(&member.name).cloned().unwrap_or_default());
        }
        watch.intends(resource, Some(routed.key()), Some(&before), Some(&wanted)).await?;
    }
    let call = run.backend(resource)?.replace(subject, routed.key(), &after, &changed, version, &journey);
    let written = run.writing(resource, call).await?;
    done(&written)?;
    let answer = run.own(routed, resource, path, &resource.all).await?;
    Ok(Found::Record { resource, answer, created: false })
}

async fn delete<'p>(
    run: &Run<'p>,
    routed: &Routed<'p>,
    resource: &'p Resource,
    path: usize,
    watch: &mut Watch,
) -> Result<Found<'p>, Fault> {
    let current = run.existing(routed, resource, path, &resource.all).await?;
    precondition(routed, resource, &current)?;
    // A record that cannot be shown is not removed either: the answer has to be the record as it was.
    envelope::tag(resource, &current, &routed.permit.view)?;
    let subject = Run::subject(resource);
    let guarded = routed.arrived.if_match.is_some();
    let version = current.version.as_deref().filter(|_| guarded);
    if watch.is_kept() {
        let before = as_value(resource, &current)?;
        watch.intends(resource, Some(routed.key()), Some(&before), None).await?;
    }
    let call = run.backend(resource)?.delete(subject, routed.key(), version, &run.journey);
    let written = run.writing(resource, call).await?;
    done(&written)?;
    Ok(Found::Record { resource, answer: current, created: false })
}

/// A key that is chosen when a record is made stays what it is.
fn another_key(resource: &Resource, before: &Value, after: &Value) -> Option<Violation> {
    let key = resource.contract.get(resource.key).filter(|key| !resource.contract.is_read_only(key))?;
    let is_other = after.at(&key.path).is_some_and(|new| before.at(&key.path) != Some(new));
    is_other.then(|| {
        let message = format!("`{}` cannot be changed; leave it out, or send it as it is.", key.path);
        Violation::pointer(format!("/{}", key.path.replace('.', "/")), &code::READ_ONLY, message)
    })
}

fn done(written: &Written) -> Result<(), Fault> {
    match written {
        Written::Done => Ok(()),
        Written::Absent => Err(Fault::plain(&code::NO_RECORD)),
        Written::LostRace => Err(Fault::plain(&code::LOST_RACE)),
    }
}

/// `If-Match` guards a write by the tag of the whole record in JSON.
fn precondition(routed: &Routed<'_>, resource: &Resource, current: &Answer) -> Result<(), Fault> {
    let Some(wanted) = routed.arrived.if_match.as_deref().and_then(envelope::tags) else { return Ok(()) };
    if wanted.any {
        return Ok(());
    }
    let tag = envelope::tag(resource, current, &routed.permit.view)?;
    if wanted.strong.contains(&tag) { Ok(()) } else { Err(Fault::plain(&code::PRECONDITION_FAILED)) }
}

/// The whole record in the public form.
fn as_value(resource: &Resource, answer: &Answer) -> Result<Value, Fault> {
    let bytes = envelope::whole(resource, answer)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    crate::value::json::read::read(&text).map_err(|e| Fault::plain(&code::INTERNAL).detail(e.to_string()))
}

/// Takes out what nobody can write.
fn writable(resource: &Resource, value: &mut Value) {
    for member in resource.contract.top().filter(|m| m.read_only) {
        value.remove(&member.name);
    }
}

/// The members at the top that differ. Numbers are compared by value, and absent is like null.
fn different(resource: &Resource, before: &Value, after: &Value) -> Selection {
    let contract = &resource.contract;
    let mut changed = Selection::none(contract);
    for member in contract.top().filter(|m| !contract.is_read_only(m)) {
        let mut one = Selection::none(contract);
        one.add(contract, member.id);
        let shown = |value: &Value| {
            let mut sink = crate::translate::sink::json::Json::default();
            let place = crate::translate::sink::Place::Root;
            let written = crate::translate::whole::record(contract, value, &one, place, &mut sink);
            written.map(|()| crate::translate::Sink::into_bytes(sink))
        };
        if shown(before) != shown(after) {
            changed.add(contract, member.id);
        }
    }
    changed
}

fn kept_nowhere(resource: &Resource, body: &Value, key: &str) -> Answer {
    let mut shown = body.clone();
    if let Some(member) = resource.contract.get(resource.key) {
        shown.set(&member.name, Value::Text(key.into()));
    }
    for member in resource.contract.top().filter(|member| member.write_only) {
        shown.remove(&member.name);
    }
    Answer { content: Content::Values(vec![shown]), total: None, version: None, printed: None }
}

/// What a record points to has to exist, where it is new or has changed. Where both stand below a parent of one kind, it
/// is the same parent's.
async fn references(
    run: &Run<'_>,
    routed: &Routed<'_>,
    (resource, path): (&Resource, usize),
    body: &Value,
    before: Option<&Value>,
) -> Result<(), Fault> {
    let mut violations = Vec::new();
    let owner = resource.paths.get(path).and_then(|p| p.parent).map(|(owner, _)| owner);
    for (id, target) in &resource.references {
        let Some(member) = resource.contract.get(*id) else { continue };
        let value = body.at(&member.path);
        let Some(key) = value.and_then(Value::scalar) else { continue };
        if before.and_then(|b| b.at(&member.path)) == value {
            continue;
        }
        let well_formed = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'-'));
        let below = run.instance.plan.resource(*target).and_then(|t| t.paths.first()?.parent);
        let same = below.filter(|(parent, _)| owner == Some(*parent)).map(|(_, member)| member);
        let same = same.and_then(|member| Some((member, routed.parameters.first()?.as_str())));
        if !well_formed || key.is_empty() || !run.exists_below(*target, key, same).await? {
            let message =
                format!("`{}` names a record that does not exist. Use the id of one that does.", member.path);
            violations.push(Violation::pointer(
                format!("/{}", member.path.replace('.', "/")),
                &code::NO_REFERENCE,
                message,
            ));
        }
    }
    Fault::of_violations(violations).map_or(Ok(()), Err)
}

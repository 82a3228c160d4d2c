//! What came of a create that was given up: the record is read by the key that it would have, or looked for by the members
//! that the binding names. What is not found was not done.

use super::{
    Found, Run,
    held::{self, Narrowed},
    parent_filter,
};
use crate::{
    backend::{Ask, Journey, lookup},
    fault::Fault,
    pipeline::{
        Instance,
        caching::Caching,
        route::{Routed, To},
        select::Selected,
        validate::Asked,
    },
    plan::{Means, Resource, Selection, resource::Operation},
    translate::compare::{Filter, Operator},
    value::{
        Value,
        time::{Date, Moment},
    },
};
use std::sync::Arc;
use tokio::time::Instant;

/// What is known of a request that was given up.
#[derive(Debug)]
pub enum Resolved<'p> {
    /// It was done: this came of it.
    There(Found<'p>),
    /// It was not done, or may be done again by the same key: it is carried out.
    NotThere,
    /// Nobody can tell.
    Unclear,
}

/// Finds out what came of a request. `key` is that of the record that was made, or would have been.
pub async fn resolve<'p>(
    instance: &'p Arc<Instance>,
    selected: &Selected<'p>,
    key: &str,
    caching: Caching<'p>,
    (now, deadline): (Moment, Instant),
) -> Result<Resolved<'p>, Fault> {
    let routed = &selected.validated.routed;
    let To::Resource(resource, path) = routed.to else { return Ok(Resolved::Unclear) };
    let (Operation::Create, Asked::Body { body, .. }) = (routed.operation, &selected.validated.asked) else {
        return Ok(Resolved::Unclear);
    };
    let today = now.date().unwrap_or(Date { year: 1970, month: 1, day: 1 });
    let journey = Journey { deadline, now, around: lookup::none(today), mark: None };
    // Nothing that is kept is believed.
    let run = Run { instance, journey, caller: Arc::clone(&routed.caller), caching, writes: true };
    let created = |answer| Resolved::There(Found::Record { resource, answer, created: true });
    match &resource.binding.means {
        // The key was ours to choose.
        Means::Sql(means) if !means.database_key => {
            let permit = &routed.permit;
            match run.read(resource, key, &resource.all, permit).await? {
                Some(answer) if run.shows(resource, permit, &answer).await? => Ok(created(answer)),
                Some(_) => Ok(Resolved::Unclear),
                None => Ok(Resolved::NotThere),
            }
        }
        Means::Http(means) => {
            // A record that was made, and could not be read back then.
            let chosen = uuid::Uuid::try_parse(key).is_ok();
            if !chosen && let Some(answer) = run.read(resource, key, &resource.all, &routed.permit).await? {
                let shown = run.shows(resource, &routed.permit, &answer).await?;
                return Ok(if shown { created(answer) } else { Resolved::Unclear });
            }
            let Some(create) = &means.create else { return Ok(Resolved::Unclear) };
            if create.find.is_empty() {
                // A call with the same key of its own is not carried out twice by a system that takes such keys.
                let single = create.first.is_empty() && create.after.is_empty();
                let again = create.idempotency.is_some() && single;
                return Ok(if again { Resolved::NotThere } else { Resolved::Unclear });
            }
            found(&run, routed, (resource, path), &create.find, body).await
        }
        Means::Sql(_) => Ok(Resolved::Unclear),
        // It keeps nothing.
        Means::Stub { .. } => Ok(Resolved::NotThere),
    }
}

/// Looks among the records that exist for the caller, and below the parent that the path names.
async fn found<'p>(
    run: &Run<'p>,
    routed: &Routed<'p>,
    (resource, path): (&'p Resource, usize),
    members: &[crate::plan::MemberId],
    body: &Value,
) -> Result<Resolved<'p>, Fault> {
    let mut filters = Vec::new();
    for member in members {
        let value = resource.contract.get(*member).and_then(|member| body.at(&member.path));
        // Without a value it could be any record.
        let Some(value) = value.and_then(Value::scalar) else { return Ok(Resolved::Unclear) };
        filters.push(Filter { member: *member, operator: Operator::Equal, values: vec![value.to_owned()] });
    }
    filters.extend(parent_filter(routed, resource, path));
    let narrowed = run.narrow(resource, &routed.permit, &mut filters).await?;
    let mut selection = Selection::none(&resource.contract);
    selection.add(&resource.contract, resource.key);
    let ask = Ask {
        selection: &selection,
        filters: &filters,
        order: &resource.order,
        limit: 2,
        offset: 0,
        count: false,
        whole: false,
    };
    let listed = match narrowed {
        Narrowed::Asked => run.list(resource, &ask, &routed.permit).await?,
        Narrowed::Nothing => held::nothing(false),
        Narrowed::Among(keys) => run.among(resource, keys, &ask, &routed.permit).await?,
    };
    match listed.content.len() {
        0 => Ok(Resolved::NotThere),
        1 => {
            let key = listed.member(Run::subject(resource), 0, resource.key)?.unwrap_or_default();
            let read = run.read(resource, &key, &resource.all, &routed.permit).await?;
            Ok(read.map_or(Resolved::Unclear, |answer| {
                Resolved::There(Found::Record { resource, answer, created: true })
            }))
        }
        _ => Ok(Resolved::Unclear),
    }
}

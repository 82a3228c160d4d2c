//! From a request that is understood to records: which backends are asked, in which order. Codes F5.
//! It makes no body; a record is shown by `envelope`.

mod cached;
mod held;
mod resolve;
pub mod shortcut;
pub(super) mod through;
mod write;

use super::{
    Instance,
    audit::{self, Watch},
    authorize::{Held, Permit},
    caching::{self, Caching},
    route::{Routed, To},
    select::Selected,
    standing::Ground,
    validate::Asked,
};
use crate::{
    backend::{Answer, Ask, Backend, Journey, Subject, lookup},
    boxed::boxed,
    fault::{Fault, code},
    idempotency::Mark,
    identity::Caller,
    plan::{LookupId, Means, MemberId, Resource, Selection, resource::Operation},
    resilience,
    translate::compare::{Filter, Operator},
    value::time::{Date, Moment},
};
use held::Narrowed;
pub(super) use held::restrict;
pub use resolve::{Resolved, resolve};
use std::{pin::pin, sync::Arc};
use tokio::time::Instant;

/// What was found or done.
#[derive(Debug)]
pub enum Found<'p> {
    List { resource: &'p Resource, answer: Answer },
    Record { resource: &'p Resource, answer: Answer, created: bool },
    Shortcut(shortcut::Composed<'p>),
}

pub async fn execute<'p>(
    instance: &'p Arc<Instance>,
    selected: &Selected<'p>,
    now: Moment,
    deadline: Instant,
    (caching, watch, mark): (Caching<'p>, &mut Watch, Option<Arc<Mark>>),
) -> Result<Found<'p>, Fault> {
    let today = now.date().unwrap_or(Date { year: 1970, month: 1, day: 1 });
    let routed = &selected.validated.routed;
    let journey = Journey { deadline: inner(deadline), now, around: lookup::none(today), mark };
    let writes = routed.operation.is_write();
    let run = Run { instance, journey, caller: Arc::clone(&routed.caller), caching, writes };
    let (resource, path) = match routed.to {
        To::Shortcut(shortcut) => {
            // What is public shows what its own conditions let it show, to whomever it is.
            let caller = if shortcut.public { Caller::operator() } else { run.caller };
            let private = shortcut.parts.iter().any(|part| {
                instance
                    .plan
                    .resource(part.resource)
                    .is_none_or(|one| one.caching.kept().is_none_or(|kept| kept.private))
            });
            caching.account.is_everybodys(shortcut.public && !private, caching.anew);
            let run = Run { caller, ..run };
            // What is large and seldom wanted is in a box: a plain read makes no room for it.
            let (parameters, selection) = (&routed.parameters, &selected.selection);
            let composed = boxed(|| shortcut::compose(&run, shortcut, parameters, selection, watch));
            return composed.await.map(Found::Shortcut);
        }
        To::Resource(resource, path) => (&**resource, path),
    };
    let everybodys = caching::is_everybodys(resource, routed.operation);
    caching.account.is_everybodys(everybodys, caching.anew);
    if everybodys && routed.caller.is_anonymous() {
        let (operation, api) = (routed.operation, resource.api);
        caching.account.is_nobodys(Ground { resource: resource.id, operation, api });
    }
    match (routed.operation, &selected.validated.asked) {
        (Operation::List, Asked::List { filters, through, order, limit, offset, count, .. }) => {
            let mut filters = filters.clone();
            filters.extend(parent_filter(routed, resource, path));
            if !through.is_empty() {
                filters.extend(Box::pin(through::resolved(&run, resource, through)).await?);
            }
            let narrowed = run.narrow(resource, &routed.permit, &mut filters).await?;
            let permitted = run.parent_is_known(routed, resource, path)?;
            let selection = audit::named(watch, resource, &selected.selection);
            let ask = Ask {
                selection: &selection,
                filters: &filters,
                order,
                limit: *limit,
                offset: *offset,
                count: *count,
                whole: false,
            };
            let vouched = permitted && !instance.plan.is_doubtful(resource, path);
            let parent =
                async { if vouched { Ok(()) } else { Box::pin(run.parent(routed, resource, path)).await } };
            let list = async {
                match narrowed {
                    Narrowed::Asked => run.list(resource, &ask, &routed.permit).await,
                    Narrowed::Nothing => Ok(held::nothing(ask.count)),
                    Narrowed::Among(keys) => Box::pin(run.among(resource, keys, &ask, &routed.permit)).await,
                }
            };
            let (answer, ()) = futures_util::future::try_join(pin!(list), pin!(parent)).await?;
            let stub = matches!(resource.binding.means, Means::Stub { .. });
            if vouched && (stub || (answer.content.is_empty() && *offset == 0)) {
                Box::pin(run.parent(routed, resource, path)).await?;
            }
            Ok(Found::List { resource, answer })
        }
        (Operation::Read, _) => {
            let selection = audit::named(watch, resource, &selected.selection);
            let answer = run.existing(routed, resource, path, &selection).await?;
            Ok(Found::Record { resource, answer, created: false })
        }
        _ => boxed(|| write::write(&run, selected, resource, path, watch)).await,
    }
}

/// When calls end for a request that ends then: in time for an answer of ours.
fn inner(deadline: Instant) -> Instant {
    deadline.checked_sub(resilience::MARGIN).unwrap_or(deadline)
}

/// One request's way to the backends.
pub(super) struct Run<'p> {
    pub instance: &'p Arc<Instance>,
    pub journey: Journey,
    pub caller: Arc<Caller>,
    pub caching: Caching<'p>,
    /// Whether it is for a write: then nothing that is kept is believed.
    pub writes: bool,
}

impl<'p> Run<'p> {
    pub fn subject(resource: &'p Resource) -> Subject<'p> {
        Subject { resource, binding: &resource.binding }
    }

    pub fn backend(&self, resource: &Resource) -> Result<&'p Arc<dyn Backend>, Fault> {
        self.instance.sources.of(resource.binding.source)
    }

    /// The journey with the tables of these look-ups.
    pub async fn with(&self, wanted: &[LookupId]) -> Result<Journey, Fault> {
        with(self.instance, &self.journey, wanted).await
    }

    /// The record that a path names; below a parent it has to be the parent's, and the parent has to be there. It has to
    /// exist for the caller.
    pub async fn existing(
        &self,
        routed: &Routed<'p>,
        resource: &'p Resource,
        path: usize,
        selection: &Selection,
    ) -> Result<Answer, Fault> {
        let stub = matches!(resource.binding.means, Means::Stub { .. });
        let permitted = self.parent_is_known(routed, resource, path)?;
        let asked = stub || !permitted || self.instance.plan.is_doubtful(resource, path);
        let parent =
            async { if asked { Box::pin(self.parent(routed, resource, path)).await } else { Ok(()) } };
        let permit = &routed.permit;
        let guarded = permit.guarded(selection, resource);
        let own = self.own(routed, resource, path, &guarded);
        let (answer, ()) = futures_util::future::try_join(pin!(own), pin!(parent)).await?;
        if !self.shows(resource, permit, &answer).await? {
            return Err(Fault::plain(&code::NO_RECORD));
        }
        self.meets(resource, permit, routed.operation, &answer)?;
        Ok(answer)
    }

    /// The same, where the parent is known to be there.
    pub async fn own(
        &self,
        routed: &Routed<'_>,
        resource: &'p Resource,
        path: usize,
        selection: &Selection,
    ) -> Result<Answer, Fault> {
        let no_record = || Fault::plain(&code::NO_RECORD);
        let owner = resource.paths.get(path).and_then(|p| p.parent);
        let selection = owner.map_or_else(|| selection.clone(), |(_, member)| selection.with(member));
        let answer =
            self.read(resource, routed.key(), &selection, &routed.permit).await?.ok_or_else(no_record)?;
        if let (Some((_, member)), Some(wanted)) = (owner, routed.parameters.first())
            && !answer.has(Self::subject(resource), 0, member, wanted)?
        {
            return Err(no_record());
        }
        Ok(answer)
    }

    /// A parent that does not exist has no children, not even none.
    pub async fn parent(&self, routed: &Routed<'_>, resource: &Resource, path: usize) -> Result<(), Fault> {
        let Some((owner, _)) = resource.paths.get(path).and_then(|p| p.parent) else { return Ok(()) };
        let key = routed.parameters.first().map_or("", String::as_str);
        if self.exists(owner, key).await? { Ok(()) } else { Err(Fault::plain(&code::NO_RECORD)) }
    }

    /// Whether it is known without asking that the caller may see the parent of a path. Refuses with F112 where it is known
    /// that they may not.
    fn parent_is_known(&self, routed: &Routed<'_>, resource: &Resource, path: usize) -> Result<bool, Fault> {
        let Some((owner, _)) = resource.paths.get(path).and_then(|p| p.parent) else { return Ok(true) };
        let no_record = || Fault::plain(&code::NO_RECORD);
        let owner = self.instance.plan.resource(owner).ok_or_else(no_record)?;
        let permit = Permit::known(owner, &self.caller).ok_or_else(no_record)?;
        match &permit.rows {
            Held::Own(member, value) if *member == owner.key => {
                let theirs = routed.parameters.first().is_some_and(|key| **key == **value);
                if theirs { Ok(permit.having.is_empty() && permit.when.is_none()) } else { Err(no_record()) }
            }
            _ => Ok(permit.is_free()),
        }
    }

    /// Whether a resource has a record of this key that exists for the caller; asked for nothing but what shows it.
    pub async fn exists(&self, resource: usize, key: &str) -> Result<bool, Fault> {
        self.exists_below(resource, key, None).await
    }

    /// The same, of one parent: the member that holds the parent's key, and that key.
    pub async fn exists_below(
        &self,
        resource: usize,
        key: &str,
        parent: Option<(MemberId, &str)>,
    ) -> Result<bool, Fault> {
        let found = self.instance.plan.resource(resource);
        let Some(resource) = found else { return Ok(false) };
        let Some(permit) = Permit::known(resource, &self.caller) else { return Ok(false) };
        if permit.stands(&self.caller, Operation::Read, self.journey.now).is_err() {
            return Ok(false);
        }
        let mut selection = Selection::none(&resource.contract);
        selection.add(&resource.contract, resource.key);
        if let Some((member, _)) = parent {
            selection.add(&resource.contract, member);
        }
        let selection = permit.guarded(&selection, resource);
        let Some(answer) = self.read(resource, key, &selection, &permit).await? else { return Ok(false) };
        let below = match parent {
            Some((member, wanted)) => answer.has(Self::subject(resource), 0, member, wanted)?,
            None => true,
        };
        Ok(below
            && self.meets(resource, &permit, Operation::Read, &answer).is_ok()
            && self.shows(resource, &permit, &answer).await?)
    }
}

/// The journey with the tables of these look-ups.
async fn with(instance: &Instance, journey: &Journey, wanted: &[LookupId]) -> Result<Journey, Fault> {
    let around = instance.sources.around(&instance.plan, wanted, journey).await?;
    Ok(Journey { around, ..journey.clone() })
}

/// The condition that a parent in the path is.
fn parent_filter(routed: &Routed<'_>, resource: &Resource, path: usize) -> Option<Filter> {
    let (_, member) = resource.paths.get(path)?.parent?;
    let value = routed.parameters.first()?.clone();
    Some(Filter { member, operator: Operator::Equal, values: vec![value] })
}

//! Filters that go through another resource: a value becomes the keys of the records that it means there. A value that
//! means none because nobody knows it is refused; one that is known and has no records finds nothing.

use super::{Run, held::Narrowed};
use crate::{
    backend::Ask,
    fault::{Fault, Violation, code},
    pipeline::{authorize::Permit, validate::query::canonical},
    plan::{Kind, MemberId, Resource, Selection, resource::Through},
    translate::compare::{Filter, Operator},
};
use futures_util::future::try_join_all;

/// The filters that these values are, each by the keys that it means.
pub(super) async fn resolved(
    run: &Run<'_>,
    resource: &Resource,
    asked: &[(usize, String)],
) -> Result<Vec<Filter>, Fault> {
    let one = |(number, value): &(usize, String)| {
        let through = resource.through.get(*number);
        let value = value.clone();
        async move {
            let through = through.ok_or_else(|| Fault::plain(&code::INTERNAL).detail("no such filter"))?;
            let values = keys(run, through, &value).await?;
            Ok::<_, Fault>(Filter { member: through.member, operator: Operator::Equal, values })
        }
    };
    try_join_all(asked.iter().map(one)).await
}

async fn keys(run: &Run<'_>, through: &Through, value: &str) -> Result<Vec<String>, Fault> {
    let missing = || Fault::plain(&code::INTERNAL).detail("a filter goes through no resource");
    let other: &Resource = run.instance.plan.resource(through.other).ok_or_else(missing)?;
    let Some((member, wanted)) = meant(other, through, value) else {
        return Err(unknown(other, through));
    };
    if member == other.key {
        let known = run.exists(other.id, &wanted).await?;
        return if known { Ok(vec![wanted]) } else { Err(unknown(other, through)) };
    }
    let mut selection = Selection::none(&other.contract);
    selection.add(&other.contract, other.key);
    // Records that do not exist for the caller are not meant either.
    let permit = Permit::known(other, &run.caller).filter(|permit| run.lists(permit));
    let Some(permit) = permit else { return Ok(Vec::new()) };
    let mut filters = vec![Filter { member, operator: Operator::Equal, values: vec![wanted] }];
    let narrowed = Box::pin(run.narrow(other, &permit, &mut filters)).await?;
    let ask = Ask {
        selection: &selection,
        filters: &filters,
        order: &other.order,
        limit: through.most + 1,
        offset: 0,
        count: false,
        whole: false,
    };
    let answer = match narrowed {
        Narrowed::Asked => run.list(other, &ask, &permit).await?,
        Narrowed::Nothing => return Ok(Vec::new()),
        Narrowed::Among(keys) => run.among(other, keys, &ask, &permit).await?,
    };
    if answer.content.len() > through.most as usize {
        let detail =
            format!("more than {} of `{}` are meant by `{}`", through.most, other.name, through.name);
        return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
    }
    let subject = Run::subject(other);
    let keys = (0..answer.content.len()).map(|at| answer.member(subject, at, other.key));
    Ok(keys.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().map(String::from).collect())
}

/// The first member of the other resource that takes this value, and the value in its spelling.
pub(in crate::pipeline) fn meant(
    other: &Resource,
    through: &Through,
    value: &str,
) -> Option<(MemberId, String)> {
    through.by.iter().find_map(|id| {
        let member = other.contract.get(*id)?;
        if *id == other.key && !crate::pipeline::route::is_id(value) {
            return None;
        }
        Some((*id, canonical(member, value)?))
    })
}

/// What can be said instead: codes by their names, keys as ids of the other resource.
fn unknown(other: &Resource, through: &Through) -> Fault {
    let ways: Vec<String> = through
        .by
        .iter()
        .filter_map(|id| other.contract.get(*id))
        .map(|member| match &member.kind {
            Kind::Enum(texts) => format!("one of {}", texts.join(", ")),
            _ if member.id == other.key => format!("the id of one of the {}", other.name),
            kind => format!("a `{}` of the {}, {}", member.path, other.name, kind.noun()),
        })
        .collect();
    let message = format!("`{}` is {}.", through.name, ways.join(", or "));
    let violation = Violation::parameter(&through.name, &code::BAD_FILTER_VALUE, message);
    Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::BAD_FILTER_VALUE))
}

//! Look-up tables at work: filled from their resource's records once, kept for their time, one fill for many
//! who wait for it.

use super::{Ask, Journey, Sources, Subject};
use crate::{
    fault::{Fault, code},
    plan::{LookupId, Plan, Selection, resource::SortKey},
    translate::{Surroundings, Table},
    value::time::Date,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The tables of one plan.
#[derive(Debug)]
pub struct Tables {
    kept: moka::future::Cache<LookupId, Kept>,
    /// How often each was dropped.
    dropped: Mutex<HashMap<LookupId, u64>>,
}

#[derive(Debug, Clone)]
struct Kept {
    table: Arc<Table>,
    until: tokio::time::Instant,
    /// The number of the latest drop when its fill began.
    begun: u64,
}

impl Default for Tables {
    fn default() -> Self {
        // One entry for each look-up of a plan: bounded by the plan itself, and here all the same.
        Self { kept: moka::future::Cache::builder().max_capacity(10_000).build(), dropped: Mutex::default() }
    }
}

impl Tables {
    /// The tables that are asked for, each filled or as it is kept.
    pub async fn have(
        &self,
        plan: &Plan,
        sources: &Sources,
        wanted: &[LookupId],
        journey: &Journey,
    ) -> Result<Arc<Surroundings>, Fault> {
        if wanted.is_empty() {
            return Ok(Arc::clone(&journey.around));
        }
        let mut lookups = vec![None; plan.lookups.len()];
        let fills = wanted.iter().map(|id| self.one(plan, sources, *id, journey));
        for (id, table) in wanted.iter().zip(futures_util::future::join_all(fills).await) {
            if let Some(place) = lookups.get_mut(*id) {
                *place = Some(table?);
            }
        }
        Ok(Arc::new(Surroundings { today: journey.around.today, lookups }))
    }

    async fn one(
        &self,
        plan: &Plan,
        sources: &Sources,
        id: LookupId,
        journey: &Journey,
    ) -> Result<Arc<Table>, Fault> {
        // What several bindings ask in the same way is one table.
        let id = plan.lookups.get(id).map_or(id, |lookup| lookup.table);
        let now = tokio::time::Instant::now();
        let begun = self.drops(id);
        let holds = |kept: &Kept| kept.until > now && kept.begun >= begun;
        if let Some(kept) = self.kept.get(&id).await {
            if holds(&kept) {
                return Ok(kept.table);
            }
            self.kept.invalidate(&id).await;
        }
        let fresh = plan.lookups.get(id).map(|l| l.fresh).unwrap_or_default();
        // A fill that began before a drop does not count for who comes after it: then this one fills it again.
        loop {
            let filled = self.kept.try_get_with(id, async {
                let begun = self.drops(id);
                let table = Arc::new(Box::pin(fill(plan, sources, id, journey)).await?);
                Ok::<_, Fault>(Kept { table, until: tokio::time::Instant::now() + fresh, begun })
            });
            let kept = filled.await.map_err(|fault: Arc<Fault>| (*fault).clone())?;
            if kept.begun >= begun {
                return Ok(kept.table);
            }
            self.kept.invalidate(&id).await;
        }
    }

    fn drops(&self, id: LookupId) -> u64 {
        let dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.get(&id).copied().unwrap_or_default()
    }

    /// What was filled before this does not count any more.
    pub fn forget(&self, plan: &Plan, id: LookupId) {
        let id = plan.lookups.get(id).map_or(id, |lookup| lookup.table);
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        *dropped.entry(id).or_default() += 1;
    }

    pub fn is_kept(&self, plan: &Plan, id: LookupId) -> bool {
        self.kept.contains_key(&plan.lookups.get(id).map_or(id, |lookup| lookup.table))
    }
}

async fn fill(plan: &Plan, sources: &Sources, id: LookupId, journey: &Journey) -> Result<Table, Fault> {
    let missing = || Fault::plain(&code::INTERNAL).detail(format!("look-up {id} is not in the plan"));
    let lookup = plan.lookups.get(id).ok_or_else(missing)?;
    let resource = plan.resource(lookup.resource).ok_or_else(missing)?;
    let subject = Subject { resource, binding: &lookup.binding };
    let mut selection = Selection::none(&resource.contract);
    selection.add(&resource.contract, lookup.give);
    let order = [SortKey { member: resource.key, descending: false }];
    let ask = Ask {
        selection: &selection,
        filters: &[],
        order: &order,
        limit: lookup.most + 1,
        offset: 0,
        count: false,
        whole: true,
    };
    let around = self_tables(plan, sources, subject, &selection, journey).await?;
    let journey = Journey { around, ..journey.clone() };
    let answer = sources.of(lookup.binding.source)?.list(subject, &ask, &journey).await?;
    if answer.content.len() > lookup.most as usize {
        let detail = format!("the look-up `{}` has more than {} rows", lookup.name, lookup.most);
        return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
    }
    let mut table = Table::default();
    let mut seen: HashMap<Box<str>, u32> = HashMap::new();
    let super::Content::Slots { batch, rows, .. } = &answer.content else { return Ok(table) };
    for (at, row) in rows.iter().enumerate() {
        let meaning = answer.member(subject, at, lookup.give)?;
        let key = match batch.get(0, *row, lookup.by) {
            crate::translate::Slot::Text(span) | crate::translate::Slot::Number(span) => {
                Some(batch.text(span).to_owned())
            }
            crate::translate::Slot::Escaped(span) => {
                Some(crate::value::json::write::unescape(batch.text(span)))
            }
            _ => None,
        };
        if let (Some(key), Some(meaning)) = (key, meaning) {
            *seen.entry(meaning.as_str().into()).or_default() += 1;
            table.forward.insert(key.as_str().into(), meaning.as_str().into());
            table.backward.insert(meaning.into(), key.into());
        }
    }
    // A meaning that several keys have cannot be written back.
    table.backward.retain(|meaning, _| seen.get(meaning) == Some(&1));
    Ok(table)
}

/// The tables that filling a table needs; circles were refused when the plan was made.
async fn self_tables(
    plan: &Plan,
    sources: &Sources,
    subject: Subject<'_>,
    selection: &Selection,
    journey: &Journey,
) -> Result<Arc<Surroundings>, Fault> {
    let wanted = subject.binding.reading.lookups(selection);
    sources.tables.have(plan, sources, &wanted, journey).await
}

/// Surroundings without any table.
pub fn none(today: Date) -> Arc<Surroundings> {
    Arc::new(Surroundings { today, lookups: Vec::new() })
}

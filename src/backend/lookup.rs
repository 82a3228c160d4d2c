//! Look-up tables at work: filled from their resource's records once, kept for their time, one fill for many
//! who wait for it.

use super::{Ask, Journey, Sources, Subject};
use crate::{
    fault::{Fault, code},
    plan::{LookupId, Plan, Selection, resource::SortKey},
    translate::{Surroundings, Table},
    value::time::Date,
};
use arc_swap::ArcSwapOption;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The tables of one plan.
#[derive(Debug)]
pub struct Tables {
    /// One for each look-up of the plan.
    places: Vec<Place>,
    /// The fills under way: what one found is everybody's who waited for it, a failure as well.
    fills: moka::future::Cache<LookupId, Kept>,
}

/// Where a table stands, once it is filled: whoever needs it takes it from here, and waits for nobody.
#[derive(Debug, Default)]
struct Place {
    kept: ArcSwapOption<Kept>,
    /// How often it was dropped.
    drops: AtomicU64,
}

#[derive(Debug, Clone)]
struct Kept {
    table: Arc<Table>,
    until: tokio::time::Instant,
    /// The number of the latest drop when its fill began.
    begun: u64,
}

impl Tables {
    pub fn of(plan: &Plan) -> Self {
        let places: Vec<Place> = plan.lookups.iter().map(|_| Place::default()).collect();
        let most = places.len() as u64;
        Self { places, fills: moka::future::Cache::builder().max_capacity(most).build() }
    }

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
        let now = tokio::time::Instant::now();
        let mut lookups = vec![None; plan.lookups.len()];
        let mut missing = Vec::new();
        for id in wanted {
            match self.kept(plan, *id, now) {
                Some(table) => put(&mut lookups, *id, table),
                None => missing.push(*id),
            }
        }
        if !missing.is_empty() {
            let fills = missing.iter().map(|id| self.filled(plan, sources, *id, journey));
            for (id, table) in missing.iter().zip(futures_util::future::join_all(fills).await) {
                put(&mut lookups, *id, table?);
            }
        }
        Ok(Arc::new(Surroundings { today: journey.around.today, lookups }))
    }

    /// What several bindings ask in the same way is one table.
    fn place(&self, plan: &Plan, id: LookupId) -> Option<(LookupId, &Place)> {
        let id = plan.lookups.get(id)?.table;
        self.places.get(id).map(|place| (id, place))
    }

    fn kept(&self, plan: &Plan, id: LookupId, now: tokio::time::Instant) -> Option<Arc<Table>> {
        let (_, place) = self.place(plan, id)?;
        let kept = place.kept.load();
        let kept = kept.as_deref().filter(|kept| kept.until > now && kept.begun >= place.drops())?;
        Some(Arc::clone(&kept.table))
    }

    async fn filled(
        &self,
        plan: &Plan,
        sources: &Sources,
        id: LookupId,
        journey: &Journey,
    ) -> Result<Arc<Table>, Fault> {
        let (id, place) = self.place(plan, id).ok_or_else(|| missing(id))?;
        let begun = place.drops();
        let fresh = plan.lookups.get(id).map(|l| l.fresh).unwrap_or_default();
        // A fill that began before a drop does not count for who comes after it: then this one fills it again.
        loop {
            let filled = self.fills.try_get_with(id, async {
                let begun = place.drops();
                let table = Arc::new(Box::pin(fill(plan, sources, id, journey)).await?);
                let kept = Kept { table, until: tokio::time::Instant::now() + fresh, begun };
                place.kept.store(Some(Arc::new(kept.clone())));
                Ok::<_, Fault>(kept)
            });
            let kept = filled.await;
            // From here on it stands in its place.
            self.fills.invalidate(&id).await;
            let kept = kept.map_err(|fault: Arc<Fault>| (*fault).clone())?;
            if kept.begun >= begun {
                return Ok(kept.table);
            }
        }
    }

    /// What was filled before this does not count any more.
    pub fn forget(&self, plan: &Plan, id: LookupId) {
        if let Some((_, place)) = self.place(plan, id) {
            place.drops.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub fn is_kept(&self, plan: &Plan, id: LookupId) -> bool {
        self.place(plan, id).is_some_and(|(_, place)| place.kept.load().is_some())
    }
}

impl Place {
    fn drops(&self) -> u64 {
        self.drops.load(Ordering::Acquire)
    }
}

fn put(lookups: &mut [Option<Arc<Table>>], id: LookupId, table: Arc<Table>) {
    if let Some(place) = lookups.get_mut(id) {
        *place = Some(table);
    }
}

fn missing(id: LookupId) -> Fault {
    Fault::plain(&code::INTERNAL).detail(format!("look-up {id} is not in the plan"))
}

async fn fill(plan: &Plan, sources: &Sources, id: LookupId, journey: &Journey) -> Result<Table, Fault> {
    let lookup = plan.lookups.get(id).ok_or_else(|| missing(id))?;
    let resource = plan.resource(lookup.resource).ok_or_else(|| missing(id))?;
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

//! The sources of a plan at work: pools, sessions and tables. What has not changed outlives a reload.

use super::{
    Backend, Journey, Subject, http,
    keys::{self, Keys},
    lookup::Tables,
    meter::{Routes, measured},
    radar::{Radars, Watched},
    sql, stub,
};
use crate::{
    fault::{Fault, code},
    plan::{LookupId, Plan, Selection, Source, SourceId, SourceKind},
    telemetry::meters::Meters,
    translate::{Surroundings, compare::Filter},
};
use std::sync::Arc;

#[derive(Debug)]
pub struct Sources {
    all: Vec<(Source, Arc<dyn Backend>)>,
    /// The same sources as they are asked: what they answer is counted.
    watched: Vec<Arc<dyn Backend>>,
    pub tables: Tables,
    pub radars: Arc<Radars>,
    /// The keys that stored values are sealed with; the same over all reloads, with what is in them exchanged.
    pub keys: Arc<Keys>,
    /// What is counted; the same over all reloads.
    pub meters: Arc<Meters>,
    /// Where this plan's requests are counted.
    pub routes: Routes,
}

/// How calls leave: over the network, or as a test says.
pub type Connect = dyn Fn(&crate::plan::HttpSource) -> Result<http::Transport, Fault> + Send + Sync;

impl Sources {
    /// Builds the sources of a plan; those that are the same in `before` are taken over as they run.
    pub async fn build(plan: &Plan, before: Option<&Sources>, connect: &Connect) -> Result<Self, Fault> {
        let keys = before.map_or_else(Arc::default, |before| Arc::clone(&before.keys));
        let ring = plan.settings.sealing.as_ref().map(|sealing| keys::open(sealing, connect)).transpose()?;
        let meters = before.map_or_else(Arc::default, |before| Arc::clone(&before.meters));
        let mut all: Vec<(Source, Arc<dyn Backend>)> = Vec::new();
        for source in &plan.sources {
            let kept = before.and_then(|b| b.all.iter().find(|(old, _)| old == source));
            let backend: Arc<dyn Backend> = match (kept, &source.kind) {
                (Some((_, backend)), _) => Arc::clone(backend),
                (None, SourceKind::Http(http)) => {
                    let (name, rules) = (source.name.clone(), source.resilience.clone());
                    let way = measured(connect(http)?, &meters.source(&name));
                    Arc::new(http::Http::new(name, http.clone(), rules, way)?)
                }
                (None, SourceKind::Sql(sql)) => {
                    let (name, rules) = (source.name.clone(), source.resilience.clone());
                    let counted = meters.source(&name);
                    Arc::new(sql::Sql::open(name, sql, rules, Arc::clone(&keys), counted).await?)
                }
                (None, SourceKind::Stub) => Arc::new(stub::Stub { name: source.name.clone() }),
            };
            all.push((source.clone(), backend));
        }
        // Nothing can fail any more.
        if let Some(ring) = ring {
            keys.exchange(ring);
        }
        let radars = Arc::new(Radars::of(plan, before.map(|b| &*b.radars)));
        let watched = |(_, backend): &(Source, Arc<dyn Backend>)| -> Arc<dyn Backend> {
            Arc::new(Watched::new(Arc::clone(backend), Arc::clone(&radars)))
        };
        let watched = all.iter().map(watched).collect();
        let routes = Routes::of(plan, &meters);
        Ok(Self { all, watched, tables: Tables::of(plan), radars, keys, meters, routes })
    }

    pub fn of(&self, id: SourceId) -> Result<&Arc<dyn Backend>, Fault> {
        let found = self.watched.get(id);
        found.ok_or_else(|| Fault::plain(&code::INTERNAL).detail(format!("source {id} is not in the plan")))
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &Arc<dyn Backend>)> {
        self.all.iter().map(|(source, backend)| (source.name.as_str(), backend))
    }

    /// How the calls of each source are held in bounds just now, in the order of the plan: for metrics.
    pub fn resilience(&self) -> Vec<crate::resilience::Report> {
        self.all.iter().filter_map(|(_, backend)| backend.resilience()).collect()
    }

    /// The tables that a reading needs: for what is shown, and for what is compared.
    pub async fn around(
        &self,
        plan: &Plan,
        wanted: &[LookupId],
        journey: &Journey,
    ) -> Result<Arc<Surroundings>, Fault> {
        self.tables.have(plan, self, wanted, journey).await
    }
}

/// The look-ups that a question needs.
pub fn lookups(
    subject: Subject<'_>,
    selection: &Selection,
    filters: &[Filter],
    more: &[u16],
) -> Vec<LookupId> {
    let contract = &subject.resource.contract;
    let compared = filters.iter().map(|f| f.member).chain(more.iter().copied());
    let selection = compared.fold(selection.clone(), |all, member| {
        let mut all = all;
        all.add(contract, member);
        all
    });
    subject.binding.reading.lookups(&selection)
}

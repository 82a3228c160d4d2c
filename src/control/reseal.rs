//! Sealing anew: every sealed table of a plan, round after round, until nothing is left that the newest key does not
//! seal. The program may serve meanwhile, here or elsewhere.

use crate::{
    backend::{InUse, Resealed, Subject},
    fault::{Fault, code},
    pipeline::Instance,
    plan::{Binding, Means, Resource},
};
use std::{collections::BTreeSet, sync::Arc};

/// How far one table has come.
#[derive(Debug)]
pub struct Progress<'t> {
    pub table: &'t str,
    pub done: u64,
    /// Records that do not open.
    pub broken: u64,
    /// Records that changed meanwhile; they are tried again.
    pub raced: u64,
}

/// After so many passes over a table that records change in all the time, the rest is left for the next time.
const PASSES: u32 = 5;

/// The sealed tables, each once, with who is told of them.
fn tables(instance: &Instance) -> Vec<(&Arc<Resource>, &Arc<Binding>, &str)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (resource, binding) in &instance.plan.bindings {
        let Means::Sql(means) = &binding.means else { continue };
        // Rows of several kinds in one table are several resources'.
        let kinds: Vec<String> =
            means.fixed.iter().map(|(slot, value)| format!("{slot} {value:?}")).collect();
        if means.sealed.is_some()
            && seen.insert((binding.source, means.table.clone(), kinds))
            && let Some(resource) = instance.plan.resource(*resource)
        {
            found.push((resource, binding, means.table.as_str()));
        }
    }
    found
}

/// Seals everything anew. What does not open is counted, and left as it is.
pub async fn reseal(
    instance: &Instance,
    told: &mut (dyn FnMut(&Progress<'_>) + Send),
) -> Result<Resealed, Fault> {
    let mut total = Resealed::default();
    for (resource, binding, table) in tables(instance) {
        let source = instance.sources.of(binding.source)?;
        let subject = Subject { resource, binding };
        let mut all = Resealed::default();
        for _ in 0..PASSES {
            let (mut pass, mut after) = (Resealed::default(), None);
            loop {
                let round = source.reseal(subject, after.as_deref()).await?;
                pass.done += round.done;
                pass.broken += round.broken;
                pass.raced += round.raced;
                told(&Progress { table, done: all.done + pass.done, broken: pass.broken, raced: pass.raced });
                match round.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            all.done += pass.done;
            (all.broken, all.raced) = (pass.broken, pass.raced);
            if pass.raced == 0 {
                break;
            }
        }
        total.done += all.done;
        total.broken += all.broken;
        total.raced += all.raced;
    }
    Ok(total)
}

/// How many records each key seals, by table.
pub async fn in_use(instance: &Instance) -> Result<Vec<(String, Vec<InUse>)>, Fault> {
    let mut found = Vec::new();
    for (resource, binding, table) in tables(instance) {
        let source = instance.sources.of(binding.source)?;
        found.push((table.to_owned(), source.in_use(Subject { resource, binding }).await?));
    }
    Ok(found)
}

/// Whether every record can be opened by a key that is configured. Refuses with F914, naming the keys that are
/// missing; a table that cannot be asked now is told, and is no reason not to begin.
pub async fn complete(instance: &Instance) -> Result<(), Fault> {
    let Some(ring) = instance.sources.keys.find() else { return Ok(()) };
    let known: BTreeSet<&str> = ring.ids().collect();
    for (resource, binding, table) in tables(instance) {
        let source = instance.sources.of(binding.source)?;
        let uses = match source.in_use(Subject { resource, binding }).await {
            Ok(uses) => uses,
            Err(fault) => {
                let detail = fault.detail.as_deref();
                tracing::warn!(table, detail, "it is not known by which keys this table is sealed");
                continue;
            }
        };
        for one in uses {
            let Some(id) = one.id.filter(|id| !known.contains(id.as_str())) else { continue };
            let detail = format!(
                "{} records of `{table}` are sealed with key `{id}`, which is not configured: add the file that holds it to \
                 `sealing.previous` (configured are {})",
                one.records,
                known.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
            );
            return Err(Fault::plain(&code::KEYS_AWAY).detail(detail));
        }
    }
    Ok(())
}

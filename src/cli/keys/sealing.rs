//! `portico keys sealing` and `portico keys reseal`: which key seals what, and everything sealed by the newest one.

use crate::{
    cli::{Files, told},
    control::{
        self,
        reseal::{self, Progress},
    },
    pipeline::Instance,
};
use std::{collections::BTreeMap, process::ExitCode};

pub(super) async fn show(files: &Files) -> anyhow::Result<ExitCode> {
    crate::telemetry::log::begin("warn");
    let instance = control::storing(&files.config, &files.overrides()).await.map_err(told)?;
    in_use(&instance).await?;
    Ok(ExitCode::SUCCESS)
}

/// Seals everything anew. Fails where a record does not open.
pub(super) async fn reseal(files: &Files) -> anyhow::Result<ExitCode> {
    crate::telemetry::log::begin("warn");
    let instance = control::storing(&files.config, &files.overrides()).await.map_err(told)?;
    let total = reseal::reseal(&instance, &mut |progress: &Progress<'_>| {
        let Progress { table, done, broken, raced } = progress;
        let beside = match (broken, raced) {
            (0, 0) => String::new(),
            (broken, raced) => format!(", {broken} do not open, {raced} changed meanwhile"),
        };
        println!("{table}: {done} sealed anew{beside}");
    })
    .await
    .map_err(failed)?;
    if control::sealing::renew(&instance).await.map_err(told)? {
        println!("the ledger's own data key: wrapped anew");
    }
    println!("{} records sealed anew", total.done);
    in_use(&instance).await?;
    if total.broken > 0 {
        eprintln!("{} records do not open: they were changed, or their key is missing", total.broken);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn in_use(instance: &Instance) -> anyhow::Result<()> {
    let Some(ring) = instance.sources.keys.find() else {
        println!("nothing is sealed: the configuration has no `sealing`");
        return Ok(());
    };
    let ids: Vec<String> = ring.ids().map(str::to_owned).collect();
    let mut all: BTreeMap<String, u64> = ids.iter().map(|id| (id.clone(), 0)).collect();
    for (table, uses) in reseal::in_use(instance).await.map_err(failed)? {
        for one in uses {
            let name = one.id.clone().map_or_else(|| "plain".to_owned(), |id| format!("key {id}"));
            println!("  {table}: {name}: {} records", one.records);
            if let Some(id) = one.id {
                *all.entry(id).or_default() += one.records;
            }
        }
    }
    for (id, records) in all {
        let configured = ids.contains(&id);
        let newest = ids.first() == Some(&id);
        match (newest, configured, records) {
            (true, ..) => println!("key {id} seals what is new"),
            (_, true, 0) => println!("key {id} seals nothing any more: take it from `sealing.previous`"),
            (_, true, _) => println!("key {id} is still needed"),
            (_, false, _) => {
                println!("key {id} is needed and is not configured: add it to `sealing.previous`");
            }
        }
    }
    Ok(())
}

fn failed(fault: crate::fault::Fault) -> anyhow::Error {
    anyhow::anyhow!("{}", fault.detail.unwrap_or(fault.message))
}

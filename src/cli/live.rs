//! `portico check --live`: the round-trip law against the systems themselves. For each resource that can be made, read
//! and removed a record is made from one that is there, read back, compared in the public form, and removed again.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON that is asked by a name gives null where there is nothing"
)]

use super::Files;
use crate::{
    control,
    identity::Caller,
    pipeline::Facade,
    plan::{Plan, Resource, SourceKind, resource::Operation},
    telemetry::clock::{Clock, System},
    translate::sample,
};
use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use std::sync::Arc;

/// A record that is refused is tried again with other values for the members that are named, so many times.
const TRIES: usize = 21;

/// What came of one resource.
pub(super) enum Outcome {
    Proved,
    /// Nothing was made: why.
    NotTried(String),
    Broken(String),
}

/// Tries every resource that takes writes. Sources elsewhere than on this machine are written to only where that is meant.
pub(super) async fn run(files: &Files, elsewhere: bool) -> anyhow::Result<Vec<(String, Outcome)>> {
    let (facade, _) = control::facade(&files.config, &files.overrides()).await.map_err(super::told)?;
    let plan = Arc::clone(&facade.current());
    if let Some(source) =
        plan.plan.sources.iter().find(|source| !is_here(&source.kind)).filter(|_| !elsewhere)
    {
        bail!(
            "`{}` is not on this machine, and `--live` writes to it: say `--yes` where that is meant",
            source.name
        );
    }
    let mut found = Vec::new();
    for resource in &plan.plan.resources {
        let can = [Operation::Create, Operation::Read, Operation::Delete].iter().all(|o| resource.can(*o));
        let stub = plan.plan.sources.get(resource.binding.source).is_some_and(|s| s.kind == SourceKind::Stub);
        if can && !stub {
            let name = format!("{} ({})", resource.name, resource.binding.file);
            found.push((name, tried(&facade, &plan.plan, resource).await?));
        }
    }
    Ok(found)
}

fn is_here(kind: &SourceKind) -> bool {
    match kind {
        SourceKind::Http(http) => {
            let authority = http.address.split("://").nth(1).unwrap_or_default();
            ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| authority.starts_with(host))
        }
        SourceKind::Sql(sql) => match &sql.url {
            crate::plan::SecretRef::Plain(url) => {
                url.starts_with("sqlite:") || url.contains("@127.0.0.1") || url.contains("@localhost")
            }
            _ => false,
        },
        SourceKind::Stub => true,
    }
}

async fn tried(facade: &Facade, plan: &Plan, resource: &Resource) -> anyhow::Result<Outcome> {
    let Some(collection) = collection(facade, plan, resource).await? else {
        return Ok(Outcome::NotTried("there is no record to stand below".into()));
    };
    let key = resource.contract.get(resource.key).map_or_else(String::new, |m| m.path.to_string());
    let mut body = template(facade, resource, &collection, &key).await?;
    let fresh: Value = serde_json::from_str(&sample::record(&resource.contract, "live").to_json())?;
    let mut made = ask(facade, "POST", &collection, Some(&body)).await?;
    for _ in 1..TRIES {
        let refused: Vec<String> = made.1["violations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v["pointer"].as_str()?.split('/').nth(1).map(str::to_owned))
            .collect();
        if made.0 == 201 || refused.is_empty() {
            break;
        }
        for member in refused {
            // A time that is taken is moved on by a day; what is refused in any form is left out, where it may be.
            if let Some(later) = a_day_later(&body[&member]) {
                body[&member] = later;
            } else if body[&member] == fresh[&member] {
                body.as_object_mut().map(|members| members.shift_remove(&member));
            } else {
                body[&member] = fresh[&member].clone();
            }
        }
        made = ask(facade, "POST", &collection, Some(&body)).await?;
    }
    if made.0 != 201 {
        let code = made.1["code"].as_str().unwrap_or_default();
        let pointers: Vec<&str> = made.1["violations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v["pointer"].as_str())
            .collect();
        return Ok(Outcome::NotTried(format!("refused with {code} {}", pointers.join(", "))));
    }
    let Some(id) = made.1[&key].as_str().map(str::to_owned) else {
        return Ok(Outcome::Broken("the record that was made has no key".into()));
    };
    let record = format!("{collection}/{id}");
    let read = ask(facade, "GET", &record, None).await?;
    let differing: Vec<String> = body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| read.1[name.as_str()] != **value && !is_nothing(value))
        .map(|(name, value)| format!("`{name}`: wrote {value}, read {}", read.1[name.as_str()]))
        .collect();
    // Whatever came of it, nothing is left behind.
    let removed = ask(facade, "DELETE", &record, None).await?;
    if read.0 != 200 {
        return Ok(Outcome::Broken(format!("`{id}` was made and cannot be read: status {}", read.0)));
    }
    if removed.0 != 200 {
        return Ok(Outcome::Broken(format!(
            "`{id}` was made and cannot be removed: {}",
            removed.1["message"]
        )));
    }
    if !differing.is_empty() {
        return Ok(Outcome::Broken(differing.join("; ")));
    }
    Ok(Outcome::Proved)
}

fn a_day_later(value: &Value) -> Option<Value> {
    let time: jiff::Timestamp = value.as_str()?.parse().ok()?;
    // One that is past is moved to the day behind tomorrow first.
    let past = Clock::now(&System).seconds - time.as_second();
    let days = if past > 0 { past / 86_400 + 2 } else { 1 };
    let later = time.checked_add(jiff::SignedDuration::from_hours(24 * days)).ok()?;
    Some(Value::String(later.to_string()))
}

fn is_nothing(value: &Value) -> bool {
    value.is_null()
        || value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The collection's path; below a parent that of the parent's first record.
async fn collection(facade: &Facade, plan: &Plan, resource: &Resource) -> anyhow::Result<Option<String>> {
    let base = plan.apis.get(resource.api).map_or("", |api| api.base.as_str());
    let path = resource.paths.first().context("a resource has a path")?;
    let (Some(open), Some(close)) = (path.path.find('{'), path.path.find('}')) else {
        return Ok(Some(format!("{base}{}", path.path)));
    };
    let Some((parent, _)) = &path.parent else { return Ok(None) };
    let parent = plan.resource(*parent).context("a parent is a resource")?;
    let above = parent.paths.first().map_or("", |p| p.path.as_str());
    let listed = ask(facade, "GET", &format!("{base}{above}?limit=20"), None).await?;
    let key = parent.contract.get(parent.key).map_or("", |m| &m.path);
    let first = listed.1[&parent.plural].as_array().and_then(|all| all.first());
    let id = first.and_then(|first| first[key].as_str());
    Ok(id.map(|id| format!("{base}{}{id}{}", &path.path[..open], &path.path[close + 1..])))
}

/// A record like one that is there, without what callers cannot say; a generated one where there is none.
async fn template(
    facade: &Facade,
    resource: &Resource,
    collection: &str,
    key: &str,
) -> anyhow::Result<Value> {
    let fresh: Value = serde_json::from_str(&sample::record(&resource.contract, "live").to_json())?;
    let listed = ask(facade, "GET", &format!("{collection}?limit=20&count=false"), None).await?;
    let there = listed.1[&resource.plural].as_array().and_then(|all| all.last().cloned());
    let chosen = there.is_some();
    let mut body = there.unwrap_or_else(|| fresh.clone());
    let members = body.as_object_mut().context("a record is an object")?;
    for member in resource.contract.top() {
        let name: &str = &member.name;
        if resource.contract.is_read_only(member) {
            members.shift_remove(name);
        } else if name == key && chosen {
            members.insert(name.to_owned(), fresh[name].clone());
        }
    }
    Ok(body)
}

async fn ask(
    facade: &Facade,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> anyhow::Result<(u16, Value)> {
    let deadline = tokio::time::Instant::now() + facade.current().plan.settings.limits.request_deadline;
    let mut request = http::Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
    let response = facade.answer_as(Caller::operator(), request.body(Full::new(body))?, deadline).await;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

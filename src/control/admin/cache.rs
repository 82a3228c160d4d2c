//! What operators are shown of the cache, and how they drop some of it: `GET /cache`, `POST /cache/purge?resource=pets`
//! (`&key=7` for one record's own reads), `?tag=species` (all that species are joined into), `?all=true`. No kept value is
//! shown, and no question.

use super::text;
use crate::{
    cache::{Cache, Purge, count::Outcome, tags::Tag},
    pipeline::{Body, Facade},
};
use http::{Method, Response, StatusCode, header, request::Parts};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use serde_json::{Map, Value, json};

const PLAIN: &str = "text/plain; charset=utf-8";

/// The answer to `/cache` and what stands below it; `None` for another path.
pub(super) async fn answer(facade: &Facade, head: &Parts) -> Option<Response<Body>> {
    let read = matches!(head.method, Method::GET | Method::HEAD);
    match head.uri.path() {
        "/cache" if read => {
            facade.cache().settle().await;
            Some(text(StatusCode::OK, "application/json", state(facade)))
        }
        "/cache/purge" if head.method == Method::POST => Some(purge(facade, head).await),
        "/cache" | "/cache/purge" => {
            let allowed = if head.uri.path() == "/cache" { "GET, HEAD" } else { "POST" };
            let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, format!("{allowed}\n"));
            refused.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static(allowed));
            Some(refused)
        }
        _ => None,
    }
}

fn state(facade: &Facade) -> String {
    let cache = facade.cache();
    let held = cache.held();
    let counts = cache.counts.all();
    let mut resources: Vec<Value> = Vec::new();
    for resource in &facade.current().plan.resources {
        let tag = &resource.caching.tag;
        let counted = counts.iter().find(|(known, _)| known == tag).map(|(_, counts)| counts);
        let held = held.get(tag).copied().unwrap_or_default();
        if counted.is_none() && resource.caching.kept().is_none() {
            continue;
        }
        let mut one = Map::new();
        one.insert("resource".into(), json!(&**tag));
        one.insert("kept".into(), json!(resource.caching.kept().is_some()));
        for (name, value) in
            [("entries", held.entries), ("fresh", held.fresh), ("stale", held.stale), ("bytes", held.bytes)]
        {
            one.insert(name.into(), json!(value));
        }
        for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
            let count = counted.and_then(|counts| counts.get(at)).copied().unwrap_or_default();
            one.insert(outcome.name().into(), json!(count));
        }
        resources.push(Value::Object(one));
    }
    let all = json!({
        "bytes": cache.bytes(),
        "used": cache.used(),
        "underWay": cache.under_way(),
        "shared": shared(cache),
        "resources": resources,
    });
    format!("{all:#}\n")
}

fn shared(cache: &Cache) -> &'static str {
    match cache.shared() {
        None => "none",
        Some(shared) if shared.is_listening() => "heard",
        Some(_) => "away",
    }
}

async fn purge(facade: &Facade, head: &Parts) -> Response<Body> {
    // A page in a browser cannot ask for this in an operator's name.
    if head.headers.contains_key(header::ORIGIN) {
        return text(StatusCode::FORBIDDEN, PLAIN, "This is not for pages in browsers.\n".into());
    }
    match meant(facade, head.uri.query().unwrap_or_default()) {
        Err(why) => text(StatusCode::BAD_REQUEST, PLAIN, format!("{why}\n")),
        Ok(what) => {
            let dropped = facade.cache().purge(&what).await;
            if what == Purge::All {
                // Replicas may keep what this one does not.
                for resource in &facade.current().plan.resources {
                    facade.cache().written(&resource.caching.tag, true);
                }
            }
            tracing::info!(dropped, "an operator has dropped what was kept");
            text(StatusCode::OK, "application/json", format!("{}\n", json!({ "dropped": dropped })))
        }
    }
}

/// What is to be dropped, by the parameters.
fn meant(facade: &Facade, query: &str) -> Result<Purge, String> {
    const USAGE: &str =
        "Say what is meant: `?resource=NAME`, `?resource=NAME&key=KEY`, `?tag=NAME` or `?all=true`.";
    let (mut resource, mut key, mut tag, mut all) = (None, None, None, false);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value =
            percent_encoding::percent_decode_str(value).decode_utf8().map_err(|_| USAGE.to_owned())?;
        match name {
            "resource" => resource = Some(known(facade, &value)?),
            "tag" => tag = Some(known(facade, &value)?),
            "key" => key = Some(value.into_owned()),
            "all" if value == "true" => all = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    match (resource, key, tag, all) {
        (Some(resource), None, None, false) => Ok(Purge::Resource(resource.to_string())),
        (Some(resource), Some(key), None, false) => Ok(Purge::Record(resource.to_string(), key)),
        (None, None, Some(tag), false) => Ok(Purge::Tag(tag.to_string())),
        (None, None, None, true) => Ok(Purge::All),
        _ => Err(USAGE.to_owned()),
    }
}

/// The tag of a resource that was named in full (`pethub/v1/pets`) or by itself, where only one API has it.
fn known(facade: &Facade, name: &str) -> Result<Tag, String> {
    let instance = facade.current();
    let resources = &instance.plan.resources;
    if let Some(one) = resources.iter().find(|one| *one.caching.tag == *name) {
        return Ok(Tag::clone(&one.caching.tag));
    }
    let mut named = resources.iter().filter(|one| one.name == name);
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(Tag::clone(&one.caching.tag)),
        (Some(_), Some(_)) => Err(format!("Several APIs have `{name}`: name one in full, as `/cache` does.")),
        _ => Err(format!("There is no resource `{name}`.")),
    }
}

/// What became of questions, by resource.
pub(super) fn metrics(facade: &Facade, registry: &mut Registry) {
    let cache = facade.cache();
    let questions = Family::<super::Labels, Counter>::default();
    for (tag, counts) in cache.counts.all() {
        for (outcome, count) in Outcome::ALL.into_iter().zip(counts) {
            let labels = vec![("resource", tag.to_string()), ("outcome", outcome.name().to_owned())];
            questions.get_or_create(&labels).inc_by(count);
        }
    }
    let used = Gauge::<i64>::default();
    used.set(i64::try_from(cache.used()).unwrap_or(i64::MAX));
    registry.register(
        "portico_cache_questions",
        "Questions to the cache, by resource and what became of them",
        questions,
    );
    registry.register("portico_cache_bytes", "Bytes that kept answers take", used);
}

//! A value that a look-up took from another resource is that resource's to tell of, wherever it is shown.

use crate::support;
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    fault::{Diagnostics, Fault, code},
    identity::{
        Caller,
        audit::{Event, Note},
    },
    pipeline::{Facade, Instance},
    plan::{HttpSource, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use tokio::time::{Duration, Instant};

const VEHICLES: &str = "mappings/garage/v1/vehicles.yaml";
const MAKES: &str = "mappings/garage/v1/makes.yaml";

/// Keeps events for a test to look at, or nothing at all.
#[derive(Debug, Default)]
struct Kept {
    events: Mutex<Vec<Event>>,
    full: bool,
}

#[async_trait]
impl Note for Kept {
    async fn note(&self, events: Vec<Event>) -> Result<(), Fault> {
        if self.full {
            return Err(Fault::plain(&code::STORE_FAILED));
        }
        self.events.lock().unwrap().extend(events);
        Ok(())
    }
}

fn vehicle(id: u32) -> Value {
    json!({
        "id": id, "owner_no": "7", "plate": format!("AB {id}"), "make_id": 3, "type": "C", "first_reg": "01/02/2003",
        "odometer": "1200", "price": "10.50", "ev": "0", "extras": [], "services": [], "created": 1_500_000_000
    })
}

/// The garage of `tests/mappings/base`, with what is audited of its resources, asked by anybody.
async fn told(vehicles: &str, makes: &str, path: &str, full: bool) -> (u16, Vec<String>) {
    let mut files = support::tree("tests/mappings/base/", &["mappings", "schemas", "config"]);
    for (file, words) in [(VEHICLES, vehicles), (MAKES, makes)] {
        files.get_mut(Path::new(file)).unwrap().push_str(words);
    }
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/base.yaml"), &mut out);
    let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let connect = |_: &HttpSource| {
        Ok(Transport::new(tower::service_fn(|outgoing: Outgoing| {
            let body = match outgoing.url.split("/api/").nth(1).unwrap_or_default() {
                path if path.starts_with("makes") => json!([{ "id": 3, "label": "Fiat" }]),
                path if path.starts_with("vehicles/") => vehicle(1),
                _ => json!({ "rows": [vehicle(1), vehicle(2)], "total": 2 }),
            };
            let headers = http::HeaderMap::new();
            let body = body.to_string().into_bytes();
            std::future::ready(Ok::<_, Lost>(Received { status: 200, retry_after: None, headers, body }))
        })))
    };
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    let kept = Arc::new(Kept { full, ..Kept::default() });
    let clock = Fixed(Moment::parse("2026-11-21T12:00:00Z").unwrap());
    let facade = Facade::new(Instance { plan, sources }, Arc::new(clock))
        .with_audit(Some(Arc::clone(&kept) as Arc<dyn Note>));
    let request = http::Request::builder().uri(path).body(Full::new(Bytes::new())).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let answer = facade.answer_as(Caller::anonymous(), request, until).await;
    let events = kept.events.lock().unwrap();
    let lines = events.iter().map(|event| {
        let via = event.via.as_ref().map(|via| format!(" via {} [{}]", via.name, via.keys.join(",")));
        let resource = event.resource.as_deref().unwrap_or("-");
        let (keys, members) = (event.keys.join(","), event.members.join(","));
        format!("{} {resource} [{keys}] ({members}){}", event.action, via.unwrap_or_default())
    });
    (answer.status().as_u16(), lines.collect())
}

#[tokio::test]
async fn what_a_look_up_shows_is_told_of_by_its_resources_rules() {
    let none = "";
    let named = "audit: { personal: [name] }\n";
    let all = "audit: { reads: all }\n";
    let list = "/v1/vehicles?limit=2";
    let looked = |action: &str, keys: &str| format!("{action} makes [] (name) via vehicles [{keys}]");
    for (vehicles, makes, path, wanted) in [
        (none, none, list, vec![]),
        (none, named, list, vec![looked("list", "1,2")]),
        (none, all, list, vec![looked("list", "1,2")]),
        (none, named, "/v1/vehicles/1", vec![looked("read", "1")]),
        (none, named, "/v1/vehicles?limit=2&fields=plate", vec![]),
        (none, named, "/v1/vehicles?limit=2&fields=plate,make", vec![looked("list", "1,2")]),
        ("audit: { personal: [plate] }\n", none, list, vec!["list vehicles [1,2] (plate)".into()]),
        (
            "audit: { personal: [services.doneOn] }\n",
            none,
            "/v1/vehicles/1?fields=services",
            vec!["read vehicles [1] (services.doneOn)".into()],
        ),
        (
            "audit: { reads: all }\n",
            named,
            "/v1/vehicles?fields=make,plate",
            vec!["list vehicles [1,2] (plate,make)".into(), looked("list", "1,2")],
        ),
    ] {
        let (status, told) = told(vehicles, makes, path, false).await;
        assert_eq!((status, told), (200, wanted), "{vehicles}{makes}{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_of_is_not_shown() {
    let named = "audit: { personal: [name] }\n";
    assert_eq!(told("", named, "/v1/vehicles/1", true).await, (500, vec![]));
    assert_eq!(told("", named, "/v1/vehicles/1?fields=plate", true).await, (200, vec![]));
}

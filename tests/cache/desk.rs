//! A desk with pets that counts what it is asked, takes its time, and can be away; and a façade over it.

use crate::support::caller::described;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    fault::Diagnostics,
    identity::Caller,
    pipeline::{Facade, Instance},
    plan::compile::compile,
    spec::load::{Tree, load},
    telemetry::clock::System,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

const CONFIG: &str = "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://rescue.example\napis:\n  rescue/v1:\n    serve: { pets: desk }\nsources:\n  desk:\n    http: { address: https://desk.example/api, deadline: 20s, concurrency: 1000 }\n";
const API: &str = "api: rescue\nversion: v1\nbase: /v1\ntitle: Rescue\nlimit: { default: 5, maximum: 100 }\nroles: { admin: {}, vet: {}, owner: { claim: owner } }\n";
const PETS: &str = "resource: pets\ncontract: rescue/v1/pet.json\nkey: petId\npath: /pets\noperations: [list, read, patch]\naccess:\n  roles:\n    admin: { may: all }\n    vet: { may: read, fields: [petId, name] }\n    owner: { may: [list, read, patch], own: ownerId }\norder: [petId]\nfilter: [name, ownerId]\nsort: [name]\ntotal: promised\n";
const DIALECT: &str = "dialect: desk\nformat: json\n";
const BINDING: &str = "binds: pets\ndialect: desk\nfields:\n  petId: id\n  name: name\n  ownerId: owner\n  note: note\ncalls:\n  all: { get: /pets, rows: $ }\n  one: { get: \"/pets/{id}\" }\n  change: { put: \"/pets/{id}\" }\nlist: { call: all, order: [petId], within: 1000 }\nread: { call: one, absent: [404] }\nreplace: { call: change }\n";
const PET: &str = r#"{ "title": "Pet", "type": "object", "additionalProperties": false, "required": ["petId", "name", "ownerId"], "properties": { "petId": { "type": "string", "readOnly": true }, "name": { "type": "string", "minLength": 1 }, "ownerId": { "type": "string" }, "note": { "type": ["string", "null"] } } }"#;

/// What the desk is asked, and how it answers.
#[derive(Debug)]
pub struct Desk {
    pub pets: Mutex<BTreeMap<String, Value>>,
    pub calls: Mutex<u32>,
    pub away: Mutex<bool>,
    /// How many of the next calls break off, and whether every write does.
    pub breaks: Mutex<u32>,
    pub breaks_writes: Mutex<bool>,
    /// How long it takes before it looks, and behind that.
    pub takes: Mutex<(Duration, Duration)>,
}

impl Desk {
    pub fn new() -> Arc<Self> {
        let pets = (1..=40).map(|id| {
            let pet = json!({ "id": id.to_string(), "name": format!("Pet {id}"), "owner": (id % 8).to_string(), "note": format!("note {id}") });
            (id.to_string(), pet)
        });
        Arc::new(Self {
            pets: Mutex::new(pets.collect()),
            calls: Mutex::new(0),
            away: Mutex::new(false),
            breaks: Mutex::new(0),
            breaks_writes: Mutex::new(false),
            takes: Mutex::new((Duration::from_millis(5), Duration::from_millis(5))),
        })
    }

    pub fn calls(&self) -> u32 {
        *self.calls.lock().unwrap()
    }

    fn transport(self: &Arc<Self>) -> Transport {
        let desk = Arc::clone(self);
        Transport::new(tower::service_fn(move |outgoing: Outgoing| {
            let desk = Arc::clone(&desk);
            async move { desk.answer(&outgoing).await }
        }))
    }

    async fn answer(&self, outgoing: &Outgoing) -> Result<Received, Lost> {
        *self.calls.lock().unwrap() += 1;
        if *self.away.lock().unwrap() {
            return Err(Lost::Unreachable("refused".into()));
        }
        let breaks = {
            let mut left = self.breaks.lock().unwrap();
            let breaks = *left > 0 || (outgoing.method != "GET" && *self.breaks_writes.lock().unwrap());
            *left = left.saturating_sub(1);
            breaks
        };
        if breaks {
            return Err(Lost::Broken("reset".into()));
        }
        let (before, behind) = *self.takes.lock().unwrap();
        tokio::time::sleep(before).await;
        let (status, body) = self.look(outgoing);
        tokio::time::sleep(behind).await;
        let headers = http::HeaderMap::new();
        Ok(Received { status, headers, retry_after: None, body: body.to_string().into_bytes() })
    }

    fn look(&self, outgoing: &Outgoing) -> (u16, Value) {
        let mut pets = self.pets.lock().unwrap();
        let path = outgoing.url.strip_prefix("https://desk.example/api").unwrap();
        let Some(id) = path.strip_prefix("/pets/") else {
            return (200, pets.values().cloned().collect());
        };
        let Some(pet) = pets.get_mut(id) else { return (404, Value::Null) };
        if outgoing.method == "PUT" {
            let sent: Value = serde_json::from_slice(outgoing.body.as_deref().unwrap_or_default()).unwrap();
            for (name, value) in sent.as_object().unwrap() {
                pet[name] = value.clone();
            }
        }
        (200, pet.clone())
    }

    /// A façade over the desk, whose pets are kept as `cache` says.
    pub async fn facade(self: &Arc<Self>, cache: &str) -> Arc<Facade> {
        self.facade_in(cache, "").await
    }

    /// The same with more words of the configuration.
    pub async fn facade_in(self: &Arc<Self>, cache: &str, more: &str) -> Arc<Facade> {
        Arc::new(Facade::new(self.made(&format!("{PETS}{cache}"), more).await, Arc::new(System)))
    }

    /// A façade whose pets anybody may read.
    pub async fn public(self: &Arc<Self>, cache: &str, more: &str) -> Arc<Facade> {
        Arc::new(Facade::new(self.instance(cache, more).await, Arc::new(System)))
    }

    /// What such a façade runs on.
    pub async fn instance(self: &Arc<Self>, cache: &str, more: &str) -> Instance {
        let (before, behind) = PETS.split_once("access:").unwrap();
        let (_, behind) = behind.split_once("order:").unwrap();
        let before = before.replace(", patch", "");
        self.made(&format!("{before}access: public\norder:{behind}{cache}"), more).await
    }

    async fn made(self: &Arc<Self>, pets: &str, more: &str) -> Instance {
        let config = format!("{CONFIG}{more}");
        let files = [
            ("config/rescue.yaml", &*config),
            ("schemas/rescue/v1/pet.json", PET),
            ("mappings/rescue/v1/api.yaml", API),
            ("mappings/rescue/v1/pets.yaml", pets),
            ("mappings/dialects/desk.yaml", DIALECT),
            ("mappings/rescue/v1/pets.desk.yaml", BINDING),
        ];
        let files: BTreeMap<_, _> =
            files.into_iter().map(|(name, text)| (name.into(), text.to_owned())).collect();
        let mut out = Diagnostics::new();
        let files = load(&Tree::Memory(files), Path::new("config/rescue.yaml"), &mut out);
        let plan = compile(&files, &mut out);
        assert!(!out.has_errors(), "{}", out.render_plain());
        let plan = plan.expect("a plan");
        let connect = {
            let desk = Arc::clone(self);
            move |_: &portico::plan::HttpSource| Ok(desk.transport())
        };
        let sources = Sources::build(&plan, None, &connect).await.unwrap();
        Instance { plan, sources }
    }
}

/// An answer: its status, what it says of the cache, and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub status: u16,
    pub cache: String,
    pub tag: String,
    pub control: String,
    pub body: String,
}

impl Came {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

pub fn role(role: &str, claims: &str) -> Arc<Caller> {
    described(role, claims, None)
}

pub async fn ask(facade: &Facade, caller: &Arc<Caller>, asked: http::request::Builder, body: &str) -> Came {
    let request = asked.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    let (head, body) = facade.answer_as(Arc::clone(caller), request, deadline).await.into_parts();
    let text = |name: &str| head.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Came {
        status: head.status.as_u16(),
        cache: text("cache-status"),
        tag: text("etag"),
        control: text("cache-control"),
        body,
    }
}

pub async fn get(facade: &Facade, caller: &Arc<Caller>, target: &str) -> Came {
    ask(facade, caller, http::Request::get(target), "").await
}

pub async fn rename(facade: &Facade, caller: &Arc<Caller>, id: u32, name: &str) -> Came {
    let asked =
        http::Request::patch(format!("/v1/pets/{id}")).header("content-type", "application/merge-patch+json");
    ask(facade, caller, asked, &json!({ "name": name }).to_string()).await
}

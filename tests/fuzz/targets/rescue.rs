//! A small façade whose records come from its contract, in memory: what requests are sent to.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::Sources,
    fault::Diagnostics,
    identity::Caller,
    pipeline::{Facade, Instance},
    plan::compile::compile,
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tokio::{runtime, time::Instant};

const FILES: &[(&str, &str)] = &[
    (
        "config/rescue.yaml",
        "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://rescue.example\napis:\n  rescue/v1:\n    serve: { pets: stub }\nsources:\n  stub: { stub: {} }\n",
    ),
    (
        "mappings/rescue/v1/api.yaml",
        "api: rescue\nversion: v1\nbase: /v1\ntitle: Rescue\nlimit: { default: 5, maximum: 100 }\nroles: { admin: {} }\n",
    ),
    (
        "mappings/rescue/v1/pets.yaml",
        "resource: pets\ncontract: rescue/v1/pet.json\nkey: petId\npath: /pets\noperations: [list, read, create, replace, patch, delete]\naccess:\n  roles:\n    admin: { may: all }\norder: [petId]\nfilter: [name, weight.value, born, alive]\nsort: [name, weight.value, born]\ntotal: promised\n",
    ),
    ("mappings/rescue/v1/pets.stub.yaml", "binds: pets\nstub: { rows: 23 }\n"),
    (
        "schemas/rescue/v1/pet.json",
        r#"{ "title": "Pet", "type": "object", "additionalProperties": false, "required": ["petId", "name"], "properties": {
            "petId": { "type": "string", "readOnly": true }, "name": { "type": "string", "minLength": 1, "maxLength": 40 },
            "weight": { "type": "object", "additionalProperties": false, "required": ["value"], "properties": {
                "value": { "type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 9999 }, "unit": { "type": "string", "enum": ["kg", "lb"] } } },
            "born": { "type": ["string", "null"], "format": "date" }, "alive": { "type": "boolean" },
            "tags": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 20 } },
            "details": { "type": "object" } } }"#,
    ),
];

/// A façade with the thread that it runs on.
pub struct Rescue {
    facade: Facade,
    runtime: runtime::Runtime,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Rescue {
    pub fn open() -> Self {
        let files: BTreeMap<_, _> =
            FILES.iter().map(|(name, text)| ((*name).into(), (*text).to_owned())).collect();
        let mut out = Diagnostics::new();
        let files = load(&Tree::Memory(files), Path::new("config/rescue.yaml"), &mut out);
        let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connect = |_: &portico::plan::HttpSource| unreachable!("no source is called");
        let sources = runtime.block_on(Sources::build(&plan, None, &connect)).unwrap();
        let clock = Fixed(Moment { seconds: 1_795_262_400, nanos: 0 });
        Self { facade: Facade::new(Instance { plan, sources }, Arc::new(clock)), runtime }
    }

    /// Sends a request of an administrator.
    pub fn ask(&self, request: http::request::Builder, body: &[u8]) -> Option<Answer> {
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).ok()?;
        Some(self.runtime.block_on(async {
            let caller = Arc::new(Caller {
                subject: Some("a_1".into()),
                roles: ["admin".into()].into_iter().collect(),
                ..Caller::default()
            });
            let deadline = Instant::now() + Duration::from_secs(20);
            let answer = self.facade.answer_as(caller, request, deadline).await;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
            Answer { status, body }
        }))
    }
}

thread_local! {
    static RESCUE: Rescue = Rescue::open();
}

/// Sends a request to this thread's own façade. Nothing where it is no request of HTTP.
pub fn ask(request: http::request::Builder, body: &[u8]) -> Option<Answer> {
    RESCUE.with(|rescue| rescue.ask(request, body))
}

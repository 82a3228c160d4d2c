//! A source that changes behind the façade's back: its answers are right or refused, never wrong, and the radar says
//! what changed; what it has counted outlives the program.

use crate::support::{self, at};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
        radar::{Drift, Line},
    },
    control::{self, Overrides},
    fault::Diagnostics,
    ledger::Ledger,
    pipeline::{Facade, Instance},
    plan::{HttpSource, SecretRef, SqlSource, compile::compile},
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

const NOW: &str = "2026-11-21T12:00:00Z";
const FILE: &str = "mappings/garage/v1/vehicles.yard.yaml";

/// A vehicle as the yard has it.
fn vehicle(id: u32) -> Value {
    json!({
        "id": id, "owner_no": "7", "plate": format!("AB {id}"), "type": "C", "first_reg": "01/02/2003", "odometer": "1200",
        "price": "10.50", "ev": "0", "extras": [{ "name": "hook" }], "services": [{ "day": "2020-01-02", "text": "oil" }],
        "created": 1_500_000_000, "shelf": "B4"
    })
}

type Rows = Arc<Mutex<Vec<Value>>>;

struct Garage {
    facade: Facade,
    rows: Rows,
}

impl Garage {
    /// The garage of `tests/mappings/base`, with this in the place of some of its words.
    async fn open(from: &str, to: &str) -> Self {
        let mut files = support::tree("tests/mappings/base/", &["mappings", "schemas", "config"]);
        let binding = files.get_mut(Path::new(FILE)).unwrap();
        assert!(binding.contains(from));
        *binding = binding.replace(from, to);
        let mut out = Diagnostics::new();
        let files = load(&Tree::Memory(files), Path::new("config/base.yaml"), &mut out);
        let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
        let rows = Rows::default();
        let answered = Arc::clone(&rows);
        let connect = move |_: &HttpSource| {
            let rows = Arc::clone(&answered);
            Ok(Transport::new(tower::service_fn(move |outgoing: Outgoing| {
                std::future::ready(Ok::<_, Lost>(answer(&outgoing, &rows.lock().unwrap())))
            })))
        };
        let sources = Sources::build(&plan, None, &connect).await.unwrap();
        let clock = Fixed(Moment::parse(NOW).unwrap());
        Self { facade: Facade::new(Instance { plan, sources }, Arc::new(clock)), rows }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = http::Request::builder().uri(path).body(Full::new(Bytes::new())).unwrap();
        let answer = self
            .facade
            .answer_as(
                portico::identity::Caller::operator(),
                request,
                Instant::now() + Duration::from_secs(20),
            )
            .await;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    fn gives(&self, rows: Vec<Value>) {
        *self.rows.lock().unwrap() = rows;
    }

    fn lines(&self) -> Vec<Line> {
        let now = Moment::parse(NOW).unwrap();
        self.facade.current().sources.radars.report(now).drifting().cloned().collect()
    }

    /// What drifts, in the form `place: verdict`.
    fn drifts(&self) -> Vec<String> {
        self.lines().iter().map(|line| format!("{}: {}", line.place, line.verdict)).collect()
    }

    /// A list is read until the baseline is complete.
    async fn settle(&self) {
        self.gives((1..=20).map(vehicle).collect());
        for _ in 0..55 {
            assert_eq!(self.get("/v1/vehicles?limit=20").await.0, 200);
        }
        assert_eq!(self.drifts(), Vec::<String>::new(), "what is expected does not drift");
    }
}

fn answer(outgoing: &Outgoing, rows: &[Value]) -> Received {
    let body = match outgoing.url.split("/api/").nth(1).unwrap_or_default() {
        path if path.starts_with("makes") => json!([]),
        path if path.starts_with("vehicles/") => rows.first().cloned().unwrap_or(Value::Null),
        _ => json!({ "rows": rows, "total": rows.len() }),
    };
    let headers = http::HeaderMap::new();
    Received { status: 200, retry_after: None, headers, body: body.to_string().into_bytes() }
}

/// Twenty vehicles, the first one changed.
fn changed(change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut rows: Vec<Value> = (1..=20).map(vehicle).collect();
    change(&mut rows[0]);
    rows
}

const LIST: &str = "/v1/vehicles?limit=20";

#[tokio::test]
async fn a_type_that_changes_and_can_be_read_is_right_and_shows() {
    let garage = Garage::open("T: truck", "T: truck").await;
    garage.settle().await;
    garage.gives(
        (1..=20)
            .map(vehicle)
            .map(|mut v| {
                v["price"] = json!(10.5);
                v
            })
            .collect(),
    );
    let (status, body) = garage.get(LIST).await;
    assert_eq!((status, &body["vehicles"][0]["price"]), (200, &json!(10.5)));
    assert_eq!(garage.drifts(), ["price: numbers where texts were (1.8 %)"]);
    let line = &garage.lines()[0];
    assert_eq!((line.drift, line.file.as_str(), line.seen), (Some(Drift::NewKind), FILE, 20));
    let said = format!(
        "{FILE}: `price`: numbers where texts were (1.8 %), since {NOW}. The mapping takes it; ask whether it is meant."
    );
    assert_eq!(line.sentence(), said);
}

#[tokio::test]
async fn a_type_that_cannot_be_read_is_a_fault_of_that_answer_and_shows_at_once() {
    let garage = Garage::open("T: truck", "T: truck").await;
    garage.gives(changed(|v| v["odometer"] = json!({ "km": 1200 })));
    let (status, body) = garage.get(LIST).await;
    assert_eq!((status, body["code"].as_str()), (500, Some("F611")), "{body}");
    assert!(!body.to_string().contains("odometer"), "{body}");
    // Who does not ask for it is served.
    assert_eq!(garage.get("/v1/vehicles?limit=20&fields=plate").await.0, 200);
    let drifts = garage.drifts();
    let wanted = "odometer: objects where a text, a number or nothing is expected (5.0 %)";
    assert!(drifts.iter().any(|line| line == wanted), "{drifts:?}");
    let refused = drifts.iter().any(|line| line.starts_with("odometer: an object or list, not"));
    assert!(refused, "the answer that was refused is counted, too: {drifts:?}");
}

#[tokio::test]
async fn nothing_where_a_value_is_required_shows() {
    let garage = Garage::open("T: truck", "T: truck").await;
    garage.gives(changed(|v| v["plate"] = Value::Null));
    let (status, body) = garage.get(LIST).await;
    assert_eq!((status, body["code"].as_str()), (500, Some("F613")), "{body}");
    let lines = garage.lines();
    assert!(lines.iter().all(|line| line.drift == Some(Drift::Required)), "{lines:?}");
    let drifts = garage.drifts();
    assert_eq!(drifts[0], "plate: nulls where a text or a number is expected (5.0 %)");
    assert_eq!(drifts[1], "plate: nothing for `plate`, which requires a value (1 answers)");
}

#[tokio::test]
async fn a_code_that_is_not_known_shows_whether_it_is_refused_or_taken() {
    let garage = Garage::open("T: truck", "T: truck").await;
    garage.gives(changed(|v| v["type"] = json!("M")));
    let (status, body) = garage.get(LIST).await;
    assert_eq!((status, body["code"].as_str()), (500, Some("F612")), "{body}");
    assert_eq!(garage.drifts(), ["type: unknown code `M` (1 answers)"]);
    // Filtered here, it is the source's answer that is refused before there is one.
    assert_eq!(garage.get("/v1/vehicles/1").await.0, 500);
    assert_eq!(garage.drifts(), ["type: unknown code `M` (2 answers)"]);

    let tolerant = Garage::open("T: truck } }] }", "T: truck } }], unknown: van }").await;
    tolerant.gives(changed(|v| v["type"] = json!("M")));
    let (status, body) = tolerant.get(LIST).await;
    assert_eq!((status, &body["vehicles"][0]["kind"]), (200, &json!("van")));
    assert_eq!(tolerant.drifts(), ["type: unknown code `M` (1 times)"]);
}

#[tokio::test]
async fn a_field_that_appears_changes_no_answer_and_shows() {
    let garage = Garage::open("T: truck", "T: truck").await;
    garage.settle().await;
    let before = garage.get(LIST).await;
    garage.gives(changed(|v| {
        v["vin"] = json!("W0L");
        v["services"][0]["garage"] = json!(5);
    }));
    assert_eq!(garage.get(LIST).await, before);
    let wanted = ["$: new: field `vin`", "services[*]: new: field `garage` in `services[*]`"];
    assert_eq!(garage.drifts(), wanted, "and `shelf`, which was there before, is not new");
}

fn configuration(folder: &Path) -> std::path::PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let text = support::with_keys(&std::fs::read_to_string(at("config/demo.yaml")).unwrap())
        .replace("../target/demo/", "")
        .replace("../migrations", &at("migrations").display().to_string());
    for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
        std::fs::write(folder.join(secret), "x").unwrap();
    }
    let folders = format!("mappings: {}\nschemas: {}\n", at("mappings").display(), at("schemas").display());
    for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
        std::fs::write(folder.join(secret), "x").unwrap();
    }
    let config = folder.join("config.yaml");
    std::fs::write(&config, format!("{folders}{text}")).unwrap();
    config
}

#[tokio::test]
async fn what_was_counted_is_there_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("portico-drift-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let config = configuration(&folder);
    let now = Moment::parse(NOW).unwrap();
    let start = || async {
        control::facade_at(&config, &Overrides::default(), Arc::new(Fixed(now))).await.unwrap().0
    };
    let ask = |facade: Arc<Facade>, method: &'static str, path: &'static str, body: &'static str| async move {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        facade
            .answer_as(
                portico::identity::Caller::operator(),
                request,
                Instant::now() + Duration::from_secs(20),
            )
            .await
            .status()
            .as_u16()
    };
    let facade = start().await;
    let customer = r#"{"givenName":"Ada","familyName":"Wood","email":"ada@example.org",
        "emergencyContacts":[{"name":"Vet","phone":"+1 555 010 0100"}]}"#;
    assert_eq!(ask(Arc::clone(&facade), "POST", "/v1/customers", customer).await, 201);
    // What is not asked of the database is not missed, though the contract requires it.
    for path in ["/v1/customers", "/v1/customers?fields=customerId", "/v1/customers?fields=givenName,email"] {
        assert_eq!(ask(Arc::clone(&facade), "GET", path, "").await, 200);
    }
    let radars = Arc::clone(&facade.current().sources.radars);
    let before = radars.report(now);
    assert!(before.records >= 3 && before.places > 3, "{before:?}");
    assert_eq!(before.drifting().count(), 0, "{before:?}");
    let ledger = SqlSource {
        url: SecretRef::Plain("sqlite:ledger.db".into()),
        root: folder.clone(),
        migrations: None,
        connections: 1,
        deadline: Duration::from_secs(10),
    };
    Ledger::open(&ledger).await.unwrap().add_drift(&radars.rows()).await.unwrap();
    drop(facade);
    let again = start().await;
    assert_eq!(again.current().sources.radars.report(now), before);
    // A reload goes on counting: the binding's rules are the same.
    control::reload(&again, &config, &Overrides::default()).await.unwrap();
    assert_eq!(again.current().sources.radars.report(now), before);
    // And without any program.
    let read = control::drift::read(&config, &Overrides::default(), now).await.unwrap();
    assert_eq!(read, Some(before));
    let _ = std::fs::remove_dir_all(&folder);
}

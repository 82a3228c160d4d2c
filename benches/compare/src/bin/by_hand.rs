//! The façade by hand: axum, reqwest and structs that borrow from the system's answer. It is what a good engineer would write
//! for just these URLs; it checks what the mapping checks, and does nothing that nobody measures.

#[path = "by_hand/overview.rs"]
mod overview;
#[path = "../../../support/by_hand.rs"]
mod pets;
#[path = "by_hand/store.rs"]
mod store;
#[path = "by_hand/submit.rs"]
mod submit;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The allocator that the façade has.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub struct Service {
    client: reqwest::Client,
    backend: String,
    species: pets::Terms,
    breeds: pets::Terms,
    store: Option<store::Store>,
}

pub enum Refusal {
    /// What was sent is not as it should be.
    Wrong(&'static str),
    Absent,
    /// The system behind.
    Behind,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Wrong(message) => (StatusCode::BAD_REQUEST, message),
            Self::Absent => (StatusCode::NOT_FOUND, "there is no such record"),
            Self::Behind => (StatusCode::INTERNAL_SERVER_ERROR, "the record cannot be had"),
        };
        (status, json(format!("{{\"message\":\"{message}\"}}").into_bytes())).into_response()
    }
}

impl From<reqwest::Error> for Refusal {
    fn from(_: reqwest::Error) -> Self {
        Self::Behind
    }
}

impl From<pets::Wrong> for Refusal {
    fn from(_: pets::Wrong) -> Self {
        Self::Behind
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(_: serde_json::Error) -> Self {
        Self::Behind
    }
}

pub fn json(body: Vec<u8>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], body)
}

fn main() {
    let mut words = std::env::args().skip(1);
    let mut word =
        || words.next().expect("a port, a backend, the folder of what is known, and perhaps a database");
    let (port, backend, data) = (word(), word(), word());
    let database = words.next();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async move {
        let text = std::fs::read_to_string(format!("{data}/known.json")).expect("what is known");
        let known: HashMap<String, String> = serde_json::from_str(&text).expect("a map");
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(512)
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .expect("a client");
        let service = Service {
            client,
            backend,
            species: terms(&known, "species", "description"),
            breeds: terms(&known, "breeds", "name"),
            store: match database {
                Some(url) => Some(store::Store::open(&url).await.expect("a database")),
                None => None,
            },
        };
        let router = Router::new()
            .route("/v1/pets", get(list).post(submit::create))
            .route("/v1/pets/{id}", get(record))
            .route("/v1/pets/{id}/overview", get(overview::overview))
            .route("/stored/v1/pets", get(store::list))
            .with_state(Arc::new(service));
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.expect("a free port");
        use axum::serve::ListenerExt as _;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.expect("to serve");
    });
}

fn terms(known: &HashMap<String, String>, name: &str, give: &str) -> pets::Terms {
    let text = known.get(&format!("GET /rest/{name}.json")).expect("terms");
    let rows: Vec<HashMap<String, String>> = serde_json::from_str(text).expect("a list of terms");
    rows.into_iter().map(|row| (row["tid"].clone().into(), row[give].clone().into())).collect()
}

impl Service {
    async fn fetch(&self, target: &str) -> Result<String, Refusal> {
        let response = self.client.get(format!("{}{target}", self.backend)).send().await?;
        match response.status().as_u16() {
            200 => String::from_utf8(response.bytes().await?.into()).map_err(|_| Refusal::Behind),
            404 => Err(Refusal::Absent),
            _ => Err(Refusal::Behind),
        }
    }

    async fn fetch_owned(&self, target: String) -> Result<String, Refusal> {
        self.fetch(&target).await
    }

    fn around(&self) -> pets::Around<'_> {
        pets::Around { species: &self.species, breeds: &self.breeds, today: today() }
    }
}

fn today() -> (i32, u8, u8) {
    let date = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    (i32::from(date.year()), date.month() as u8, date.day() as u8)
}

/// What ids are made of; nothing else enters an address.
fn id(text: &str) -> Result<&str, Refusal> {
    let fine = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_~-".contains(&b));
    fine.then_some(text).ok_or(Refusal::Absent)
}

async fn record(
    State(service): State<Arc<Service>>,
    Path(key): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let node = service.fetch(&format!("/rest/node/{}.json", id(&key)?)).await?;
    Ok(json(pets::record(&node, service.around())?))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default = "ten")]
    limit: u32,
    #[serde(default)]
    offset: u64,
}

fn ten() -> u32 {
    10
}

async fn list(
    State(service): State<Arc<Service>>,
    Query(Asked { limit, offset }): Query<Asked>,
) -> Result<impl IntoResponse, Refusal> {
    if !(1..=100).contains(&limit) {
        return Err(Refusal::Wrong("limit is 1 to 100"));
    }
    let nodes =
        service.fetch(&format!("/rest/views/pets.json?sort=asc&offset={offset}&limit={limit}")).await?;
    let mut body = Vec::with_capacity(1024 * limit as usize);
    body.extend_from_slice(b"{\"pets\":");
    pets::list(&nodes, service.around(), &mut body)?;
    body.extend_from_slice(format!(",\"metadata\":{{\"limit\":{limit},\"offset\":{offset}}}}}").as_bytes());
    Ok(json(body))
}

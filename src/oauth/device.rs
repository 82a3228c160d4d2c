//! Devices without a browser (RFC 8628): they get a code that a person types elsewhere.

use super::{
    arrived::Arrived,
    authorize::{resources, see},
    client::{Client, DEVICE},
    page::{Reader, Typed},
    parameters::Parameters,
    refusal::Refusal,
    secrets,
    server::Server,
    waiting::{Request as Waiting, Seen},
};
use crate::ledger::oauth::requests::DeviceRow;
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A device waits so many seconds for its person.
const WAITS: i64 = 600;
/// Seconds between two questions of a device.
const PAUSE: i64 = 5;
/// How many wrong codes may come from one address in a minute (RFC 8628, section 5.1: a code has 34 bits).
const WRONG: u32 = 10;
/// How many addresses are counted at once; beyond, all are as one.
const ADDRESSES: usize = 10_000;

/// The minute, and the wrong codes in it by address.
type Counted = (i64, HashMap<Option<IpAddr>, u32>);
static COUNTED: LazyLock<Mutex<Counted>> = LazyLock::new(|| Mutex::new((0, HashMap::new())));

/// `POST /oauth/device_authorization`.
pub async fn begin(State(server): State<Arc<Server>>, request: Request) -> Response {
    match beginning(&server, request).await {
        Ok(body) => ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn beginning(server: &Server, request: Request) -> Result<Value, Refusal> {
    let arrived = Arrived::form(request).await?;
    let client = arrived.client(server).await?;
    if !client.may(DEVICE) {
        return Err(Refusal::unauthorized_client("this client is not for devices"));
    }
    let rules = server.rules();
    let scopes = client.scopes(&rules, arrived.form.get("scope"))?;
    if scopes.is_empty() {
        return Err(Refusal::invalid_scope("there is no scope for this client"));
    }
    let resources = resources(&rules, &arrived.form)?;
    let now = server.now();
    // A typed code that is taken is drawn again; with some thousand devices waiting that is seldom.
    for _ in 0..5 {
        let (device, user) = (secrets::fresh("dc_")?, secrets::typed()?);
        let row = DeviceRow {
            device_hash: secrets::hash(&device),
            user_hash: secrets::typed_hash(&user),
            client_id: client.id().into(),
            request: json!({ "scopes": scopes, "resources": resources }).to_string(),
            status: "waiting".into(),
            grant_id: String::new(),
            pause: PAUSE,
            asked_at: 0,
            created_at: now,
            expires_at: now.saturating_add(WAITS),
        };
        if server.ledger.add_device(&row).await? {
            let page = format!("{}/oauth/device", rules.issuer);
            return Ok(json!({
                "device_code": device, "user_code": user, "verification_uri": page,
                "verification_uri_complete": format!("{page}?user_code={user}"),
                "expires_in": WAITS, "interval": PAUSE,
            }));
        }
    }
    Err(Refusal::temporarily_unavailable("no code is free; try again"))
}

/// `GET /oauth/device`: where the code is typed, and what became of it.
pub async fn page(State(server): State<Arc<Server>>, request: Request) -> Response {
    let parameters = Parameters::parse(request.uri().query().unwrap_or_default()).ok();
    let reader = Reader::of(&server, request.headers(), parameters.as_ref());
    let asked = |name| parameters.as_ref().and_then(|parameters| parameters.get(name));
    match asked("done") {
        Some(done) => reader.device_done(done == "approved"),
        None => reader.device(asked("user_code").unwrap_or_default(), None),
    }
}

/// `POST /oauth/device`: the typed code leads to the account's word.
pub async fn typed(State(server): State<Arc<Server>>, request: Request) -> Response {
    let reader = Reader::of(&server, request.headers(), None);
    match typing(&server, request).await {
        Ok(Ok(response)) => response,
        Ok(Err((code, wrong))) => reader.device(&code, Some(wrong)),
        Err(refusal) => reader.refused(&refusal),
    }
}

/// The way on, or what was wrong with the code.
async fn typing(server: &Server, request: Request) -> Result<Result<Response, (String, Typed)>, Refusal> {
    let arrived = Arrived::form(request).await?;
    let now = server.now();
    if counted(arrived.address, now, false) >= WRONG {
        return Ok(Err((String::new(), Typed::TooOften)));
    }
    let code = arrived.form.required("user_code")?;
    let hash = secrets::typed_hash(code);
    let device = server.ledger.device(&hash).await?;
    let device = device
        .filter(|device| device.user_hash == hash && device.status == "waiting" && device.expires_at > now);
    let client = match &device {
        Some(device) => Client::find(&server.ledger, &device.client_id).await?.filter(Client::is_active),
        None => None,
    };
    let (Some(device), Some(client)) = (device, client) else {
        counted(arrived.address, now, true);
        return Ok(Err((code.to_owned(), Typed::Wrong)));
    };
    let asked: Value = serde_json::from_str(&device.request).unwrap_or_default();
    let texts = |name: &str| -> Vec<String> {
        let all = asked.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let waiting = Waiting::of_device(client.id(), &hash, texts("scopes"), texts("resources"));
    let cookies: Vec<&str> =
        arrived.headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok()).collect();
    let session =
        if cookies.is_empty() { None } else { server.accounts.of_session(&cookies.join("; ")).await? };
    let session = session.filter(|session| session.account.active);
    let seen = if session.is_some() { Seen::Asks } else { Seen::Nobody };
    Ok(Ok(see(&server.wait(&client, waiting, seen, session.as_ref()).await?)))
}

/// How many wrong codes an address has sent in this minute, with one more where this was one.
fn counted(address: Option<IpAddr>, now: i64, wrong: bool) -> u32 {
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    if counted.0 != now / 60 {
        *counted = (now / 60, HashMap::new());
    }
    let address = if counted.1.len() < ADDRESSES { address } else { None };
    let count = counted.1.entry(address).or_default();
    *count += u32::from(wrong);
    *count
}

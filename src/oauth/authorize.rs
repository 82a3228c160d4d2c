//! `/oauth/authorize` and `/oauth/par`: a client asks for somebody's word (RFC 6749, section 4.1; RFC 7636; RFC 9126;
//! RFC 9207). What is wrong before the redirect URI is known to be the client's is shown here, and sent nowhere.

use super::{
    arrived::Arrived,
    client::{CODE, Client, shown},
    page::Reader,
    parameters::Parameters,
    redirects,
    refusal::Refusal,
    rules::Rules,
    secrets,
    server::Server,
    waiting::{Request as Waiting, Seen},
};
use crate::{identity::jws, ledger::oauth::requests::RequestRow};
use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// A pushed request is used within so many seconds.
const PUSHED: i64 = 90;
const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// Longer than any that is of use.
const LONGEST: usize = 1024;

/// What a client asks for, as it is kept while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Asked {
    pub client_id: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub resources: Vec<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: String,
    pub prompt: Vec<String>,
    /// The account's word is to rest on a proof no older than this, in seconds.
    pub max_age: Option<i64>,
    pub login_hint: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449, section 10).
    pub jkt: Option<String>,
}

/// What is wrong, and where it may be said.
enum Wrong {
    /// On a page: the redirect URI is not known to be the client's.
    Here(Refusal),
    /// At the client's redirect URI, with its `state`.
    There { uri: String, state: Option<String>, refusal: Refusal },
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Here(refusal)
    }
}

/// `GET` and `POST /oauth/authorize`.
pub async fn authorize(State(server): State<Arc<Server>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let answered = match parameters(request).await {
        Ok((parameters, headers)) => asked(&server, &parameters, &headers).await,
        Err(refusal) => Err(refusal.into()),
    };
    match answered {
        Ok(location) => see(&location),
        Err(Wrong::Here(refusal)) => Reader::of(&server, &headers, None).refused(&refusal),
        Err(Wrong::There { uri, state, refusal }) => {
            see(&denied(&server.rules(), &uri, state.as_deref(), &refusal))
        }
    }
}

async fn parameters(request: Request) -> Result<(Parameters, HeaderMap), Refusal> {
    if request.method() == Method::POST {
        let arrived = Arrived::form(request).await?;
        return Ok((arrived.form, arrived.headers));
    }
    let (head, body) = request.into_parts();
    // A body of a GET means nothing; it is not waited for.
    drop(to_bytes(body, 0).await);
    Ok((Parameters::parse(head.uri.query().unwrap_or_default())?, head.headers))
}

/// Where the browser goes next.
async fn asked(server: &Server, parameters: &Parameters, headers: &HeaderMap) -> Result<String, Wrong> {
    let id = parameters.required("client_id")?;
    let client = Client::find(&server.ledger, id).await.map_err(Refusal::from)?;
    let client = client
        .filter(Client::is_active)
        .ok_or_else(|| Refusal::invalid_request("there is no such client"))?;
    let asked = if let Some(uri) = parameters.get("request_uri") {
        pushed(server, &client, uri, parameters).await?
    } else {
        read(&server.rules(), &client, parameters)?
    };
    let cookies: Vec<&str> = headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok()).collect();
    let session = if cookies.is_empty() {
        None
    } else {
        server.accounts.of_session(&cookies.join("; ")).await.map_err(Refusal::from)?
    };
    let session = session.filter(|session| session.account.active);
    let (uri, state) = (asked.redirect_uri.clone(), asked.state.clone());
    let there = |refusal| Wrong::There { uri: uri.clone(), state: state.clone(), refusal };
    let waiting = Waiting::of_client(asked, server.now());
    let seen = server.see(&client, &waiting, session.as_ref()).await.map_err(&there)?;
    let silent = waiting.is_silent();
    match (seen, silent) {
        (Seen::Nobody, true) => Err(there(Refusal::login_required("nobody is signed in, or not lately"))),
        (Seen::Asks, true) => Err(there(Refusal::consent_required("the account has not allowed this yet"))),
        (seen, _) => server.wait(&client, waiting, seen, session.as_ref()).await.map_err(&there),
    }
}

/// A request that was pushed before; each is used once.
async fn pushed(
    server: &Server,
    client: &Client,
    uri: &str,
    parameters: &Parameters,
) -> Result<Asked, Refusal> {
    if parameters.names().any(|name| !matches!(name, "client_id" | "request_uri")) {
        return Err(Refusal::invalid_request("beside `request_uri` there is `client_id` and nothing else"));
    }
    let wrong =
        || Refusal::invalid_request_uri("the pushed request is unknown, has expired, or was used before");
    let hash = secrets::hash(uri.strip_prefix(URN).ok_or_else(wrong)?);
    let row = server
        .ledger
        .request(&hash)
        .await?
        .filter(|row| row.kind == "pushed" && row.client_id == client.id());
    let row = row.ok_or_else(wrong)?;
    if !server.ledger.use_request(&hash, server.now()).await? {
        return Err(wrong());
    }
    serde_json::from_str(&row.request).map_err(|_| wrong())
}

/// Reads what a client asks for.
fn read(rules: &Rules, client: &Client, parameters: &Parameters) -> Result<Asked, Wrong> {
    let uri = parameters.required("redirect_uri")?;
    if !client.is_answered_at(uri) {
        return Err(Refusal::invalid_request("`redirect_uri` is none that this client has registered").into());
    }
    let state = parameters.get("state").map(str::to_owned);
    let there = |refusal| Wrong::There { uri: uri.to_owned(), state: state.clone(), refusal };
    judge(rules, client, parameters, uri).map_err(there)
}

/// All but the client and its redirect URI, which are known to be sound.
fn judge(rules: &Rules, client: &Client, parameters: &Parameters, uri: &str) -> Result<Asked, Refusal> {
    let get = |name: &str| parameters.get(name);
    if get("request").is_some() {
        return Err(Refusal::request_not_supported("push the request to `/oauth/par` instead"));
    }
    if get("request_uri").is_some() {
        return Err(Refusal::invalid_request("a pushed request cannot name another one"));
    }
    match get("response_type") {
        Some("code") => {}
        Some(_) => return Err(Refusal::unsupported_response_type("`code` is the only response type")),
        None => return Err(Refusal::invalid_request("`response_type` is missing")),
    }
    if get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Refusal::invalid_request("`query` is the only response mode"));
    }
    if !client.may(CODE) {
        return Err(Refusal::unauthorized_client("this client is not for the code flow"));
    }
    let challenge = get("code_challenge")
        .ok_or_else(|| Refusal::invalid_request("PKCE is required: `code_challenge` is missing"))?;
    if get("code_challenge_method") != Some("S256") {
        return Err(Refusal::invalid_request("`code_challenge_method` has to be `S256`"));
    }
    if jws::decode(challenge).is_none_or(|bytes| bytes.len() != 32) {
        return Err(Refusal::invalid_request("`code_challenge` is no base64url of a SHA-256"));
    }
    let resources = resources(rules, parameters)?;
    let scopes = client.scopes(rules, get("scope"))?;
    if scopes.is_empty() && !client.metadata.own {
        return Err(Refusal::invalid_scope("no scope is asked for"));
    }
    let prompt: Vec<String> =
        get("prompt").unwrap_or_default().split(' ').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    if let Some(other) =
        prompt.iter().find(|p| !matches!(p.as_str(), "none" | "login" | "consent" | "select_account"))
    {
        return Err(Refusal::invalid_request(format!("there is no `prompt` `{}`", shown(other))));
    }
    if prompt.len() > 1 && prompt.iter().any(|p| p == "none") {
        return Err(Refusal::invalid_request("`prompt=none` stands alone"));
    }
    let max_age = match get("max_age").map(str::parse::<i64>) {
        None => None,
        Some(Ok(age)) if age >= 0 => Some(age),
        Some(_) => return Err(Refusal::invalid_request("`max_age` is no number of seconds")),
    };
    let jkt = get("dpop_jkt").map(str::to_owned);
    if jkt.as_deref().is_some_and(|jkt| jws::decode(jkt).is_none_or(|bytes| bytes.len() != 32)) {
        return Err(Refusal::invalid_request("`dpop_jkt` is no thumbprint"));
    }
    for name in ["state", "nonce", "login_hint"] {
        if get(name).is_some_and(|value| value.len() > LONGEST) {
            return Err(Refusal::invalid_request(format!("`{name}` is longer than {LONGEST} bytes")));
        }
    }
    let text = |name: &str| get(name).map(str::to_owned);
    Ok(Asked {
        client_id: client.id().to_owned(),
        redirect_uri: uri.to_owned(),
        scopes,
        resources,
        state: text("state"),
        nonce: text("nonce"),
        challenge: challenge.to_owned(),
        prompt,
        max_age,
        login_hint: text("login_hint"),
        jkt,
    })
}

/// The resources that a request names (RFC 8707, section 2). Refuses with `invalid_target` what is not ours.
pub fn resources(rules: &Rules, parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    for resource in parameters.all("resource") {
        if !rules.serves(resource) {
            return Err(Refusal::invalid_target(
                "`resource` is neither this server's address nor one of its APIs'",
            ));
        }
        if !found.iter().any(|known| known == resource) {
            found.push(resource.to_owned());
        }
    }
    Ok(found)
}

/// `POST /oauth/par`: the request comes over the client's own connection, and a name for it goes through the browser.
pub async fn push(State(server): State<Arc<Server>>, request: Request) -> Response {
    match pushing(&server, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn pushing(server: &Server, request: Request) -> Result<Response, Refusal> {
    let arrived = Arrived::form(request).await?;
    let client = arrived.client(server).await?;
    let mut asked = match read(&server.rules(), &client, &arrived.form) {
        Ok(asked) => asked,
        Err(Wrong::Here(refusal) | Wrong::There { refusal, .. }) => return Err(refusal),
    };
    let proved = server.proof(&arrived.headers, "POST", "/oauth/par", None).await?;
    if let Some(proved) = proved {
        if asked.jkt.as_ref().is_some_and(|jkt| *jkt != proved) {
            return Err(Refusal::invalid_dpop_proof("`dpop_jkt` is another key's than the proof's"));
        }
        asked.jkt = Some(proved);
    }
    let (id, now) = (secrets::fresh("pr_")?, server.now());
    let row = RequestRow {
        hash: secrets::hash(&id),
        kind: "pushed".into(),
        client_id: client.id().into(),
        request: serde_json::to_string(&asked)
            .map_err(|_| Refusal::server_error("the request cannot be kept"))?,
        created_at: now,
        expires_at: now.saturating_add(PUSHED),
        used_at: 0,
    };
    server.ledger.add_request(&row).await?;
    let body = Json(json!({ "request_uri": format!("{URN}{id}"), "expires_in": PUSHED }));
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body).into_response())
}

/// The client's redirect URI with an error (RFC 6749, section 4.1.2.1), and who says so (RFC 9207).
pub fn denied(rules: &Rules, uri: &str, state: Option<&str>, refusal: &Refusal) -> String {
    let mut parameters = vec![
        ("error", refusal.error),
        ("error_description", &*refusal.description),
        ("iss", rules.issuer.as_str()),
    ];
    parameters.extend(state.map(|state| ("state", state)));
    redirects::with(uri, &parameters)
}

/// The same with a code.
pub fn granted(rules: &Rules, uri: &str, state: Option<&str>, code: &str) -> String {
    let mut parameters = vec![("code", code), ("iss", rules.issuer.as_str())];
    parameters.extend(state.map(|state| ("state", state)));
    redirects::with(uri, &parameters)
}

/// Sends a browser on, always by GET (RFC 9700, section 4.12).
pub fn see(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

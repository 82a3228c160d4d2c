//! `POST /auth/...` below an API's base, for the company's own apps: JSON in, JSON out, refusals in the form of the APIs.

use super::{
    Pages,
    visit::{address, text},
};
use crate::{
    fault::{Fault, code},
    ledger::accounts::Account,
    limits::Door,
    oauth::accounts::{Minted, address::normalised, body::Body, language::accepted, register::Wish},
};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, request::Parts};
use serde_json::{Value, json};
use std::sync::Arc;

/// No body here is longer.
const LONGEST: usize = 64 * 1024;
/// What is answered whether an address is known or not.
const SENT: &str =
    "If this can be done for the address, a message is on its way to it. Follow its link to go on.";

/// Any method but POST.
pub(super) async fn other(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    refused(&pages, &head, &Fault::plain(&code::NO_METHOD))
}

pub(super) async fn take(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, LONGEST).await.map_err(|_| Fault::plain(&code::TOO_LARGE));
    let answered = match bytes {
        Ok(bytes) => Box::pin(answer(&pages, &head, &bytes)).await,
        Err(fault) => Err(fault),
    };
    match answered {
        Ok((status, body)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (status, headers, body.to_string()).into_response()
        }
        Err(fault) => refused(&pages, &head, &fault),
    }
}

fn refused(pages: &Pages, head: &Parts, fault: &Fault) -> Response {
    pages.wording.refuse(head, fault).map(axum::body::Body::new)
}

async fn answer(pages: &Pages, head: &Parts, bytes: &[u8]) -> Result<(StatusCode, Value), Fault> {
    let what =
        what(head.uri.path(), &pages.server.rules().bases).ok_or_else(|| Fault::plain(&code::NO_PATH))?;
    if !["register", "login", "refresh", "logout", "verify", "password/forgot", "password/reset"]
        .contains(&what)
    {
        return Err(Fault::plain(&code::NO_PATH));
    }
    let media = head.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let mut body = Body::read(media, bytes)?;
    let client = body.required("clientId");
    if !client.is_empty() {
        pages.desk.own_app(&client)?;
    }
    let (desk, from) = (&pages.desk, address(head));
    let device = text(&head.headers, header::USER_AGENT);
    match what {
        "register" => {
            let register = desk.registering()?;
            let language = accepted(text(&head.headers, header::ACCEPT_LANGUAGE));
            let wish = Wish::of(&mut body, &register, language);
            let done = desk.register(body, &register, wish, from).await;
            pages.asked("account.registered", Some(&client), from, &done).await?;
            done?;
            Ok((StatusCode::CREATED, json!({ "message": SENT })))
        }
        "login" => {
            let (email, password) = (body.required("email"), body.required("password"));
            body.done()?;
            let email = normalised(&email).ok_or_else(|| Fault::plain(&code::LOGIN_REFUSED))?;
            pages.server.tried(Door::Login, &email).await?;
            let done = desk.login_app(&client, &email, &password, device, from).await;
            pages.logged_in(&email, Some(&client), from, &done, |(_, account)| account).await?;
            let (minted, account) = done?;
            Ok((StatusCode::OK, tokens(&minted, &account)))
        }
        "refresh" => {
            let refresh = body.required("refreshToken");
            body.done()?;
            let (minted, account) = desk.refresh_app(&client, &refresh).await?;
            Ok((StatusCode::OK, tokens(&minted, &account)))
        }
        "logout" => {
            let refresh = body.required("refreshToken");
            body.done()?;
            let done = desk.logout_app(&client, &refresh).await;
            pages.asked("logout", Some(&client), from, &done).await?;
            done?;
            Ok((StatusCode::OK, json!({ "message": "You are logged out." })))
        }
        "verify" => {
            let token = body.required("token");
            body.done()?;
            let done = desk.verify(&token).await;
            pages.by_link("account.confirmed", Some(&client), from, &done).await?;
            done?;
            Ok((StatusCode::OK, json!({ "message": "The address is confirmed. Log in now." })))
        }
        "password/forgot" => {
            let told = body.required("email");
            let email = normalised(&told);
            if email.is_none() && !told.is_empty() {
                body.wrong("email", &code::WRONG_FORMAT, "`email` is an address such as `name@example.org`.");
            }
            body.done()?;
            desk.forgot(&email.unwrap_or_default(), from).await?;
            Ok((StatusCode::OK, json!({ "message": SENT })))
        }
        _ => {
            let (token, password) = (body.required("token"), body.required("password"));
            body.done()?;
            let done = desk.reset(&token, &password).await;
            pages.by_link("password.reset", Some(&client), from, &done).await?;
            done?;
            Ok((StatusCode::OK, json!({ "message": "The password is set. Log in with it now." })))
        }
    }
}

/// What stands behind `/auth/`, below the base of an API.
fn what<'p>(path: &'p str, bases: &[String]) -> Option<&'p str> {
    bases.iter().find_map(|base| path.strip_prefix(base.as_str())?.strip_prefix("/auth/"))
}

fn tokens(minted: &Minted, account: &Account) -> Value {
    let claims: serde_json::Map<String, Value> =
        account.claims.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "accessToken": minted.access,
        "tokenType": "Bearer",
        "expiresIn": minted.expires_in,
        "refreshToken": minted.refresh,
        "account": { "id": account.id, "roles": account.roles, "claims": claims },
    })
}

//! Where the links of messages land. The page that a link opens changes nothing, since programs open links, too; its
//! form does.

use super::{
    Pages,
    home::time,
    sign::{broken, sent_mail},
    visit::{Visit, encoded},
};
use crate::{
    fault::{Fault, code},
    oauth::accounts::{address, links::Purpose},
    pages::people,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;

/// What every handler here begins with.
macro_rules! visit {
    ($pages:expr, $request:expr) => {
        match Visit::of(&$pages, $request).await {
            Ok(visit) => visit,
            Err(fault) => return broken(&$pages, &fault),
        }
    };
}

/// `GET /account/verify?token=`.
pub(super) async fn show_verify(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    let token = visit.asked("token");
    match pages.desk.of_link(token, &[Purpose::Verify]).await {
        Ok(Some(_)) => {
            let page = visit.page(&pages, &format!("/account/verify?token={}", encoded(token)));
            visit.show(StatusCode::OK, people::verify(&page, token), None)
        }
        Ok(None) => dead(&pages, &visit),
        Err(fault) => visit.refuse(&pages, &fault),
    }
}

/// `POST /account/verify`.
pub(super) async fn take_verify(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let done = pages.desk.verify(visit.sent("token")).await;
    let noted = pages.by_link("account.confirmed", None, visit.from(), &done).await;
    match noted.and(done) {
        Ok(_) => {
            let words = ("Your account can be used now.", "Ya puede usar su cuenta.");
            let label = visit.language.pick("Log in", "Iniciar sesión");
            let title = ("Your address is confirmed", "Su dirección está confirmada");
            visit.tell(&pages, StatusCode::OK, title, words, &[("/account/login", label)])
        }
        Err(fault) if fault.code == &code::BAD_LINK => dead(&pages, &visit),
        Err(fault) => visit.refuse(&pages, &fault),
    }
}

/// `GET /account/forgot`.
pub(super) async fn show_forgot(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    visit.show(StatusCode::OK, people::forgot(&visit.page(&pages, "/account/forgot"), None), None)
}

/// `POST /account/forgot`.
pub(super) async fn take_forgot(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let wrong = |status: StatusCode, words: &str| {
        visit.show(status, people::forgot(&visit.page(&pages, "/account/forgot"), Some(words)), None)
    };
    let Some(email) = address::normalised(visit.sent("email")) else {
        let words = visit.language.pick("This is no e-mail address.", "Esto no es una dirección de correo.");
        return wrong(StatusCode::BAD_REQUEST, words);
    };
    match pages.desk.forgot(&email, visit.from()).await {
        Ok(()) => sent_mail(&pages, &visit),
        Err(fault) if fault.code.status >= 500 => visit.refuse(&pages, &fault),
        Err(fault) => wrong(StatusCode::TOO_MANY_REQUESTS, &visit.sentence(&fault)),
    }
}

/// `GET /account/reset?token=`.
pub(super) async fn show_reset(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    let token = visit.asked("token").to_owned();
    reset(&pages, &visit, &token, StatusCode::OK, None).await
}

async fn reset(
    pages: &Pages,
    visit: &Visit,
    token: &str,
    status: StatusCode,
    fault: Option<String>,
) -> Response {
    match pages.desk.of_link(token, &[Purpose::Reset, Purpose::Invite]).await {
        Ok(Some(account)) => {
            let page = visit.page(pages, &format!("/account/reset?token={}", encoded(token)));
            let email = pages.desk.address_of(&account).unwrap_or_default();
            visit.show(status, people::password(&page, token, &email, fault), None)
        }
        Ok(None) => dead(pages, visit),
        Err(fault) => visit.refuse(pages, &fault),
    }
}

/// `POST /account/reset`.
pub(super) async fn take_reset(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let token = visit.sent("token").to_owned();
    let done = pages.desk.reset(&token, visit.sent("password")).await;
    let noted = pages.by_link("password.reset", None, visit.from(), &done).await;
    match noted.and(done) {
        Ok(_) => {
            let words = ("Log in with it now.", "Inicie sesión con ella.");
            let label = visit.language.pick("Log in", "Iniciar sesión");
            let title = ("Your password is set", "Su contraseña está guardada");
            visit.tell(&pages, StatusCode::OK, title, words, &[("/account/login", label)])
        }
        Err(fault) if fault.code == &code::BAD_LINK => dead(&pages, &visit),
        Err(fault) if fault.code.status >= 500 => visit.refuse(&pages, &fault),
        Err(fault) => {
            let said = visit.sentence(&fault);
            reset(&pages, &visit, &token, StatusCode::BAD_REQUEST, Some(said)).await
        }
    }
}

fn dead(pages: &Pages, visit: &Visit) -> Response {
    let words = visit.sentence(&Fault::plain(&code::BAD_LINK));
    let label = visit.language.pick("Ask for a new link", "Pedir un enlace nuevo");
    let title = ("This link is not valid", "Este enlace no es válido");
    visit.tell(pages, StatusCode::BAD_REQUEST, title, (&words, &words), &[("/account/forgot", label)])
}

/// `GET /account/mail`: the messages that were caught, where they are.
pub(super) async fn mail(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = visit!(pages, request);
    match pages.desk.caught().await {
        Ok(Some(messages)) => {
            let each = messages
                .into_iter()
                .map(|(at, message)| (time(at), message.to, message.subject, message.text));
            let all: Vec<_> = each.collect();
            visit.show(StatusCode::OK, people::mail(&visit.page(&pages, "/account/mail"), &all), None)
        }
        Ok(None) => visit.refuse(&pages, &Fault::plain(&code::NO_PATH)),
        Err(fault) => visit.refuse(&pages, &fault),
    }
}

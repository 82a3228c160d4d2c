//! What browsers and the company's own apps are served of accounts: `/account/...` as pages, `/auth/...` below an API's base as
//! JSON. A page is shown by GET, which changes nothing; a form is taken by POST, from a browser that was given it.

mod answer;
mod api;
mod consent;
mod home;
mod links;
mod sign;
mod visit;

pub(super) use answer::{framed, style, too_often};
pub(super) use visit::language;

use super::{People, accounts::Desk, noted::Deed, server::Server};
use crate::{fault::Fault, ledger::accounts::Account};
use axum::{
    Router,
    routing::{get, post},
};
use bytes::Bytes;
use http::{Response, request::Parts};
use http_body_util::Full;
use std::{net::IpAddr, sync::Arc};

/// Words refusals as the APIs do, whose form they have below `/auth`.
pub trait Wording: Send + Sync + std::fmt::Debug {
    fn refuse(&self, head: &Parts, fault: &Fault) -> Response<Full<Bytes>>;
}

/// What all of these share.
#[derive(Debug)]
pub(super) struct Pages {
    desk: Arc<Desk>,
    server: Arc<Server>,
    wording: Arc<dyn Wording>,
}

pub(super) fn router(server: &Arc<Server>, people: &People) -> Router {
    let pages = Pages {
        desk: Arc::clone(&people.desk),
        server: Arc::clone(server),
        wording: Arc::clone(&people.wording),
    };
    Router::new()
        .route("/account", get(home::show))
        .route("/account/login", get(sign::show).post(sign::take))
        .route("/account/logout", post(sign::out))
        .route("/account/register", get(sign::show_register).post(sign::take_register))
        .route("/account/consent", get(consent::show).post(consent::take))
        .route("/account/consents/revoke", post(home::withdraw))
        .route("/account/sessions/revoke", post(home::end))
        .route("/account/sessions/others", post(home::end_others))
        .route("/account/password", post(home::password))
        .route("/account/verify", get(links::show_verify).post(links::take_verify))
        .route("/account/forgot", get(links::show_forgot).post(links::take_forgot))
        .route("/account/reset", get(links::show_reset).post(links::take_reset))
        .route("/account/mail", get(links::mail))
        // APIs stand below one word or two: `/v1`, `/school/v1`.
        .route("/{version}/auth/{*what}", post(api::take).fallback(api::other))
        .route("/{api}/{version}/auth/{*what}", post(api::take).fallback(api::other))
        .with_state(Arc::new(pages))
}

// === impl Pages: what is noted ===

impl Pages {
    /// Notes a login. What is noted of one that failed tells an account from an address without one; what is answered
    /// does not, and the same is asked of the ledger for both.
    async fn logged_in<T>(
        &self,
        email: &str,
        client: Option<&str>,
        from: Option<IpAddr>,
        done: &Result<T, Fault>,
        account: impl Fn(&T) -> &Account,
    ) -> Result<(), Fault> {
        let tried = match done {
            Ok(_) => None,
            Err(_) => self.desk.id_of(email).await?,
        };
        let known = done.as_ref().ok().map(account).map(|account| account.id.as_str());
        let on = Some(("accounts", known.or(tried.as_deref())));
        self.server
            .note(Deed { action: "login", from, account: known, client, on, ..Deed::default() }, done)
            .await
    }

    /// Notes what somebody asked for who did not log in for it.
    async fn asked<T>(
        &self,
        action: &'static str,
        client: Option<&str>,
        from: Option<IpAddr>,
        done: &Result<T, Fault>,
    ) -> Result<(), Fault> {
        let on = Some(("accounts", None));
        self.server.note(Deed { action, from, client, on, ..Deed::default() }, done).await
    }

    /// Notes what somebody did by a link that was sent to them.
    async fn by_link(
        &self,
        action: &'static str,
        client: Option<&str>,
        from: Option<IpAddr>,
        done: &Result<Account, Fault>,
    ) -> Result<(), Fault> {
        let known = done.as_ref().ok().map(|account| account.id.as_str());
        let on = Some(("accounts", known));
        self.server.note(Deed { action, from, account: known, client, on, ..Deed::default() }, done).await
    }

    /// Notes what somebody did who is logged in at a browser.
    async fn did<T>(
        &self,
        action: &'static str,
        visit: &visit::Visit,
        account: &Account,
        on: (&'static str, Option<&str>),
        done: &Result<T, Fault>,
    ) -> Result<(), Fault> {
        let (from, account) = (visit.from(), Some(account.id.as_str()));
        self.server.note(Deed { action, from, account, on: Some(on), ..Deed::default() }, done).await
    }
}

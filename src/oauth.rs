//! The authorization server: `/oauth/*` and `/.well-known/*`, by which vendors, partners and devices get tokens
//! (OAuth 2.1 in substance: RFC 6749 with RFC 7636 and the rules of RFC 9700). It knows no record and answers no
//! question of an API; whether a token counts is asked of `identity` by the road itself. Errors here have OAuth's own
//! form, and pages their own.

pub mod accounts;
pub mod client;
pub mod keeper;
pub mod mint;
pub mod refusal;
pub mod rules;
pub mod seams;
pub mod secrets;
pub mod server;
pub mod waiting;

mod arrived;
mod authentication;
mod authorize;
mod device;
mod doors;
mod metadata;
mod noted;
mod own;
mod page;
mod pages;
mod parameters;
mod redirects;
mod register;
mod token;
mod tokens;

pub use doors::Doors;
pub use own::Own;
pub use pages::Wording;
pub use server::Server;

use crate::{
    fault::Fault,
    identity::{audit::Note, keys::Ring, revoked::Revoked, sealer::Sealer},
    ledger::Ledger,
    telemetry::clock::Clock,
};
use axum::{
    Router,
    routing::{get, post},
};
use seams::{Accounts, Current, Entrances};
use std::{sync::Arc, time::Duration};

/// Keys of other replicas are known after this long.
const TENDED: Duration = Duration::from_secs(1);
/// What has expired is removed so often.
const SWEPT: u32 = 600;

/// What the authorization server stands on.
#[derive(Debug, Clone)]
pub struct Parts {
    pub ledger: Ledger,
    /// Shared with whoever verifies.
    pub ring: Arc<Ring>,
    pub revoked: Arc<Revoked>,
    pub clock: Arc<dyn Clock>,
    pub current: Arc<dyn Current>,
    pub accounts: Arc<dyn Accounts>,
    /// What keeps the private parts of the keys.
    pub sealer: Arc<dyn Sealer>,
    /// Counts tries by name.
    pub entrances: Arc<dyn Entrances>,
    /// Keeps who was let in and what was allowed; nothing where nobody does.
    pub note: Option<Arc<dyn Note>>,
    /// People who log in, where they do, with what makes tokens for them.
    pub people: Option<People>,
}

/// People who log in.
#[derive(Debug, Clone)]
pub struct People {
    pub desk: Arc<accounts::Desk>,
    pub own: Arc<Own>,
    pub wording: Arc<dyn Wording>,
}

/// Opens the authorization server, and tends its keys as long as it lives. Refuses with F913 where the ledger does not
/// answer.
pub async fn open(parts: Parts) -> Result<Doors, Fault> {
    let (current, people) = (Arc::clone(&parts.current), parts.people.clone());
    let server = Arc::new(Server::new(parts));
    server.tend().await?;
    let weak = Arc::downgrade(&server);
    #[expect(clippy::disallowed_methods, reason = "it ends when the server is gone")]
    tokio::spawn(async move {
        let mut turns = 0_u32;
        loop {
            tokio::time::sleep(TENDED).await;
            let Some(server) = weak.upgrade() else { return };
            turns = turns.wrapping_add(1);
            let mut done = server.tend().await;
            if turns.is_multiple_of(SWEPT) && done.is_ok() {
                done = server.ledger.sweep_oauth(server.now()).await;
            }
            if let Err(fault) = done {
                tracing::warn!(detail = fault.detail.as_deref(), "the signing keys are not tended");
            }
        }
    });
    let mut router = router(&server);
    if let Some(people) = &people {
        people.own.bring(&server);
        router = router.merge(pages::router(&server, people));
        accounts::tend::begin(&people.desk);
    }
    let desk = people.map(|people| people.desk);
    Ok(Doors::new(router, server, current).with_desk(desk))
}

fn router(server: &Arc<Server>) -> Router {
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize).post(authorize::authorize))
        .route("/oauth/par", post(authorize::push))
        .route("/oauth/token", post(token::token))
        .route("/oauth/device_authorization", post(device::begin))
        .route("/oauth/device", get(device::page).post(device::typed))
        .route("/oauth/revoke", post(tokens::revoke))
        .route("/oauth/introspect", post(tokens::introspect))
        .route("/oauth/userinfo", get(tokens::userinfo).post(tokens::userinfo))
        .route("/oauth/register", post(register::register))
        .route("/.well-known/oauth-authorization-server", get(metadata::describe))
        .route("/.well-known/openid-configuration", get(metadata::describe))
        .route("/.well-known/jwks.json", get(metadata::jwks))
        .route("/account/style.css", get(pages::style))
        .with_state(Arc::clone(server))
}

//! The account's own page: consents and sessions with what ends them, and the password.

use super::{Pages, consent::sentences, sign::broken, visit::Visit};
use crate::{
    fault::{Fault, code},
    ledger::accounts::{Account, Session},
    oauth::accounts::sessions::APP,
    pages::people::{AccountPage, Allowed, LoggedIn, account},
    value::time::Moment,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;

/// `GET /account`.
pub(super) async fn show(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    let Some((session, account)) = &visit.who else { return visit.go("/account/login") };
    let told = match visit.asked("done") {
        "consent" => Some(visit.language.pick("It is taken back.", "El permiso se ha retirado.")),
        "session" => Some(visit.language.pick("The session has ended.", "La sesión se ha cerrado.")),
        "password" => Some(visit.language.pick("Your password is changed.", "Su contraseña ha cambiado.")),
        _ => None,
    };
    let shown = AccountPage { told: told.map(str::to_owned), ..AccountPage::default() };
    page(&pages, &visit, StatusCode::OK, session, account, shown).await
}

async fn page(
    pages: &Pages,
    visit: &Visit,
    status: StatusCode,
    session: &Session,
    who: &Account,
    mut shown: AccountPage,
) -> Response {
    if let Err(fault) = fill(pages, visit, session, who, &mut shown).await {
        return visit.refuse(pages, &fault);
    }
    visit.show(status, account(&visit.page(pages, "/account"), &shown), None)
}

async fn fill(
    pages: &Pages,
    visit: &Visit,
    session: &Session,
    who: &Account,
    shown: &mut AccountPage,
) -> Result<(), Fault> {
    let settings = pages.desk.settings();
    for consent in pages.desk.parts.tokens.consents(&who.id).await? {
        shown.allowed.push(Allowed {
            may: sentences(visit.language, &settings.accounts.names, &consent.scopes).0,
            client: consent.client,
            name: consent.name,
            since: time(consent.given_at),
        });
    }
    for one in pages.desk.sessions(&who.id).await? {
        let app = if one.kind == APP { format!("{} · ", one.client_id) } else { String::new() };
        shown.sessions.push(LoggedIn {
            this: one.id == session.id,
            device: app + &device(&one.device),
            since: time(one.created_at),
            seen: time(one.seen_at),
            id: one.id,
        });
    }
    Ok(())
}

/// What people call a device, by what it says of itself; else that, as it is.
fn device(device: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| device.contains(mark)).map(|(_, name)| *name)
    };
    // Each says that it is also those that stand behind it here.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        _ => device.to_owned(),
    }
}

/// `2026-11-21 10:00 UTC`.
pub(super) fn time(seconds: i64) -> String {
    let text = Moment { seconds, nanos: 0 }.to_string();
    let plain = text.get(..16).unwrap_or(&text).replace('T', " ");
    format!("{plain} UTC")
}

/// Takes a form of somebody who is logged in: what it asks for, and where that leads.
async fn taken<F>(pages: &Arc<Pages>, request: Request, done: &str, work: F) -> Response
where
    F: AsyncFnOnce(&Pages, &Visit, &Session, &Account) -> Result<(), Fault>,
{
    let visit = match Visit::of(pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(pages, &fault),
    };
    let Some((session, account)) = &visit.who else { return visit.go("/account/login") };
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(pages);
    }
    match work(pages, &visit, session, account).await {
        Ok(()) => visit.go(&format!("/account?done={done}")),
        Err(fault) if fault.code.status >= 500 => visit.refuse(pages, &fault),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.code.status).unwrap_or(StatusCode::BAD_REQUEST);
            let shown = AccountPage { wrong: Some(visit.sentence(&fault)), ..AccountPage::default() };
            page(pages, &visit, status, session, account, shown).await
        }
    }
}

/// `POST /account/consents/revoke`.
pub(super) async fn withdraw(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    taken(&pages, request, "consent", async |pages, visit, _, account| {
        let client = visit.sent("client");
        let done = pages.desk.parts.tokens.withdraw(&account.id, client).await;
        pages.did("consent.withdrawn", visit, account, ("clients", Some(client)), &done).await?;
        done
    })
    .await
}

/// `POST /account/sessions/revoke`.
pub(super) async fn end(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    taken(&pages, request, "session", async |pages, visit, _, account| {
        let session = visit.sent("session");
        let done = pages.desk.end_session(&account.id, session).await.map(drop);
        pages.did("session.ended", visit, account, ("sessions", Some(session)), &done).await?;
        done
    })
    .await
}

/// `POST /account/sessions/others`.
pub(super) async fn end_others(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    taken(&pages, request, "session", async |pages, visit, session, account| {
        let done = pages.desk.end_sessions(&account.id, Some(&session.id)).await;
        pages.did("session.ended", visit, account, ("sessions", None), &done).await?;
        done
    })
    .await
}

/// `POST /account/password`.
pub(super) async fn password(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    taken(&pages, request, "password", async |pages, visit, session, account| {
        let (old, new) = (visit.sent("present"), visit.sent("password"));
        if old.is_empty() || new.is_empty() {
            return Err(Fault::new(&code::BAD_BODY, "Both passwords are needed."));
        }
        let done = pages.desk.change_password(account, &session.id, old, new, visit.from()).await;
        pages.did("password.changed", visit, account, ("accounts", Some(&account.id)), &done).await?;
        done
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_times_are_said_as_people_say_them() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(device(chrome), "Chrome, Linux");
        assert_eq!(device("PetHub/3.1 (Pixel 9)"), "PetHub/3.1 (Pixel 9)");
        assert_eq!(time(1_795_262_400), "2026-11-21 12:00 UTC");
    }
}

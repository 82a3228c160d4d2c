//! Logging in at a browser, out of it, and registering there.

use super::{
    Pages,
    answer::{pausing, set},
    visit::{Visit, encoded},
};
use crate::{
    fault::{Fault, Place, code},
    limits::Door,
    oauth::accounts::{address, body::Body, register::Wish},
    pages::people::{Field, LoginPage, login, register},
    plan::identity::accounts::Register,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;

/// `GET /account/login`.
pub(super) async fn show(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    match Visit::of(&pages, request).await {
        Ok(visit) => {
            let pending = visit.asked("return").to_owned();
            if visit.who.is_some() && pending.is_empty() {
                return visit.go("/account");
            }
            page(&pages, &visit, StatusCode::OK, LoginPage { pending, ..LoginPage::default() }).await
        }
        Err(fault) => broken(&pages, &fault),
    }
}

async fn page(pages: &Pages, visit: &Visit, status: StatusCode, mut shown: LoginPage) -> Response {
    let pending = match shown.pending.as_str() {
        "" => None,
        id => pages.server.pending(id).await.ok().flatten(),
    };
    let here = match &pending {
        Some(_) => format!("/account/login?return={}", encoded(&shown.pending)),
        None => "/account/login".to_owned(),
    };
    shown.may_register = pages.desk.registering().is_ok();
    shown.client = pending.as_ref().map(|pending| pending.client_name.clone());
    if shown.email.is_empty() {
        shown.email = pending.as_ref().and_then(|pending| pending.login_hint.clone()).unwrap_or_default();
    }
    if pending.is_none() {
        shown.pending = String::new();
    }
    let leads_to = pending.and_then(|pending| pending.redirect_uri);
    visit.show(status, login(&visit.page(pages, &here), &shown), leads_to.as_deref())
}

/// `POST /account/login`.
pub(super) async fn take(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let pending = visit.sent("return").to_owned();
    match signing_in(&pages, &visit, &pending).await {
        Ok(response) => response,
        Err(fault) if fault.code.status >= 500 => visit.refuse(&pages, &fault),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.code.status).unwrap_or(StatusCode::BAD_REQUEST);
            let wrong = Some(visit.sentence(&fault));
            let shown =
                LoginPage { email: visit.sent("email").to_owned(), pending, wrong, ..LoginPage::default() };
            pausing(page(&pages, &visit, status, shown).await, &fault)
        }
    }
}

async fn signing_in(pages: &Pages, visit: &Visit, pending: &str) -> Result<Response, Fault> {
    let refused = || Fault::plain(&code::LOGIN_REFUSED);
    let email = address::normalised(visit.sent("email")).ok_or_else(refused)?;
    pages.server.tried(Door::Login, &email).await?;
    let done = pages.desk.login(&email, visit.sent("password"), visit.from()).await;
    pages.logged_in(&email, None, visit.from(), &done, |account| account).await?;
    let account = done?;
    let cookie = pages.desk.sign_in(&account, visit.device(), &visit.cookies).await?;
    let with = format!("{}={cookie}", visit.names.session());
    let to = match pages.desk.signed_in(&with).await? {
        Some((session, account)) if !pending.is_empty() => {
            let session = pages.desk.session_of(&session, &account);
            pages.server.resume(pending, &session).await.unwrap_or_else(|_| "/account".to_owned())
        }
        _ => "/account".to_owned(),
    };
    let mut response = visit.go(&to);
    set(&mut response, &visit.names.set(visit.names.session(), &cookie, None));
    Ok(response)
}

/// `POST /account/logout`.
pub(super) async fn out(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    let Some((session, account)) = &visit.who else { return visit.go("/account/login") };
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let done = pages.desk.end_session(&account.id, &session.id).await;
    let noted = pages.did("logout", &visit, account, ("sessions", Some(&session.id)), &done).await;
    match noted.and(done) {
        Ok(_) => {
            let mut response = visit.go("/account/login");
            set(&mut response, &visit.names.set(visit.names.session(), "", Some(0)));
            response
        }
        Err(fault) => visit.refuse(&pages, &fault),
    }
}

/// `GET /account/register`.
pub(super) async fn show_register(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    match pages.desk.registering() {
        Ok(asked) => visit.show(StatusCode::OK, form(&pages, &visit, &asked, None), None),
        Err(fault) => visit.refuse(&pages, &fault),
    }
}

fn form(
    pages: &Pages,
    visit: &Visit,
    asked: &Register,
    fault: Option<&Fault>,
) -> crate::pages::people::Shown {
    let page = visit.page(pages, "/account/register");
    let at = |name: &str| {
        let place = Place::Pointer(format!("/{name}"));
        let found = fault.and_then(|fault| fault.violations.iter().find(|one| one.place == place));
        found.map(|violation| violation.message.clone())
    };
    let whole = fault.filter(|fault| fault.violations.is_empty()).map(|fault| visit.sentence(fault));
    let several = visit.language.pick("Please look at the marked fields.", "Revise los campos marcados.");
    let whole = whole.or_else(|| fault.map(|_| several.to_owned()));
    let email = Field::email(&page, visit.sent("email")).fault(at("email"));
    let fields: Vec<Field> = asked
        .fields
        .iter()
        .map(|field| Field {
            name: field.name.clone(),
            label: visit.language.pick(&field.label.en, &field.label.es).to_owned(),
            kind: "text",
            autocomplete: match field.name.as_str() {
                "givenName" => "given-name",
                "familyName" => "family-name",
                "phone" => "tel",
                _ => "",
            },
            value: visit.sent(&field.name).to_owned(),
            required: field.required,
            hint: (!field.required).then(|| visit.language.pick("Optional", "Opcional").to_owned()),
            fault: at(&field.name),
        })
        .collect();
    let password = Field {
        label: visit.language.pick("Password", "Contraseña").to_owned(),
        ..Field::new_password(&page)
    };
    register(&page, &email, &fields, &password.fault(at("password")), whole.as_deref())
}

/// `POST /account/register`.
pub(super) async fn take_register(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let asked = match pages.desk.registering() {
        Ok(asked) => asked,
        Err(fault) => return visit.refuse(&pages, &fault),
    };
    let sent = visit.form.iter().filter(|(name, value)| name != "guard" && !value.is_empty());
    let mut body = Body::of_form(sent.cloned().collect());
    let wish = Wish::of(&mut body, &asked, visit.language);
    let done = pages.desk.register(body, &asked, wish, visit.from()).await;
    let noted = pages.asked("account.registered", None, visit.from(), &done).await;
    match noted.and(done) {
        Ok(()) => sent_mail(&pages, &visit),
        Err(fault) if fault.code.status >= 500 => visit.refuse(&pages, &fault),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.code.status).unwrap_or(StatusCode::BAD_REQUEST);
            visit.show(status, form(&pages, &visit, &asked, Some(&fault)), None)
        }
    }
}

/// The same whatever the address: what there is to know was sent there.
pub(super) fn sent_mail(pages: &Pages, visit: &Visit) -> Response {
    let words = (
        "We have sent a message to this address. Follow its link to go on. If nothing comes, look among unwanted messages.",
        "Hemos enviado un mensaje a esta dirección. Siga su enlace para continuar. Si no llega nada, mire en el correo no deseado.",
    );
    let mut below = vec![("/account/login", visit.language.pick("Log in", "Iniciar sesión"))];
    if pages.desk.catches() {
        below.push((
            "/account/mail",
            visit.language.pick("Messages of this demo", "Mensajes de esta demostración"),
        ));
    }
    visit.tell(pages, StatusCode::OK, ("Look into your mail", "Mire su correo"), words, &below)
}

/// There is no visit to answer: the store did not.
pub(super) fn broken(pages: &Pages, fault: &Fault) -> Response {
    let request = http::Request::new(());
    pages.wording.refuse(&request.into_parts().0, fault).map(axum::body::Body::new)
}

//! Asking for consent: what a vendor wants, in plain words, and what follows from a yes or a no.

use super::{
    Pages,
    sign::broken,
    visit::{Visit, encoded, origin_of},
};
use crate::{
    oauth::{noted::Deed, refusal::Refusal, waiting::Pending},
    pages::people::{ConsentPage, Language, consent},
    plan::identity::accounts::Words,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;

/// `GET /account/consent?request=`.
pub(super) async fn show(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    let id = visit.asked("request").to_owned();
    let pending = match pages.server.pending(&id).await {
        Ok(Some(pending)) => pending,
        Ok(None) => return gone(&pages, &visit),
        Err(refusal) => return failed(&pages, &visit, &refusal),
    };
    // Who asks for a login of now gets one, however long the session is.
    let fits = visit.who.as_ref().is_some_and(|(session, _)| session.created_at >= pending.proved_from);
    if !fits {
        return visit.go(&format!("/account/login?return={}", encoded(&id)));
    }
    let shown = said(&pages, &visit, &id, &pending);
    let page = visit.page(&pages, &format!("/account/consent?request={}", encoded(&id)));
    visit.show(StatusCode::OK, consent(&page, &shown), pending.redirect_uri.as_deref())
}

/// `POST /account/consent`.
pub(super) async fn take(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let visit = match Visit::of(&pages, request).await {
        Ok(visit) => visit,
        Err(fault) => return broken(&pages, &fault),
    };
    let id = visit.sent("return").to_owned();
    let Some((session, account)) = &visit.who else {
        return visit.go(&format!("/account/login?return={}", encoded(&id)));
    };
    if !visit.is_ours(&pages.desk.settings().public_url) {
        return visit.foreign(&pages);
    }
    let pending = match pages.server.pending(&id).await {
        Ok(Some(pending)) => pending,
        Ok(None) => return gone(&pages, &visit),
        Err(refusal) => return failed(&pages, &visit, &refusal),
    };
    let session = pages.desk.session_of(session, account);
    let allows = visit.sent("answer") == "allow";
    // Noted before it is done: where it cannot be, nothing is granted.
    let deed = Deed {
        action: if allows { "consent.given" } else { "consent.refused" },
        from: visit.from(),
        account: Some(&account.id),
        client: Some(&pending.client_id),
        on: Some(("clients", Some(&pending.client_id))),
        facts: vec![("scopes", pending.scopes.join(" "))],
    };
    if let Err(fault) = pages.server.note(deed, &Ok(())).await {
        return visit.refuse(&pages, &fault);
    }
    let answered = if allows {
        pages.server.approve(&id, &session, &pending.scopes).await
    } else {
        pages.server.deny(&id).await
    };
    match answered {
        Ok(to) => visit.go(&to),
        Err(refusal) if refusal.error == "login_required" => {
            visit.go(&format!("/account/login?return={}", encoded(&id)))
        }
        Err(refusal) => failed(&pages, &visit, &refusal),
    }
}

fn gone(pages: &Pages, visit: &Visit) -> Response {
    let words = (
        "This request is over: it was answered, or nobody answered it in time. Go back to the app, and begin again.",
        "Esta solicitud ha terminado: ya se respondió o nadie la respondió a tiempo. Vuelva a la aplicación y empiece de nuevo.",
    );
    let label = visit.language.pick("Your account", "Su cuenta");
    visit.tell(
        pages,
        StatusCode::BAD_REQUEST,
        ("Nothing to decide", "Nada que decidir"),
        words,
        &[("/account", label)],
    )
}

fn failed(pages: &Pages, visit: &Visit, refusal: &Refusal) -> Response {
    if refusal.status().is_server_error() {
        let fault = crate::fault::Fault::plain(&crate::fault::code::STORE_FAILED);
        return visit.refuse(pages, &fault);
    }
    gone(pages, visit)
}

fn said(pages: &Pages, visit: &Visit, id: &str, pending: &Pending) -> ConsentPage {
    let settings = pages.desk.settings();
    let names = &settings.accounts.names;
    let language = visit.language;
    let (may, mut not) = sentences(language, names, &pending.scopes);
    not.push(language.pick("learn your password", "conocer su contraseña").to_owned());
    let host =
        pending.redirect_uri.as_deref().map(|uri| origin_of(uri).split("://").nth(1).unwrap_or_default());
    ConsentPage {
        pending: id.to_owned(),
        client: pending.client_name.clone(),
        leads_to: host.unwrap_or_default().to_owned(),
        may,
        not,
        lasting: true,
    }
}

/// What scopes let somebody do, and what of the resources that people have names for they do not.
pub(super) fn sentences(
    language: Language,
    names: &[(String, Words)],
    scopes: &[String],
) -> (Vec<String>, Vec<String>) {
    let called = |resource: &str| {
        let known = names.iter().find(|(name, _)| name == resource);
        known.map_or_else(
            || resource.replace('-', " "),
            |(_, words)| language.pick(&words.en, &words.es).to_owned(),
        )
    };
    let has = |resource: &str, verb: &str| {
        scopes.iter().any(|scope| scope.split_once(':').is_some_and(|(r, v)| r == resource && v == verb))
    };
    let mut may: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for scope in scopes {
        let sentence = match scope.split_once(':') {
            Some((resource, _)) if seen.contains(&resource) => continue,
            Some((resource, _)) => {
                seen.push(resource);
                let verb = match (has(resource, "read"), has(resource, "write")) {
                    (true, true) => language.pick("see and change", "ver y modificar"),
                    (false, true) => language.pick("change", "modificar"),
                    _ => language.pick("see", "ver"),
                };
                format!("{verb} {}", called(resource))
            }
            None => match scope.as_str() {
                "openid" => language
                    .pick("know that you are logged in here", "saber que ha iniciado sesión aquí")
                    .to_owned(),
                "email" => {
                    language.pick("know your e-mail address", "conocer su dirección de correo").to_owned()
                }
                "profile" => language.pick("know your name", "conocer su nombre").to_owned(),
                other => other.to_owned(),
            },
        };
        may.push(sentence);
    }
    let not =
        names.iter().filter_map(|(resource, _)| match (has(resource, "read"), has(resource, "write")) {
            (true, true) => None,
            (true, false) => Some(format!("{} {}", language.pick("change", "modificar"), called(resource))),
            (false, true) => Some(format!("{} {}", language.pick("see", "ver"), called(resource))),
            (false, false) => {
                Some(format!("{} {}", language.pick("see or change", "ver ni modificar"), called(resource)))
            }
        });
    (may, not.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_said_in_plain_words() {
        let word = |en: &str, es: &str| Words { en: en.into(), es: es.into() };
        let names = [
            ("pets".to_owned(), word("your pets", "sus mascotas")),
            ("medical-records".to_owned(), word("their medical records", "sus historiales médicos")),
            ("photos".to_owned(), word("their photos", "sus fotos")),
        ];
        let scopes =
            ["pets:read", "photos:read", "photos:write", "odd-things:write", "openid"].map(str::to_owned);
        let (may, not) = sentences(Language::English, &names, &scopes);
        assert_eq!(
            may,
            [
                "see your pets",
                "see and change their photos",
                "change odd things",
                "know that you are logged in here"
            ]
        );
        assert_eq!(not, ["change your pets", "see or change their medical records"]);
        let (may, _) = sentences(Language::Spanish, &names, &scopes);
        assert_eq!(may[0], "ver sus mascotas");
    }
}

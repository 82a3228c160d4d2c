//! The page of somebody's account: what they have allowed, where they are logged in, and their password.

use super::{
    Field, Page, Shown,
    form::{button, hidden, paragraph, told, wrong},
    frame::{Width, text},
};
use std::fmt::Write;

/// What the page shows. Times are texts.
#[derive(Debug, Clone, Default)]
pub struct AccountPage {
    pub allowed: Vec<Allowed>,
    pub sessions: Vec<LoggedIn>,
    pub told: Option<String>,
    pub wrong: Option<String>,
}

/// What a vendor was allowed.
#[derive(Debug, Clone)]
pub struct Allowed {
    pub client: String,
    pub name: String,
    /// Sentences in the page's language.
    pub may: Vec<String>,
    pub since: String,
}

/// Where somebody is logged in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub id: String,
    /// What the device says of itself.
    pub device: String,
    pub since: String,
    pub seen: String,
    /// Whether it is this browser.
    pub this: bool,
}

pub fn account(page: &Page, shown: &AccountPage) -> Shown {
    let mut out = wrong(shown.wrong.as_deref()) + &told(shown.told.as_deref());
    let _ = writeln!(out, "<h2>{}</h2>", page.pick("What you have allowed", "Lo que ha permitido"));
    if shown.allowed.is_empty() {
        out += &paragraph(page.pick("Nobody has access to your account.", "Nadie tiene acceso a su cuenta."));
    } else {
        out += "<ul class=\"rows\">\n";
        for one in &shown.allowed {
            let may: String =
                one.may.iter().fold(String::new(), |out, item| out + "<li>" + &text(item) + "</li>");
            let since = format!("{} {}", page.pick("since", "desde"), one.since);
            let name = text(&one.name);
            let label =
                format!("{} {}", page.pick("Take back what is allowed to", "Retirar el permiso a"), one.name);
            let form = page.form(
                "/account/consents/revoke",
                &(hidden("client", &one.client) + &small(page.pick("Take back", "Retirar"), &label)),
            );
            let _ = write!(
                out,
                "<li><div><strong>{name}</strong> <span class=\"meta\">{}</span>\n<ul class=\"may\">{may}</ul></div>\n{form}</li>\n",
                text(&since)
            );
        }
        out += "</ul>\n";
    }
    let _ = writeln!(
        out,
        "<h2>{}</h2>\n<ul class=\"rows\">",
        page.pick("Where you are logged in", "Dónde ha iniciado sesión")
    );
    for one in &shown.sessions {
        let device = if one.device.is_empty() {
            page.pick("Unknown device", "Dispositivo desconocido")
        } else {
            &one.device
        };
        let here = if one.this { page.pick(" (this browser)", " (este navegador)") } else { "" };
        let times = format!(
            "{} {} · {} {}",
            page.pick("since", "desde"),
            one.since,
            page.pick("last seen", "visto por última vez"),
            one.seen
        );
        let label = format!("{} {device}", page.pick("End the session of", "Cerrar la sesión de"));
        let form = page.form(
            "/account/sessions/revoke",
            &(hidden("session", &one.id) + &small(page.pick("End", "Cerrar"), &label)),
        );
        let _ = write!(
            out,
            "<li><div>{}<strong>{here}</strong><p class=\"meta\">{}</p></div>\n{form}</li>\n",
            text(device),
            text(&times)
        );
    }
    out += "</ul>\n";
    let others = format!(
        "<div class=\"actions\"><button type=\"submit\" class=\"second\">{}</button></div>\n",
        page.pick("End all other sessions", "Cerrar todas las demás sesiones")
    );
    if shown.sessions.len() > 1 {
        out += &page.form("/account/sessions/others", &others);
    }
    let _ = writeln!(out, "<h2>{}</h2>", page.pick("Change your password", "Cambiar la contraseña"));
    let old = Field {
        name: "present".into(),
        label: page.pick("Present password", "Contraseña actual").into(),
        ..Field::password(page)
    };
    let inner = old.html() + &Field::new_password(page).html() + &button(page.pick("Change it", "Cambiarla"));
    out += &page.form("/account/password", &inner);
    let leave = format!(
        "<div class=\"actions\"><button type=\"submit\" class=\"second\">{}</button></div>\n",
        page.pick("Log out", "Cerrar sesión")
    );
    let _ = writeln!(out, "<h2>{}</h2>", page.pick("Log out of this browser", "Salir de este navegador"));
    out += &page.form("/account/logout", &leave);
    page.document(page.pick("Your account", "Su cuenta"), Width::Wide, &out)
}

/// A small button with a name of its own for who listens to the page.
fn small(label: &str, whole: &str) -> String {
    format!(
        "<button type=\"submit\" class=\"second small\" aria-label=\"{}\">{}</button>\n",
        text(whole),
        text(label)
    )
}

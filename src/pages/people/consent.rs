//! The page that asks for consent: who wants what, in plain words, and what they will not get.

use super::{
    Page, Shown,
    form::{hidden, paragraph},
    frame::{Width, text},
};
use std::fmt::Write;

/// What the page shows. Sentences are in the page's language.
#[derive(Debug, Clone, Default)]
pub struct ConsentPage {
    /// The pending request.
    pub pending: String,
    /// What people call the vendor.
    pub client: String,
    /// The host that the browser is sent to afterwards; empty where a device waits.
    pub leads_to: String,
    /// What they may do.
    pub may: Vec<String>,
    /// What they will not.
    pub not: Vec<String>,
    /// Whether they stay allowed until it is revoked.
    pub lasting: bool,
}

pub fn consent(page: &Page, shown: &ConsentPage) -> Shown {
    let client = &shown.client;
    let mut out = String::new();
    let english = format!("{client} asks for access to your account. If you allow it, it may:");
    let spanish = format!("{client} solicita acceso a su cuenta. Si lo permite, podrá:");
    out += &paragraph(page.pick(&english, &spanish));
    out += &list("may", &shown.may);
    if !shown.not.is_empty() {
        let _ = writeln!(out, "<h2>{}</h2>", page.pick("It will not be able to", "No podrá"));
        out += &list("not", &shown.not);
    }
    if shown.lasting {
        out += &paragraph(page.pick(
            "This holds until you take it back, at any time, on the page of your account.",
            "Esto es válido hasta que lo retire, en cualquier momento, en la página de su cuenta.",
        ));
    }
    if !shown.leads_to.is_empty() {
        let english = format!("Afterwards you go on to {}.", shown.leads_to);
        let spanish = format!("Después continuará en {}.", shown.leads_to);
        out += &paragraph(page.pick(&english, &spanish));
    }
    let buttons = format!(
        "<div class=\"actions\">\n<button type=\"submit\" name=\"answer\" value=\"deny\" class=\"second\">{}</button>\n\
         <button type=\"submit\" name=\"answer\" value=\"allow\">{}</button>\n</div>\n",
        page.pick("Do not allow", "No permitir"),
        page.pick("Allow", "Permitir"),
    );
    out += &page.form("/account/consent", &(hidden("return", &shown.pending) + &buttons));
    let english = format!("Allow {client}?");
    let spanish = format!("¿Permitir a {client}?");
    page.document(page.pick(&english, &spanish), Width::Narrow, &out)
}

fn list(class: &str, items: &[String]) -> String {
    let items: String = items.iter().fold(String::new(), |mut out, item| {
        let _ = writeln!(out, "<li>{}</li>", text(item));
        out
    });
    format!("<ul class=\"{class}\">\n{items}</ul>\n")
}

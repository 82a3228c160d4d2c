//! The parts of forms: fields with their labels, hints and faults tied to them, buttons, and what is told above.

use super::{Page, frame::text};
use std::fmt::Write;

/// A field of a form.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub name: String,
    pub label: String,
    /// `text`, `email`, `password` or `tel`.
    pub kind: &'static str,
    /// What browsers fill in (HTML, section 4.10.18.7).
    pub autocomplete: &'static str,
    pub value: String,
    pub required: bool,
    pub hint: Option<String>,
    pub fault: Option<String>,
}

impl Field {
    pub fn email(page: &Page, value: &str) -> Self {
        Self {
            name: "email".into(),
            label: page.pick("E-mail address", "Dirección de correo electrónico").into(),
            kind: "email",
            autocomplete: "username",
            value: value.into(),
            required: true,
            ..Self::default()
        }
    }

    pub fn password(page: &Page) -> Self {
        Self {
            name: "password".into(),
            label: page.pick("Password", "Contraseña").into(),
            kind: "password",
            autocomplete: "current-password",
            required: true,
            ..Self::default()
        }
    }

    pub fn new_password(page: &Page) -> Self {
        Self {
            label: page.pick("New password", "Contraseña nueva").into(),
            autocomplete: "new-password",
            hint: Some(page.pick("Eight characters or more.", "Ocho caracteres o más.").into()),
            ..Self::password(page)
        }
    }

    #[must_use]
    pub fn fault(mut self, fault: Option<String>) -> Self {
        self.fault = fault;
        self
    }

    pub(super) fn html(&self) -> String {
        let (name, label) = (text(&self.name), text(&self.label));
        let mut out = format!(
            "<label for=\"{name}\">{label}</label>\n<input id=\"{name}\" name=\"{name}\" type=\"{}\"",
            self.kind
        );
        if !self.autocomplete.is_empty() {
            let _ = write!(out, " autocomplete=\"{}\"", self.autocomplete);
        }
        if !self.value.is_empty() && self.kind != "password" {
            let _ = write!(out, " value=\"{}\"", text(&self.value));
        }
        if self.required {
            out.push_str(" required");
        }
        if self.kind == "email" {
            out.push_str(" autocapitalize=\"none\" spellcheck=\"false\"");
        }
        let mut described = Vec::new();
        if self.hint.is_some() {
            described.push(format!("{name}-hint"));
        }
        if self.fault.is_some() {
            described.push(format!("{name}-fault"));
            out.push_str(" aria-invalid=\"true\"");
        }
        if !described.is_empty() {
            let _ = write!(out, " aria-describedby=\"{}\"", described.join(" "));
        }
        out.push_str(">\n");
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "<p class=\"hint\" id=\"{name}-hint\">{}</p>", text(hint));
        }
        if let Some(fault) = &self.fault {
            let _ = writeln!(out, "<p class=\"fault\" id=\"{name}-fault\">{}</p>", text(fault));
        }
        out
    }
}

/// A hidden value of a form.
pub(super) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", text(name), text(value))
}

/// What was wrong, read out at once by who listens to the page.
pub(super) fn wrong(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| {
        format!("<p class=\"wrong\" role=\"alert\">{}</p>\n", text(message))
    })
}

/// What was done.
pub(super) fn told(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| {
        format!("<p class=\"told\" role=\"status\">{}</p>\n", text(message))
    })
}

pub(super) fn button(label: &str) -> String {
    format!("<div class=\"actions\"><button type=\"submit\">{}</button></div>\n", text(label))
}

pub(super) fn paragraph(words: &str) -> String {
    format!("<p>{}</p>\n", text(words))
}

/// Links below a form: path and label.
pub(super) fn links(all: &[(&str, &str)]) -> String {
    let each = all.iter().map(|(path, label)| format!("<a href=\"{}\">{}</a>", text(path), text(label)));
    format!("<div class=\"links\">{}</div>\n", each.collect::<Vec<_>>().join("\n"))
}

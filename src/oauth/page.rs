//! The authorization server's own pages: what is wrong with a request that can be answered nowhere else, and where a
//! person types a device's code. They look like all pages for people, and need no account.

use super::{
    accounts::language::{Language, accepted},
    pages::{framed, language as spoken, too_often},
    parameters::Parameters,
    refusal::Refusal,
    server::Server,
};
use crate::pages::people::{self, Page};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header, request::Parts};
use std::time::Duration;

/// Where a device's code is typed.
const DEVICE: &str = "/oauth/device";

/// Why a code that was typed leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    Wrong,
    TooOften,
}

/// Who looks at a page.
#[derive(Debug)]
pub struct Reader(Page);

impl Reader {
    /// The language is the one that `lang` says in the address, or else what the browser prefers.
    pub fn of(server: &Server, headers: &HeaderMap, parameters: Option<&Parameters>) -> Self {
        let wished = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = match parameters.and_then(|parameters| parameters.get("lang")) {
            Some(name) => Language::of(name),
            None => accepted(wished.unwrap_or_default()),
        };
        Self::in_language(server, language)
    }

    /// Somebody whose request is not read any further: the language is the one of all pages before it.
    pub fn at_the_door(server: &Server, head: &Parts) -> Self {
        let language = spoken(head, &server.rules().issuer);
        Self::in_language(server, language)
    }

    fn in_language(server: &Server, language: Language) -> Self {
        let issuer = server.rules().issuer.clone();
        let host = issuer.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        let (site, none) = (host.to_owned(), String::new());
        Self(Page { language, site, here: none.clone(), guard: none, who: None })
    }

    /// A request that cannot be answered at the app that made it.
    pub fn refused(&self, refusal: &Refusal) -> Response {
        let status =
            if refusal.status().is_server_error() { refusal.status() } else { StatusCode::BAD_REQUEST };
        let english = "The app that sent you here asked for something in a way that cannot be answered. Nothing was granted.";
        let spanish = "La aplicación que le ha enviado aquí ha pedido algo de una forma que no se puede responder. No se ha concedido nada.";
        let title = self.pick("This request cannot be answered", "Esta solicitud no se puede responder");
        let shown =
            people::refused(&self.0, title, self.pick(english, spanish), refusal.error, &refusal.description);
        framed(status, shown, self.0.language, None)
    }

    /// A form that came too soon after others.
    pub fn wait(&self, pause: Option<Duration>) -> Response {
        let title = self.pick("Too many tries", "Demasiados intentos");
        let shown = people::notice(&self.0, title, &too_often(self.0.language, pause), &[]);
        framed(StatusCode::TOO_MANY_REQUESTS, shown, self.0.language, None)
    }

    /// Where a device's code is typed.
    pub fn device(mut self, code: &str, wrong: Option<Typed>) -> Response {
        DEVICE.clone_into(&mut self.0.here);
        let (status, fault) = match wrong {
            None => (StatusCode::OK, None),
            Some(Typed::Wrong) => (
                StatusCode::BAD_REQUEST,
                Some(self.pick(
                    "No device waits with this code. Look at it again; it may also have expired.",
                    "Ningún dispositivo espera con este código. Compruébelo; también puede haber caducado.",
                )),
            ),
            Some(Typed::TooOften) => (
                StatusCode::TOO_MANY_REQUESTS,
                Some(self.pick(
                    "Too many codes were wrong. Wait a minute, and try again.",
                    "Demasiados códigos eran incorrectos. Espere un minuto y vuelva a intentarlo.",
                )),
            ),
        };
        let shown = people::device(&self.0, code, fault.map(str::to_owned));
        framed(status, shown, self.0.language, None)
    }

    /// What became of a device.
    pub fn device_done(&self, approved: bool) -> Response {
        let (title, words) = if approved {
            (
                self.pick("Your device is connected", "Su dispositivo está conectado"),
                self.pick("You can go back to it now.", "Ya puede volver a él."),
            )
        } else {
            (
                self.pick("Your device is not connected", "Su dispositivo no está conectado"),
                self.pick("Nothing was granted.", "No se ha concedido nada."),
            )
        };
        framed(StatusCode::OK, people::notice(&self.0, title, words, &[]), self.0.language, None)
    }

    fn pick<'t>(&self, english: &'t str, spanish: &'t str) -> &'t str {
        self.0.language.pick(english, spanish)
    }
}

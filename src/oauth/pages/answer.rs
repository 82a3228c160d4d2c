//! The answers to browsers: pages with headers that let nobody put anything into them, and ways on.

use super::{Pages, visit::Visit};
use crate::{
    fault::Fault,
    oauth::accounts::language::Language,
    pages::people::{STYLE, Shown, notice},
};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::time::Duration;

/// How long the language that was chosen is known: a year.
const YEAR: i64 = 365 * 86_400;

/// The style sheet of all pages.
pub(in crate::oauth) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, STYLE).into_response()
}

/// A page, with headers that let nobody put anything into it. `leads_to` is where its form may lead besides here.
pub(in crate::oauth) fn framed(
    status: StatusCode,
    Shown(html): Shown,
    language: Language,
    leads_to: Option<&str>,
) -> Response {
    let leads_to = leads_to.and_then(target).map(|target| format!(" {target}")).unwrap_or_default();
    // A browser holds the way that a form leads on to against `form-action`, too (CSP 3, section 6.4.1).
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'{leads_to}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LANGUAGE, language.name()),
        (header::VARY, "cookie, accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

impl Visit {
    /// A page. `leads_to` is where its form may lead besides here: where a vendor is answered.
    pub fn show(&self, status: StatusCode, shown: Shown, leads_to: Option<&str>) -> Response {
        let mut response = framed(status, shown, self.language, leads_to);
        self.cookies_of(&mut response);
        response
    }

    /// The way on, by GET.
    pub fn go(&self, to: &str) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(header::CACHE_CONTROL, "no-store")]).into_response();
        if let Ok(to) = HeaderValue::from_str(to) {
            response.headers_mut().insert(header::LOCATION, to);
        }
        self.cookies_of(&mut response);
        response
    }

    /// A page that says one thing.
    pub fn tell(
        &self,
        pages: &Pages,
        status: StatusCode,
        title: (&str, &str),
        words: (&str, &str),
        below: &[(&str, &str)],
    ) -> Response {
        let page = self.page(pages, "/account");
        let shown =
            notice(&page, self.language.pick(title.0, title.1), self.language.pick(words.0, words.1), below);
        self.show(status, shown, None)
    }

    /// What could not be done.
    pub fn refuse(&self, pages: &Pages, fault: &Fault) -> Response {
        let status = StatusCode::from_u16(fault.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(
                code = fault.code.id,
                detail = fault.detail.as_deref(),
                "a page could not be shown"
            );
        }
        let title = ("This did not work", "No ha funcionado");
        let sentence = self.sentence(fault);
        pausing(self.tell(pages, status, title, (&sentence, &sentence), &[]), fault)
    }

    /// What a fault says, in the page's language.
    pub fn sentence(&self, fault: &Fault) -> String {
        let spanish = match fault.code.id {
            "F241" | "F311" => return too_often(self.language, fault.retry_after),
            "F242" => {
                "La dirección o la contraseña no son correctas, o la dirección todavía no se ha confirmado."
            }
            "F243" => {
                "Este enlace ya se ha usado, ha caducado o lo sustituye uno más reciente. Pida uno nuevo."
            }
            _ if fault.code.status >= 500 => {
                "Algo ha fallado por nuestra parte. Vuelva a intentarlo más tarde."
            }
            _ => &fault.message,
        };
        self.language.pick(&fault.message, spanish).to_owned()
    }

    /// A form that is none of ours.
    pub fn foreign(&self, pages: &Pages) -> Response {
        let title = ("Please try again", "Vuelva a intentarlo");
        let words = (
            "This form was open for too long, or came from elsewhere. Go back, load the page anew, and try again. Cookies have to be allowed.",
            "Este formulario llevaba demasiado tiempo abierto o venía de otro sitio. Vuelva atrás, cargue la página de nuevo e inténtelo otra vez. Las cookies deben estar permitidas.",
        );
        let label = self.language.pick("Your account", "Su cuenta");
        self.tell(pages, StatusCode::FORBIDDEN, title, words, &[("/account", label)])
    }

    fn cookies_of(&self, response: &mut Response) {
        if self.fresh {
            set(response, &self.names.set(self.names.form(), &self.tied, None));
        }
        if self.chose {
            set(response, &self.names.set(self.names.language(), self.language.name(), Some(YEAR)));
        }
    }
}

/// What somebody is told who has to wait.
pub(in crate::oauth) fn too_often(language: Language, pause: Option<Duration>) -> String {
    let spanish = match pause.map(|pause| pause.as_secs()) {
        None => "Espere un poco y vuelva a intentarlo.".to_owned(),
        Some(..=1) => "Vuelva a intentarlo dentro de un segundo.".to_owned(),
        Some(seconds @ ..=120) => format!("Vuelva a intentarlo dentro de {seconds} segundos."),
        Some(seconds) => format!("Vuelva a intentarlo dentro de {} minutos.", seconds.div_ceil(60)),
    };
    let english = match pause.map(|pause| pause.as_secs()) {
        None => "Wait a little, and try again.".to_owned(),
        Some(..=1) => "Try again in a second.".to_owned(),
        Some(seconds @ ..=120) => format!("Try again in {seconds} seconds."),
        Some(seconds) => format!("Try again in {} minutes.", seconds.div_ceil(60)),
    };
    let english = format!("There were too many tries. {english}");
    language.pick(&english, &format!("Ha habido demasiados intentos. {spanish}")).to_owned()
}

/// Says in an answer when it is worth coming again.
pub(super) fn pausing(mut response: Response, fault: &Fault) -> Response {
    if let Some(pause) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, pause.as_secs().max(1).into());
    }
    response
}

/// Adds a cookie to an answer.
pub(super) fn set(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// What stands in `form-action` for a redirect URI: its origin, or its scheme where it is an app's own. What is of another
/// form than a source of CSP 3, section 2.3.1, such as an IPv6 address, is its scheme, too.
fn target(uri: &str) -> Option<String> {
    let (scheme, _) = uri.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if scheme.is_empty() || !scheme.chars().all(plain) {
        return None;
    }
    let origin = super::visit::origin_of(uri);
    let sound = |c: char| c.is_ascii_alphanumeric() || "-.:/".contains(c);
    let web =
        matches!(scheme, "http" | "https") && origin.len() > scheme.len() + 3 && origin.chars().all(sound);
    Some(if web { origin.to_owned() } else { format!("{scheme}:") })
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_form_may_lead_to_the_vendor_that_asked_and_nowhere_else() {
        for (uri, expected) in [
            ("https://app.example/cb?x=1", Some("https://app.example")),
            ("http://127.0.0.1:5123/cb", Some("http://127.0.0.1:5123")),
            ("http://[::1]:5123/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("https://a.example;script-src *", Some("https:")),
            ("nothing", None),
            ("a b:c", None),
        ] {
            assert_eq!(target(uri).as_deref(), expected, "{uri}");
        }
    }
}

//! Logins: one at a time for many who wait, renewed before its end and after a refusal.

use super::{Http, Outgoing, request};
use crate::{
    backend::{explain::Step, secret},
    fault::{Fault, code},
    plan::{HttpSource, http::Login},
    translate::extract,
    value::{Value, path::Path},
};
use std::sync::Arc;
use tokio::{sync::Mutex, time::Instant};

#[derive(Debug)]
pub(super) struct Sessions {
    login: Option<Arc<Login>>,
    current: Mutex<Option<Arc<Session>>>,
}

pub(super) struct Session {
    cookie: Option<String>,
    headers: Vec<(String, String)>,
    until: Instant,
}

/// A session's secrets are never printed.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

impl Session {
    /// What a call carries; tokens against forged requests only where something is written.
    pub(super) fn headers(&self, write: bool) -> Vec<(String, String)> {
        let cookie = self.cookie.iter().map(|c| ("cookie".to_owned(), c.clone()));
        let tokens = self.headers.iter().filter(|_| write).cloned();
        cookie.chain(tokens).collect()
    }
}

impl Sessions {
    pub(super) fn new(source: &HttpSource) -> Result<Self, Fault> {
        // A secret that cannot be had is found when the program starts, not by a caller.
        if let Some(credentials) = &source.credentials {
            secret::resolve(&credentials.password)
                .map_err(|e| Fault::plain(&code::NO_LOGIN).detail(e.to_string()))?;
        }
        Ok(Self { login: source.login.clone(), current: Mutex::new(None) })
    }

    pub(super) fn refuses(&self, status: u16) -> bool {
        self.login.as_ref().is_some_and(|login| login.refused.contains(&status))
    }

    /// The session, made where there is none; `None` where the source wants none.
    pub(super) async fn get(&self, http: &Http, deadline: Instant) -> Result<Option<Arc<Session>>, Fault> {
        let Some(login) = &self.login else { return Ok(None) };
        // The lock is held over the login, so that only one is under way.
        let mut current = self.current.lock().await;
        if let Some(session) = &*current
            && session.until > Instant::now()
        {
            return Ok(Some(Arc::clone(session)));
        }
        let session = Arc::new(http.login(login, deadline).await?);
        *current = Some(Arc::clone(&session));
        Ok(Some(session))
    }

    /// Ends a session that was refused, if it is still the current one.
    pub(super) async fn end(&self, refused: &Arc<Session>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|c| Arc::ptr_eq(c, refused)) {
            *current = None;
        }
    }

    pub(super) fn explain(&self, name: &str, source: &HttpSource) -> Vec<Step> {
        let Some(login) = &self.login else { return Vec::new() };
        let outgoing = request::with(source, &login.call, "", &[]);
        vec![Step {
            source: name.to_owned(),
            call: request::line(source, &outgoing),
            detail: None,
            why: format!(
                "a login, only where no session is held (kept for {} min)",
                login.expires.as_secs() / 60
            ),
            takes: Vec::new(),
            login: true,
        }]
    }
}

impl Http {
    async fn login(&self, login: &Login, deadline: Instant) -> Result<Session, Fault> {
        let refused =
            |detail: String| Fault::plain(&code::NO_LOGIN).detail(format!("{}: login: {detail}", self.name));
        let credentials = self
            .source
            .credentials
            .as_ref()
            .ok_or_else(|| refused("no credentials are configured".into()))?;
        let password = secret::resolve(&credentials.password).map_err(|e| refused(e.to_string()))?;
        let mut body = Value::Object(Vec::new());
        for (name, value) in &login.call.carries {
            let value = match value.scalar() {
                Some("${user}") => Value::Text(credentials.user.clone()),
                Some("${password}") => Value::Text(password.clone()),
                _ => value.clone(),
            };
            body.set(name, value);
        }
        let mut outgoing = request::with(&self.source, &login.call, "", &[]);
        outgoing.headers.push(("content-type".into(), "application/json".into()));
        let outgoing =
            Outgoing { body: Some(body.to_json().into_bytes()), deadline, limit: 1 << 20, ..outgoing };
        let received = self.transport.send(outgoing).await.map_err(|lost| self.lost(&lost))?;
        if !(200..300).contains(&received.status) {
            return Err(match received.status {
                429 | 500.. => self.refused(&login.call, received.status, &received),
                status => refused(format!("status {status}")),
            });
        }
        let text = String::from_utf8(received.body).map_err(|_| refused("the answer is not UTF-8".into()))?;
        let fill = |template: &str| {
            filled(template, &text).ok_or_else(|| refused(format!("the answer does not give `{template}`")))
        };
        let cookie = login.cookie.as_deref().map(&fill).transpose()?;
        let headers =
            login.headers.iter().map(|(n, t)| Ok((n.clone(), fill(t)?))).collect::<Result<_, Fault>>()?;
        tracing::info!(source = %self.name, "logged in");
        Ok(Session { cookie, headers, until: Instant::now() + login.expires })
    }
}

/// A template with `{name}` from the login's answer. What a header cannot hold is refused.
fn filled(template: &str, answer: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&extract::scalar(answer, &Path::parse(name).ok()?)?);
        rest = tail;
    }
    out.push_str(rest);
    out.bytes().all(|b| (0x20..0x7f).contains(&b)).then_some(out)
}

//! Logins: one at a time for many who wait, renewed before its end and after a refusal.

use super::{
    Http,
    request::{self, Draft, Inputs},
};
use crate::{
    backend::explain::Step,
    fault::{Fault, code},
    plan::http::{
        Call, Dialect, Login, Piece, Template,
        dialect::{Expires, How},
    },
    translate::extract,
    value::{Brief, json::read, path::Path, time::Moment},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

#[derive(Debug, Default)]
pub(super) struct Sessions {
    current: Mutex<Option<Arc<Session>>>,
    /// When a login was last tried beside the requests.
    tried: std::sync::Mutex<Option<Instant>>,
}

pub(super) struct Session {
    cookie: Option<Brief>,
    headers: Vec<(Brief, Brief)>,
    on_writes: Vec<(Brief, Brief)>,
    query: Vec<(Brief, Brief)>,
    /// From here on it is renewed while calls go on with it.
    renew: Instant,
    until: Instant,
}

/// How long before its end a session is renewed at most; a tenth of its life where that is shorter.
const BEFORE: Duration = Duration::from_secs(30);
/// How long a login beside the requests may take, and how long it is not tried again when it failed.
const BESIDE: Duration = Duration::from_secs(10);

/// A session's secrets are never printed.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

impl Session {
    fn new(life: Duration) -> Self {
        let now = Instant::now();
        let (cookie, headers, on_writes, query) = (None, Vec::new(), Vec::new(), Vec::new());
        let until = now + life;
        Self { cookie, headers, on_writes, query, renew: until - BEFORE.min(life / 10), until }
    }

    /// A session that is a token.
    pub(super) fn bearer(header: Brief, life: Duration) -> Self {
        Self { headers: vec![("authorization".into(), header)], ..Self::new(life) }
    }

    /// Puts what a call carries into it; tokens against forged requests only where something is written.
    pub(super) fn carry(&self, outgoing: &mut super::Outgoing, write: bool) {
        outgoing.headers.extend(self.cookie.iter().map(|c| ("cookie".into(), c.clone())));
        outgoing.headers.extend(self.headers.iter().cloned());
        outgoing.headers.extend(self.on_writes.iter().filter(|_| write).cloned());
        for (name, value) in &self.query {
            outgoing.url.push(if outgoing.url.contains('?') { '&' } else { '?' });
            outgoing.url.push_str(&request::encode(name));
            outgoing.url.push('=');
            outgoing.url.push_str(&request::encode(value));
        }
    }
}

impl Sessions {
    /// The session, made where there is none; `None` where the source wants none.
    pub(super) async fn get(
        self: &Arc<Self>,
        http: &Http,
        dialect: &Dialect,
        deadline: Instant,
        now: Moment,
    ) -> Result<Option<Arc<Session>>, Fault> {
        let Some(login) = &dialect.login else { return Ok(None) };
        // The lock is held over the login, so that only one is under way.
        let waited = tokio::time::timeout_at(deadline, self.current.lock()).await;
        let late = || {
            let detail = format!("{}: a login that another call has begun did not end in time", http.name);
            Fault::plain(&code::TIMED_OUT).detail(detail)
        };
        let mut current = waited.map_err(|_| late())?;
        if let Some(session) = &*current
            && session.until > Instant::now()
        {
            if session.renew <= Instant::now() {
                self.renew_beside(http, dialect, session, now);
            }
            return Ok(Some(Arc::clone(session)));
        }
        let session = Arc::new(http.login(dialect, login, deadline, now).await?);
        *current = Some(Arc::clone(&session));
        Ok(Some(session))
    }

    /// Logs in anew while calls go on with the session that is there; one at a time.
    fn renew_beside(self: &Arc<Self>, http: &Http, dialect: &Dialect, old: &Arc<Session>, now: Moment) {
        let mut tried = self.tried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if tried.is_some_and(|tried| tried.elapsed() < BESIDE) {
            return;
        }
        *tried = Some(Instant::now());
        let (sessions, old) = (Arc::clone(self), Arc::clone(old));
        let (http, dialect) = (http.beside(), dialect.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with its one login, which is bounded in time"
        )]
        drop(tokio::spawn(async move {
            let Some(login) = &dialect.login else { return };
            match http.login(&dialect, login, Instant::now() + BESIDE, now).await {
                Ok(session) => {
                    let mut current = sessions.current.lock().await;
                    if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &old)) {
                        *current = Some(Arc::new(session));
                    }
                }
                // It is tried again, and at the end of the session for all to see.
                Err(fault) => {
                    tracing::warn!(source = %http.name, detail = fault.detail.as_deref(), "a login is not renewed");
                }
            }
        }));
    }

    /// Ends a session that was refused, if it is still the current one.
    pub(super) async fn end(&self, refused: &Arc<Session>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|c| Arc::ptr_eq(c, refused)) {
            *current = None;
        }
    }
}

/// The step of a login, for people.
pub(super) fn explain(name: &str, dialect: &Dialect) -> Vec<Step> {
    let Some(login) = &dialect.login else { return Vec::new() };
    let call = match &login.how {
        How::Call(call) => {
            let pieces = call.path.0.iter().map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                _ => "{…}".to_owned(),
            });
            format!("{} {}", call.method.as_str(), pieces.collect::<String>())
        }
        How::OAuth2(flow) => format!("POST {}", flow.token),
    };
    let kept = match &login.expires {
        _ if matches!(login.how, How::OAuth2(_)) => "kept as long as it says".to_owned(),
        Expires::After(span) => format!("kept for {} min", span.as_secs() / 60),
        Expires::Said { .. } | Expires::Token { .. } => "kept as long as it says".to_owned(),
    };
    vec![Step {
        source: name.to_owned(),
        call,
        detail: None,
        why: format!("a login, only where no session is held ({kept})"),
        takes: Vec::new(),
        login: true,
    }]
}

impl Http {
    async fn login(
        &self,
        dialect: &Dialect,
        login: &Login,
        deadline: Instant,
        now: Moment,
    ) -> Result<Session, Fault> {
        let call: &Call = match &login.how {
            How::Call(call) => call,
            How::OAuth2(flow) => return self.granted(flow, deadline, now).await,
        };
        let refused =
            |detail: String| Fault::plain(&code::NO_LOGIN).detail(format!("{}: login: {detail}", self.name));
        let secrets = self.secrets.values();
        let draft = Draft {
            source: &self.source,
            dialect,
            secrets: &secrets,
            now,
            call,
            inputs: Inputs::default(),
            parameters: &[],
            record: None,
            wanted: &[],
        };
        let mut outgoing = draft.outgoing()?;
        (outgoing.deadline, outgoing.limit) = (deadline, 1 << 20);
        let heard = self.send_login(dialect, call, outgoing, now).await?;
        if !heard.is_good() || heard.text.is_err() {
            return Err(match heard.status {
                429 | 500.. => self.refused(dialect, call, &heard),
                status => {
                    // The secret may be another one by now.
                    self.secrets.renew();
                    let said = heard.message(dialect).map(|m| format!(": {m}")).unwrap_or_default();
                    refused(format!("status {status}{said}"))
                }
            });
        }
        let text = heard.text.unwrap_or_default();
        let document = read::read(&text).map_err(|_| refused("the answer is not understood".into()))?;
        let inputs = Inputs { answer: Some(&document), ..Inputs::default() };
        let fill = |template: &Template| {
            let text = request::text(template, &inputs, &secrets)
                .map_err(|name| refused(format!("the answer does not give `{name}`")))?;
            request::header_value(&text)
                .map_err(|_| refused("the answer gives what no header can hold".into()))
        };
        let all = |templates: &[(String, Template)]| {
            let brief = |(name, template): &(String, Template)| Ok((Brief::new(name), fill(template)?));
            templates.iter().map(brief).collect::<Result<Vec<(Brief, Brief)>, Fault>>()
        };
        let session = Session {
            cookie: login.cookie.as_ref().map(&fill).transpose()?,
            headers: all(&login.headers)?,
            on_writes: all(&login.on_writes)?,
            query: all(&login.query)?,
            ..Session::new(life(&login.expires, &text, now))
        };
        tracing::info!(source = %self.name, "logged in");
        Ok(session)
    }
}

/// How long a session is used. What the answer says is believed within bounds.
fn life(expires: &Expires, answer: &str, now: Moment) -> Duration {
    match expires {
        Expires::After(span) => *span,
        Expires::Said { at, less, most } => {
            let said = extract::scalar(answer, at).and_then(|text| text.split('.').next()?.parse().ok());
            Duration::from_secs(said.unwrap_or(0)).min(*most).saturating_sub(*less)
        }
        Expires::Token { at, less } => {
            let until = extract::scalar(answer, at).and_then(|token| expiry(&token)).unwrap_or(0);
            Duration::from_secs(u64::try_from(until - now.seconds).unwrap_or(0)).saturating_sub(*less)
        }
    }
    .max(Duration::from_secs(1))
}

/// The `exp` of a JSON Web Token. It is not verified: it is the other side's, and goes back there.
fn expiry(token: &str) -> Option<i64> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let text = String::from_utf8(payload).ok()?;
    extract::scalar(&text, &Path::name("exp"))?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_as_long_as_its_answer_says_within_bounds() {
        let now = Moment { seconds: 1_000, nanos: 0 };
        let at = Path::name("expires_in");
        let minute = Duration::from_mins(1);
        let said = |most| Expires::Said { at: at.clone(), less: minute, most };
        let long = Duration::from_hours(12);
        assert_eq!(life(&said(long), r#"{"expires_in":3600}"#, now), Duration::from_mins(59));
        assert_eq!(life(&said(long), r#"{"expires_in":"3600"}"#, now), Duration::from_mins(59));
        // A false promise is bounded by what the mapping knows.
        assert_eq!(
            life(&said(Duration::from_mins(10)), r#"{"expires_in":43200}"#, now),
            Duration::from_mins(9)
        );
        assert_eq!(life(&said(long), "{}", now), Duration::from_secs(1));
        let token = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"exp":1300}"#));
        let answer = format!(r#"{{"token":"{token}"}}"#);
        let expires = Expires::Token { at: Path::name("token"), less: minute };
        assert_eq!(life(&expires, &answer, now), Duration::from_mins(4));
    }
}

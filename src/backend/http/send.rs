//! One call on its way: within its source's bounds (`resilience`), logged in, at its pace, signed for the address that it
//! goes to. What it says of its source is judged here, because only here is known what an answer means.

use super::{Heard, Http, Lost, Outgoing, answer, health::Checks, session::Session, sign};
use crate::{
    backend::Journey,
    fault::{Fault, code},
    plan::{
        WhenBusy,
        http::{Call, Dialect, HttpMeans, Meaning, Method, dialect::Auth},
        resilience::Hedge,
    },
    resilience::{self, Again, Failed, Judged, Refused, Try, Verdict, Wanted},
    value::{Value, time::Moment},
};
use std::borrow::Cow;
use tokio::time::Instant;

/// What a call is for. By RPC the method does not tell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// It changes nothing, and may be made again.
    Read(Option<Hedge>),
    Write,
}

impl Purpose {
    pub(super) fn read(means: &HttpMeans) -> Self {
        Self::Read(means.hedge)
    }
}

/// An answer, and what it says of the source.
struct Came(Heard, Verdict);

impl Judged for Came {
    fn verdict(&self) -> Verdict {
        self.1
    }
}

/// Why there is no answer.
enum Missed {
    Lost(Lost),
    /// The call could not be made.
    Fault(Fault),
}

impl Judged for Missed {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Lost(lost) => of_lost(lost),
            Self::Fault(_) => Verdict::NOTHING,
        }
    }
}

pub(super) fn of_lost(lost: &Lost) -> Verdict {
    match lost {
        Lost::Unreachable(_) => Verdict::UNSENT,
        Lost::TimedOut => Verdict::SLOW,
        Lost::Broken(_) => Verdict::FAILED,
        Lost::TooLarge => Verdict::GOOD,
    }
}

impl Http {
    /// Sends one call, logged in where the source wants it, and listens to the answer. A session that has ended is
    /// renewed once; a read that came too early is made once more where the operator would rather wait.
    pub(super) async fn send(
        &self,
        dialect: &Dialect,
        call: &Call,
        outgoing: Outgoing,
        sent: Option<&Value>,
        purpose: Purpose,
        journey: &Journey,
    ) -> Result<Heard, Fault> {
        let deadline = journey.deadline.min(Instant::now() + self.source.deadline);
        let outgoing = Outgoing { deadline, limit: self.source.answer_bytes, ..outgoing };
        let write = call.method != Method::Get;
        let sessions = self.sessions(dialect);
        let (safe, hedge) = match purpose {
            Purpose::Read(hedge) => (true, hedge.filter(|_| !is_once(dialect))),
            Purpose::Write => (false, None),
        };
        Checks::begin(self);
        let (mut renewed, mut waited) = (false, false);
        loop {
            // Neither a login nor a turn is waited for where nothing could be called.
            self.guard.admits().map_err(|refused| self.held(call, refused))?;
            self.pace.enter(self.source.when_busy, deadline).await?;
            let session = sessions.get(self, dialect, deadline, journey.now).await?;
            let attempt = |one: Try| {
                self.attempt(dialect, call, (&outgoing, session.as_deref(), write), sent, one, journey)
            };
            let came = self.guard.call(Wanted { safe, deadline, hedge }, attempt).await;
            let heard = match came {
                Ok(Came(heard, _)) => heard,
                Err(Failed::Call(Missed::Lost(lost))) => return Err(self.lost(call, &lost)),
                Err(Failed::Call(Missed::Fault(fault))) => return Err(fault),
                Err(Failed::Refused(refused)) => return Err(self.held(call, refused)),
            };
            if let Some(session) = &session
                && has_ended(dialect, &heard)
                && !renewed
            {
                // A refusal came before anything was done: the call may be made once more.
                sessions.end(session).await;
                renewed = true;
                continue;
            }
            if dialect.limits.is_some() && is_busy(dialect, &heard) {
                let pause = self.pace.close(heard.retry_after);
                let in_time = Instant::now() + pause < deadline;
                if self.source.when_busy != WhenBusy::Fail && !write && !waited && in_time {
                    waited = true;
                    continue;
                }
            }
            return Ok(heard);
        }
    }

    /// One try at one of the addresses.
    async fn attempt(
        &self,
        dialect: &Dialect,
        call: &Call,
        (outgoing, session, write): (&Outgoing, Option<&Session>, bool),
        sent: Option<&Value>,
        one: Try,
        journey: &Journey,
    ) -> Result<Came, Missed> {
        let mut outgoing = self.at(one.address, outgoing);
        if let Some(said) = &dialect.time_left {
            let left = one.deadline.saturating_duration_since(Instant::now());
            let number = if said.seconds { u128::from(left.as_secs()) } else { left.as_millis() };
            // An end that is nearer than one of its units is none at all for many.
            let header = (said.header.clone().into(), number.max(1).to_string().into());
            outgoing.to_mut().headers.push(header);
        }
        if let Some(session) = session {
            session.carry(outgoing.to_mut(), write);
        }
        self.sign(dialect, &mut outgoing, journey.now)?;
        let received = self.transport.send(outgoing).await.map_err(Missed::Lost)?;
        if let Some(limits) = &dialect.limits {
            self.pace.observe(limits, &received.headers, journey.now);
        }
        let heard = answer::hear(dialect, call, received, sent);
        let verdict = judged(dialect, &heard);
        Ok(Came(heard, verdict))
    }

    /// Sends a login: once, and signed for the address that it goes to.
    pub(super) async fn send_login(
        &self,
        dialect: &Dialect,
        call: &Call,
        outgoing: Outgoing,
        now: Moment,
    ) -> Result<Heard, Fault> {
        let deadline = outgoing.deadline;
        let attempt = async |one: Try| {
            let mut outgoing = self.at(one.address, &outgoing);
            self.sign(dialect, &mut outgoing, now)?;
            let received = self.transport.send(outgoing).await.map_err(Missed::Lost)?;
            let heard = answer::hear(dialect, call, received, None);
            let verdict = judged(dialect, &heard);
            Ok(Came(heard, verdict))
        };
        let wanted = Wanted { safe: false, deadline, hedge: None };
        match self.guard.call(wanted, attempt).await {
            Ok(Came(heard, _)) => Ok(heard),
            Err(Failed::Call(Missed::Lost(lost))) => Err(self.lost(call, &lost)),
            Err(Failed::Call(Missed::Fault(fault))) => Err(fault),
            Err(Failed::Refused(refused)) => Err(self.held(call, refused)),
        }
    }

    /// The same call at another address: it was made for the first one.
    fn at<'o>(&self, address: usize, outgoing: &'o Outgoing) -> Cow<'o, Outgoing> {
        let other = self.source.addresses.get(address).filter(|other| **other != self.source.address);
        let rest = outgoing.url.strip_prefix(&self.source.address);
        match other.zip(rest) {
            Some((other, rest)) => Cow::Owned(Outgoing { url: format!("{other}{rest}"), ..outgoing.clone() }),
            None => Cow::Borrowed(outgoing),
        }
    }

    /// Signs a try, which is a copy only where something is signed.
    fn sign(&self, dialect: &Dialect, outgoing: &mut Cow<'_, Outgoing>, now: Moment) -> Result<(), Missed> {
        if dialect.auth.is_empty() {
            return Ok(());
        }
        sign::sign(dialect, &self.secrets.values(), outgoing.to_mut(), now).map_err(Missed::Fault)
    }

    /// A call that its source's bounds have refused.
    pub(super) fn held(&self, call: &Call, refused: Refused) -> Fault {
        let code = match refused {
            Refused::Open(_) => &code::CIRCUIT_OPEN,
            Refused::Full(_) | Refused::Waited(_) => &code::NO_PLACE,
        };
        self.fault(code, call, &refused.to_string()).retry_after(Some(resilience::whole(refused.pause())))
    }
}

fn has_ended(dialect: &Dialect, heard: &Heard) -> bool {
    match (heard.meaning, &dialect.login) {
        (Some(meaning), _) => meaning == Meaning::Login,
        (None, Some(login)) => login.refused.contains(&heard.status),
        (None, None) => false,
    }
}

/// Whether a call stands for itself: what proves it is in its body, and is taken once.
fn is_once(dialect: &Dialect) -> bool {
    dialect.auth.iter().any(|auth| matches!(auth, Auth::UsernameToken { .. }))
}

pub(super) fn is_busy(dialect: &Dialect, heard: &Heard) -> bool {
    if let Some(meaning) = heard.meaning {
        meaning == Meaning::Busy
    } else {
        let more = dialect.limits.as_ref().is_some_and(|limits| limits.busy.contains(&heard.status));
        matches!(heard.status, 429 | 503) || more
    }
}

/// What an answer says of the source. Whatever a rule gives a meaning was answered by somebody who is well.
fn judged(dialect: &Dialect, heard: &Heard) -> Verdict {
    let pause = |soon| heard.retry_after.map_or(soon, Again::Behind);
    if is_busy(dialect, heard) {
        // Where its pace is known, that waits for it.
        let again = if dialect.limits.is_some() { Again::No } else { pause(Again::Soon) };
        let well = (heard.meaning.is_none() && heard.status == 503).then_some(false);
        return Verdict { well, overloaded: true, again, unsent: false };
    }
    match (heard.meaning, heard.status) {
        (Some(_), _) => Verdict::GOOD,
        (_, 502 | 504) => Verdict { again: pause(Again::Soon), ..Verdict::FAILED },
        // What a program says of a request that it cannot bear is said again.
        (_, 500..) => Verdict { again: Again::No, ..Verdict::FAILED },
        _ => Verdict::GOOD,
    }
}

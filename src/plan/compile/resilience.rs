//! How calls to a source are held in bounds: what is not said gets its number, and numbers that undo each other are told.

use super::{Compiler, sources::http_parts};
use crate::{
    fault::mapping as m,
    plan::{
        SourceKind,
        resilience::{Adaptive, Breaker, Bulkhead, Health, Hedge, Resilience, Retry},
    },
    spec::{
        Doc,
        words::{self, Span, config, resilience as said},
    },
};
use std::time::Duration;

/// So long a call waits for a place where nothing is said.
const WAIT: Duration = Duration::from_secs(2);
/// The shortest queue where nothing is said: many short calls may come at once, and what is slow ends by its wait.
const QUEUE: usize = 1000;
/// So many failures in a row send calls to another address. Where there is none, as many as calls are counted from: whatever
/// went well before that, it is away.
const IN_A_ROW: u32 = 5;

/// Where a source's words stand, and what they are held against.
struct Site<'a> {
    config: &'a Doc<words::Config>,
    name: &'a str,
    deadline: Duration,
    /// How many calls may be under way.
    calls: usize,
    addresses: usize,
    http: bool,
}

impl Compiler<'_> {
    /// The addresses of a source, the first one first.
    pub(super) fn addresses(
        &mut self,
        config: &Doc<words::Config>,
        name: &str,
        http: &config::Http,
    ) -> Vec<String> {
        let base = ["sources", name, "http"];
        let wrong = |this: &mut Self, place: &[&str], message: &str, cure: &str| {
            let path: Vec<&str> = base.iter().chain(place).copied().collect();
            config.error(this.out, m::BAD_ADDRESSES, &path, message, Some(cure.into()));
        };
        let all: Vec<(Vec<String>, &String)> = match (&http.address, &http.addresses) {
            (Some(one), None) => vec![(vec!["address".into()], one)],
            (None, Some(all)) if !all.is_empty() => {
                let place = |at: usize| vec!["addresses".to_owned(), at.to_string()];
                all.iter().enumerate().map(|(at, one)| (place(at), one)).collect()
            }
            (None, Some(_)) => {
                wrong(self, &["addresses"], "there is none here", "write one at least, or `address`");
                return Vec::new();
            }
            (Some(_), Some(_)) => {
                let cure = "write all of them in `addresses`, or the one as `address`";
                wrong(self, &["addresses"], "there is an `address`, too", cure);
                return Vec::new();
            }
            (None, None) => {
                let cure = "write for example `address: https://legacy.example.com/rest`";
                wrong(self, &[], "it has no address", cure);
                return Vec::new();
            }
        };
        let mut found: Vec<String> = Vec::with_capacity(all.len());
        for (place, address) in all {
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            let path: Vec<&str> = base.iter().chain(&place).copied().collect();
            match http_parts(address) {
                None => {
                    let hint = Some("write for example `https://legacy.example.com/rest`".into());
                    config.error(self.out, m::BAD_ADDRESS, &path, "this is no http or https address", hint);
                }
                Some("http") if !http.plain => {
                    let hint = Some("use https, or say `plain: true` where that is meant".into());
                    let message = "calls to this source would not be encrypted";
                    config.error(self.out, m::PLAIN_TRANSPORT, &path, message, hint);
                }
                Some(_) => {}
            }
            let address = address.trim_end_matches('/').to_owned();
            if found.contains(&address) {
                wrong(self, &place, "this address stands here twice", "name each once");
            }
            found.push(address);
        }
        found
    }

    pub(super) fn resilience(
        &mut self,
        config: &Doc<words::Config>,
        name: &str,
        said: &said::Resilience,
        kind: &SourceKind,
    ) -> Resilience {
        let (deadline, calls, addresses, http) = match kind {
            SourceKind::Http(http) => (http.deadline, http.concurrency, http.addresses.len(), true),
            SourceKind::Sql(sql) => (sql.deadline, sql.connections as usize, 1, false),
            SourceKind::Stub => (Duration::from_secs(10), 64, 1, false),
        };
        let site = Site { config, name, deadline, calls, addresses, http };
        let retry = self.retries(&site, said.retry.as_ref());
        let breaker = self.breaker(&site, said.breaker.as_ref());
        let bulkhead = self.bulkhead(&site, &said.bulkhead);
        let hedge = said.hedge.as_ref().and_then(|hedge| {
            if !site.http {
                let message = "reads of this kind of source are not asked twice";
                self.bound(
                    &site,
                    m::NOT_HELD_SO,
                    &["hedge"],
                    message,
                    "remove it: only sources over HTTP are",
                );
                return None;
            }
            if retry.is_none() {
                let cure = "remove `hedge`, or let `retry` be";
                self.bound(
                    &site,
                    m::BAD_BOUNDS,
                    &["hedge"],
                    "a hedge is paid by the budget of `retry`",
                    cure,
                );
            }
            hedge_of(hedge, deadline)
                .map_err(|(word, message, cure)| {
                    let place: Vec<&str> = std::iter::once("hedge").chain(word).collect();
                    self.bound(&site, m::BAD_BOUNDS, &place, &message, cure);
                })
                .ok()
        });
        let health = said.health.as_ref().and_then(|health| self.health(&site, health));
        Resilience { retry, breaker, bulkhead, hedge, health }
    }

    /// When reads of a binding are asked a second time: as it says itself, else as its source does.
    pub(super) fn hedge(&mut self, doc: &Doc<words::Binding>, source: usize) -> Option<Hedge> {
        let source = self.sources.get(source)?;
        let SourceKind::Http(http) = &source.kind else { return None };
        let hedge = match &doc.words.hedge {
            None => return source.resilience.hedge,
            Some(said::Hedged::Never(_)) => return None,
            Some(said::Hedged::When(hedge)) => hedge,
        };
        if source.resilience.retry.is_none() {
            let cure = "remove `hedge`, or let the source's `retry` be";
            let message = "a hedge is paid by the budget of the source's `retry`";
            doc.error(self.out, m::BAD_BOUNDS, &["hedge"], message, Some(cure.into()));
        }
        hedge_of(hedge, http.deadline)
            .map_err(|(word, message, cure)| {
                let place: Vec<&str> = std::iter::once("hedge").chain(word).collect();
                doc.error(self.out, m::BAD_BOUNDS, &place, message, Some(cure.into()));
            })
            .ok()
    }

    /// Bindings of other sources than those over HTTP say nothing of it.
    pub(super) fn hedged_at_all(&mut self, doc: &Doc<words::Binding>, kind: &SourceKind) {
        if doc.words.hedge.is_some() && !matches!(kind, SourceKind::Http(_)) {
            let hint = Some("remove it: only sources over HTTP are".into());
            let message = "reads of this kind of source are not asked twice";
            doc.error_at_key(self.out, m::NOT_HELD_SO, &["hedge"], message, hint);
        }
    }

    fn bound(&mut self, site: &Site<'_>, code: &'static str, place: &[&str], message: &str, cure: &str) {
        let base = ["sources", site.name, "resilience"];
        let path: Vec<&str> = base.iter().chain(place).copied().collect();
        site.config.error(self.out, code, &path, message, Some(cure.to_owned()));
    }

    /// A span that must not be nothing.
    fn some(&mut self, site: &Site<'_>, place: &[&str], span: Span) -> Duration {
        if span.0.is_zero() {
            self.bound(site, m::BAD_BOUNDS, place, "this is no time at all", "write for example `5s`");
        }
        span.0
    }

    fn retries(&mut self, site: &Site<'_>, said: Option<&said::Retry>) -> Option<Retry> {
        let tuned = match said {
            Some(said::Retry::Never(_)) => return None,
            Some(said::Retry::Tuned(tuned)) => *tuned,
            None => said::Retries::default(),
        };
        let after = tuned.after.0;
        if said.is_some() && after >= site.deadline {
            let message =
                format!("the pause is as long as a call may take ({} ms)", site.deadline.as_millis());
            let cure = "write a shorter pause, or a longer `deadline` of the source";
            self.bound(site, m::BAD_BOUNDS, &["retry", "after"], &message, cure);
        }
        Some(Retry { times: tuned.times, after, budget: tuned.budget })
    }

    fn breaker(&mut self, site: &Site<'_>, said: Option<&said::Breaker>) -> Option<Breaker> {
        let tuned = match said {
            Some(said::Breaker::Never(_)) => return None,
            Some(said::Breaker::Tuned(tuned)) => *tuned,
            None => said::Trips::default(),
        };
        Some(Breaker {
            failures: tuned.failures,
            calls: tuned.calls,
            window: self.some(site, &["breaker", "window"], tuned.window),
            rest: self.some(site, &["breaker", "rest"], tuned.rest),
            trials: tuned.trials,
            in_a_row: if site.addresses > 1 { IN_A_ROW } else { tuned.calls },
        })
    }

    fn bulkhead(&mut self, site: &Site<'_>, said: &said::Bulkhead) -> Bulkhead {
        let wait = said.wait.map_or(WAIT.min(site.deadline), |span| span.0);
        if wait > site.deadline {
            let message =
                format!("a call would wait longer than it may take ({} ms)", site.deadline.as_millis());
            let cure = "write a shorter wait, or a longer `deadline` of the source";
            self.bound(site, m::BAD_BOUNDS, &["bulkhead", "wait"], &message, cure);
        }
        let adaptive = said.adaptive.map(|adaptive| {
            let place = ["bulkhead", "adaptive", "slow"];
            let slow = self.some(site, &place, adaptive.slow);
            let least = adaptive.least as usize;
            if least > site.calls {
                let message = format!("there are never more than {} calls under way", site.calls);
                let cure = "write less, or more for `concurrency` or `connections`";
                self.bound(site, m::BAD_BOUNDS, &["bulkhead", "adaptive", "least"], &message, cure);
            }
            Adaptive { least, slow }
        });
        let queue = said.queue.map_or(QUEUE.max(site.calls.saturating_mul(4)), |queue| queue as usize);
        Bulkhead { calls: site.calls, queue, wait, adaptive }
    }

    fn health(&mut self, site: &Site<'_>, said: &said::Health) -> Option<Health> {
        if !site.http {
            let message = "this kind of source is not asked for its health";
            self.bound(site, m::NOT_HELD_SO, &["health"], message, "remove it: only sources over HTTP are");
            return None;
        }
        let every = self.some(site, &["health", "every"], said.every);
        let deadline = self.some(site, &["health", "deadline"], said.deadline);
        let path = said.path.as_str();
        let plain = |b: u8| b.is_ascii_graphic() && b != b'#';
        if !path.starts_with('/') || !path.bytes().all(plain) {
            let cure = "write for example `/health`";
            self.bound(site, m::BAD_BOUNDS, &["health", "path"], "this is no path behind an address", cure);
        }
        Some(Health { path: path.to_owned(), every, deadline, falls: said.falls, rises: said.rises })
    }
}

/// What is wrong with a hedge: at which of its words, what, and the cure.
type Wrong = (Option<&'static str>, String, &'static str);

/// When reads are asked a second time; `deadline` is the longest that a call may take.
pub(super) fn hedge_of(said: &said::Hedge, deadline: Duration) -> Result<Hedge, Wrong> {
    match (said.after, said.percentile) {
        (Some(after), None) if after.0 >= deadline => {
            let message = format!("a call has ended by then (`deadline`: {} ms)", deadline.as_millis());
            Err((Some("after"), message, "write a shorter span"))
        }
        (Some(after), None) => Ok(Hedge::After(after.0)),
        (None, Some(percent)) => Ok(Hedge::Percentile(percent)),
        _ => {
            let cure = "give it exactly one of `after` and `percentile`";
            Err((None, "when a read is asked a second time is not clear".into(), cure))
        }
    }
}

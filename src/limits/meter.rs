//! What a request was counted by, as the headers of its answer: `RateLimit-Policy` and `RateLimit` in the structured form
//! of draft-ietf-httpapi-ratelimit-headers-10 (`"name";q=1000;w=60` and `"name";r=999;t=1`).

use super::{at_once::Seat, limiter::Limiter};
use http::HeaderName;
use std::{fmt::Write, sync::Arc, time::Duration};

/// An address, a client, a subject, an operation, at once and a quota.
const MOST: usize = 6;

/// What a request was counted by. It holds the request's seat: it is dropped when the answer is made.
#[derive(Debug, Default)]
pub struct Meter {
    counted: [Option<Noted>; MOST],
    seat: Option<Seat>,
}

#[derive(Debug)]
struct Noted {
    limiter: Arc<Limiter>,
    remaining: u32,
    reset: Option<Duration>,
}

impl Meter {
    pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
    pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

    pub(super) fn seat(&mut self, seat: Seat) {
        self.seat = Some(seat);
    }

    /// Notes what a limit leaves; what is told twice of one is the less.
    pub(super) fn note(&mut self, limiter: &Arc<Limiter>, remaining: u32, reset: Option<Duration>) {
        for slot in &mut self.counted {
            match slot {
                Some(noted) if Arc::ptr_eq(&noted.limiter, limiter) => {
                    if remaining <= noted.remaining {
                        noted.remaining = remaining;
                        noted.reset = reset;
                    }
                    return;
                }
                Some(_) => {}
                None => {
                    *slot = Some(Noted { limiter: Arc::clone(limiter), remaining, reset });
                    return;
                }
            }
        }
    }

    /// The headers; none where no limit applies.
    pub fn headers(&self) -> Option<[(HeaderName, String); 2]> {
        let (mut policies, mut limits) = (String::new(), String::new());
        for noted in self.counted.iter().flatten() {
            if !policies.is_empty() {
                policies.push_str(", ");
                limits.push_str(", ");
            }
            policies.push_str(&noted.limiter.told);
            // Writing to a text does not fail.
            let _ = write!(limits, "\"{}\";r={}", noted.limiter.policy.name, noted.remaining);
            if let Some(reset) = noted.reset {
                let _ = write!(limits, ";t={}", super::whole(reset).as_secs());
            }
        }
        (!policies.is_empty()).then_some([(Self::POLICY, policies), (Self::LIMIT, limits)])
    }
}

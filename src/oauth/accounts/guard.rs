//! Guessing is slowed down: each failure is counted, for the account that is tried and for the network that tries, and
//! after some of them each further one rests longer than the one before. Counts stand in the ledger, so that neither a
//! restart nor a second program begins anew. An address without an account is counted like any other.

use super::Desk;
use crate::{
    fault::{Fault, code},
    ledger::accounts::Guesses,
};
use std::{net::IpAddr, time::Duration};

/// What is guarded, and how.
#[derive(Debug, Clone, Copy)]
struct Rule {
    name: &'static str,
    /// So many tries rest for nothing.
    free: i64,
    /// The first pause in seconds; each further one is twice as long.
    first: i64,
    /// No pause is longer.
    longest: i64,
    /// After so many quiet seconds all is forgotten.
    forgotten: i64,
}

/// Whoever knows an address can make its owner wait, so that this is minutes and never hours.
const ACCOUNT: Rule = Rule { name: "account", free: 5, first: 2, longest: 300, forgotten: 86_400 };
/// Many people may share one network address.
const NETWORK: Rule = Rule { name: "network", free: 50, first: 2, longest: 900, forgotten: 3_600 };
/// Accounts that are made, and messages that are asked for.
const MADE: Rule = Rule { name: "made", free: 20, first: 10, longest: 3_600, forgotten: 3_600 };
/// Messages to one address.
const MESSAGES: Rule = Rule { name: "messages", free: 3, first: 60, longest: 3_600, forgotten: 86_400 };

/// After so many lost races somebody tries more at once than people do.
const TRIES: u32 = 20;

impl Rule {
    /// What is known after one more, at a time; or for how long it rests.
    fn next(self, before: Guesses, now: i64) -> Result<Guesses, i64> {
        let quiet = now.saturating_sub(before.latest_at) >= self.forgotten;
        let failures = if quiet { 0 } else { before.failures };
        if !quiet && before.paused_till > now {
            return Err(before.paused_till - now);
        }
        let failures = failures.saturating_add(1);
        let over = failures - self.free;
        let doubled = u32::try_from(over - 1).map_or(0, |n| self.first.saturating_mul(1_i64 << n.min(30)));
        let pause = if over < 1 { 0 } else { doubled.min(self.longest) };
        Ok(Guesses {
            failures,
            latest_at: now,
            paused_till: now.saturating_add(pause),
            version: before.version,
        })
    }
}

impl Desk {
    /// Counts a try to log in, before it is looked at: of many at once no more are looked at than may be. Refuses with
    /// F241 while it rests.
    pub(super) async fn count_login(&self, address: &str, from: Option<IpAddr>) -> Result<(), Fault> {
        if let Some(from) = from {
            self.count(NETWORK, &network(from)).await?;
        }
        self.count(ACCOUNT, address).await
    }

    /// It was the right password: what was counted for the account is forgotten.
    pub(super) async fn forget_login(&self, address: &str) -> Result<(), Fault> {
        self.ledger().forget_guesses(&self.guarded(ACCOUNT, address)).await
    }

    /// Counts something that makes an account or asks for a message. Refuses with F241 while it rests.
    pub(super) async fn count_made(&self, from: Option<IpAddr>) -> Result<(), Fault> {
        match from {
            Some(from) => self.count(MADE, &network(from)).await,
            None => Ok(()),
        }
    }

    /// Whether one more message may go to an address.
    pub(super) async fn may_mail(&self, address: &str) -> Result<bool, Fault> {
        match self.count(MESSAGES, address).await {
            Ok(()) => Ok(true),
            Err(fault) if fault.code.id == code::TOO_MANY_TRIES.id => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn guarded(&self, rule: Rule, what: &str) -> String {
        self.index(rule.name, what)
    }

    async fn count(&self, rule: Rule, what: &str) -> Result<(), Fault> {
        let guarded = self.guarded(rule, what);
        for _ in 0..TRIES {
            let before = self.ledger().guesses(&guarded).await?;
            let next = rule.next(before, self.now()).map_err(resting)?;
            if self.ledger().count_guess(&guarded, next).await? {
                return Ok(());
            }
        }
        Err(resting(rule.first))
    }
}

fn resting(seconds: i64) -> Fault {
    let pause = Duration::from_secs(u64::try_from(seconds).unwrap_or(1).max(1));
    Fault::plain(&code::TOO_MANY_TRIES).retry_after(Some(pause))
}

/// A network address as far as one customer of a provider has it: of IPv6 the first 64 bits (RFC 6177).
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => hex::encode(v6.octets().get(..8).unwrap_or_default()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut known = Guesses::default();
        let mut now = 1_000_000;
        let mut pauses = Vec::new();
        for _ in 0..16 {
            known = ACCOUNT.next(known, now).unwrap();
            pauses.push(known.paused_till - now);
            if known.paused_till > now {
                assert_eq!(ACCOUNT.next(known, known.paused_till - 1), Err(1), "it rests until its end");
            }
            now = known.paused_till;
        }
        assert_eq!(pauses, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        let later = ACCOUNT.next(known, now + 86_400).unwrap();
        assert_eq!((later.failures, later.paused_till), (1, now + 86_400), "a quiet day forgets");
    }

    #[test]
    fn neighbours_of_one_network_are_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }
}

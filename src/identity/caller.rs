//! Who a request comes from, as the road sees them: names of roles, scopes and claims, whatever credential said so.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
};

/// Who a request comes from. Made once for each credential and shared by all requests that bring it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The person or the client that acts: an account's id, a client's id, or a foreign issuer's `sub`.
    pub subject: Option<Box<str>>,
    /// Who vouches for the subject where it is not this program: the issuer's URL.
    pub issuer: Option<Box<str>>,
    /// The OAuth client that acts, for itself or for the subject.
    pub client: Option<Box<str>>,
    /// The names of the roles.
    pub roles: Vec<Box<str>>,
    /// What was granted. Nothing is a caller whose roles alone decide: the company's own apps.
    pub scopes: Option<Vec<Box<str>>>,
    /// What ties the caller to records, such as `customer` and the key of the customer that they are.
    pub claims: Vec<(Box<str>, Box<str>)>,
    /// The consent (the family of grants) that this rests on.
    pub consent: Option<Box<str>>,
    /// What the client subscribes to.
    pub tier: Option<Box<str>>,
    /// Whether the rules of access hold; they do for all that credentials can say.
    pub rank: Rank,
}

/// Whether the rules of access hold for a caller. What is not held to them is made by [`Caller::operator`] alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rank(Kind);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Held,
    Operator,
}

/// Request extension: who holds the other end of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    pub address: IpAddr,
    /// SHA-256 of the client's certificate (DER), where TLS asked for one and it was verified (RFC 8705, section 3.1).
    pub certificate: Option<[u8; 32]>,
}

static ANONYMOUS: LazyLock<Arc<Caller>> = LazyLock::new(Arc::default);
static OPERATOR: LazyLock<Arc<Caller>> =
    LazyLock::new(|| Arc::new(Caller { rank: Rank(Kind::Operator), ..Caller::default() }));

impl Caller {
    /// Nobody in particular.
    pub fn anonymous() -> Arc<Self> {
        Arc::clone(&ANONYMOUS)
    }

    /// The operator at the machine's own command line, and the program's own questions. No credential gives this.
    pub fn operator() -> Arc<Self> {
        Arc::clone(&OPERATOR)
    }

    pub fn is_anonymous(&self) -> bool {
        !self.is_operator() && self.subject.is_none() && self.client.is_none()
    }

    pub fn is_operator(&self) -> bool {
        self.rank.0 == Kind::Operator
    }

    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.iter().find(|(known, _)| **known == *name).map(|(_, value)| &**value)
    }

    /// Whether a scope was granted; a caller whose roles alone decide has all.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.is_operator() || self.scopes.as_ref().is_none_or(|all| all.iter().any(|known| **known == *scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_brings_nothing_is_nobody() {
        assert!(Caller::anonymous().is_anonymous());
        assert!(!Caller::operator().is_anonymous());
        let client = Caller { client: Some("c".into()), ..Caller::default() };
        assert!(!client.is_anonymous() && !client.is_operator());
    }

    #[test]
    fn scopes_that_are_not_said_are_all_and_none_are_none() {
        let mut caller = Caller { subject: Some("s".into()), ..Caller::default() };
        assert!(caller.has_scope("pets:read"));
        caller.scopes = Some(Vec::new());
        assert!(!caller.has_scope("pets:read"));
        caller.scopes = Some(vec!["pets:read".into()]);
        assert!(caller.has_scope("pets:read") && !caller.has_scope("pets"));
    }
}

//! An issuer elsewhere whose tokens are taken, compiled: where its keys are, and what its claims mean here.

use crate::plan::SecretRef;
use std::time::Duration;

/// An issuer whose tokens are taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Issuer {
    /// What operators call it.
    pub name: Box<str>,
    /// As its tokens name it in `iss`, to the letter.
    pub issuer: Box<str>,
    /// Where its keys are, where it is not to be asked for that.
    pub keys: Option<Box<str>>,
    /// One of these has to stand in a token's `aud`.
    pub audience: Vec<Box<str>>,
    /// The media types of its access tokens, in lower case; the empty one is none.
    pub types: Vec<Box<str>>,
    pub roles: Option<Roles>,
    /// Our name of a claim and the issuer's.
    pub claims: Vec<(Box<str>, Box<str>)>,
    /// The claim that has the scopes; nothing where roles alone decide.
    pub scopes: Option<Box<str>>,
    pub tier: Option<Box<str>>,
    pub reach: Reach,
    /// How long keys are used without being asked for again, where the issuer does not say a shorter time.
    pub fresh: Duration,
    /// How much longer they are used while it is away.
    pub stale: Duration,
    pub introspection: Option<Introspection>,
}

/// Where roles stand and what they are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    pub from: Box<str>,
    /// The issuer's name of a group, and a role of ours.
    pub map: Vec<(Box<str>, Box<str>)>,
}

/// Which addresses an issuer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the internet, by TLS.
    Public,
    /// Those of a private network, too, by TLS.
    Private,
    /// This machine, without TLS.
    Loopback,
}

/// How tokens that say nothing themselves are asked about (RFC 7662).
#[derive(Debug, Clone, PartialEq)]
pub struct Introspection {
    /// Where, where the issuer is not to be asked for that.
    pub address: Option<Box<str>>,
    pub client: SecretRef,
    pub secret: SecretRef,
    /// How its tokens begin; all that are no JSON Web Tokens where it is empty.
    pub prefix: Box<str>,
    /// How long an answer is believed.
    pub keep: Duration,
}

//! Why the edge does not start, or ended by itself. Nothing about single requests.

use std::{io, net::SocketAddr, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("there is no address to listen on")]
    NoListener,
    #[error("`{0}` addresses are more than one hand-over can carry (32)")]
    TooManyListeners(usize),
    #[error("`{0}` would speak plain HTTP to the outside: give it `tls`, or say that it is behind a proxy")]
    PlainOutside(SocketAddr),
    #[error("cannot listen on `{address}`")]
    Bind { address: SocketAddr, source: io::Error },
    #[error("cannot use the certificate or key in `{path}`: {reason}")]
    Certificate { path: PathBuf, reason: String },
    #[error("`{path}` cannot be the upgrade socket: {reason}")]
    UpgradeSocket { path: PathBuf, reason: String },
    #[error("no sockets were handed over through `{path}`: {reason}")]
    TakeOver { path: PathBuf, reason: String },
    #[error("the limit `{0}` is too small to serve anything")]
    Limit(&'static str),
    #[error("an accept loop ended by itself")]
    AcceptEnded,
}

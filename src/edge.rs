//! The edge: sockets, TLS and HTTP, from the accepted connection to a `tower::Service` and back.
//! It binds or inherits the listening sockets, refuses what is no unambiguous request, bounds every
//! request in size and time, ends a panic with the request that caused it, drains, and hands its
//! sockets over to a newer process. It knows no route, no status table and no error form: what it
//! must refuse itself it has worded by the [`Refuse`] that it is given.
//!
//! pingora owns the accept loops, the TLS streams and the passing of sockets; its `Server` is not
//! used. That one sleeps the whole grace period even when nothing is left to finish, ends the process
//! when a hand-over fails, panics in a task when a certificate is bad, and keeps a runtime for each
//! service, while the pools behind the service live on the caller's. Its listening service needs
//! none of it.
//!
//! The road of a connection: `sockets` → pingora → `connection` (a seat, a TLS handshake) → `screen` (HTTP/1 heads are
//! held back until they are known to be sound, HTTP/2 frames are counted) → hyper → `guard` → the service. What is asked again
//! in the same bytes may be answered by what is `standing`, before hyper.

mod body;
mod chunks;
mod clock;
mod connection;
mod count;
mod fault;
mod files;
mod flood;
mod frames;
mod guard;
mod head;
mod pressure;
mod refuse;
mod screen;
mod seats;
mod secure;
mod serve;
mod settings;
mod sockets;
mod standing;
mod stop;
mod talk;
mod tls;
mod tracker;
mod wire;

#[cfg(test)]
mod tests;

pub use body::{BodyFault, Incoming};
pub use count::Counts;
pub use fault::Fault;
pub use guard::{Deadline, Peer};
pub use refuse::{Refuse, RefuseKind};
pub use serve::Edge;
pub use settings::{Clients, Limits, Listen, Named, Pair, Proxies, Settings, Tls};
pub use standing::{Again, Lines, Standing};
pub use stop::{Order, signals};
pub use tls::{Certificates, install_tls_provider};

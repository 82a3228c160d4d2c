//! The edge under attack, over the binary itself: floods of HTTP/2, clients that take their time, what a browser is told,
//! odd spellings, and certificates that change. What is timed is timed by `make prove` alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not expect is to end it"
)]

mod certificates;
mod floods;
mod origins;
mod slow;
mod spelling;

use std::path::{Path, PathBuf};

/// Whether the proofs that take long are wanted.
fn proving() -> bool {
    std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1")
}

/// A certificate for 127.0.0.1 and these names, written as `NAME.pem` and `NAME-key.pem`.
fn certificate(folder: &Path, name: &str, hosts: &[&str]) -> (PathBuf, PathBuf) {
    let hosts: Vec<String> = hosts.iter().chain(&["127.0.0.1"]).map(|host| (*host).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(hosts).unwrap();
    let files = (folder.join(format!("{name}.pem")), folder.join(format!("{name}-key.pem")));
    // The key first: whoever watches the folder finds both when the certificate has changed.
    std::fs::write(&files.1, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&files.0, made.cert.pem()).unwrap();
    files
}

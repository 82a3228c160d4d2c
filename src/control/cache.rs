//! Asking a running server for its cache, over its operators' listener.

use super::{Overrides, Refusal};
use crate::backend::secret;
use std::{io, path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A server on this machine answers sooner.
const PATIENCE: Duration = Duration::from_secs(5);
/// It has a line for each resource.
const LARGEST: u64 = 16 << 20;

/// Why the running server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Unasked {
    #[error(transparent)]
    Files(#[from] Refusal),
    #[error(
        "the configuration has no `admin`, where a running server could be asked; add `admin: {{ address: \"127.0.0.1:9464\" }}`"
    )]
    NoAdmin,
    #[error("the operators' listener speaks TLS; ask it with `curl https://{0}/cache`")]
    Tls(std::net::SocketAddr),
    #[error("no server answers at {0}: {1}")]
    Away(std::net::SocketAddr, io::Error),
    #[error("{0}")]
    Refused(String),
}

/// Sends one request to the operators' listener of a configuration; the body of its answer.
pub async fn ask(
    config: &Path,
    overrides: &Overrides,
    method: &str,
    target: &str,
) -> Result<String, Unasked> {
    let (plan, _, diagnostics) = super::plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics).into()) };
    let admin = plan.settings.admin.ok_or(Unasked::NoAdmin)?;
    if admin.certificate.is_some() {
        return Err(Unasked::Tls(admin.address));
    }
    let mut address = admin.address;
    if address.ip().is_unspecified() {
        let here =
            if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
        address.set_ip(here);
    }
    let away = |why| Unasked::Away(address, why);
    let token = plan.settings.admin_token.as_ref().map(secret::resolve).transpose();
    let token = token.map_err(|why| Unasked::Refused(format!("`adminToken`: {why}")))?;
    let asked = timeout(PATIENCE, exchange(address, method, target, token.as_deref())).await;
    let answer = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(away)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.split(' ').nth(1) == Some("200") {
        Ok(body.to_owned())
    } else {
        Err(Unasked::Refused(body.trim().to_owned()))
    }
}

async fn exchange(
    address: std::net::SocketAddr,
    method: &str,
    target: &str,
    token: Option<&str>,
) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
    let proof = token.map(|token| format!("Authorization: Bearer {}\r\n", token.trim()));
    let proof = proof.unwrap_or_default();
    let request =
        format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n{proof}{length}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(LARGEST).read_to_string(&mut answer).await?;
    Ok(answer)
}

//! A request at an endpoint that clients call: its form, and who proves to be its client.

use super::{client::Client, parameters::Parameters, refusal::Refusal, server::Server};
use axum::{body::to_bytes, extract::Request};
use http::{HeaderMap, header};

/// No form of OAuth is larger.
const LARGEST: usize = 64 * 1024;

pub struct Arrived {
    pub headers: HeaderMap,
    pub form: Parameters,
    /// SHA-256 of the certificate that the client showed.
    pub certificate: Option<[u8; 32]>,
    pub path: String,
    pub address: Option<std::net::IpAddr>,
}

impl Arrived {
    /// Reads a form. Refuses other media types and parameters in the address, which logs would keep.
    pub async fn form(request: Request) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        let media = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::invalid_request("send `application/x-www-form-urlencoded`"));
        }
        if head.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(Refusal::invalid_request("parameters belong into the body, not into the address"));
        }
        let body = to_bytes(body, LARGEST).await;
        let body = body.map_err(|_| Refusal::invalid_request("the body is too large or ended early"))?;
        let text = std::str::from_utf8(&body);
        let text = text.map_err(|_| Refusal::invalid_request("the parameters are not form-encoded UTF-8"))?;
        let form = Parameters::parse(text)?;
        let peer = head.extensions.get::<crate::identity::Peer>();
        Ok(Self {
            certificate: peer.and_then(|peer| peer.certificate),
            address: peer.map(|peer| peer.address),
            headers: head.headers,
            form,
            path: head.uri.path().to_owned(),
        })
    }

    /// The client, proved. See [`super::authentication`].
    pub async fn client(&self, server: &Server) -> Result<Client, Refusal> {
        super::authentication::client(server, self).await
    }
}

impl std::fmt::Debug for Arrived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrived").field("path", &self.path).field("form", &self.form).finish_non_exhaustive()
    }
}

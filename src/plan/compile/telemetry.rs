//! What the program tells of itself: addresses, networks and shares are judged, and the operators' listener is not open to
//! everybody.

use super::{Compiler, sources::http_parts};
use crate::{
    fault::mapping as m,
    plan::{
        Listen,
        telemetry::{Faults, Requests, Telemetry, Timing, To, Traces},
    },
    spec::{
        Doc,
        load::normal,
        words::{self, telemetry as said},
    },
};
use std::net::IpAddr;

impl Compiler<'_> {
    pub(super) fn telemetry(&mut self, config: &Doc<words::Config>) -> Telemetry {
        let words = &config.words.telemetry;
        Telemetry {
            requests: words.requests.as_ref().map(|requests| self.requests(requests)),
            traces: words.traces.as_ref().map(|traces| self.traces(config, traces)),
            timing: words.server_timing.as_ref().map(|timing| self.timing(config, timing)),
            faults: words.faults.as_ref().map(|faults| Faults {
                dsn: self.secret(&faults.dsn),
                environment: faults.environment.clone(),
            }),
        }
    }

    fn requests(&self, words: &said::Requests) -> Requests {
        let to = match words.to.as_deref() {
            None | Some("stdout") => To::Stdout,
            Some("stderr") => To::Stderr,
            Some(file) => To::File(normal(&self.files.root.join(file))),
        };
        Requests { logfmt: words.format == said::Format::Logfmt, to }
    }

    fn traces(&mut self, config: &Doc<words::Config>, words: &said::Traces) -> Traces {
        let path = ["telemetry", "traces"];
        if let Some(endpoint) = &words.endpoint {
            let at = [path[0], path[1], "endpoint"];
            let hint = |text: &str| Some(text.to_owned());
            if http_parts(endpoint).is_none() {
                let cure = hint("write for example `http://127.0.0.1:4318`, without a path");
                config.error(self.out, m::BAD_TELEMETRY, &at, "this is no http or https address", cure);
            } else if !cfg!(feature = "otlp") {
                let cure = hint("build it with the feature `otlp`, or leave the endpoint out");
                config.error(self.out, m::BAD_TELEMETRY, &at, "this build sends no spans", cure);
            }
        }
        let mut trust = Vec::new();
        for (at, network) in words.trust.iter().enumerate() {
            let at = at.to_string();
            if let Some(network) = network_of(network) {
                trust.push(network);
            } else {
                let hint = Some("write for example `10.0.0.0/8` or `127.0.0.1`".into());
                let message = format!("`{network}` is no network");
                config.error(self.out, m::BAD_TELEMETRY, &[path[0], path[1], "trust", &at], message, hint);
            }
        }
        for name in words.headers.keys() {
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                let at = [path[0], path[1], "headers", name.as_str()];
                let hint = Some("write for example `authorization`".into());
                let message = format!("`{name}` is no header's name");
                config.error_at_key(self.out, m::BAD_TELEMETRY, &at, message, hint);
            }
        }
        Traces {
            endpoint: words.endpoint.as_ref().map(|endpoint| endpoint.trim_end_matches('/').to_owned()),
            headers: words.headers.iter().map(|(name, value)| (name.clone(), self.secret(value))).collect(),
            share: words.share,
            trust,
            tell_sources: words.tell_sources,
            service: words.service.clone(),
        }
    }

    fn timing(&mut self, config: &Doc<words::Config>, words: &said::ServerTiming) -> Timing {
        let said::ServerTiming { roles, scopes, clients } = words.clone();
        if roles.is_empty() && scopes.is_empty() && clients.is_empty() {
            let hint = Some("name who sees timings, for example `roles: [admin]`, or leave it out".into());
            let message = "nobody is named who sees timings";
            config.error_at_key(self.out, m::BAD_TELEMETRY, &["telemetry", "serverTiming"], message, hint);
        }
        Timing { roles, scopes, clients }
    }

    /// Where operators look, not everybody may: it is reached from this machine alone, or a credential is asked for.
    pub(super) fn closed(&mut self, config: &Doc<words::Config>, admin: &Listen) {
        let proven = admin.clients.as_ref().is_some_and(|clients| clients.required);
        let alone = admin.address.ip().is_loopback() && !admin.behind_proxy;
        if !alone && !proven && config.words.admin_token.is_none() {
            let hint = "add `adminToken: { file: ... }`, ask for certificates by `tls: { clients: { authorities: ..., required: true } }`, or listen on `127.0.0.1`";
            let message =
                format!("`{}` can be reached from elsewhere and asks for no credential", admin.address);
            config.error(self.out, m::OPEN_ADMIN, &["admin", "address"], message, Some(hint.into()));
        }
    }
}

/// An address with how many bits of it count; all of them where that is not said.
fn network_of(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((address, bits))
}

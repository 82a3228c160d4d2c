//! The configuration's part: addresses, sources, limits.

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::{
        Clients, HttpSource, Limits, Listen, SecretRef, Settings, Source, SourceKind, SqlSource, WhenBusy,
    },
    spec::{
        Bound, Doc,
        load::normal,
        words::{self, config},
    },
};
use std::time::Duration;

impl Compiler<'_> {
    pub(super) fn settings(&mut self, config: &Doc<words::Config>) -> Settings {
        let words = &config.words;
        let mut listen = Vec::new();
        for (at, one) in words.listen.iter().enumerate() {
            let at = at.to_string();
            listen.extend(self.listener(config, &["listen", at.as_str(), "address"], one));
        }
        let admin = words.admin.as_ref().and_then(|one| self.listener(config, &["admin", "address"], one));
        if let Some(admin) = &admin
            && listen
                .iter()
                .any(|public: &Listen| public.address == admin.address && public.address.port() != 0)
        {
            let hint = Some("give it an address of its own, for example `127.0.0.1:9464`".into());
            let message = format!("`{}` is where callers come", admin.address);
            config.error(self.out, m::BAD_ADDRESS, &["admin", "address"], message, hint);
        }
        let public_url = words.public_url.trim_end_matches('/').to_owned();
        if http_parts(&public_url).is_none() {
            let hint = Some("write for example `https://api.example.com`".into());
            config.error(self.out, m::BAD_ADDRESS, &["publicUrl"], "this is no http or https address", hint);
        }
        let identity = self.identity(config);
        let trail = self.trail(config);
        let cache = self.cache(config);
        let sealing = self.sealing(config);
        let security_txt = self.security_txt(config);
        let limits = &words.limits;
        Settings {
            public_url,
            listen,
            limits: Limits {
                header_bytes: limits.header_bytes,
                header_count: limits.header_count,
                header_deadline: limits.header_deadline.0,
                body_bytes: limits.body_bytes,
                request_deadline: limits.request_deadline.0,
                requests: limits.requests as usize,
                grace: limits.grace.0,
                connections: limits.connections,
                connections_per_address: limits.connections_per_address,
                keep_alive: limits.keep_alive.0,
                body_rate: limits.body_rate,
                answer_rate: limits.answer_rate,
                answer_wait: limits.answer_wait.0,
                answer_bytes: limits.answer_bytes,
                streams: limits.streams,
                resets: limits.resets,
            },
            ledger: words.ledger.as_ref().map(|sql| self.sql(sql)),
            admin,
            identity,
            trail,
            cache,
            sealing,
            security_txt,
            shared: words.shared.as_ref().map(|shared| self.secret(&shared.redis)),
        }
    }

    /// An address to listen on: with TLS, behind a proxy that has it, or on this machine alone.
    fn listener(
        &mut self,
        config: &Doc<words::Config>,
        path: &[&str],
        one: &config::Listen,
    ) -> Option<Listen> {
        let Ok(address) = one.address.parse::<std::net::SocketAddr>() else {
            let hint = Some("write for example `127.0.0.1:8080` or `[::1]:8443`".into());
            let message = format!("`{}` is no IP address with a port", one.address);
            config.error(self.out, m::BAD_ADDRESS, path, message, hint);
            return None;
        };
        if one.tls.is_none() && !one.behind_proxy && !address.ip().is_loopback() {
            let hint = "add `tls: { certificate: ..., key: ... }`, or `behindProxy: true` where a trusted proxy ends TLS";
            let message = format!("`{address}` is not a loopback address and has no TLS");
            config.error(self.out, m::PLAIN_TRANSPORT, path, message, Some(hint.into()));
        }
        let file = |name: &String| normal(&self.files.root.join(name));
        let certificate = one.tls.as_ref().map(|tls| (file(&tls.certificate), file(&tls.key)));
        let clients = one.tls.as_ref().and_then(|tls| tls.clients.as_ref());
        let clients = clients
            .map(|clients| Clients { authorities: file(&clients.authorities), required: clients.required });
        let trusted = self.trusted(config, path, one);
        let above = path.strip_suffix(&["address"]).unwrap_or(path);
        let named = one.tls.as_ref().map(|tls| self.certificates(config, above, tls)).unwrap_or_default();
        Some(Listen { address, certificate, named, clients, behind_proxy: one.behind_proxy, trusted })
    }

    /// The proxies that are believed.
    fn trusted(
        &mut self,
        config: &Doc<words::Config>,
        path: &[&str],
        one: &config::Listen,
    ) -> Vec<(std::net::IpAddr, u8)> {
        let place: Vec<&str> =
            path.iter().copied().filter(|part| *part != "address").chain(["trustedProxies"]).collect();
        if !one.trusted_proxies.is_empty() && !one.behind_proxy {
            let hint = Some("add `behindProxy: true`, or leave `trustedProxies` out".into());
            let message = "there is no proxy in front of this address";
            config.error_at_key(self.out, m::BAD_ADDRESS, &place, message, hint);
        }
        let mut trusted = Vec::new();
        for (at, text) in one.trusted_proxies.iter().enumerate() {
            let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
            let parsed = address.parse::<std::net::IpAddr>().ok().and_then(|address| {
                let most = if address.is_ipv4() { 32 } else { 128 };
                let bits =
                    bits.map_or(Some(most), |bits| bits.parse::<u8>().ok().filter(|bits| *bits <= most))?;
                Some((address, bits))
            });
            if let Some(network) = parsed {
                trusted.push(network);
            } else {
                let at = at.to_string();
                let place = [&place[..], &[at.as_str()]].concat();
                let hint = Some("write for example `10.1.2.3` or `10.0.0.0/8`".into());
                config.error(
                    self.out,
                    m::BAD_ADDRESS,
                    &place,
                    format!("`{text}` is no address or network"),
                    hint,
                );
            }
        }
        trusted
    }

    /// Whether the configuration says that this binding serves.
    pub(super) fn is_chosen(&self, bound: &Bound) -> bool {
        let served = self.files.config.as_ref().and_then(|config| config.words.apis.get(&bound.api));
        served.and_then(|api| api.serve.get(&bound.doc.words.binds)).is_some_and(|name| *name == bound.name)
    }

    pub(super) fn sources(&mut self, config: &Doc<words::Config>) {
        for (name, source) in &config.words.sources {
            let path = ["sources", name.as_str()];
            let kind = match (&source.http, &source.sql, &source.stub) {
                (Some(http), None, None) => {
                    SourceKind::Http(self.http(config, name, http, &source.credentials))
                }
                (None, Some(sql), None) => SourceKind::Sql(self.sql(sql)),
                (None, None, Some(_)) => SourceKind::Stub,
                _ => {
                    let hint = Some("give it exactly one of `http`, `sql` and `stub`".into());
                    config.error_at_key(
                        self.out,
                        m::NO_SOURCE,
                        &path,
                        format!("the kind of `{name}` is not clear"),
                        hint,
                    );
                    self.blamed.insert(name.clone());
                    continue;
                }
            };
            let resilience = self.resilience(config, name, &source.resilience, &kind);
            self.sources.push(Source { name: name.clone(), kind, resilience });
        }
    }

    fn http(
        &mut self,
        config: &Doc<words::Config>,
        name: &str,
        http: &config::Http,
        credentials: &indexmap::IndexMap<String, config::Secret>,
    ) -> HttpSource {
        let addresses = self.addresses(config, name, http);
        let address = addresses.first().cloned().unwrap_or_default();
        HttpSource {
            address,
            addresses,
            deadline: http.deadline.map_or(Duration::from_secs(10), |s| s.0),
            concurrency: http.concurrency.unwrap_or(64) as usize,
            answer_bytes: http.answer_bytes.unwrap_or(16 * 1024 * 1024),
            credentials: credentials.iter().map(|(n, c)| (n.clone(), self.secret(c))).collect(),
            dialect: None,
            when_busy: match http.when_busy {
                config::WhenBusy::Wait => WhenBusy::Wait,
                config::WhenBusy::Slow => WhenBusy::Slow,
                config::WhenBusy::Fail => WhenBusy::Fail,
            },
        }
    }

    fn sql(&self, sql: &config::Sql) -> SqlSource {
        SqlSource {
            url: self.secret(&sql.url),
            root: self.files.root.clone(),
            migrations: sql.migrations.as_ref().map(|folder| normal(&self.files.root.join(folder))),
            connections: sql.connections.unwrap_or(8),
            deadline: sql.deadline.map_or(Duration::from_secs(10), |s| s.0),
        }
    }

    pub(super) fn secret(&self, secret: &config::Secret) -> SecretRef {
        match secret {
            config::Secret::Plain(text) => SecretRef::Plain(text.clone()),
            config::Secret::By(config::SecretBy::Env(name)) => SecretRef::Env(name.clone()),
            config::Secret::By(config::SecretBy::File(file)) => {
                SecretRef::File(normal(&self.files.root.join(file)))
            }
            config::Secret::By(config::SecretBy::Command(words)) => SecretRef::Command(words.clone()),
        }
    }
}

/// The scheme of an http or https address without query, fragment and credentials.
pub(super) fn http_parts(address: &str) -> Option<&'static str> {
    let uri: http::Uri = address.parse().ok()?;
    let authority = uri.authority()?;
    let plain = uri.query().is_none() && !address.contains('#') && !authority.as_str().contains('@');
    match uri.scheme_str() {
        Some("http") if plain => Some("http"),
        Some("https") if plain => Some("https"),
        _ => None,
    }
}

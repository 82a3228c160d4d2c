//! The configuration's part: addresses, sources, limits, and the dialects that sources are spoken to in.

use super::Compiler;
use crate::{
    fault::{mapping as m, nearest::cure},
    plan::{
        Credentials, HttpSource, Limits, Listen, SecretRef, Settings, Source, SourceKind, SqlSource,
        http::{Dialect, Login, Paging, Size},
        reading::Empties,
    },
    spec::{
        Doc,
        load::normal,
        words::{self, config, dialect::Nothing},
    },
    value::{Value, path::Path},
};
use std::{sync::Arc, time::Duration};

impl Compiler<'_> {
    pub(super) fn settings(&mut self, config: &Doc<words::Config>) -> Settings {
        let words = &config.words;
        let mut listen = Vec::new();
        for (at, one) in words.listen.iter().enumerate() {
            let at = at.to_string();
            let path = ["listen", at.as_str(), "address"];
            match one.address.parse::<std::net::SocketAddr>() {
                Err(_) => {
                    let hint = Some("write for example `127.0.0.1:8080` or `[::1]:8443`".into());
                    let message = format!("`{}` is no IP address with a port", one.address);
                    config.error(self.out, m::BAD_ADDRESS, &path, message, hint);
                }
                Ok(address) => {
                    if one.tls.is_none() && !one.behind_proxy && !address.ip().is_loopback() {
                        let hint = "add `tls: { certificate: ..., key: ... }`, or `behindProxy: true` where a trusted proxy ends TLS";
                        let message = format!("`{address}` is not a loopback address and has no TLS");
                        config.error(self.out, m::PLAIN_TRANSPORT, &path, message, Some(hint.into()));
                    }
                    let certificate = one.tls.as_ref().map(|tls| {
                        (
                            normal(&self.files.root.join(&tls.certificate)),
                            normal(&self.files.root.join(&tls.key)),
                        )
                    });
                    listen.push(Listen { address, certificate, behind_proxy: one.behind_proxy });
                }
            }
        }
        let public_url = words.public_url.trim_end_matches('/').to_owned();
        if http_parts(&public_url).is_none() {
            let hint = Some("write for example `https://api.example.com`".into());
            config.error(self.out, m::BAD_ADDRESS, &["publicUrl"], "this is no http or https address", hint);
        }
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
                grace: limits.grace.0,
            },
            ledger: words.ledger.as_ref().map(|sql| self.sql(sql)),
        }
    }

    pub(super) fn sources(&mut self, config: &Doc<words::Config>) {
        for (name, source) in &config.words.sources {
            let path = ["sources", name.as_str()];
            let kind = match (&source.http, &source.sql, &source.stub) {
                (Some(http), None, None) => {
                    SourceKind::Http(self.http(config, name, http, source.credentials.as_ref()))
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
            self.sources.push(Source { name: name.clone(), kind });
        }
    }

    fn http(
        &mut self,
        config: &Doc<words::Config>,
        name: &str,
        http: &config::Http,
        credentials: Option<&config::Credentials>,
    ) -> HttpSource {
        let path = ["sources", name, "http", "address"];
        match http_parts(&http.address) {
            None => {
                let hint = Some("write for example `https://legacy.example.com/rest`".into());
                config.error(self.out, m::BAD_ADDRESS, &path, "this is no http or https address", hint);
            }
            Some("http") if !http.plain => {
                let hint = Some("use https, or say `plain: true` where that is meant".into());
                config.error(
                    self.out,
                    m::PLAIN_TRANSPORT,
                    &path,
                    "calls to this source would not be encrypted",
                    hint,
                );
            }
            Some(_) => {}
        }
        HttpSource {
            address: http.address.trim_end_matches('/').to_owned(),
            deadline: http.deadline.map_or(Duration::from_secs(10), |s| s.0),
            concurrency: http.concurrency.unwrap_or(64) as usize,
            answer_bytes: http.answer_bytes.unwrap_or(16 * 1024 * 1024),
            credentials: credentials
                .map(|c| Credentials { user: c.user.clone(), password: self.secret(&c.password) }),
            login: None,
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

    fn secret(&self, secret: &config::Secret) -> SecretRef {
        match secret {
            config::Secret::Plain(text) => SecretRef::Plain(text.clone()),
            config::Secret::By(config::SecretBy::Env(name)) => SecretRef::Env(name.clone()),
            config::Secret::By(config::SecretBy::File(file)) => {
                SecretRef::File(normal(&self.files.root.join(file)))
            }
            config::Secret::By(config::SecretBy::Command(words)) => SecretRef::Command(words.clone()),
        }
    }

    pub(super) fn dialects(&mut self) {
        for doc in &self.files.dialects {
            let words = &doc.words;
            let reads = |nothing| words.empty.read.contains(&nothing);
            let login = words.login.as_ref().and_then(|login| self.login(doc, login));
            let size = match (words.paging.size.fixed, words.paging.size.maximum) {
                (Some(size), None) => Size::Fixed(size),
                (None, Some(most)) => Size::UpTo(most),
                _ => {
                    let hint = Some("write `fixed: 20` or `maximum: 100`".into());
                    let path = ["paging", "size"];
                    doc.error_at_key(
                        self.out,
                        m::INPUT_MISSING,
                        &path,
                        "a page's size is either `fixed` or has a `maximum`",
                        hint,
                    );
                    Size::Fixed(1)
                }
            };
            if matches!(size, Size::UpTo(_)) && words.paging.size.parameter.is_none() {
                let message = "a size that can be chosen needs the `parameter` that says it";
                doc.error_at_key(
                    self.out,
                    m::INPUT_MISSING,
                    &["paging", "size"],
                    message,
                    Some("add `parameter: <name>`".into()),
                );
            }
            let path = |text: Option<&String>| text.and_then(|t| Path::parse(t).ok());
            let dialect = Dialect {
                name: words.dialect.clone(),
                paging: Paging {
                    page: words.paging.page.clone(),
                    first: words.paging.from,
                    size,
                    size_parameter: words.paging.size.parameter.clone().filter(|_| words.paging.size.send),
                },
                ascending: words.sorting.ascending.clone(),
                descending: words.sorting.descending.clone(),
                empty: Empties {
                    null: reads(Nothing::Null),
                    text: reads(Nothing::EmptyText),
                    list: reads(Nothing::EmptyList),
                    object: reads(Nothing::EmptyObject),
                },
                empty_write: words.empty.write.as_ref().map(Value::from).unwrap_or_default(),
                login,
                message: path(words.errors.message.as_ref()),
                faults: path(words.errors.fields.as_ref()),
            };
            if self.dialects.insert(words.dialect.clone(), Arc::new(dialect)).is_some() {
                let message = format!("another file says the dialect `{}` already", words.dialect);
                doc.error(
                    self.out,
                    m::SAID_TWICE,
                    &["dialect"],
                    message,
                    Some("give one of them another name, or join the two files".into()),
                );
            }
        }
    }

    fn login(&mut self, doc: &Doc<words::Dialect>, login: &words::dialect::Login) -> Option<Arc<Login>> {
        let call = super::calls::call(doc, self.out, &["login", "call"], "login", &login.call, &|_| None)?;
        Some(Arc::new(Login {
            call,
            cookie: login.cookie.clone(),
            headers: login.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.clone())).collect(),
            expires: login.expires.0,
            refused: login.refused.clone(),
        }))
    }

    pub(super) fn dialect(&mut self, doc: &Doc<words::Binding>) -> Option<Arc<Dialect>> {
        let Some(name) = &doc.words.dialect else {
            let hint = Some("add `dialect: <name>`, with a file in `mappings/dialects`".into());
            doc.error(self.out, m::NO_DIALECT, &["binds"], "a binding of HTTP calls says its dialect", hint);
            return None;
        };
        let found = self.dialects.get(name).cloned();
        if found.is_none() && !self.is_broken(name) {
            let hint = Some(cure(name, self.dialects.keys().map(String::as_str)));
            doc.error(self.out, m::NO_DIALECT, &["dialect"], format!("there is no dialect `{name}`"), hint);
        }
        found
    }
}

/// The scheme of an http or https address without query, fragment and credentials.
fn http_parts(address: &str) -> Option<&'static str> {
    let uri: http::Uri = address.parse().ok()?;
    let authority = uri.authority()?;
    let plain = uri.query().is_none() && !address.contains('#') && !authority.as_str().contains('@');
    match uri.scheme_str() {
        Some("http") if plain => Some("http"),
        Some("https") if plain => Some("https"),
        _ => None,
    }
}

//! The configuration's part on sealing at rest.

use super::{Compiler, sources::http_parts};
use crate::{
    fault::mapping as m,
    plan::{
        HttpSource, SecretRef, WhenBusy,
        sealing::{KeySource, Sealing, Transit},
    },
    spec::{
        Doc,
        words::{
            self,
            config::Secret,
            sealing::{self, Vault},
        },
    },
};
use std::time::Duration;

impl Compiler<'_> {
    pub(super) fn sealing(&mut self, config: &Doc<words::Config>) -> Option<Sealing> {
        let words = config.words.sealing.as_ref()?;
        let before = self.out.errors();
        let sealing::Sealing { key, previous, index, previous_index, vault } = words;
        let key = key.as_ref().map(|key| self.sealing_key(config, &["sealing", "key"], key));
        let vault = vault.as_ref().map(|vault| KeySource::Transit(Box::new(self.transit(config, vault))));
        let mut older = Vec::new();
        for (at, secret) in previous.iter().enumerate() {
            let at = at.to_string();
            older.push(KeySource::Here(self.sealing_key(config, &["sealing", "previous", &at], secret)));
        }
        let mut indexes = Vec::new();
        if let Some(secret) = index {
            indexes.push(self.sealing_key(config, &["sealing", "index"], secret));
        } else if !previous_index.is_empty() {
            let hint = Some("name the key that makes new entries as `index`".into());
            let message = "there are keys that indexes were made by before, and none that makes them now";
            config.error_at_key(self.out, m::BAD_SEALING, &["sealing", "previousIndex"], message, hint);
        }
        for (at, secret) in previous_index.iter().enumerate() {
            let at = at.to_string();
            indexes.push(self.sealing_key(config, &["sealing", "previousIndex", &at], secret));
        }
        let current = match (key.map(KeySource::Here), vault) {
            (Some(key), vault) => {
                older.extend(vault);
                key
            }
            (None, Some(vault)) => vault,
            (None, None) => {
                let hint = Some("add `key: { file: secrets/sealing }`, or `vault: { ... }`".into());
                let message = "there is no key that seals";
                config.error_at_key(self.out, m::BAD_SEALING, &["sealing"], message, hint);
                return None;
            }
        };
        (self.out.errors() == before).then_some(Sealing { current, previous: older, index: indexes })
    }

    /// A key is never written in a file of ours.
    fn sealing_key(&mut self, config: &Doc<words::Config>, place: &[&str], secret: &Secret) -> SecretRef {
        if matches!(secret, Secret::Plain(_)) {
            let hint = Some("write `{ file: ... }`, `{ env: ... }` or `{ command: [...] }`".into());
            let message = "a key stands by reference, never here itself";
            config.error(self.out, m::BAD_SEALING, place, message, hint);
        }
        self.secret(secret)
    }

    fn transit(&mut self, config: &Doc<words::Config>, vault: &Vault) -> Transit {
        let path = ["sealing", "vault", "address"];
        match http_parts(&vault.address) {
            None => {
                let hint = Some("write for example `https://vault.example.com:8200`".into());
                config.error(self.out, m::BAD_ADDRESS, &path, "this is no http or https address", hint);
            }
            Some("http") if !vault.plain => {
                let hint = Some("use https, or say `plain: true` where that is meant".into());
                let message = "data keys would travel without encryption";
                config.error(self.out, m::PLAIN_TRANSPORT, &path, message, hint);
            }
            Some(_) => {}
        }
        let mount = vault.mount.clone().unwrap_or_else(|| "transit".into());
        for (name, text) in [("key", &vault.key), ("mount", &mount)] {
            let word = |part: &str| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            };
            if !text.split('/').all(|part| word(part) && part != "..")
                || (name == "key" && text.contains('/'))
            {
                let hint = Some("letters, digits, `-`, `_` and `.` make a name".into());
                let place = ["sealing", "vault", name];
                config.error(self.out, m::BAD_SEALING, &place, format!("`{text}` is no name"), hint);
            }
        }
        let token = self.sealing_key(config, &["sealing", "vault", "token"], &vault.token);
        let address = vault.address.trim_end_matches('/').to_owned();
        Transit {
            source: HttpSource {
                deadline: vault.deadline.map_or(Duration::from_secs(2), |span| span.0),
                concurrency: 16,
                addresses: vec![address.clone()],
                address,
                answer_bytes: 4 * 1024 * 1024,
                credentials: Vec::new(),
                when_busy: WhenBusy::Wait,
                dialect: None,
            },
            token,
            mount,
            key: vault.key.clone(),
            namespace: vault.namespace.clone(),
        }
    }
}

//! The configuration's part on people who log in: apps, registering and mail.

use super::super::Compiler;
use crate::{
    fault::mapping as m,
    plan::{
        Resource,
        contract::Kind,
        identity::accounts::{Accounts, Field, Mail, Register, Security, Smtp, Way, Words},
    },
    spec::{
        Doc,
        words::{self, identity::accounts as written},
    },
};
use std::sync::Arc;

impl Compiler<'_> {
    /// What is true of people whatever the resources are; registering comes when they are known.
    pub(super) fn accounts(&mut self, config: &Doc<words::Config>) -> Option<Accounts> {
        let words = config.words.identity.as_ref()?.accounts.as_ref()?;
        for (at, app) in words.apps.iter().enumerate() {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if app.is_empty() || app.len() > 64 || !app.chars().all(plain) {
                let at = at.to_string();
                let hint = Some("write for example `pethub-app`".into());
                let message =
                    format!("`{app}` is no id of a client: letters, digits, `-`, `_` and `.`, 64 at most");
                config.error(
                    self.out,
                    m::BAD_IDENTITY,
                    &["identity", "accounts", "apps", &at],
                    message,
                    hint,
                );
            }
        }
        if words.register.is_some() && config.words.identity.as_ref().is_none_or(|i| i.mail.is_none()) {
            let hint = Some("add `mail: { from: ..., smtp: { address: ... } }`".into());
            let message = "who registers proves the address by a link, and there is no `mail` to send it";
            config.error_at_key(
                self.out,
                m::BAD_IDENTITY,
                &["identity", "accounts", "register"],
                message,
                hint,
            );
        }
        let names = words.names.iter().map(|(name, words)| (name.clone(), of(words)));
        Some(Accounts { apps: words.apps.clone(), register: None, names: names.collect() })
    }

    /// How messages are sent.
    pub(super) fn mail(&mut self, config: &Doc<words::Config>) -> Option<Mail> {
        let words = config.words.identity.as_ref()?.mail.as_ref()?;
        let path = ["identity", "mail"];
        if !is_mailbox(&words.from) {
            let hint = Some("write for example `PetHub <no-reply@pethub.example>`".into());
            let message = format!("`{}` is no mailbox", words.from);
            config.error(self.out, m::BAD_IDENTITY, &["identity", "mail", "from"], message, hint);
        }
        let way = match (&words.smtp, words.catch) {
            (Some(smtp), false) => Way::Smtp(self.smtp(config, smtp)),
            (None, true) => Way::Catch,
            _ => {
                let hint = Some("say `smtp: { address: ... }`, or `catch: true` in a demo".into());
                let message = "it has to be clear where messages go: exactly one of `smtp` and `catch`";
                config.error_at_key(self.out, m::BAD_IDENTITY, &path, message, hint);
                Way::Catch
            }
        };
        Some(Mail { from: words.from.clone(), way })
    }

    fn smtp(&mut self, config: &Doc<words::Config>, smtp: &written::Smtp) -> Smtp {
        let security = match smtp.security {
            written::Security::Starttls => Security::Starttls,
            written::Security::Tls => Security::Tls,
            written::Security::None => Security::None,
        };
        let usual = match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        let path = ["identity", "mail", "smtp", "address"];
        let (host, port) = match smtp.address.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, port.parse().ok()),
            _ => (smtp.address.as_str(), Some(usual)),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if host.is_empty() || !host.chars().all(plain) || port.is_none() {
            let hint = Some("write for example `smtp.example.com:587`".into());
            let message = format!("`{}` is no host with a port", smtp.address);
            config.error(self.out, m::BAD_IDENTITY, &path, message, hint);
        }
        if security == Security::None && !matches!(host, "localhost" | "127.0.0.1") {
            let hint = Some("say `security: starttls` or `tls`".into());
            let message = "links to passwords would go through the network unsealed";
            config.error(self.out, m::BAD_IDENTITY, &["identity", "mail", "smtp", "security"], message, hint);
        }
        if smtp.user.is_some() != smtp.password.is_some() {
            let hint = Some("say both, or neither".into());
            let message = "`user` and `password` belong together";
            config.error_at_key(self.out, m::BAD_IDENTITY, &["identity", "mail", "smtp"], message, hint);
        }
        Smtp {
            host: host.to_owned(),
            port: port.unwrap_or(usual),
            security,
            user: smtp.user.as_ref().map(|secret| self.secret(secret)),
            password: smtp.password.as_ref().map(|secret| self.secret(secret)),
        }
    }

    /// What registering makes, now that the resources are known.
    pub(in crate::plan::compile) fn register(
        &mut self,
        config: &Doc<words::Config>,
        resources: &[Arc<Resource>],
    ) -> Option<Register> {
        let words = config.words.identity.as_ref()?.accounts.as_ref()?.register.as_ref()?;
        let path = ["identity", "accounts", "register"];
        let api = self.apis.iter().position(|api| api.id == words.api);
        let found = resources.iter().find(|one| Some(one.api) == api && one.name == words.resource);
        let Some(resource) = found else {
            let served = resources.iter().map(|one| one.name.as_str());
            let hint = crate::fault::nearest::nearest(&words.resource, served)
                .map(|near| format!("did you mean `{near}`?"))
                .or_else(|| Some("name an API and a resource that are served".into()));
            let message = format!("`{}` serves no `{}`", words.api, words.resource);
            config.error(self.out, m::BAD_IDENTITY, &[path[0], path[1], path[2], "resource"], message, hint);
            return None;
        };
        if !resource.operations.contains(&words::resource::Operation::Create) {
            let hint = Some("add `create` to its operations".into());
            let message = format!("`{}` takes no new records", words.resource);
            config.error(self.out, m::BAD_IDENTITY, &[path[0], path[1], path[2], "resource"], message, hint);
        }
        let contract = &resource.contract;
        let known = |name: &str| contract.find(name).filter(|member| member.parent.is_none());
        let address = known(&words.address);
        if address.is_none_or(|member| !resource.filters.contains(&member.id)) {
            let hint =
                Some("name the member of the e-mail address, and add it to the resource's `filter`".into());
            let message = format!("`{}` is no filter of `{}`", words.address, words.resource);
            config.error(self.out, m::BAD_IDENTITY, &[path[0], path[1], path[2], "address"], message, hint);
        }
        let mut fields = Vec::new();
        for (name, label) in &words.fields {
            let at = [path[0], path[1], path[2], "fields", name.as_str()];
            let member = known(name).filter(|member| !member.read_only && *name != words.address);
            let plain = member.filter(|member| matches!(member.kind, Kind::Text(_) | Kind::Enum(_)));
            let Some(member) = plain else {
                let hint = Some("name a member of text that callers may write".into());
                let message = format!("`{name}` cannot be asked for when somebody registers");
                config.error_at_key(self.out, m::BAD_IDENTITY, &at, message, hint);
                continue;
            };
            let reserved = ["clientId", "email", "password", "language"];
            if reserved.contains(&name.as_str()) {
                let hint = Some("ask for it after they have registered".into());
                let message = format!("`{name}` is a word of registering itself");
                config.error_at_key(self.out, m::BAD_IDENTITY, &at, message, hint);
            }
            let required = member.required && member.default.is_none();
            fields.push(Field { name: name.clone(), member: member.id, required, label: of(label) });
        }
        let base = api.and_then(|at| self.apis.get(at)).map(|api| api.base.clone()).unwrap_or_default();
        let own = resource.paths.first().map(|path| path.path.clone()).unwrap_or_default();
        Some(Register {
            resource: resource.id,
            name: resource.name.clone(),
            path: base + &own,
            role: words.role.clone(),
            claim: words.claim.clone(),
            address: words.address.clone(),
            fields,
        })
    }
}

fn of(words: &written::Words) -> Words {
    Words { en: words.en.clone(), es: words.es.clone() }
}

/// `name@host`, or the same in angle brackets behind a name, on one line.
fn is_mailbox(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let sound =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c));
    !text.contains(char::is_control)
        && address.rsplit_once('@').is_some_and(|(local, host)| sound(local) && sound(host))
}

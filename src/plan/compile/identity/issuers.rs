//! Issuers elsewhere: their addresses, audiences and what their claims mean.

use super::super::Compiler;
use crate::{
    fault::mapping as m,
    plan::identity::{Introspection, Issuer, Reach, Roles},
    spec::{
        Doc,
        words::{self, identity as said},
    },
};
use std::time::Duration;

/// Longer than this no answer about a token is believed: so long a revoked one may live on.
const LONGEST_KEEP: Duration = Duration::from_mins(1);
/// Longer than this a key that was withdrawn is not used because nobody could be asked.
const LONGEST_STALE: Duration = Duration::from_hours(24);

impl Compiler<'_> {
    pub(super) fn issuers(&mut self, config: &Doc<words::Config>, all: &said::Identity) -> Vec<Issuer> {
        let mut found: Vec<Issuer> = Vec::new();
        for (name, words) in &all.issuers {
            let Some(issuer) = self.issuer(config, name, words) else { continue };
            let public = config.words.public_url.trim_end_matches('/');
            let taken = found.iter().any(|other| other.issuer == issuer.issuer);
            if taken || *issuer.issuer == *public {
                let hint = Some("name each issuer once, and this program itself not at all".into());
                let message = format!("the tokens of `{}` are taken already", issuer.issuer);
                config.error(
                    self.out,
                    m::BAD_IDENTITY,
                    &["identity", "issuers", name, "issuer"],
                    message,
                    hint,
                );
            }
            let prefix = |issuer: &Issuer| issuer.introspection.as_ref().map(|asked| asked.prefix.clone());
            let unclear = prefix(&issuer).is_some_and(|own| {
                let others = found.iter().filter_map(prefix);
                others.into_iter().any(|other| own == other)
            });
            if unclear {
                let hint = Some("give each a `prefix` that its tokens begin with".into());
                let message = "two issuers may be asked about the same token";
                let place = ["identity", "issuers", name, "introspection"];
                config.error_at_key(self.out, m::BAD_IDENTITY, &place, message, hint);
            }
            found.push(issuer);
        }
        found
    }

    fn issuer(&mut self, config: &Doc<words::Config>, name: &str, words: &said::Issuer) -> Option<Issuer> {
        let place = |last: &'static str| ["identity", "issuers", name, last].map(str::to_owned);
        let wrong = |compiler: &mut Self, last: &'static str, message: String, hint: &str| {
            let place = place(last);
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            config.error(compiler.out, m::BAD_IDENTITY, &place, message, Some(hint.to_owned()));
        };
        let reach = match (words.plain, words.private) {
            (true, _) => Reach::Loopback,
            (false, true) => Reach::Private,
            (false, false) => Reach::Public,
        };
        let mut sound = true;
        let asked = words.introspection.as_ref();
        let addresses = [
            ("issuer", Some(&words.issuer)),
            ("keys", words.keys.as_ref()),
            ("introspection", asked.and_then(|asked| asked.address.as_ref())),
        ];
        for (last, address) in addresses {
            let Some(address) = address else { continue };
            if let Err(message) = reachable(address, reach) {
                let hint = "write an https address; `plain: true` is for http on a loopback address alone";
                wrong(self, last, format!("`{address}` {message}"), hint);
                sound = false;
            }
        }
        if words.audience.is_empty() && asked.is_none() {
            let hint = "write the name that it has for this API, for example `audience: pethub`";
            let message = "without `audience` a token that it made for somebody else would be taken";
            wrong(self, "audience", message.to_owned(), hint);
            sound = false;
        }
        if asked.is_some_and(|asked| asked.keep.is_some_and(|keep| keep.0 > LONGEST_KEEP)) {
            let hint = "write `keep: 1m` or less";
            wrong(self, "introspection", "an answer is believed for a minute at most".into(), hint);
            sound = false;
        }
        if words.stale.is_some_and(|stale| stale.0 > LONGEST_STALE) {
            wrong(self, "stale", "old keys are used for a day at most".into(), "write `stale: 1d` or less");
            sound = false;
        }
        if let Some(tier) = &words.tier
            && config.words.identity.as_ref().is_some_and(|identity| !identity.tiers.contains_key(tier))
        {
            wrong(self, "tier", format!("there is no tier `{tier}`"), "name one of `tiers`");
            sound = false;
        }
        let boxed = |text: &String| Box::<str>::from(text.as_str());
        let pairs = |map: &indexmap::IndexMap<String, String>| {
            map.iter().map(|(one, other)| (boxed(one), boxed(other))).collect::<Vec<_>>()
        };
        let mut types: Vec<Box<str>> =
            words.types.iter().map(|word| word.to_ascii_lowercase().into()).collect();
        if types.is_empty() {
            types = ["at+jwt", "jwt", ""].map(Into::into).into();
        }
        let hour = Duration::from_hours(1);
        sound.then(|| Issuer {
            name: name.into(),
            issuer: boxed(&words.issuer),
            keys: words.keys.as_ref().map(boxed),
            audience: words.audience.iter().map(boxed).collect(),
            types,
            roles: words
                .roles
                .as_ref()
                .map(|roles| Roles { from: boxed(&roles.from), map: pairs(&roles.map) }),
            claims: pairs(&words.claims),
            scopes: words.scopes.as_ref().map(boxed),
            tier: words.tier.as_ref().map(boxed),
            reach,
            fresh: words.fresh.map_or(hour, |span| span.0).max(Duration::from_secs(10)),
            stale: words.stale.map_or(hour, |span| span.0),
            introspection: asked.map(|asked| Introspection {
                address: asked.address.as_ref().map(boxed),
                client: self.secret(&asked.client),
                secret: self.secret(&asked.secret),
                prefix: asked.prefix.as_ref().map(boxed).unwrap_or_default(),
                keep: asked.keep.map_or(Duration::from_secs(10), |span| span.0),
            }),
        })
    }
}

/// Whether an address may be asked at all; where its name leads is judged when it is asked.
fn reachable(address: &str, reach: Reach) -> Result<(), &'static str> {
    let uri: http::Uri = address.parse().map_err(|_| "is no address")?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or("names no host")?;
    if uri.query().is_some()
        || address.contains('#')
        || uri.authority().is_some_and(|a| a.as_str().contains('@'))
    {
        return Err("has more than scheme, host, port and path");
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || bare.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    match (uri.scheme_str(), reach) {
        (Some("https"), Reach::Public | Reach::Private) => Ok(()),
        (Some("http" | "https"), Reach::Loopback) if loopback => Ok(()),
        (_, Reach::Loopback) => Err("is not on this machine"),
        _ => Err("is no https address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for (address, reach, good) in [
            ("https://login.example", Reach::Public, true),
            ("https://login.example/realms/pets", Reach::Private, true),
            ("http://login.example", Reach::Public, false),
            ("http://127.0.0.1:9000", Reach::Public, false),
            ("http://127.0.0.1:9000", Reach::Loopback, true),
            ("http://[::1]:9000/a", Reach::Loopback, true),
            ("http://localhost:9000", Reach::Loopback, true),
            ("http://login.example", Reach::Loopback, false),
            ("http://127.0.0.1.evil.example", Reach::Loopback, false),
            ("https://login.example/?a=b", Reach::Public, false),
            ("https://user@login.example/", Reach::Public, false),
            ("login.example", Reach::Public, false),
            ("", Reach::Public, false),
        ] {
            assert_eq!(reachable(address, reach).is_ok(), good, "{address}");
        }
    }
}

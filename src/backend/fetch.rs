//! Asking identity providers over the network: no redirects, bounded in size and time, and only addresses that the
//! configuration allows: a name that leads into a private network is not followed there, whoever answers for it.

use super::secret;
use crate::{
    identity::{
        fetch::{Ask, Fetch, Got, Unanswered},
        introspection::Credentials,
    },
    plan::{SecretRef, identity::Reach},
};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// How long the credentials that we have at an issuer are held before they are read again.
const HELD: Duration = Duration::from_mins(1);

/// The way to identity providers.
#[derive(Debug)]
pub struct Network {
    public: reqwest::Client,
    private: reqwest::Client,
    loopback: reqwest::Client,
}

/// Resolves names to addresses that may be reached.
#[derive(Debug, Clone, Copy)]
struct Within(Reach);

impl Network {
    pub fn open() -> Result<Self, String> {
        let client = |reach: Reach| {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(Duration::from_secs(5))
                .timeout(Duration::from_secs(10))
                .https_only(reach != Reach::Loopback)
                .no_proxy()
                .referer(false)
                .dns_resolver(Arc::new(Within(reach)))
                .build()
                .map_err(|e| e.to_string())
        };
        Ok(Self {
            public: client(Reach::Public)?,
            private: client(Reach::Private)?,
            loopback: client(Reach::Loopback)?,
        })
    }

    async fn exchange(&self, ask: Ask) -> Result<Got, String> {
        let client = match ask.reach {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
            Reach::Loopback => &self.loopback,
        };
        // An address that is written as a number is not resolved, and judged here.
        let uri: http::Uri = ask.address.parse().map_err(|_| "this is no address".to_owned())?;
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if host.parse().is_ok_and(|ip: IpAddr| !may_reach(ip, ask.reach)) {
            return Err("the address may not be reached".into());
        }
        let mut request = match &ask.form {
            None => client.get(&ask.address),
            Some(form) => {
                let pairs = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
                let body = pairs.collect::<Vec<_>>().join("&");
                let kind = "application/x-www-form-urlencoded";
                client.post(&ask.address).header(http::header::CONTENT_TYPE, kind).body(body)
            }
        };
        if let Some((user, password)) = &ask.basic {
            // Both are encoded as in a form (RFC 6749, section 2.3.1).
            request = request.basic_auth(encode(user), Some(encode(password)));
        }
        let request = request.header(http::header::ACCEPT, "application/json").timeout(ask.deadline);
        let mut response = request.send().await.map_err(|e| lost(&e))?;
        let status = response.status().as_u16();
        let max_age = response.headers().get(http::header::CACHE_CONTROL).and_then(|value| {
            let age =
                value.to_str().ok()?.split(',').find_map(|part| part.trim().strip_prefix("max-age="))?;
            age.parse().ok().map(Duration::from_secs)
        });
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
            if body.len() as u64 + chunk.len() as u64 > ask.limit {
                return Err("the answer is larger than is allowed".into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Got { status, max_age, body })
    }
}

#[async_trait]
impl Fetch for Network {
    async fn fetch(&self, ask: Ask) -> Result<Got, Unanswered> {
        let deadline = ask.deadline;
        let asked = tokio::time::timeout(deadline, self.exchange(ask)).await;
        asked.unwrap_or_else(|_| Err("did not answer in time".into())).map_err(Unanswered)
    }
}

impl Resolve for Within {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|to| may_reach(to.ip(), reach)).collect();
            if allowed.is_empty() {
                return Err("the name leads to no address that may be reached".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of those that may be asked.
fn may_reach(ip: IpAddr, reach: Reach) -> bool {
    let ip = ip.to_canonical();
    match reach {
        Reach::Loopback => ip.is_loopback(),
        Reach::Public => is_public(ip),
        Reach::Private => is_public(ip) || is_private(ip),
    }
}

/// Networks of a house of one's own (RFC 1918, RFC 4193, RFC 6598). Link-local addresses are none: clouds have their secrets there.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

/// Addresses of the internet (the IANA registries of special-purpose addresses name the others).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18);
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Global unicast is 2000::/3; of that 2001::/23, 2001:db8::/32 and 2002::/16 lead elsewhere.
    a & 0xe000 == 0x2000 && !(a == 0x2001 && (b < 0x200 || b == 0xdb8)) && a != 0x2002
}

/// A value of a form (URL Standard, section 5.2), all but letters and digits escaped.
fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn lost(error: &reqwest::Error) -> String {
    // The chain's last link says what happened; the first ones repeat the address.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// What we are called at an issuer, by references that are read again each minute.
pub struct Referenced {
    client: SecretRef,
    secret: SecretRef,
    held: Mutex<Option<(Instant, String, String)>>,
}

impl Referenced {
    pub fn new(client: SecretRef, secret: SecretRef) -> Self {
        Self { client, secret, held: Mutex::default() }
    }
}

impl std::fmt::Debug for Referenced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Referenced(..)")
    }
}

#[async_trait]
impl Credentials for Referenced {
    async fn get(&self) -> Result<(String, String), String> {
        let mut held = self.held.lock().await;
        if let Some((since, client, secret)) = &*held
            && since.elapsed() < HELD
        {
            return Ok((client.clone(), secret.clone()));
        }
        let references = [self.client.clone(), self.secret.clone()];
        let read = tokio::task::spawn_blocking(move || references.map(|one| secret::resolve(&one)));
        let [client, secret] = read.await.map_err(|e| e.to_string())?;
        let (client, secret) = (client.map_err(|e| e.to_string())?, secret.map_err(|e| e.to_string())?);
        *held = Some((Instant::now(), client.clone(), secret.clone()));
        Ok((client, secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_reached_only_where_it_is_said() {
        let check = |ip: &str, public: bool, private: bool, loopback: bool| {
            let ip: IpAddr = ip.parse().unwrap();
            let got = [Reach::Public, Reach::Private, Reach::Loopback].map(|reach| may_reach(ip, reach));
            assert_eq!(got, [public, private, loopback], "{ip}");
        };
        check("93.184.216.34", true, true, false);
        check("2606:4700::1", true, true, false);
        for ip in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"] {
            check(ip, false, true, false);
        }
        for ip in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            check(ip, false, false, true);
        }
        for ip in [
            "169.254.169.254",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "fe80::1",
            "::",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "::ffff:169.254.169.254",
        ] {
            check(ip, false, false, false);
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_followed() {
        let ask = |address: &str, reach: Reach| Ask {
            address: address.into(),
            form: None,
            basic: None,
            reach,
            limit: 10,
            deadline: Duration::from_secs(5),
        };
        crate::edge::install_tls_provider();
        let network = Network::open().unwrap();
        for (address, reach) in [
            ("https://localhost:1/", Reach::Public),
            ("https://localhost:1/", Reach::Private),
            ("https://127.0.0.1:1/", Reach::Private),
            ("https://[::1]:1/", Reach::Public),
            ("https://169.254.169.254/", Reach::Private),
        ] {
            let why = network.fetch(ask(address, reach)).await.unwrap_err();
            assert!(
                why.0.contains("may be reached") || why.0.contains("may not be reached"),
                "{address}: {why}"
            );
        }
        assert!(network.fetch(ask("http://93.184.216.34/", Reach::Public)).await.is_err());
    }
}

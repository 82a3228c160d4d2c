//! Where a request comes from: the other end of the connection, or whom a trusted proxy names. What a client says of itself
//! is never believed: names are read from the nearest proxy on, and only as far as proxies are trusted.

use http::HeaderMap;
use std::net::IpAddr;

/// Request extension: the address of whoever sent the request, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// More than so many proxies in a row are nobody's.
const MOST: usize = 16;

/// The client's address. `trusted` are networks of proxies; an empty list believes nobody.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[(IpAddr, u8)]) -> IpAddr {
    let mut nearest = peer.to_canonical();
    if !is_trusted(nearest, trusted) {
        return nearest;
    }
    let standard: Vec<&str> = lines(headers, "forwarded").collect();
    // Of the two the standard one counts (RFC 7239); a proxy that writes one of them leaves the other as it came.
    let named: Vec<Option<IpAddr>> = if standard.is_empty() {
        lines(headers, "x-forwarded-for").flat_map(|line| line.split(',')).map(node).collect()
    } else {
        standard.iter().flat_map(|line| line.split(',')).map(element).collect()
    };
    for address in named.into_iter().rev().take(MOST) {
        // What a proxy hides or garbles is not gone behind.
        let Some(address) = address else { return nearest };
        nearest = address;
        if !is_trusted(nearest, trusted) {
            return nearest;
        }
    }
    nearest
}

fn lines<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4).
fn element(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for")).or(None)?;
    node(value.trim().trim_matches('"'))
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        return inner.split(']').next()?.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    }
    let whole = text.parse::<IpAddr>().ok();
    let address = whole.or_else(|| text.rsplit_once(':').and_then(|(host, _)| host.parse().ok()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// Whether an address is in one of the networks.
pub fn is_trusted(address: IpAddr, trusted: &[(IpAddr, u8)]) -> bool {
    trusted.iter().any(|(network, bits)| match (address, network.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from((*bits).min(32))).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from((*bits).min(128))).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, lines: &[(&'static str, &str)], wanted: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let trusted = [("10.0.0.0".parse().unwrap(), 8), ("fd00::".parse().unwrap(), 8)];
        let found = client(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(found, wanted.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
    }

    #[test]
    fn whoever_is_not_trusted_is_the_client() {
        check("203.0.113.9", &[("x-forwarded-for", "198.51.100.1")], "203.0.113.9");
        check("203.0.113.9", &[("forwarded", "for=198.51.100.1")], "203.0.113.9");
        check("::ffff:10.1.1.1", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1");
    }

    #[test]
    fn what_a_client_adds_in_front_is_not_read() {
        check("10.1.1.1", &[("x-forwarded-for", "1.1.1.1, 198.51.100.1")], "198.51.100.1");
        check(
            "10.1.1.1",
            &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1, 10.2.2.2")],
            "198.51.100.1",
        );
        check(
            "10.1.1.1",
            &[("forwarded", "for=1.1.1.1;proto=https, for=\"[2001:db8::1]:4711\"")],
            "2001:db8::1",
        );
        // The standard one counts.
        check(
            "10.1.1.1",
            &[("forwarded", "for=198.51.100.2"), ("x-forwarded-for", "1.1.1.1")],
            "198.51.100.2",
        );
    }

    #[test]
    fn what_is_hidden_or_garbled_stays_with_the_last_proxy() {
        check("10.1.1.1", &[("forwarded", "for=unknown")], "10.1.1.1");
        check("10.1.1.1", &[("forwarded", "for=_secret, for=10.3.3.3")], "10.3.3.3");
        check("10.1.1.1", &[("x-forwarded-for", "nonsense")], "10.1.1.1");
        check("10.1.1.1", &[], "10.1.1.1");
        check("fd00::1", &[("x-forwarded-for", "192.0.2.1:80")], "192.0.2.1");
    }
}

//! What the running program tells of itself, compiled: where lines, spans and reports go, and who sees timings.

use super::SecretRef;
use std::{net::IpAddr, path::PathBuf};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telemetry {
    pub requests: Option<Requests>,
    pub traces: Option<Traces>,
    pub timing: Option<Timing>,
    pub faults: Option<Faults>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// `logfmt`, else JSON.
    pub logfmt: bool,
    pub to: To,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    Stdout,
    Stderr,
    File(PathBuf),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// Where spans go, with the path `/v1/traces`.
    pub endpoint: Option<String>,
    pub headers: Vec<(String, SecretRef)>,
    /// From 0 to 1.
    pub share: f64,
    /// Networks whose `traceparent` is believed.
    pub trust: Vec<(IpAddr, u8)>,
    pub tell_sources: bool,
    pub service: String,
}

/// Who sees timings: whoever has one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
    pub clients: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    pub dsn: SecretRef,
    pub environment: Option<String>,
}

impl Traces {
    /// Whether what comes from this address is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trust.iter().any(|(network, bits)| is_within(address, *network, *bits))
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let check = |network: &str, bits, address: &str, expected| {
            let found = is_within(address.parse().unwrap(), network.parse().unwrap(), bits);
            assert_eq!(found, expected, "{address} in {network}/{bits}");
        };
        check("10.0.0.0", 8, "10.255.0.1", true);
        check("10.0.0.0", 8, "11.0.0.1", false);
        check("127.0.0.1", 32, "127.0.0.1", true);
        check("127.0.0.1", 32, "127.0.0.2", false);
        check("0.0.0.0", 0, "192.0.2.1", true);
        check("2001:db8::", 32, "2001:db8:1::1", true);
        check("2001:db8::", 32, "2001:db9::1", false);
        check("::", 0, "192.0.2.1", false);
    }
}

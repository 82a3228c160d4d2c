//! Trace contexts as W3C Trace Context writes them (<https://www.w3.org/TR/trace-context/>): `traceparent` and
//! `tracestate`, read and written. What is not well formed counts as not sent.

use http::HeaderMap;
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The most of a `tracestate` that is handed on (section 3.3.1.5 asks for 512 characters at least).
const STATE: usize = 512;

/// A trace's id: 16 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

/// A span's id: 8 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpanId(pub u64);

impl std::fmt::Display for TraceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::fmt::Debug for TraceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for SpanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::fmt::Debug for SpanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// What came from before us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub trace: TraceId,
    pub parent: SpanId,
    pub sampled: bool,
    pub state: Option<Box<str>>,
}

impl Context {
    /// What a request's headers say; nothing where they say none, or not well.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut said = headers.get_all("traceparent").iter();
        let (one, None) = (said.next()?, said.next()) else { return None };
        let (trace, parent, sampled) = parent(one.to_str().ok()?)?;
        let lines = headers.get_all("tracestate").iter();
        let state: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        let state = state.join(",");
        let sound = !state.is_empty() && state.len() <= STATE;
        Some(Self { trace, parent, sampled, state: sound.then(|| state.into()) })
    }
}

/// Reads a `traceparent` (section 3.2).
fn parent(text: &str) -> Option<(TraceId, SpanId, bool)> {
    let lower = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lengths = [version.len(), trace.len(), span.len(), flags.len()] == [2, 32, 16, 2];
    // A version of later may have more; this one has not (section 3.2.4).
    if !lengths || ![version, trace, span, flags].into_iter().all(lower) || version == "ff" {
        return None;
    }
    if version == "00" && parts.next().is_some() {
        return None;
    }
    let trace = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
    let span = u64::from_str_radix(span, 16).ok().filter(|id| *id != 0)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some((TraceId(trace), SpanId(span), flags & 1 == 1))
}

/// Writes a `traceparent`.
pub fn written(trace: TraceId, span: SpanId, sampled: bool) -> String {
    format!("00-{trace}-{span}-{:02x}", u8::from(sampled))
}

/// Where ids come from: a counter of this process, begun at random and mixed. They are names and no secrets.
static NEXT: LazyLock<AtomicU64> =
    LazyLock::new(|| AtomicU64::new(RandomState::new().build_hasher().finish()));

/// A number that no other has with any likelihood (splitmix64, whose increments visit every number once).
pub fn number() -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = NEXT.fetch_add(STEP, Ordering::Relaxed);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl TraceId {
    pub fn new() -> Self {
        Self(u128::from(number()) << 64 | u128::from(number() | 1))
    }

    /// Whether this trace is one of so many: the same for all who ask by the same share (a number from 0 to 1).
    pub fn is_sampled(self, share: f64) -> bool {
        // 56 bits that are random in every maker's ids (trace context level 2, "random").
        const BITS: u32 = 56;
        let lowest = (self.0 & ((1 << BITS) - 1)) as u64;
        #[expect(clippy::cast_precision_loss, reason = "a share need not be exact to the last bit")]
        let place = lowest as f64 / (1_u64 << BITS) as f64;
        place < share
    }
}

impl Default for TraceId {
    fn default() -> Self {
        Self::new()
    }
}

impl SpanId {
    pub fn new() -> Self {
        Self(number() | 1)
    }
}

impl Default for SpanId {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const SOUND: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn of(parents: &[&str], states: &[&str]) -> Option<Context> {
        let mut headers = HeaderMap::new();
        for text in parents {
            headers.append("traceparent", HeaderValue::from_str(text).unwrap());
        }
        for text in states {
            headers.append("tracestate", HeaderValue::from_str(text).unwrap());
        }
        Context::of(&headers)
    }

    #[test]
    fn a_context_comes_in_and_goes_out_the_same() {
        let came = of(&[SOUND], &["a=1", "b=2"]).unwrap();
        assert_eq!(written(came.trace, came.parent, came.sampled), SOUND);
        assert_eq!(came.state.as_deref(), Some("a=1,b=2"));
        assert!(!of(&[&SOUND.replace("-01", "-02")], &[]).unwrap().sampled);
        // A later version may say more behind.
        assert!(of(&[&format!("{}-more", SOUND.replacen("00", "01", 1))], &[]).is_some());
        assert_eq!(of(&[SOUND], &[&"a".repeat(513)]).unwrap().state, None);
    }

    #[test]
    fn what_is_not_well_formed_was_not_sent() {
        for wrong in [
            "",
            "00",
            &SOUND.to_uppercase(),
            &SOUND.replacen("00", "ff", 1),
            &format!("{SOUND}-more"),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e47+6-00f067aa0ba902b7-01",
        ] {
            assert_eq!(of(&[wrong], &[]), None, "{wrong}");
        }
        assert_eq!(of(&[SOUND, SOUND], &[]), None);
    }

    #[test]
    fn ids_differ_and_a_share_of_them_is_sampled() {
        let ids: std::collections::HashSet<u128> = (0..10_000).map(|_| TraceId::new().0).collect();
        assert_eq!(ids.len(), 10_000);
        let sampled = ids.iter().filter(|id| TraceId(**id).is_sampled(0.25)).count();
        assert!((2_200..2_800).contains(&sampled), "{sampled}");
        assert!(ids.iter().all(|id| TraceId(*id).is_sampled(1.0) && !TraceId(*id).is_sampled(0.0)));
    }
}

//! Texts of the formats of JSON Schema: likely ones and edge ones. Addresses and names of hosts are those
//! that are kept for examples (RFC 2606, RFC 5737, RFC 3849), so that nobody is ever called by one.

use crate::translate::sample::{dice::Dice, words};
use crate::value::time::{Date, Moment, Short};

/// The formats that texts are made for. Of others (`regex`, `json-pointer`) only the validator knows.
pub fn is_known(format: &str) -> bool {
    !edges(format).is_empty()
}

/// A likely text, where the format is known.
pub fn likely(format: &str, name: &str, dice: &mut Dice) -> Option<String> {
    let text = match format {
        "date" => words::date(name, dice),
        "date-time" => words::moment(name, dice),
        "time" => format!("{:02}:{:02}:00Z", dice.length(7, 19), dice.below(12) * 5),
        "duration" => words::duration(name, dice),
        "email" | "idn-email" => words::email(dice),
        "uri" | "iri" | "uri-reference" | "iri-reference" => words::url(name, dice),
        "uuid" => uuid(dice),
        "hostname" | "idn-hostname" => format!("{}.example.org", words::one(words::PLAIN, dice)),
        "ipv4" => format!("192.0.2.{}", dice.length(1, 254)),
        "ipv6" => format!("2001:db8::{:x}", dice.length(1, 65_535)),
        _ => return None,
    };
    Some(text)
}

/// A random UUID (RFC 9562, version 4).
fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.draw(), dice.draw());
    let (high, low) = (high & !0xf000 | 0x4000, low & !(3 << 62) | 1 << 63);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// The day of a date as the public form prints it.
pub fn day(date: Date) -> String {
    let mut out = Short::EMPTY;
    date.print(&mut out);
    out.as_str().to_owned()
}

/// Some days and moments at which calendars, epochs and counters end.
pub fn edges(format: &str) -> Vec<String> {
    /// In seconds since 1970: around zero, the ends of 31 and 32 bits, a leap day, 2001 in nine and ten digits.
    const SECONDS: &[i64] = &[
        0,
        -1,
        1,
        59,
        -86_400,
        2_147_483_647,
        2_147_483_648,
        -2_147_483_648,
        -2_147_483_649,
        4_294_967_295,
        4_294_967_296,
        1_709_251_199,
        951_782_400,
        999_999_999,
        1_000_000_000,
        1_711_846_800,
        -62_135_596_800,
        253_402_300_799,
        32_503_680_000,
    ];
    let known: &[&str] = match format {
        "date" => &[
            "1970-01-01",
            "0001-01-01",
            "9999-12-31",
            "2024-02-29",
            "2000-02-29",
            "1900-02-28",
            "1969-12-31",
            "1582-10-15",
            "1582-10-04",
            "2038-01-20",
            "2023-12-31",
            "2024-01-01",
            "1999-12-31",
            "2024-12-30",
        ],
        "date-time" => {
            let moments = SECONDS.iter().map(|seconds| Moment { seconds: *seconds, nanos: 0 });
            return moments.map(|moment| moment.to_string()).collect();
        }
        "time" => &["00:00:00Z", "23:59:59Z", "12:00:00Z", "00:00:59Z"],
        "duration" => &["P1Y", "PT0S", "P0D", "P1Y2M3DT4H5M6S", "P400D", "P2W", "PT36H", "P9999Y"],
        "email" | "idn-email" => &[
            "a@b.co",
            "first.last+tag@example.org",
            "o'hara@example.org",
            "UPPER.Case@Example.ORG",
            "x_-!#$%&*/=?^`{|}~@example.org",
            "0@example.org",
            "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234@a-very-long-label-of-a-domain.example.org",
        ],
        "uri" | "iri" | "uri-reference" | "iri-reference" => &[
            "https://example.org",
            "https://example.org/",
            "http://user@example.org:8080/a/b%20c;d?e=f&g=h%26i&j#k",
            "https://example.org/?q=%22%3C%3E%5C",
            "https://[2001:db8::1]/x",
            "urn:isbn:0451450523",
            "mailto:a@example.org",
            "https://xn--bcher-kva.example/%C3%A9",
        ],
        "uuid" => &[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "01234567-89ab-7def-8123-456789abcdef",
            "12345678-1234-4234-9234-123456789012",
        ],
        "hostname" | "idn-hostname" => {
            &["a", "example.org", "xn--bcher-kva.example", "a-b.c-d.example", "1.example"]
        }
        "ipv4" => &["0.0.0.0", "255.255.255.255", "192.0.2.1"],
        "ipv6" => {
            &["::", "::1", "2001:db8::ff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:192.0.2.1"]
        }
        _ => &[],
    };
    known.iter().map(|text| (*text).to_owned()).collect()
}

//! Texts of simple types against their facets.

use super::*;

fn of(kind: Kind) -> Simple {
    Simple { kind, preserve: kind == Kind::Text, ..Simple::default() }
}

#[test]
fn texts_become_json_with_all_their_digits() {
    for (kind, text, expected) in [
        (Kind::Integer, " 007 ", Json::Number("7".into())),
        (Kind::Integer, "+5", Json::Number("5".into())),
        (Kind::Integer, "-0012", Json::Number("-12".into())),
        (Kind::Integer, "9007199254740993", Json::Number("9007199254740993".into())),
        (Kind::Integer, "1.5", Json::Text("1.5".into())),
        (Kind::Integer, "", Json::Text("".into())),
        (Kind::Decimal, "4.200", Json::Number("4.200".into())),
        (Kind::Decimal, ".5", Json::Number("0.5".into())),
        (Kind::Decimal, "5.", Json::Number("5".into())),
        (Kind::Decimal, "1e5", Json::Text("1e5".into())),
        (Kind::Float, "01.50E+3", Json::Number("1.50E+3".into())),
        (Kind::Float, "NaN", Json::Text("NaN".into())),
        (Kind::Boolean, "1", Json::Boolean(true)),
        (Kind::Boolean, "false", Json::Boolean(false)),
        (Kind::Boolean, "yes", Json::Text("yes".into())),
        (Kind::Date, " 2024-02-29 ", Json::Text("2024-02-29".into())),
        (Kind::Text, " a  b ", Json::Text(" a  b ".into())),
    ] {
        assert_eq!(of(kind).json(text), expected, "{kind:?} {text:?}");
    }
}

#[test]
fn lexical_forms_are_checked() {
    for (kind, good, bad) in [
        (Kind::Boolean, vec!["true", "false"], vec!["1", "TRUE", ""]),
        (Kind::Integer, vec!["0", "-5", "+7"], vec!["", "1.0", "1e3", "-"]),
        (Kind::Decimal, vec!["1.50", "-.5", "12345678901234567890.1"], vec![".", "1e5", "NaN", "1,5"]),
        (Kind::Float, vec!["1e5", "INF", "-INF", "NaN"], vec!["inf", "0x1"]),
        (
            Kind::Date,
            vec!["2024-02-29", "2024-01-01Z", "2024-01-01+01:00"],
            vec!["2023-02-29", "20240101", "2024-1-1"],
        ),
        (
            Kind::DateTime,
            vec!["2024-01-31T09:30:00", "2024-01-31T24:00:00Z", "2024-01-31T09:30:00.123-05:00"],
            vec!["2024-01-31", "2024-01-31T25:00:00", "2024-01-31 09:30:00", "2024-01-31T09:30:00."],
        ),
        (Kind::Time, vec!["09:30:00"], vec!["9:30", "09:60:00"]),
        (Kind::Base64, vec!["", "TQ==", "TWFu"], vec!["T", "T===", "T*=="]),
        (Kind::Hex, vec!["", "0aFF"], vec!["0", "0g"]),
    ] {
        for text in good {
            assert_eq!(of(kind).check(text), Ok(()), "{kind:?} {text:?}");
        }
        for text in bad {
            assert!(of(kind).check(text).is_err(), "{kind:?} {text:?}");
        }
    }
}

#[test]
fn facets_narrow_a_type() {
    let bound = |text| Some(Bound { value: decimal(text).unwrap(), inclusive: true });
    let byte = Simple { low: bound("-128"), high: bound("127"), ..of(Kind::Integer) };
    assert!(byte.check("-128").is_ok() && byte.check("127").is_ok());
    assert_eq!(byte.check("128").unwrap_err().to_string(), "at most 127");
    let money = Simple { total_digits: Some(5), fraction_digits: Some(2), ..of(Kind::Decimal) };
    assert!(money.check("123.45").is_ok() && money.check("000123.4500").is_ok());
    assert!(money.check("1234.56").is_err() && money.check("1.234").is_err());
    let word = Simple { enumeration: vec!["A".into(), "B".into()], ..of(Kind::Text) };
    assert_eq!(word.check("C").unwrap_err().to_string(), "one of `A`, `B`");
    let code = Simple {
        patterns: vec![regex::Regex::new("^(?:[A-Z]{2}[0-9]+)$").unwrap()],
        max_length: Some(4),
        ..of(Kind::Text)
    };
    assert!(code.check("AB1").is_ok() && code.check("AB123").is_err() && code.check("ab1").is_err());
}

//! Plain words of YAML: which of them are numbers, truths or nothing.
//!
//! It never sees a quoted word; those are texts. Only lower-case `true`, `false` and `null` count, so that a code of
//! an old system (`TRUE`, `No`, `ON`) stays the text that it is.

use super::{Value, number};

/// The value of a plain word, by the core schema of YAML 1.2 (10.3.2) in its lower-case forms.
pub(super) fn value(word: &str) -> Value {
    match word {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => numeric(word).unwrap_or_else(|| Value::Text(word.to_owned())),
    }
}

/// Whether a plain word is a number that loses zeros at its beginning when it is read (`007`).
pub(super) fn loses_zeros(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The JSON number of a float: an integer where it has no fraction and a float can hold it exactly.
pub(super) fn json_number(value: f64, text: &str) -> serde_json::Value {
    /// 2^53: from here on a float's neighbours are more than one apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Ok(large) = text.parse::<u64>() {
        return large.into();
    }
    if value.fract() == 0.0 && value.abs() < EXACT { (value as i64).into() } else { number(value) }
}

fn numeric(word: &str) -> Option<Value> {
    let based = |digits: &str, radix: u32| {
        let proper = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        proper.then(|| i64::from_str_radix(digits, radix).ok()).flatten().map(Value::Integer)
    };
    if let Some(digits) = word.strip_prefix("0x") {
        return based(digits, 16);
    }
    if let Some(digits) = word.strip_prefix("0o") {
        return based(digits, 8);
    }
    if !is_decimal(word) {
        return None;
    }
    if let Ok(whole) = word.parse::<i64>() {
        return Some(Value::Integer(whole));
    }
    let number: f64 = word.parse().ok()?;
    number.is_finite().then(|| Value::Float { number, text: word.to_owned() })
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, the core schema's float.
fn is_decimal(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let proper_exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && proper_exponent
}

#[cfg(test)]
mod tests {
    use super::{Value, json_number, loses_zeros, value};

    #[test]
    fn only_the_core_schema_counts() {
        let text = |word: &str| Value::Text(word.to_owned());
        let float = |number: f64, word: &str| Value::Float { number, text: word.to_owned() };
        for (word, expected) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("0", Value::Integer(0)),
            ("-12", Value::Integer(-12)),
            ("+12", Value::Integer(12)),
            ("0x1F", Value::Integer(31)),
            ("0o17", Value::Integer(15)),
            ("1.5", float(1.5, "1.5")),
            ("1.50", float(1.5, "1.50")),
            (".5", float(0.5, ".5")),
            ("1.", float(1.0, "1.")),
            ("-1e3", float(-1000.0, "-1e3")),
            ("18446744073709551615", float(18_446_744_073_709_551_615.0, "18446744073709551615")),
        ] {
            assert_eq!(value(word), expected, "{word}");
        }
        for word in [
            "Yes",
            "no",
            "on",
            "Off",
            "True",
            "NULL",
            ".inf",
            ".nan",
            "inf",
            "nan",
            "infinity",
            "1e999",
            "1_000",
            "0b1",
            "12:30",
            "1.2.3",
            "2024-01-01",
            ".",
            "-",
            "+",
            "e3",
            "1e",
            "0x",
            "0xG",
            "--1",
            "٣",
        ] {
            assert_eq!(value(word), text(word), "{word}");
        }
    }

    #[test]
    fn json_keeps_whole_numbers_whole() {
        assert_eq!(json_number(10.0, "10.0"), serde_json::json!(10));
        assert_eq!(json_number(1.5, "1.5"), serde_json::json!(1.5));
        assert_eq!(json_number(1.8e19, "18446744073709551615"), serde_json::json!(u64::MAX));
        assert_eq!(json_number(1e300, "1e300"), serde_json::json!(1e300));
    }

    #[test]
    fn sees_zeros_that_would_be_lost() {
        assert!(loses_zeros("007") && loses_zeros("-01") && loses_zeros("00"));
        assert!(!loses_zeros("0") && !loses_zeros("0.5") && !loses_zeros("10") && !loses_zeros("0x1"));
    }
}

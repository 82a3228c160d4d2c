//! Spans of time as people write them (`3 years 2 months`) and as counts, to durations of ISO 8601 (`P3Y2M`) and back.
//! The numbers keep their digits, so that both ways are inverse. It knows dates, and no time of day.

use super::Short;

/// How a source says a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// English words, the largest unit first.
    Words,
    Months,
    Weeks,
    Days,
}

/// Unit, its letter in ISO 8601, and the other words for it that are read.
const UNITS: [(&str, u8, &[&str]); 4] = [
    ("year", b'Y', &["years", "yr", "yrs", "y"]),
    ("month", b'M', &["months", "mo", "mos", "mth", "mths", "m"]),
    ("week", b'W', &["weeks", "wk", "wks", "w"]),
    ("day", b'D', &["days", "d"]),
];
/// Nine digits of years are older than anything.
const MOST_DIGITS: usize = 9;

impl Lapse {
    /// `375 weeks 1 day` to `P375W1D`; a whole number to its unit. A count may come as `18.0`.
    pub fn read(self, text: &str) -> Option<Short> {
        let mut out = Short::EMPTY;
        out.push(b'P');
        let Some(letter) = self.letter() else { return words(text, out) };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if !is_count(whole) || fraction.is_empty() || !fraction.bytes().all(|b| b == b'0') {
            return None;
        }
        out.push_str(whole);
        out.push(letter);
        Some(out)
    }

    /// The source's form of a duration; `None` for one that it has no form for.
    pub fn write(self, duration: &str) -> Option<String> {
        let rest = duration.strip_prefix('P').filter(|rest| !rest.is_empty())?;
        if let Some(letter) = self.letter() {
            let count = rest.strip_suffix(char::from(letter)).filter(|count| is_count(count))?;
            return Some(count.to_owned());
        }
        let mut said = Vec::new();
        let mut rest = rest;
        for (unit, letter, _) in UNITS {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (count, behind) = rest.split_at(digits);
            let Some(behind) = behind.strip_prefix(char::from(letter)) else { continue };
            if !is_count(count) {
                return None;
            }
            let plural = if count.trim_start_matches('0') == "1" { "" } else { "s" };
            said.push(format!("{count} {unit}{plural}"));
            rest = behind;
        }
        rest.is_empty().then(|| said.join(" "))
    }

    /// What it can say, for those who sent something else.
    pub fn form(self) -> &'static str {
        match self {
            Lapse::Words => "a duration in years, months, weeks and days such as `P3Y2M`",
            Lapse::Months => "a duration in months such as `P18M`",
            Lapse::Weeks => "a duration in weeks such as `P6W`",
            Lapse::Days => "a duration in days such as `P12D`",
        }
    }

    fn letter(self) -> Option<u8> {
        match self {
            Lapse::Words => None,
            Lapse::Months => Some(b'M'),
            Lapse::Weeks => Some(b'W'),
            Lapse::Days => Some(b'D'),
        }
    }
}

fn is_count(text: &str) -> bool {
    (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Pairs of a number and a unit, each unit once and smaller than the one before. `1yr` may be one word, and commas and
/// `and` may stand between pairs.
fn words(text: &str, mut out: Short) -> Option<Short> {
    let mut smallest = 0;
    let mut rest = gap(text);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (count, behind) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let behind = behind.trim_start();
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, behind) = behind.split_at(letters);
        let is_word = |(unit, _, others): &(&str, u8, &[&str])| {
            std::iter::once(unit).chain(others.iter()).any(|known| known.eq_ignore_ascii_case(word))
        };
        let at = UNITS.iter().position(is_word).filter(|at| *at >= smallest)?;
        if !is_count(count) {
            return None;
        }
        out.push_str(count);
        out.push(UNITS.get(at)?.1);
        smallest = at + 1;
        rest = gap(behind);
    }
    Some(out)
}

/// Steps over what may stand between two pairs.
fn gap(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == ',');
    text.strip_prefix("and ").map_or(text, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_counts_are_read() {
        for (lapse, text, duration) in [
            (Lapse::Words, "375 weeks 1 day", Some("P375W1D")),
            (Lapse::Words, "3 years 2 months", Some("P3Y2M")),
            (Lapse::Words, " 1 Year, 0 months and 3 days ", Some("P1Y0M3D")),
            (Lapse::Words, "2yrs 3mo", Some("P2Y3M")),
            (Lapse::Words, "10 weeks", Some("P10W")),
            (Lapse::Words, "young", None),
            (Lapse::Words, "", None),
            (Lapse::Words, "1 day 2 weeks", None),
            (Lapse::Words, "1 week 2 weeks", None),
            (Lapse::Words, "1.5 years", None),
            (Lapse::Words, "years", None),
            (Lapse::Months, "18", Some("P18M")),
            (Lapse::Months, "18.0", Some("P18M")),
            (Lapse::Weeks, "375", Some("P375W")),
            (Lapse::Days, "0", Some("P0D")),
            (Lapse::Days, "1.5", None),
            (Lapse::Days, "-1", None),
            (Lapse::Days, "1234567890", None),
        ] {
            let read = lapse.read(text);
            assert_eq!(read.as_ref().map(Short::as_str), duration, "{text}");
        }
    }

    #[test]
    fn what_is_written_comes_back() {
        for (lapse, duration, text) in [
            (Lapse::Words, "P375W1D", Some("375 weeks 1 day")),
            (Lapse::Words, "P1Y0M", Some("1 year 0 months")),
            (Lapse::Words, "P1M", Some("1 month")),
            (Lapse::Words, "P01D", Some("01 day")),
            (Lapse::Months, "P18M", Some("18")),
            (Lapse::Months, "P1Y", None),
            (Lapse::Months, "P", None),
            (Lapse::Words, "PT36H", None),
            (Lapse::Words, "P", None),
            (Lapse::Words, "P1M1Y", None),
            (Lapse::Words, "PM", None),
            (Lapse::Words, "P1234567890D", None),
        ] {
            let written = lapse.write(duration);
            assert_eq!(written.as_deref(), text, "{duration}");
            if let Some(written) = written {
                assert_eq!(lapse.read(&written).unwrap().as_str(), duration, "{written}");
            }
        }
    }
}

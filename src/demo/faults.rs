//! The file behind `portico demo --faults FILE`: which system goes wrong and how, a line for each. It only reads a text;
//! who watches the file and turns the switches is elsewhere.
//!
//! ```text
//! # system   fault          options, in any order
//! drupal7    latency 300ms
//! opentrack  truncated      times=3 path=/soap
//! ezyvet     429            retry-after=2
//! district   off
//! ```
//!
//! Faults: `latency` with a duration (`300ms`, `2s`, `1.5s`), `429`, `500`, `truncated`, `html`, `expired`, `reset`,
//! `drip`, `off`. Options: `times=N` for so many calls, `path=TEXT` for the calls whose `path?query` holds the text, and
//! `retry-after=SECONDS` of a `429`. `#` begins a comment at the start of a line or behind a blank. A system stands in
//! the file once; one that does not stand in it has no fault.

use std::fmt::Write;
use std::time::Duration;

use super::station::{Fault, FaultPlan};

/// Without `retry-after`, in seconds.
const RETRY_AFTER: u32 = 1;
/// No caller waits half as long.
const LONGEST: Duration = Duration::from_hours(1);
const FAULTS: [&str; 9] = ["latency", "429", "500", "truncated", "html", "expired", "reset", "drip", "off"];
const OPTIONS: [&str; 3] = ["times", "path", "retry-after"];

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}; {cure}")]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub cure: String,
}

/// What a file says of each system that stands in it, in the order of its lines; otherwise all that is wrong with it.
/// `systems` are the names that there are.
pub fn parse(text: &str, systems: &[&str]) -> Result<Vec<(String, Option<FaultPlan>)>, Vec<Mistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut plans, mut mistakes) = (Vec::new(), Vec::new());
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for (line, words) in text.lines().map(words).enumerate().map(|(at, words)| (at + 1, words)) {
        let Some((system, rest)) = words.split_first() else { continue };
        match entry(system, rest, systems, &seen) {
            Ok(plan) => plans.push(((*system).to_owned(), plan)),
            Err((message, cure)) => mistakes.push(Mistake { line, message, cure }),
        }
        seen.push((system, line));
    }
    if mistakes.is_empty() { Ok(plans) } else { Err(mistakes) }
}

/// A line of the file that says this, as [`parse`] reads it.
pub fn print(system: &str, plan: Option<&FaultPlan>) -> String {
    let Some(plan) = plan else { return format!("{system} off") };
    let mut line = match plan.fault {
        Fault::Latency(pause) => format!("{system} latency {}ms", pause.as_millis()),
        Fault::TooMany { retry_after } => format!("{system} 429 retry-after={retry_after}"),
        Fault::ServerError => format!("{system} 500"),
        Fault::Truncated => format!("{system} truncated"),
        Fault::HtmlPage => format!("{system} html"),
        Fault::Expired => format!("{system} expired"),
        Fault::Reset => format!("{system} reset"),
        Fault::Drip => format!("{system} drip"),
    };
    // Writing to a string does not fail.
    if let Some(times) = plan.times {
        let _ = write!(line, " times={times}");
    }
    if let Some(path) = &plan.only_path_containing {
        let _ = write!(line, " path={path}");
    }
    line
}

/// What is wrong, and what to write instead.
type Wrong = (String, String);

/// The words of a line up to its comment.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take_while(|word| !word.starts_with('#')).collect()
}

fn entry(
    system: &str,
    rest: &[&str],
    systems: &[&str],
    seen: &[(&str, usize)],
) -> Result<Option<FaultPlan>, Wrong> {
    if !systems.contains(&system) {
        return Err((format!("there is no system `{system}`"), instead(system, systems)));
    }
    if let Some((_, line)) = seen.iter().find(|(known, _)| *known == system) {
        let message = format!("`{system}` stands in line {line} already");
        return Err((message, "keep one line for each system".to_owned()));
    }
    let Some((&fault, rest)) = rest.split_first() else {
        let cure = format!("write for example `{system} latency 300ms` or `{system} off`");
        return Err((format!("`{system}` has no fault"), cure));
    };
    let (fault, rest) = match fault {
        "off" => {
            return match rest.first() {
                None => Ok(None),
                Some(word) => Err((format!("`off` takes no `{word}`"), format!("write `{system} off`"))),
            };
        }
        "latency" => {
            let (pause, rest) = rest.split_first().ok_or_else(|| {
                ("`latency` has no duration".to_owned(), "write for example `latency 300ms`".to_owned())
            })?;
            (Fault::Latency(duration(pause)?), rest)
        }
        "429" => (Fault::TooMany { retry_after: RETRY_AFTER }, rest),
        "500" => (Fault::ServerError, rest),
        "truncated" => (Fault::Truncated, rest),
        "html" => (Fault::HtmlPage, rest),
        "expired" => (Fault::Expired, rest),
        "reset" => (Fault::Reset, rest),
        "drip" => (Fault::Drip, rest),
        other => return Err((format!("there is no fault `{other}`"), instead(other, &FAULTS))),
    };
    let mut plan = FaultPlan::from(fault);
    let mut named: Vec<&str> = Vec::new();
    for word in rest {
        let name = option(&mut plan, word)?;
        if named.contains(&name) {
            return Err((format!("`{name}` is given twice"), "keep one of them".to_owned()));
        }
        named.push(name);
    }
    Ok(Some(plan))
}

/// Puts an option into the plan; its name.
fn option<'w>(plan: &mut FaultPlan, word: &'w str) -> Result<&'w str, Wrong> {
    let Some((name, value)) = word.split_once('=') else {
        let cure = match OPTIONS.iter().find(|name| **name == word) {
            Some(name) => format!("write `{name}=...`, without blanks"),
            None => instead(word, &OPTIONS),
        };
        return Err((format!("`{word}` is no option"), cure));
    };
    match (name, &mut plan.fault) {
        ("times", _) => match value.parse() {
            Ok(0) => {
                return Err(("`times=0` strikes no call".to_owned(), "write `off` as the fault".to_owned()));
            }
            Ok(times) => plan.times = Some(times),
            Err(_) => return Err(number(name, value)),
        },
        ("path", _) if value.is_empty() => {
            let cure = "write a part of it, or leave `path` out for all calls".to_owned();
            return Err(("`path` is empty".to_owned(), cure));
        }
        ("path", _) => plan.only_path_containing = Some(value.to_owned()),
        ("retry-after", Fault::TooMany { retry_after }) => {
            *retry_after = value.parse().map_err(|_| number(name, value))?;
        }
        ("retry-after", _) => {
            let message = "`retry-after` belongs to the fault `429` alone".to_owned();
            return Err((message, "leave it out".to_owned()));
        }
        _ => return Err((format!("there is no option `{name}`"), instead(name, &OPTIONS))),
    }
    Ok(name)
}

fn number(name: &str, value: &str) -> Wrong {
    let cure = format!("write a whole number up to {}, for example `{name}=3`", u32::MAX);
    (format!("`{value}` is no number for `{name}`"), cure)
}

/// `300ms`, `2s`, `1.5s`; to the millisecond.
fn duration(word: &str) -> Result<Duration, Wrong> {
    let cure = || "write for example `300ms` or `2s`".to_owned();
    let milliseconds = match (word.strip_suffix("ms"), word.strip_suffix('s')) {
        (Some(whole), _) => digits(whole),
        (_, Some(seconds)) => {
            let (whole, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let part = (1..=3).contains(&part.len()).then(|| format!("{part:0<3}"));
            let thousands = digits(whole).and_then(|whole| whole.checked_mul(1000));
            thousands.and_then(|whole| whole.checked_add(digits(&part?)?))
        }
        _ => None,
    };
    let pause = milliseconds.map(Duration::from_millis);
    let pause = pause.ok_or_else(|| (format!("`{word}` is no duration"), cure()))?;
    if pause > LONGEST {
        return Err((format!("`{word}` is too long"), format!("write at most `{}s`", LONGEST.as_secs())));
    }
    Ok(pause)
}

/// Digits alone: no sign, no blank.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The nearest of the words; all of them where none is near.
fn instead(word: &str, words: &[&str]) -> String {
    let word = word.to_lowercase();
    let near = words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&word, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4 || close(&word, known))
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => format!("write one of: {}", words.join(", ")),
    }
}

/// Whether one word begins with the other: `trunc`, `drupal`.
fn close(word: &str, known: &str) -> bool {
    word.len() >= 3 && (known.starts_with(word) || word.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::{Duration, Fault, FaultPlan, parse, print};

    const SYSTEMS: [&str; 4] = ["drupal7", "ezyvet", "opentrack", "district"];

    fn one(line: &str) -> Option<FaultPlan> {
        let mut plans = parse(line, &SYSTEMS).unwrap();
        assert_eq!(plans.len(), 1, "{line}");
        plans.remove(0).1
    }

    fn wrong(text: &str) -> Vec<String> {
        parse(text, &SYSTEMS).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_says_what_each_system_does() {
        let text = "\u{feff}# all of it\r\n\r\ndrupal7 latency 300ms\r\n  opentrack\ttruncated times=3 path=/soap # half\n\
                    ezyvet 429 retry-after=2\n#district 500\ndistrict off";
        let truncated = FaultPlan {
            fault: Fault::Truncated,
            only_path_containing: Some("/soap".to_owned()),
            times: Some(3),
        };
        let expected = [
            ("drupal7".to_owned(), Some(Fault::Latency(Duration::from_millis(300)).into())),
            ("opentrack".to_owned(), Some(truncated)),
            ("ezyvet".to_owned(), Some(Fault::TooMany { retry_after: 2 }.into())),
            ("district".to_owned(), None),
        ];
        assert_eq!(parse(text, &SYSTEMS).unwrap(), expected);
        assert!(parse("\n# nothing\n", &SYSTEMS).unwrap().is_empty());
    }

    #[test]
    fn every_fault_has_its_word_and_prints_as_it_was_read() {
        for (line, fault) in [
            ("ezyvet latency 1500ms", Fault::Latency(Duration::from_millis(1500))),
            ("ezyvet 429 retry-after=1", Fault::TooMany { retry_after: 1 }),
            ("ezyvet 500", Fault::ServerError),
            ("ezyvet truncated", Fault::Truncated),
            ("ezyvet html", Fault::HtmlPage),
            ("ezyvet expired", Fault::Expired),
            ("ezyvet reset", Fault::Reset),
            ("ezyvet drip", Fault::Drip),
        ] {
            let plan = FaultPlan::from(fault);
            assert_eq!(one(line).as_ref(), Some(&plan));
            assert_eq!(print("ezyvet", Some(&plan)), line);
            let struck = FaultPlan { only_path_containing: Some("/v1?a=b#c".into()), times: Some(7), ..plan };
            assert_eq!(one(&print("ezyvet", Some(&struck))), Some(struck));
        }
        assert_eq!(one(&print("ezyvet", None)), None);
        assert_eq!(one("ezyvet 429"), Some(Fault::TooMany { retry_after: 1 }.into()));
    }

    #[test]
    fn durations_are_milliseconds_and_seconds() {
        for (word, milliseconds) in [("0ms", 0), ("300ms", 300), ("2s", 2000), ("1.5s", 1500), ("0.025s", 25)]
        {
            let expected = Fault::Latency(Duration::from_millis(milliseconds));
            assert_eq!(one(&format!("ezyvet latency {word}")), Some(expected.into()), "{word}");
        }
        for word in
            ["300", "ms", "s", "-1s", "+1s", "1.s", ".5s", "1.2345s", "1,5s", "two", "99999999999999999999s"]
        {
            assert_eq!(
                wrong(&format!("ezyvet latency {word}")),
                [format!("line 1: `{word}` is no duration; write for example `300ms` or `2s`")]
            );
        }
        assert_eq!(wrong("ezyvet latency 3601s"), ["line 1: `3601s` is too long; write at most `3600s`"]);
    }

    #[test]
    fn a_mistake_names_its_line_and_its_cure() {
        for (line, expected) in [
            ("drupal off", "there is no system `drupal`; did you mean `drupal7`?"),
            ("Ezyvet off", "there is no system `Ezyvet`; did you mean `ezyvet`?"),
            ("sap off", "there is no system `sap`; write one of: drupal7, ezyvet, opentrack, district"),
            ("ezyvet", "`ezyvet` has no fault; write for example `ezyvet latency 300ms` or `ezyvet off`"),
            ("ezyvet trunctaed", "there is no fault `trunctaed`; did you mean `truncated`?"),
            ("ezyvet 502", "there is no fault `502`; did you mean `500`?"),
            ("ezyvet latency", "`latency` has no duration; write for example `latency 300ms`"),
            ("ezyvet off times=2", "`off` takes no `times=2`; write `ezyvet off`"),
            ("ezyvet 500 tmies=2", "there is no option `tmies`; did you mean `times`?"),
            ("ezyvet 500 times", "`times` is no option; write `times=...`, without blanks"),
            ("ezyvet 500 twice", "`twice` is no option; write one of: times, path, retry-after"),
            ("ezyvet 500 times=0", "`times=0` strikes no call; write `off` as the fault"),
            (
                "ezyvet 500 times=x",
                "`x` is no number for `times`; write a whole number up to 4294967295, for example `times=3`",
            ),
            ("ezyvet 500 path=", "`path` is empty; write a part of it, or leave `path` out for all calls"),
            ("ezyvet 500 times=1 times=2", "`times` is given twice; keep one of them"),
            ("ezyvet 500 retry-after=2", "`retry-after` belongs to the fault `429` alone; leave it out"),
        ] {
            assert_eq!(wrong(&format!("\n{line}")), [format!("line 2: {expected}")], "{line}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let text = "ezyvet off\nezyvt 500\ndistrict 500\nezyvet 500\ndistrict rest";
        assert_eq!(
            wrong(text),
            [
                "line 2: there is no system `ezyvt`; did you mean `ezyvet`?",
                "line 4: `ezyvet` stands in line 1 already; keep one line for each system",
                "line 5: `district` stands in line 3 already; keep one line for each system",
            ]
        );
    }
}

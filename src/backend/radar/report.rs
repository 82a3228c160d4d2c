//! From counts to what an operator is told: where a source gives what its mapping does not expect, and where it gives
//! something else than it did. Sentences are made here alone; whoever shows them adds nothing.

use super::{
    Radar, Sort,
    count::{BASELINE, Numbers},
};
use crate::{
    fault::BreachKind,
    translate::tally::{KINDS, Seen},
    value::time::Moment,
};
use std::sync::atomic::Ordering::Relaxed;

/// What is told of a name lasts so long: of a code from when it was last seen, of a new field from when it was first.
const NEWS: i64 = 7 * 86_400;
/// A change of a share is told from so many recent values on.
const ENOUGH: u64 = 100;
/// A kind that never came before is told from so many values on: one may be a slip of a pen.
const FEW: u64 = 3;
/// A share has changed when it differs by this much.
const CHANGED: f64 = 0.2;

/// How the values of a place differ from what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drift {
    /// A member that no rule wants appeared.
    NewField,
    /// A kind came more or less often than it did.
    Share,
    /// A kind came that is right, and never came before.
    NewKind,
    /// A code that the mapping does not know became what `unknown` says.
    AbsorbedCode,
    /// A kind that the rules cannot read.
    Unexpected,
    /// A code that ended an answer.
    UnknownCode,
    /// A value that ended an answer.
    Misfit,
    /// Nothing, where the contract requires a value.
    Required,
}

/// One place and its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The binding: `pethub/v1/pets.drupal7`.
    pub binding: String,
    pub file: String,
    pub resource: String,
    pub place: String,
    /// Nothing where all is as expected.
    pub drift: Option<Drift>,
    /// What came, in a few words: `new: nulls (3.1 %)`, `numbers where a text is expected (100 %)`.
    pub verdict: String,
    pub expected: String,
    /// Of the recent values, between 0 and 1. Of a name, 0.
    pub share: f64,
    /// How many values, or how many answers with this name.
    pub seen: u64,
    /// When it was first seen; nothing where that says nothing.
    pub since: Option<Moment>,
    pub latest: Moment,
}

/// All places of all bindings that were seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What drifts, worst first, and then what does not.
    pub lines: Vec<Line>,
    pub places: usize,
    pub records: u64,
}

// === impl Drift ===

impl Drift {
    /// The word for it in metrics and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewField => "newField",
            Self::Share => "share",
            Self::NewKind => "newKind",
            Self::AbsorbedCode => "absorbedCode",
            Self::Unexpected => "unexpected",
            Self::UnknownCode => "unknownCode",
            Self::Misfit => "misfit",
            Self::Required => "required",
        }
    }
}

// === impl Line ===

impl Line {
    /// What an operator is told.
    pub fn sentence(&self) -> String {
        let Self { file, place, expected, verdict, .. } = self;
        let since = self.since.map_or_else(String::new, |since| format!(", since {since}"));
        match self.drift {
            None => format!("{file}: `{place}` is as expected: {expected}."),
            Some(Drift::NewField) => {
                format!("{file}: {verdict}{since}. No rule wants it; if it is of use, map it.")
            }
            Some(Drift::AbsorbedCode) => format!(
                "{file}: `{place}`: {verdict}{since}. `unknown` stood in for it; say what it means in `codes`."
            ),
            Some(Drift::UnknownCode) => format!(
                "{file}: `{place}`: {verdict}{since}. Answers with it are refused; say what it means in the mapping."
            ),
            Some(Drift::Misfit | Drift::Required) => format!(
                "{file}: `{place}`: {verdict}{since}. Answers with it are refused; ask the system's owner what changed."
            ),
            Some(Drift::Unexpected) => {
                format!("{file}: `{place}`: {verdict}; the mapping expects {expected}{since}.")
            }
            Some(Drift::NewKind | Drift::Share) => {
                format!("{file}: `{place}`: {verdict}{since}. The mapping takes it; ask whether it is meant.")
            }
        }
    }
}

// === impl Report ===

impl Report {
    pub(super) fn of<'a>(radars: impl Iterator<Item = &'a Radar>, now: Moment) -> Self {
        let mut report = Self::default();
        for radar in radars {
            report.records += radar.records.load(Relaxed);
            for (place, counter) in radar.places.iter().zip(&radar.counters) {
                let numbers = counter.numbers();
                if numbers.iter().any(|n| n.all > 0) {
                    report.places += 1;
                    report.lines.push(judged(radar, place, &numbers));
                }
            }
            for (sort, place, name, heard) in radar.notes.all(|node| radar.node(node)) {
                report.lines.extend(told(radar, sort, &place, &name, heard, now.seconds));
            }
        }
        report.lines.sort_by(|a, b| {
            (b.drift, b.share).partial_cmp(&(a.drift, a.share)).unwrap_or(std::cmp::Ordering::Equal)
        });
        report
    }

    pub fn drifting(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.drift.is_some())
    }
}

fn moment(seconds: i64) -> Moment {
    Moment { seconds, nanos: 0 }
}

/// `3.1 %`; what is little and not nothing is `< 0.1 %`.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.001 { "< 0.1 %".to_owned() } else { format!("{:.1} %", share * 100.0) }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A kind that never came before: beside what came, or in the place of the one kind that did.
fn new_kind(kind: Seen, numbers: &[Numbers; KINDS], share: &str) -> String {
    let is_value = |kind: Seen| !matches!(kind, Seen::Absent | Seen::Null | Seen::EmptyText | Seen::Hollow);
    let mut before = Seen::ALL.into_iter().zip(numbers).filter(|(kind, own)| is_value(*kind) && own.base > 0);
    match (before.next(), before.next()) {
        (Some((known, _)), None) if is_value(kind) => {
            format!("{} where {} were ({share})", kind.plural(), known.plural())
        }
        _ => format!("new: {} ({share})", kind.plural()),
    }
}

/// The worst that is to be said of a place.
fn judged(radar: &Radar, place: &super::Place, numbers: &[Numbers; KINDS]) -> Line {
    let sum = |of: fn(&Numbers) -> u64| numbers.iter().map(of).sum::<u64>();
    let (recent, base, all) = (sum(|n| n.recent), sum(|n| n.base), sum(|n| n.all));
    let expected = place.expected.sentence();
    let mut worst: Option<(Drift, f64, String, &Numbers)> = None;
    for (kind, own) in Seen::ALL.into_iter().zip(numbers) {
        let share = ratio(own.recent, recent);
        let before = ratio(own.base, base);
        let found = if own.recent > 0 && !place.expected.fits(kind) {
            let nothing = matches!(kind, Seen::Absent | Seen::Null | Seen::EmptyText);
            let drift = if nothing { Drift::Required } else { Drift::Unexpected };
            let verdict = format!("{} where {expected} is expected ({})", kind.plural(), percent(share));
            Some((drift, verdict))
        } else if base < BASELINE || all < base + FEW {
            None
        } else if own.base == 0 && own.recent >= FEW {
            Some((Drift::NewKind, new_kind(kind, numbers, &percent(share))))
        } else if recent >= ENOUGH && (share - before).abs() >= CHANGED {
            let verdict = format!("{}: {}, {} before", kind.plural(), percent(share), percent(before));
            Some((Drift::Share, verdict))
        } else {
            None
        };
        if let Some((drift, verdict)) = found
            && worst.as_ref().is_none_or(|(known, most, ..)| (*known, *most) < (drift, share))
        {
            worst = Some((drift, share, verdict, own));
        }
    }
    let latest = numbers.iter().map(|n| n.latest).max().unwrap_or_default();
    let line = |drift, verdict, share, seen, since, latest| Line {
        binding: radar.id.clone(),
        file: radar.file.clone(),
        resource: radar.resource.clone(),
        place: place.name.clone(),
        drift,
        verdict,
        expected: expected.clone(),
        share,
        seen,
        since,
        latest: moment(latest),
    };
    match worst {
        None => line(None, "as expected".to_owned(), 0.0, all, None, latest),
        Some((drift, share, verdict, own)) => {
            // When a kind came that was always there says nothing of when its share changed.
            let since = (drift != Drift::Share).then(|| moment(own.first));
            line(Some(drift), verdict, share, own.all, since, own.latest)
        }
    }
}

/// What is to be said of a name.
fn told(radar: &Radar, sort: Sort, place: &str, name: &str, heard: super::Heard, now: i64) -> Option<Line> {
    let (drift, verdict) = match sort {
        Sort::Field if heard.early || heard.first + NEWS < now => return None,
        Sort::Field => {
            let at = if place == "$" { String::new() } else { format!(" in `{place}`") };
            (Drift::NewField, format!("new: field `{name}`{at}"))
        }
        _ if heard.latest + NEWS < now => return None,
        Sort::Absorbed => (Drift::AbsorbedCode, format!("unknown code `{name}` ({} times)", heard.seen)),
        Sort::Breach(BreachKind::UnknownCode) => {
            (Drift::UnknownCode, format!("unknown code `{name}` ({} answers)", heard.seen))
        }
        Sort::Breach(BreachKind::Misfit) => (Drift::Misfit, format!("{name} ({} answers)", heard.seen)),
        Sort::Breach(BreachKind::Missing) => {
            (Drift::Required, format!("nothing {name}, which requires a value ({} answers)", heard.seen))
        }
    };
    Some(Line {
        binding: radar.id.clone(),
        file: radar.file.clone(),
        resource: radar.resource.clone(),
        place: place.to_owned(),
        drift: Some(drift),
        verdict,
        expected: match sort {
            Sort::Field => "no such field",
            Sort::Breach(BreachKind::Missing) => "a value",
            Sort::Breach(BreachKind::Misfit) => "what the rules can read",
            _ => "a code that the mapping knows",
        }
        .to_owned(),
        share: 0.0,
        seen: heard.seen,
        since: Some(moment(heard.first)),
        latest: moment(heard.latest),
    })
}

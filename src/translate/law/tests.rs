//! Each converter's halves are inverse; and where they are not, the law says so.

use super::*;
use crate::{
    plan::convert::{Chain, Codes, Html, Op, Scale},
    translate::convert::{Cooked, cook},
    value::{
        decimal::Decimal,
        time::{lapse::Lapse, pattern::Pattern, zone::Zone},
    },
};

fn around() -> Surroundings {
    let mut table = Table::default();
    table.forward.insert("3031".into(), "dog".into());
    table.backward.insert("dog".into(), "3031".into());
    Surroundings { today: Date { year: 2026, month: 1, day: 1 }, lookups: vec![Some(Arc::new(table))] }
}

/// Whether a chain's halves are inverse for this value.
fn comes_back(value: &Value, chain: &Chain, around: &Surroundings) -> bool {
    let Ok(stored) = crate::translate::convert::uncook(value, chain, around) else { return false };
    let mut batch = Batch::default();
    let text = match stored.scalar() {
        Some(text) => batch.take(text.to_owned()),
        None => return value.is_null(),
    };
    let span = crate::translate::Span { text, start: 0, end: batch.whole(text).len() as u32 };
    let mut cooked = Cooked::Nothing;
    let outcome =
        cook(&mut cooked, &batch, Slot::Text(span), crate::plan::reading::Empties::default(), chain, around);
    outcome.is_ok() && cooked.as_text() == value.scalar()
}

fn pounds() -> Scale {
    let by = Decimal::parse("0.45359237").unwrap();
    let back = Scale::least_back(&by, 2).unwrap();
    Scale { by, digits: 2, back }
}

fn chain(read: Vec<Op>, write: Vec<Op>) -> Chain {
    Chain { read, write, blank: Box::default() }
}

#[test]
fn halves_are_inverse() {
    let text = |t: &str| Value::Text(t.into());
    let number = |t: &str| Value::Number(t.into());
    let pattern = |p: &str| Pattern::new(p).unwrap();
    let pairs = vec![("Male".into(), text("male")), ("Female".into(), text("female"))];
    let codes = Op::Codes(Arc::new(Codes { pairs, unknown: None }));
    let cases: Vec<(Op, Vec<Value>)> = vec![
        (Op::Decimal, vec![number("4.20"), number("-0.5"), number("9007199254740993")]),
        (Op::Integer, vec![number("0"), number("-7")]),
        (Op::Boolean, vec![Value::Bool(true), Value::Bool(false)]),
        (codes, vec![text("male"), text("female")]),
        (Op::Lookup(0), vec![text("dog")]),
        (Op::Date(pattern("%d/%m/%Y")), vec![text("0001-01-01"), text("2024-02-29"), text("9999-12-31")]),
        (
            Op::DateTime(pattern("%Y%m%d %H%M%S")),
            vec![text("1969-12-31T23:59:59Z"), text("2038-01-19T03:14:08Z")],
        ),
        (Op::EpochSeconds, vec![text("1901-02-03T04:05:06Z"), text("2026-11-21T12:00:00Z")]),
        (Op::EpochMillis, vec![text("2026-11-21T12:00:00.25Z")]),
        (Op::Scaled(2), vec![number("4.2"), number("-12.05"), number("0")]),
        (Op::Number, vec![number("4.20"), number("0"), number("-0.5"), text("12")]),
        (Op::Truth, vec![Value::Bool(true), Value::Bool(false)]),
        (
            Op::DateTime(pattern("%d %b %Y %I:%M:%S.%f %p %z")),
            vec![text("1969-12-31T23:59:59Z"), text("2026-11-21T00:00:00.123456789Z")],
        ),
        (
            Op::DateTime(pattern("%Y-%m-%d %H:%M:%S").within(Zone::named("Europe/Berlin").unwrap())),
            vec![text("2026-07-01T12:00:00Z"), text("2026-10-25T00:30:00Z"), text("0001-01-01T00:00:00Z")],
        ),
        (Op::Affix("$".into(), " USD".into()), vec![text("50.00"), text("")]),
        (Op::Grouped(','), vec![number("1299.00"), number("-1234567"), number("0.5")]),
        (Op::Html(Html::Escaped), vec![text("O'Neill & <Sons>"), text("&amp;"), text("")]),
        (Op::Fixed(2), vec![text("39.90"), text("-0.05"), text("0.00")]),
        (Op::Scale(Box::new(pounds())), vec![number("1.90"), number("0.01"), number("-99999.99")]),
        (Op::Lapse(Lapse::Words), vec![text("P375W1D"), text("P3Y2M"), text("P0D")]),
        (Op::Lapse(Lapse::Months), vec![text("P18M")]),
        (Op::Lapse(Lapse::Weeks), vec![text("P375W")]),
        (Op::Lapse(Lapse::Days), vec![text("P0D")]),
        (Op::Time, vec![text("2026-11-21T12:00:00Z")]),
        (Op::Day, vec![text("2026-11-21")]),
    ];
    for (op, values) in cases {
        let chain = chain(vec![op.clone()], vec![op]);
        for value in values {
            assert!(comes_back(&value, &chain, &around()), "{value:?} through {chain:?}");
        }
    }
}

/// Codes beside `number` and `truth` are found by digits and words, and go back as what they were.
#[test]
fn numbers_and_truths_of_the_source_stay_what_they_are() {
    let text = |t: &str| Value::Text(t.into());
    let codes = |pairs: &[(&str, Value)]| {
        Op::Codes(Arc::new(Codes {
            pairs: pairs.iter().map(|(from, to)| ((*from).into(), to.clone())).collect(),
            unknown: None,
        }))
    };
    let truths = codes(&[("1", Value::Bool(true)), ("0", Value::Bool(false)), ("9", Value::Null)]);
    let words = codes(&[("true", text("yes")), ("false", text("no"))]);
    let number = |t: &str| Value::Number(t.into());
    for (ops, public, stored) in [
        (vec![Op::Number, truths.clone()], Value::Bool(true), number("1")),
        (vec![Op::Number, truths], Value::Null, number("9")),
        (vec![Op::Number, Op::EpochSeconds], text("1970-01-01T00:00:01Z"), number("1")),
        (vec![Op::Number, Op::Boolean], Value::Bool(false), number("0")),
        (vec![Op::Truth, words], text("no"), Value::Bool(false)),
        (vec![Op::Truth, Op::Boolean], Value::Bool(true), Value::Bool(true)),
    ] {
        let chain = chain(ops.clone(), ops);
        assert_eq!(crate::translate::convert::uncook(&public, &chain, &around()), Ok(stored));
        assert!(public.is_null() || comes_back(&public, &chain, &around()), "{public:?}");
    }
    let padded = chain(vec![Op::Number, Op::Text], vec![Op::Number, Op::Text]);
    assert!(!comes_back(&text("007"), &padded, &around()), "no number of JSON");
}

#[test]
fn the_first_blank_is_the_one_that_is_written() {
    let blank = |blank: &[Value], ops: Vec<Op>| Chain { read: ops.clone(), write: ops, blank: blank.into() };
    let text = |t: &str| Value::Text(t.into());
    for (chain, stored) in [
        (blank(&[text("M"), text("-1")], vec![]), text("M")),
        (blank(&[Value::Number("-1".into())], vec![Op::Decimal]), Value::Number("-1".into())),
        (blank(&[text("-1")], vec![Op::Number]), Value::Number("-1".into())),
        (blank(&[text("M")], vec![Op::Number]), text("M")),
    ] {
        assert_eq!(crate::translate::convert::uncook(&Value::Null, &chain, &around()), Ok(stored));
    }
}

#[test]
fn what_is_lost_is_seen() {
    let pattern = |p: &str| Op::Date(Pattern::new(p).unwrap());
    let halves = chain(vec![pattern("%Y-%m-%d")], vec![pattern("%Y-%d-%m")]);
    assert!(!comes_back(&Value::Text("2024-03-04".into()), &halves, &around()));
    assert!(!comes_back(
        &Value::Text("cat".into()),
        &chain(vec![Op::Lookup(0)], vec![Op::Lookup(0)]),
        &around()
    ));
    for (op, lost) in [
        (Op::Fixed(2), "39.9"),
        (Op::Fixed(2), "39.901"),
        (Op::Lapse(Lapse::Months), "P1Y"),
        (Op::DateTime(Pattern::new("%Y-%m-%d %H:%M").unwrap()), "2026-11-21T12:00:01Z"),
        (Op::Scale(Box::new(pounds())), "1.905"),
        (Op::Scale(Box::new(Scale { back: 0, ..pounds() })), "1.90"),
    ] {
        let chain = chain(vec![op.clone()], vec![op]);
        assert!(!comes_back(&Value::Text(lost.into()), &chain, &around()), "{lost} through {chain:?}");
    }
    let seconds = chain(vec![Op::EpochSeconds], vec![Op::EpochSeconds]);
    assert!(!comes_back(&Value::Text("2026-11-21T12:00:00.25Z".into()), &seconds, &around()), "a fraction");
}

#[test]
fn a_text_with_escapes_is_read_as_one_without() {
    let read = |text: &str, slot: fn(crate::translate::Span) -> Slot, op: Op| {
        let mut batch = Batch::default();
        let text = batch.take(text.to_owned());
        let span = crate::translate::Span { text, start: 0, end: batch.whole(text).len() as u32 };
        let (chain, around) = (chain(vec![op], vec![]), around());
        let mut cooked = Cooked::Nothing;
        let empty = crate::plan::reading::Empties::default();
        cook(&mut cooked, &batch, slot(span), empty, &chain, &around)
            .map(|()| cooked.as_text().map(str::to_owned))
    };
    let affix = || Op::Affix("<".into(), ">".into());
    let without = || Op::Without("-".into());
    for (plain, escaped, op, wanted) in [
        ("<a/b>", r"<a\/b>", affix as fn() -> Op, "a/b"),
        ("a-/b", r"a-\/b", without, "a/b"),
        ("a/b", r"a\/b", without, "a/b"),
        ("12", r"\u00312", || Op::Integer, "12"),
        ("2026-11-22", r"2026\u002d11-22", || Op::Day, "2026-11-22"),
    ] {
        assert_eq!(read(plain, Slot::Text, op()), Ok(Some(wanted.to_owned())), "{plain}");
        assert_eq!(read(escaped, Slot::Escaped, op()), Ok(Some(wanted.to_owned())), "{escaped}");
    }
    assert!(read(r"a\/b", Slot::Escaped, affix()).is_err());
}

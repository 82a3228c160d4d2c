//! Each converter's halves are inverse; and where they are not, the law says so.

use super::*;
use crate::{
    plan::convert::{Chain, Codes, Op},
    value::time::pattern::Pattern,
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
    match crate::translate::convert::cook(
        &batch,
        Slot::Text(span),
        crate::plan::reading::Empties::default(),
        chain,
        around,
    ) {
        Ok(cooked) => cooked.as_text() == value.scalar(),
        Err(_) => false,
    }
}

fn chain(read: Vec<Op>, write: Vec<Op>) -> Chain {
    Chain { read, write, blank: None }
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
    let seconds = chain(vec![Op::EpochSeconds], vec![Op::EpochSeconds]);
    assert!(!comes_back(&Value::Text("2026-11-21T12:00:00.25Z".into()), &seconds, &around()), "a fraction");
}

//! Whether a body is valid beyond doubt, in one walk over it that asks for no memory. Most bodies are; of the others nothing
//! is said here.

use crate::{
    plan::contract::sure::{Form, Is, Named, Number, Object, Sure, Text},
    value::{Brief, Value, decimal::Decimal, time::Date},
};

/// Numbers of more digits are doubtful.
const DIGITS: usize = 30;

/// Names of members stand once each; who reads bodies sees to it. Recursion is bounded by the contract's depth.
pub(super) fn is_valid(sure: &Sure, value: &Value) -> bool {
    match (&sure.is, value) {
        (_, Value::Null) => sure.nullable,
        (Is::Object(object), Value::Object(sent)) => members(object, sent),
        (Is::List { item, count: (fewest, most) }, Value::List(items)) => {
            (*fewest..=*most).contains(&items.len()) && items.iter().all(|one| is_valid(item, one))
        }
        (Is::Text(text), Value::Text(sent)) => is_text(text, sent),
        (Is::Number(number), Value::Number(digits)) => is_number(number, digits),
        (Is::Boolean, Value::Bool(_)) => true,
        (Is::OneOf(texts), Value::Text(sent)) => texts.iter().any(|text| **text == **sent),
        _ => false,
    }
}

fn members(object: &Object, sent: &[(Brief, Value)]) -> bool {
    // Members are mostly sent in the contract's order.
    let mut expected = object.members.iter();
    let mut required = 0;
    for (name, value) in sent {
        let is_it = |known: &&Named| *known.name == **name;
        let found = expected.find(is_it).or_else(|| {
            expected = object.members.iter();
            expected.find(is_it)
        });
        let Some(known) = found else { return false };
        if known.read_only || !is_valid(&known.value, value) {
            return false;
        }
        required += usize::from(known.required);
    }
    required == object.required
}

fn is_text(text: &Text, sent: &Brief) -> bool {
    let (shortest, longest) = text.length;
    // A text has no more code points than bytes, and no fewer than a quarter of them.
    let bytes = sent.len();
    let fits =
        (shortest <= bytes / 4 && bytes <= longest) || (shortest..=longest).contains(&sent.chars().count());
    fits && match &text.form {
        Form::Any => true,
        Form::Date => Date::parse(sent).is_some(),
        Form::By(validator) => validator.is_valid(&serde_json::Value::from(sent.as_str())),
    }
}

fn is_number(number: &Number, digits: &str) -> bool {
    if digits.len() > DIGITS || digits.contains(['e', 'E']) {
        return false;
    }
    let Some(sent) = Decimal::parse(digits) else { return false };
    (!number.whole || sent.is_integer())
        && number.least.as_ref().is_none_or(|least| sent >= *least)
        && number.most.as_ref().is_none_or(|most| sent <= *most)
        && number.above.as_ref().is_none_or(|above| sent > *above)
        && number.below.as_ref().is_none_or(|below| sent < *below)
        && number.places.is_none_or(|places| sent.fits(places))
}

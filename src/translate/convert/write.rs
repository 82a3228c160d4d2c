//! The way back: a public value to the source's form, step by step. What has no way is told, and never guessed.

use super::{digits, html};
use crate::{
    plan::convert::{Chain, Html, Op},
    translate::Surroundings,
    value::{
        Brief, Value,
        decimal::Decimal,
        time::{DAY, Date, Moment, pattern::Pattern},
    },
};

/// Why a public value cannot go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWay {
    /// The value has no code in the source.
    NoCode,
    /// The value is not of the form that the converter takes.
    Form(&'static str),
    /// The value holds a sign that parts it from others.
    Holds(Box<str>),
}

/// Takes a public value back through the writing steps, last one first. Nothing stays nothing, but where the source has
/// a scalar or a code for it.
pub fn uncook(value: &Value, chain: &Chain, around: &Surroundings) -> Result<Value, NoWay> {
    if !value.is_null() {
        let stored = leading(value.clone(), &chain.write, around)?;
        // What means nothing there would be lost.
        if chain.blank.iter().any(|blank| blank.scalar() == stored.scalar()) {
            return Err(NoWay::Form("a value that does not stand for nothing"));
        }
        return Ok(stored);
    }
    if let Some(blank) = chain.blank.first() {
        return Ok(match chain.write.first() {
            // A blank that is no number stands beside the numbers as it was said.
            Some(op @ (Op::Number | Op::Truth)) => {
                back(op, blank.clone(), around).unwrap_or_else(|_| blank.clone())
            }
            _ => blank.clone(),
        });
    }
    let code = chain.write.iter().enumerate().rev().find_map(|(at, op)| match op {
        Op::Codes(codes) => Some((at, codes.back(&Value::Null)?)),
        _ => None,
    });
    match code {
        Some((at, code)) => {
            leading(Value::Text(code.into()), chain.write.get(..at).unwrap_or_default(), around)
        }
        None => Ok(Value::Null),
    }
}

/// Takes a value back through these steps, last one first.
pub fn leading(value: Value, ops: &[Op], around: &Surroundings) -> Result<Value, NoWay> {
    ops.iter().rev().try_fold(value, |value, op| back(op, value, around))
}

fn back(op: &Op, value: Value, around: &Surroundings) -> Result<Value, NoWay> {
    let text = |value: &Value, what| value.scalar().map(Brief::new).ok_or(NoWay::Form(what));
    Ok(match op {
        Op::Number => {
            let digits = text(&value, "a number")?;
            // JSON has no leading zeros (RFC 8259, section 6): a code such as `007` is no number there.
            let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
            let padded = unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0.");
            if padded || Decimal::parse(&digits).is_none() {
                return Err(NoWay::Form("a number"));
            }
            Value::Number(digits)
        }
        Op::Truth => match value.scalar() {
            Some("true" | "1") => Value::Bool(true),
            Some("false" | "0") => Value::Bool(false),
            _ => return Err(NoWay::Form("a truth")),
        },
        Op::Decimal | Op::Integer => {
            let digits = text(&value, "a number")?;
            let decimal = Decimal::parse(&digits).ok_or(NoWay::Form("a number"))?;
            // The contract's digits are kept: `4.20` goes out as it came in, `4e1` as `40`.
            let plain = !digits.contains(['e', 'E']);
            Value::Text(if plain {
                digits
            } else {
                decimal.to_text(None).ok_or(NoWay::Form("a number"))?.into()
            })
        }
        Op::Text | Op::Time | Op::Day | Op::OneOf(_) | Op::Html(Html::Plain) => value,
        Op::Html(Html::Escaped) => Value::Text(html::escaped(&text(&value, "a text")?).into()),
        Op::Boolean => match value.scalar() {
            Some("true") => Value::Text("1".into()),
            Some("false") => Value::Text("0".into()),
            _ => return Err(NoWay::Form("a truth")),
        },
        Op::Json => Value::Text(value.to_json().into()),
        Op::EpochDay(per_second) => {
            let date = Date::parse(&text(&value, "a date")?).ok_or(NoWay::Form("a date"))?;
            let moment = Moment::new(date, 0, 0, 0, 0).ok_or(NoWay::Form("a date"))?;
            Value::Text((moment.seconds * i64::from(*per_second)).to_string().into())
        }
        Op::LocalDate(zone) => {
            let date = Date::parse(&text(&value, "a date")?).ok_or(NoWay::Form("a date"))?;
            // Where clocks are put forward at midnight the day begins later.
            let first = (0..24).find_map(|hour| zone.to_utc(date.days() * DAY + hour * 3600));
            let moment = Moment { seconds: first.ok_or(NoWay::Form("a date"))?, nanos: 0 };
            Value::Text(moment.to_string().into())
        }
        Op::Age | Op::LocalTime(_) | Op::Holds(_) | Op::Without(_) => {
            return Err(NoWay::Form("nothing: it is derived"));
        }
        Op::Codes(codes) => Value::Text(codes.back(&value).ok_or(NoWay::NoCode)?.into()),
        Op::Part(..) | Op::Piece(..) => return Err(NoWay::Form("a combination")),
        Op::Lookup(id) => {
            let meaning = text(&value, "a text")?;
            let key = around.table(*id).and_then(|table| table.backward.get(&*meaning));
            Value::Text(key.ok_or(NoWay::NoCode)?.to_string().into())
        }
        Op::Date(pattern) => {
            let date = Date::parse(&text(&value, "a date")?).ok_or(NoWay::Form("a date"))?;
            let moment = Moment::new(date, 0, 0, 0, 0).ok_or(NoWay::Form("a date"))?;
            in_pattern(pattern, moment)?
        }
        Op::DateTime(pattern) => in_pattern(pattern, moment(&text(&value, "a time")?)?)?,
        Op::EpochSeconds => Value::Text(moment(&text(&value, "a time")?)?.seconds.to_string().into()),
        Op::EpochMillis => {
            let moment = moment(&text(&value, "a time")?)?;
            let millis = moment.seconds * 1000 + i64::from(moment.nanos / 1_000_000);
            Value::Text(millis.to_string().into())
        }
        Op::Scaled(places) => {
            let number = Decimal::parse(&text(&value, "a number")?).ok_or(NoWay::Form("a number"))?;
            let whole = number.shifted(i64::from(*places));
            let whole = Some(whole).filter(Decimal::is_integer).and_then(|d| d.to_text(Some(0)));
            Value::Number(whole.ok_or(NoWay::Form("a number with fewer digits after the point"))?.into())
        }
        Op::Affix(before, after) => Value::Text(format!("{before}{}{after}", text(&value, "a text")?).into()),
        Op::Grouped(sign) => {
            let grouped = digits::grouped(&text(&value, "a number")?, *sign);
            Value::Text(grouped.ok_or(NoWay::Form("a number"))?.into())
        }
        Op::Fixed(places) => {
            let sent = text(&value, "an amount")?;
            let shown = Decimal::parse(&sent).and_then(|decimal| decimal.to_text(Some(*places)));
            // Another form of the same amount would come back in this one.
            if shown.as_deref() != Some(&*sent) {
                return Err(NoWay::Form("an amount with as many digits behind the point as are shown"));
            }
            Value::Text(sent)
        }
        Op::Scale(scale) => {
            let number = Decimal::parse(&text(&value, "a number")?).ok_or(NoWay::Form("a number"))?;
            let fits = Some(number).filter(|number| number.fits(scale.digits));
            let number = fits.ok_or(NoWay::Form("a number with fewer digits after the point"))?;
            let theirs = number.divided(&scale.by, scale.back).and_then(|theirs| theirs.to_text(None));
            Value::Number(theirs.ok_or(NoWay::Form("a number of another size"))?.into())
        }
        Op::Lapse(lapse) => {
            let written = lapse.write(&text(&value, lapse.form())?);
            Value::Text(written.ok_or(NoWay::Form(lapse.form()))?.into())
        }
    })
}

fn moment(text: &str) -> Result<Moment, NoWay> {
    Moment::parse(text).ok_or(NoWay::Form("a time"))
}

fn in_pattern(pattern: &Pattern, moment: Moment) -> Result<Value, NoWay> {
    pattern
        .print(moment)
        .map(|s| Value::Text(s.as_str().into()))
        .ok_or(NoWay::Form("a time that its system can tell"))
}

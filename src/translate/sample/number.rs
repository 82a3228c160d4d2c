//! Numbers within their bounds, as whole counts of a step: nothing passes through a float. It knows no
//! number beyond those that every JSON reader keeps (RFC 8259, section 6).

use super::dice::Dice;
use crate::value::{Value, decimal::Decimal};
use serde_json::{Map, Value as Json};

/// The largest whole number that a double keeps with all its neighbours: 2^53 − 1.
const LARGEST: i128 = 9_007_199_254_740_991;
/// All numbers of fifteen digits come back from a double as they went in (IEEE 754, `DBL_DIG`).
const FIFTEEN: i128 = 999_999_999_999_999;

/// A number's bounds. Its values are `count` × `step` × 10^-`places`.
#[derive(Debug, PartialEq, Eq)]
pub struct Number {
    /// The digits after the point in the contract's form; `None` where it has as many as it needs.
    pub scale: Option<u8>,
    places: u8,
    step: i128,
    /// In counts, both included.
    least: i128,
    most: i128,
    /// Whether the schema says the bound, or only reason does.
    bounded: (bool, bool),
}

impl Number {
    pub fn of(schema: &Map<String, Json>, integer: bool) -> Self {
        let decimal = |key: &str| schema.get(key).and_then(digits);
        let multiple = decimal("multipleOf").filter(|(units, _)| *units > 0);
        let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        let finest =
            bounds.iter().filter_map(|key| decimal(key)).map(|(_, places)| places).max().unwrap_or(0);
        let (step, places) = match multiple {
            // Of a whole number only every so many steps are whole.
            Some((step, places)) if integer => {
                let unit = 10_i128.pow(u32::from(places));
                (step / gcd(step, unit), 0)
            }
            Some(multiple) => multiple,
            None if integer => (1, 0),
            // Two digits look like what people write, unless a bound asks for finer ones.
            None => (1, finest.max(2)),
        };
        let scale = match multiple {
            _ if integer => Some(0),
            Some((1, places)) => Some(places),
            _ => None,
        };
        let reach = if places == 0 { LARGEST } else { FIFTEEN };
        let mut number =
            Self { scale, places, step, least: -(reach / step), most: reach / step, bounded: (false, false) };
        for (key, open) in [("minimum", false), ("exclusiveMinimum", true)] {
            if let Some(bound) = decimal(key) {
                let (floor, exact) = number.count(bound);
                number.least = number.least.max(if exact && !open { floor } else { floor + 1 });
                number.bounded.0 = true;
            }
        }
        for (key, open) in [("maximum", false), ("exclusiveMaximum", true)] {
            if let Some(bound) = decimal(key) {
                let (floor, exact) = number.count(bound);
                number.most = number.most.min(if exact && open { floor - 1 } else { floor });
                number.bounded.1 = true;
            }
        }
        number
    }

    /// The last count that is not above a bound, and whether it is the bound itself.
    fn count(&self, (units, places): (i128, u8)) -> (i128, bool) {
        let finer = places.max(self.places);
        let units = units.saturating_mul(10_i128.pow(u32::from(finer - places)));
        let step = self.step.saturating_mul(10_i128.pow(u32::from(finer - self.places)));
        (units.div_euclid(step), units.rem_euclid(step) == 0)
    }

    /// The number of a count, in the contract's form.
    fn value(&self, count: i128) -> Value {
        let text = format!("{}e-{}", count * self.step, self.places);
        let text = Decimal::parse(&text).and_then(|decimal| decimal.to_text(self.scale));
        Value::Number(text.unwrap_or_else(|| "0".to_owned()).into())
    }

    fn has(&self, count: i128) -> bool {
        (self.least..=self.most).contains(&count)
    }

    /// A number between two that people would expect, as far as the bounds let it.
    pub fn likely(&self, low: i128, high: i128, dice: &mut Dice) -> Value {
        let (low, high) = (self.count((low, 0)).0, self.count((high, 0)).0);
        let (from, to) = (low.max(self.least), high.min(self.most));
        if from <= to {
            return self.value(dice.between(from, to));
        }
        // What people expect is out of bounds: stay near the bound, as real data does.
        let (from, to) = match self.bounded {
            (true, _) => (self.least, self.most.min(self.least.saturating_add(100))),
            _ => (self.least.max(self.most.saturating_sub(100)), self.most),
        };
        self.value(dice.between(from, to))
    }

    /// The value nearest to zero.
    pub fn barest(&self) -> Value {
        self.value(0.max(self.least).min(self.most.max(self.least)))
    }

    /// Any number within the bounds.
    pub fn any(&self, dice: &mut Dice) -> Value {
        // Most numbers of a wide range are huge; half of the draws stay among the small ones.
        if dice.one_in(2) && self.has(0) {
            return self.value(dice.between(self.least.max(-1000), self.most.min(1000)));
        }
        self.value(dice.between(self.least, self.most))
    }

    /// The numbers at which translations break: bounds and their neighbours, zero, the ends of 16, 32 and 53
    /// bits, and each digit of the scale.
    pub fn edges(&self) -> Vec<Value> {
        let unit = 10_i128.pow(u32::from(self.places));
        let mut counts = vec![self.least, self.most, self.least + 1, self.most - 1, 0, 1, -1, 10, -10];
        for whole in
            [1, -1, 9, 100, 32_767, 32_768, -32_769, 65_536, 2_147_483_647, 2_147_483_648, -2_147_483_649]
        {
            counts.push((whole * unit).div_euclid(self.step));
        }
        // Thirds, and what floats cannot hold: 0.07 × 100 is not 7 in a double.
        counts.extend([7, 29, 57, 113, 115, 1_005, 333_333, -333_333]);
        let mut seen = Vec::new();
        counts.retain(|count| {
            self.has(*count) && !seen.contains(count) && {
                seen.push(*count);
                true
            }
        });
        counts.into_iter().map(|count| self.value(count)).collect()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A number of a schema as units and the digits after its point. `None` beyond thirty digits.
fn digits(value: &Json) -> Option<(i128, u8)> {
    let text = Decimal::parse(&value.as_number()?.to_string())?.to_text(None)?;
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let units: i128 = text.replace('.', "").parse().ok()?;
    // Two such numbers can be brought to one scale without leaving 128 bits.
    (places <= 15 && units.abs() < 10_i128.pow(20)).then_some((units, places as u8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(schema: &Json, integer: bool) -> Number {
        Number::of(schema.as_object().unwrap(), integer)
    }

    fn text(value: &Value) -> String {
        value.to_json()
    }

    #[test]
    fn bounds_are_exact_in_decimal_digits() {
        for (schema, integer, least, most) in [
            (json!({ "minimum": 5, "maximum": 1440 }), true, "5", "1440"),
            (json!({ "exclusiveMinimum": 0, "multipleOf": 0.01, "maximum": 1 }), false, "0.01", "1.00"),
            (json!({ "minimum": 0.105, "exclusiveMaximum": 0.3, "multipleOf": 0.1 }), false, "0.2", "0.2"),
            (json!({ "minimum": -1, "maximum": 1, "multipleOf": 0.25 }), false, "-1", "1"),
            (json!({ "minimum": 1, "maximum": 10, "multipleOf": 1.5 }), true, "3", "9"),
            (json!({ "exclusiveMinimum": 2, "exclusiveMaximum": 4 }), true, "3", "3"),
            (json!({ "minimum": 0.001, "maximum": 0.002 }), false, "0.001", "0.002"),
            (json!({ "multipleOf": 0.01 }), false, "-9999999999999.99", "9999999999999.99"),
        ] {
            let number = number(&schema, integer);
            let edges = number.edges();
            let found = (text(&number.value(number.least)), text(&number.value(number.most)));
            assert_eq!(found, (least.to_owned(), most.to_owned()), "{schema}");
            assert!(
                edges.iter().any(|e| text(e) == least) && edges.iter().any(|e| text(e) == most),
                "{schema}"
            );
        }
    }

    #[test]
    fn every_number_is_valid() {
        for (schema, integer) in [
            (json!({ "type": "number", "multipleOf": 0.01 }), false),
            (json!({ "type": "number", "multipleOf": 0.001, "exclusiveMinimum": 0, "maximum": 3 }), false),
            (json!({ "type": "number", "multipleOf": 0.25, "minimum": -7 }), false),
            (json!({ "type": "number" }), false),
            (json!({ "type": "integer" }), true),
            (json!({ "type": "integer", "multipleOf": 7, "minimum": -100, "maximum": 1e6 }), true),
        ] {
            let validator = jsonschema::validator_for(&schema).unwrap();
            let number = number(&schema, integer);
            let mut dice = Dice::of(&["numbers"]);
            let mut values = number.edges();
            values.push(number.barest());
            values.extend((0..200).map(|_| number.any(&mut dice)));
            values.extend((0..200).map(|_| number.likely(2, 40, &mut dice)));
            for value in values {
                assert!(validator.is_valid(&value.to_serde().unwrap()), "{} in {schema}", text(&value));
            }
        }
    }

    #[test]
    fn likely_numbers_give_way_to_the_bounds() {
        let number = number(&json!({ "minimum": 5000 }), true);
        let value = text(&number.likely(2, 40, &mut Dice::of(&["likely"]))).parse::<i64>().unwrap();
        assert!((5000..=5100).contains(&value));
    }
}

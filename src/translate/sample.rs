//! Values made from a contract: likely ones for stubs, harsh ones to prove mappings with, and the smallest
//! one that still fails. It knows no mapping and no backend, and asks neither a clock nor the system for
//! chance: the same contract and seed give the same value on every machine.

mod cases;
mod cover;
mod dice;
mod harsh;
mod likely;
mod number;
mod place;
mod shape;
mod shrink;
mod text;
mod words;

use crate::{plan::contract::Contract, value::Value};
use dice::Dice;
use likely::{Manner, Presence};
use shape::Shape;

/// A likely record for a stub, valid against the contract, read-only members included. The same for the
/// same contract name and seed, for ever.
///
/// Where a contract asks for what cannot be found by trying (a pattern with look-around, conditions across
/// members that contradict each other), the barest form is handed out even if it is not valid.
pub fn record(contract: &Contract, seed: &str) -> Value {
    Sampler::new(contract).record(seed)
}

/// A harsh record: valid against the contract, with values from the edges. Never holds U+0000. Date-times
/// are whole seconds in UTC; numbers stand at the contract's scale, and within 2^53 or fifteen digits.
/// Read-only members are included. Of a contract that cannot be met the same holds as for [`record`].
pub fn arbitrary(contract: &Contract, seed: u64) -> Value {
    Sampler::new(contract).arbitrary(seed)
}

/// A systematic head, followed by [`arbitrary`] for the seeds from 0, `count` values in all. In the head
/// each member takes each of its edge values while the others are plain, by turns with rows in which the
/// choices, truths and nulls of up to three sibling members meet in all combinations. Each is valid.
pub fn cases(contract: &Contract, count: usize) -> impl Iterator<Item = Value> {
    cases::Cases::new(Sampler::new(contract), count)
}

/// A smaller value that still fails. `still_fails` is asked 500 times at most, and only about values that
/// are valid, unless the first one was not.
pub fn shrink(contract: &Contract, value: Value, still_fails: &mut dyn FnMut(&Value) -> bool) -> Value {
    shrink::shrink(&Sampler::new(contract), value, still_fails)
}

/// A contract made ready for many samples; the functions above make one for each call.
#[derive(Debug)]
pub struct Sampler<'a> {
    contract: &'a Contract,
    shape: Shape,
}

// === impl Sampler ===

impl<'a> Sampler<'a> {
    pub fn new(contract: &'a Contract) -> Self {
        Self { contract, shape: Shape::of(&contract.schema) }
    }

    pub fn is_valid(&self, value: &Value) -> bool {
        value.to_serde().is_some_and(|json| self.contract.validator.is_valid(&json))
    }

    /// See [`record`].
    pub fn record(&self, seed: &str) -> Value {
        self.likely(Presence::Mostly, seed)
    }

    /// A likely record with all its members.
    fn full(&self) -> Value {
        self.likely(Presence::Always, "full")
    }

    fn likely(&self, presence: Presence, seed: &str) -> Value {
        // First as it should be; then without the examples, which may be wrong; then as little as possible.
        const MANNERS: [(Option<Presence>, bool, usize); 3] =
            [(None, true, 12), (None, false, 12), (Some(Presence::Required), false, 8)];
        let mut last = Value::Null;
        let mut attempt = 0_u32;
        for (other, examples, tries) in MANNERS {
            let manner = Manner { presence: other.unwrap_or(presence), examples };
            for _ in 0..tries {
                let mut dice = Dice::of(&[&self.contract.name, seed, &attempt.to_string()]);
                last = likely::make(&self.shape, manner, &mut dice);
                if self.is_valid(&last) {
                    return last;
                }
                attempt += 1;
            }
        }
        last
    }

    /// See [`arbitrary`].
    pub fn arbitrary(&self, seed: u64) -> Value {
        let seed = seed.to_string();
        for attempt in 0..8_u32 {
            let mut dice = Dice::of(&[&self.contract.name, "harsh", &seed, &attempt.to_string()]);
            let value = harsh::make(&self.shape, &mut dice);
            if self.is_valid(&value) {
                return value;
            }
        }
        self.roughened(&seed)
    }

    /// For contracts whose members depend on each other: a likely record, in which one member after the
    /// other takes an edge value if the record stays valid.
    fn roughened(&self, seed: &str) -> Value {
        let mut value = self.record(seed);
        let mut dice = Dice::of(&[&self.contract.name, "rough", seed]);
        for slot in cases::slots(&self.shape, &value) {
            if let Some(option) = dice.pick(&slot.options) {
                let mut rougher = value.clone();
                place::put(&mut rougher, &slot.steps, option.clone());
                if self.is_valid(&rougher) {
                    value = rougher;
                }
            }
        }
        value
    }

    /// See [`cases`].
    pub fn cases(self, count: usize) -> impl Iterator<Item = Value> + use<'a> {
        cases::Cases::new(self, count)
    }
}

#[cfg(test)]
mod tests;

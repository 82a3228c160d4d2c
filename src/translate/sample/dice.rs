//! Chance that falls the same way on every machine, for ever: `SplitMix64`, seeded from text by XXH3.
//! It is no source of secrets, and it never asks the operating system.

use xxhash_rust::xxh3::xxh3_64;

/// A stream of numbers that follows from its seed alone.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of these texts. Each text is closed by a byte that UTF-8 never holds, so that
    /// `["a", "b"]` and `["ab"]` are two.
    pub fn of(parts: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0xff);
        }
        Self { state: xxh3_64(&bytes) }
    }

    /// The next number (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from 0 up to, and without, `count`; 0 where `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        let product = u128::from(self.draw()) * (count as u128);
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` where they are the wrong way round.
    pub fn between(&mut self, low: i128, high: i128) -> i128 {
        let span = u64::try_from(high - low).unwrap_or(0);
        let product = u128::from(self.draw()) * (u128::from(span) + 1);
        low + i128::try_from(product >> 64).unwrap_or(0)
    }

    /// The same for lengths.
    pub fn length(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether this is the one time in so many.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of these; `None` where there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first three numbers of the reference implementation for the seed 1234567.
    #[test]
    fn draws_what_the_reference_draws() {
        let mut dice = Dice { state: 1_234_567 };
        let drawn = [dice.draw(), dice.draw(), dice.draw()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn stays_within_its_bounds() {
        let mut dice = Dice::of(&["bounds"]);
        let mut seen = [false; 7];
        for _ in 0..500 {
            seen[dice.below(7)] = true;
            assert!((-3..=3).contains(&dice.between(-3, 3)));
            assert!((2..=4).contains(&dice.length(2, 4)));
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!((dice.below(0), dice.between(5, 1)), (0, 5));
    }

    #[test]
    fn texts_are_kept_apart() {
        assert_ne!(Dice::of(&["a", "b"]).draw(), Dice::of(&["ab"]).draw());
        assert_eq!(Dice::of(&["a", "b"]).draw(), Dice::of(&["a", "b"]).draw());
    }
}

//! The generator behind the seed data: `SplitMix64` (Steele, Lea, Flood 2014), twelve lines that no release of
//! another crate can change. Not for secrets.

/// A stream of draws that depends on nothing but what it was made of.
pub(in crate::demo) struct Draw {
    state: u64,
}

impl Draw {
    /// The stream of one record: `kind` tells tables apart, `id` their rows.
    pub(in crate::demo) fn of(kind: u64, id: u64) -> Self {
        let mut draw = Self { state: kind.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ id };
        // Neighbouring ids begin with near states; one step parts them.
        draw.state = draw.next();
        draw
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(in crate::demo) fn below(&mut self, end: u64) -> u64 {
        // The upper half of the product: no division, and even enough for word lists.
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// A number from `first` to `last`, both included.
    pub(in crate::demo) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True in `percent` of a hundred draws.
    pub(in crate::demo) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list; the default of `T` from an empty one.
    pub(in crate::demo) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let at = self.below(list.len() as u64);
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
    }

    /// A moment from `first` to `last`, in seconds; `first` when `last` lies before it.
    pub(in crate::demo) fn moment(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or_default();
        first.saturating_add(i64::try_from(self.between(0, span)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn a_stream_is_what_it_always_was() {
        let mut draw = Draw::of(1, 2);
        let first: Vec<u64> = (0..4).map(|_| draw.below(1000)).collect();
        assert_eq!(first, [757, 973, 671, 858]);
    }

    #[test]
    fn draws_keep_their_bounds() {
        let mut draw = Draw::of(7, 7);
        for _ in 0..1000 {
            assert!((3..=5).contains(&draw.between(3, 5)));
            assert!((10..=20).contains(&draw.moment(10, 20)));
            assert!(["a", "b"].contains(&draw.pick(&["a", "b"])));
        }
        assert_eq!(draw.below(0), 0);
        assert_eq!(draw.pick::<&str>(&[]), "");
        assert_eq!(draw.moment(5, 1), 5);
    }
}

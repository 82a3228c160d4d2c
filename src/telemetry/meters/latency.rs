//! How long something took, as a histogram of fixed bounds: two additions for each note, no lock.

use super::Count;
use std::time::Duration;

/// The upper bounds in seconds: from an answer that is kept to a request's usual deadline.
pub const BOUNDS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The same in microseconds.
const MICROS: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000, 30_000_000,
];

#[derive(Debug, Default)]
pub struct Latency {
    /// The last one is of what took longer than all bounds.
    buckets: [Count; 17],
    micros: Count,
}

impl Latency {
    pub fn note(&self, took: Duration) {
        let micros = took.as_micros() as u64;
        let at = MICROS.partition_point(|bound| *bound < micros);
        if let Some(bucket) = self.buckets.get(at) {
            bucket.add(1);
        }
        self.micros.add(micros);
    }

    /// The sum in seconds, how many, and how many between each two bounds.
    pub fn read(&self) -> (f64, u64, Vec<(f64, u64)>) {
        let bounds = BOUNDS.into_iter().chain([f64::MAX]);
        let buckets: Vec<(f64, u64)> = bounds.zip(self.buckets.iter().map(Count::get)).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        (Duration::from_micros(self.micros.get()).as_secs_f64(), count, buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_same_in_both_units_and_belong_to_the_bucket_below() {
        for (seconds, micros) in BOUNDS.into_iter().zip(MICROS) {
            assert_eq!(Duration::from_secs_f64(seconds), Duration::from_micros(micros));
            let latency = Latency::default();
            latency.note(Duration::from_micros(micros));
            latency.note(Duration::from_micros(micros + 1));
            let (_, count, buckets) = latency.read();
            assert_eq!(count, 2);
            let found = buckets.iter().position(|(bound, _)| (bound - seconds).abs() < f64::EPSILON).unwrap();
            assert_eq!((buckets[found].1, buckets[found + 1].1), (1, 1));
        }
    }
}

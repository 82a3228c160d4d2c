//! Two ways of one job, measured in turns: a round runs the one and then the other for a moment, so that whatever else
//! the machine does meanwhile meets both. What comes out is the median of the rounds' ratios, and their quartiles: a
//! round in which another program took the processor away from one of them is an outlier and counts as one.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// How long each way runs within a round: far longer than reading the clock takes, far shorter than the slices in which
/// an operating system gives the processor away.
const TURN: Duration = Duration::from_micros(200);

/// A ratio of times, over many rounds.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    pub median: f64,
    pub lower: f64,
    pub upper: f64,
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} (half of the rounds within {:.3} to {:.3})", self.median, self.lower, self.upper)
    }
}

/// How much longer `ours` takes than `theirs`. What each run is given is made before its time begins.
pub fn ratio<I, A, B>(
    rounds: usize,
    mut given: impl FnMut() -> I,
    mut ours: impl FnMut(I) -> A,
    mut theirs: impl FnMut(I) -> B,
) -> Ratio {
    let a = runs(&mut given, &mut ours);
    let b = runs(&mut given, &mut theirs);
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|round| {
            // Who begins changes, so that neither always runs behind the other.
            if round % 2 == 0 {
                let first = each(a, &mut given, &mut ours);
                first / each(b, &mut given, &mut theirs)
            } else {
                let first = each(b, &mut given, &mut theirs);
                each(a, &mut given, &mut ours) / first
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |part: usize| ratios.get((ratios.len() - 1) * part / 4).copied().unwrap_or(f64::NAN);
    Ratio { median: at(2), lower: at(1), upper: at(3) }
}

/// How many runs fill a turn, once everything is warm.
fn runs<I, T>(given: &mut impl FnMut() -> I, work: &mut impl FnMut(I) -> T) -> u32 {
    each(50, given, work);
    let one = each(50, given, work);
    let runs = (TURN.as_secs_f64() / one).ceil();
    // Between one run and as many as the fastest work could need.
    runs.clamp(1.0, 10_000.0) as u32
}

/// The seconds of one run, without what it is given and what it leaves behind.
fn each<I, T>(runs: u32, given: &mut impl FnMut() -> I, work: &mut impl FnMut(I) -> T) -> f64 {
    let mut spent = Duration::ZERO;
    for _ in 0..runs {
        let input = given();
        let begun = Instant::now();
        let output = black_box(work(black_box(input)));
        spent += begun.elapsed();
        drop(output);
    }
    spent.as_secs_f64() / f64::from(runs)
}

//! From a value that fails to a small one that still does, by taking away. It searches no optimum: it ends
//! where no single step makes the value smaller, or where enough has been tried.

use super::{Sampler, place};
use crate::value::{Value, decimal::Decimal, path::Step};

/// How often the caller is asked at most.
const MOST: usize = 500;

/// A value that is valid stays valid. One that never was (a caller that dropped read-only members has
/// such) is only asked to keep failing.
pub fn shrink(sampler: &Sampler<'_>, value: Value, still_fails: &mut dyn FnMut(&Value) -> bool) -> Value {
    let strict = sampler.is_valid(&value);
    let mut best = value;
    let mut asked = 0;
    let mut changed = true;
    while changed {
        changed = false;
        // From the top: what goes as a whole need not be taken apart.
        let mut at = 0;
        while let Some(steps) = place::all(&best).into_iter().nth(at) {
            let smaller = candidates(sampler, &best, &steps).into_iter().find(|candidate| {
                let worth = asked < MOST && (!strict || sampler.is_valid(candidate));
                asked += usize::from(worth);
                worth && still_fails(candidate)
            });
            match smaller {
                // The same number of place again: it is smaller now, or another one has moved up.
                Some(smaller) => {
                    best = smaller;
                    changed = true;
                }
                None if asked >= MOST => return best,
                None => at += 1,
            }
        }
    }
    best
}

/// The values that are a step smaller at this place, the smallest first.
fn candidates(sampler: &Sampler<'_>, value: &Value, steps: &[Step]) -> Vec<Value> {
    let mut changes: Vec<Option<Value>> = Vec::new();
    if !steps.is_empty() {
        changes.push(None);
    }
    match place::get(value, steps) {
        Some(Value::Text(text)) => {
            changes.extend(texts(text).into_iter().map(|t| Some(Value::Text(t.into()))));
        }
        Some(Value::List(items)) if items.len() > 1 => {
            let (first, second) = items.split_at(items.len() / 2);
            changes.extend([&[], first, second].map(|part| Some(Value::List(part.to_vec()))));
        }
        Some(Value::List(items)) if !items.is_empty() => changes.push(Some(Value::List(Vec::new()))),
        Some(Value::Number(text)) => {
            let rank =
                |number: &str| ["0", "1"].iter().position(|n| Decimal::parse(n) == Decimal::parse(number));
            let smaller = ["0", "1"].into_iter().take(rank(text).unwrap_or(2));
            changes.extend(smaller.map(|digit| Some(Value::Number(digit.into()))));
        }
        _ => {}
    }
    let with = |change: Option<Value>| {
        let mut smaller = value.clone();
        place::put(&mut smaller, steps, change);
        // A number that was put in has to stand at its scale like any other.
        sampler.shape.settle(smaller)
    };
    changes.into_iter().map(with).collect()
}

/// Shorter texts: nothing, halves, and without each eighth; of short ones without each letter.
fn texts(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    if letters.is_empty() {
        return found;
    }
    found.push(String::new());
    let mut size = letters.len() / 2;
    while size > 0 {
        if size * 8 >= letters.len() {
            for start in (0..letters.len()).step_by(size) {
                let kept = letters.iter().take(start).chain(letters.iter().skip(start + size));
                found.push(kept.collect());
            }
        }
        size /= 2;
    }
    found
}

#[cfg(test)]
mod tests;

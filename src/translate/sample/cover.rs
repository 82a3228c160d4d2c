//! Few rows in which all combinations of the values of up to three columns stand: a covering array, made
//! greedily. It knows columns by number and values by number; what they are is the caller's business.

use std::collections::BTreeSet;

/// Columns beyond this are not combined with others.
const COLUMNS: usize = 24;
/// Where three columns have more combinations than this, two are combined.
const COMBINATIONS: usize = 20_000;

/// Up to three places: a column and its value. Unused ones are at the end.
type Tuple = [(u8, u8); 3];
const UNUSED: (u8, u8) = (u8::MAX, u8::MAX);

/// Rows for columns with so many values each. A column that is beyond the bound has 0 throughout.
pub fn rows(sizes: &[usize]) -> Vec<Vec<usize>> {
    let count = sizes.len().min(COLUMNS);
    let used: Vec<u8> =
        sizes.iter().take(COLUMNS).map(|size| u8::try_from(*size).unwrap_or(u8::MAX - 1)).collect();
    let strength = if triples(&used) > COMBINATIONS { 2 } else { count.min(3) };
    let mut open = tuples(&used, strength);
    let mut rows = Vec::new();
    while let Some(first) = open.first().copied() {
        let mut row: Vec<Option<u8>> = vec![None; count];
        for (column, value) in first.into_iter().filter(|place| *place != UNUSED) {
            if let Some(place) = row.get_mut(usize::from(column)) {
                *place = Some(value);
            }
        }
        for (column, size) in used.iter().enumerate() {
            if row.get(column).is_some_and(Option::is_none) {
                let gain = |value: &u8| gains(&row, column, *value, strength, &open);
                // Of equals `max_by_key` takes the last: turned round, that is the first.
                let best = (0..*size).rev().max_by_key(gain);
                if let Some(place) = row.get_mut(column) {
                    *place = best;
                }
            }
        }
        let chosen: Vec<(u8, u8)> =
            row.iter().enumerate().filter_map(|(column, value)| Some((column as u8, (*value)?))).collect();
        for tuple in subsets(&chosen, strength) {
            open.remove(&tuple);
        }
        let row = row.into_iter().map(|value| usize::from(value.unwrap_or(0)));
        rows.push(row.chain(std::iter::repeat_n(0, sizes.len() - count)).collect());
    }
    rows
}

/// How many combinations of three columns there are: the third elementary symmetric sum of the sizes.
fn triples(sizes: &[u8]) -> usize {
    let (mut ones, mut twos, mut threes) = (0_usize, 0_usize, 0_usize);
    for size in sizes.iter().map(|size| usize::from(*size)) {
        threes += twos * size;
        twos += ones * size;
        ones += size;
    }
    threes
}

/// All combinations of the values of so many columns.
fn tuples(sizes: &[u8], strength: usize) -> BTreeSet<Tuple> {
    let columns: Vec<(u8, u8)> =
        sizes.iter().enumerate().map(|(column, size)| (column as u8, *size)).collect();
    let mut all = BTreeSet::new();
    for chosen in subsets(&columns, strength) {
        let mut partial: Vec<Tuple> = vec![[UNUSED; 3]];
        for (at, (column, size)) in chosen.into_iter().enumerate().filter(|(_, place)| *place != UNUSED) {
            let mut longer = Vec::new();
            for tuple in &partial {
                for value in 0..size {
                    let mut tuple = *tuple;
                    if let Some(place) = tuple.get_mut(at) {
                        *place = (column, value);
                    }
                    longer.push(tuple);
                }
            }
            partial = longer;
        }
        all.extend(partial.into_iter().filter(|tuple| *tuple != [UNUSED; 3]));
    }
    all
}

/// All ways to take so many of these, in their order.
fn subsets(places: &[(u8, u8)], strength: usize) -> Vec<Tuple> {
    let mut found = Vec::new();
    for (at, first) in places.iter().enumerate() {
        if strength == 1 {
            found.push([*first, UNUSED, UNUSED]);
        }
        for (next, second) in places.iter().enumerate().skip(at + 1) {
            if strength == 2 {
                found.push([*first, *second, UNUSED]);
            } else if strength == 3 {
                found.extend(places.iter().skip(next + 1).map(|third| [*first, *second, *third]));
            }
        }
    }
    found
}

/// How many open combinations a value would close, with what the row has already.
fn gains(row: &[Option<u8>], column: usize, value: u8, strength: usize, open: &BTreeSet<Tuple>) -> usize {
    let own = (column as u8, value);
    let set = row.iter().enumerate().filter_map(|(at, value)| Some((at as u8, (*value)?)));
    let set: Vec<(u8, u8)> = set.collect();
    let joined = |others: &[(u8, u8)]| {
        let mut tuple = [UNUSED; 3];
        for (place, one) in tuple.iter_mut().zip(others.iter().chain([&own])) {
            *place = *one;
        }
        tuple.sort_unstable();
        tuple
    };
    match strength {
        0 | 1 => usize::from(open.contains(&joined(&[]))),
        2 => set.iter().filter(|other| open.contains(&joined(&[**other]))).count(),
        _ => subsets(&set, 2).iter().filter(|[a, b, _]| open.contains(&joined(&[*a, *b]))).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_of_three_columns_stand_in_some_row() {
        let sizes = [6, 3, 3, 2, 4, 2, 2];
        let rows = rows(&sizes);
        for a in 0..sizes.len() {
            for b in a + 1..sizes.len() {
                for c in b + 1..sizes.len() {
                    let seen: BTreeSet<_> = rows.iter().map(|row| (row[a], row[b], row[c])).collect();
                    assert_eq!(seen.len(), sizes[a] * sizes[b] * sizes[c], "{a} {b} {c}");
                }
            }
        }
        // The largest three alone need 72.
        assert!((72..=120).contains(&rows.len()), "{}", rows.len());
    }

    #[test]
    fn few_columns_are_combined_in_full() {
        assert_eq!(rows(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(rows(&[3]), [[0], [1], [2]]);
        assert_eq!(rows(&[2, 2]).len(), 4);
        assert_eq!(rows(&[2, 3, 2]).len(), 12);
    }

    #[test]
    fn what_is_too_much_is_combined_by_pairs() {
        assert_eq!(triples(&[2, 3, 5, 7]), 30 + 42 + 70 + 105);
        let rows = rows(&[12; 30]);
        let pairs: BTreeSet<_> = rows.iter().map(|row| (row[3], row[17])).collect();
        assert_eq!(pairs.len(), 144);
        assert!(rows.len() < 500 && rows.iter().all(|row| row.len() == 30), "{}", rows.len());
    }
}

//! Lists of which single items are members of the contract: what is sent has the others, too, as the source has them.

use crate::{
    plan::writing::{Picked, What, Writing},
    value::{Value, path::Path},
};

/// The lists of this kind that a record is about to replace.
pub(super) fn lists<'w>(
    writing: &'w Writing,
    record: &Value,
) -> impl Iterator<Item = (&'w Path, &'w [Picked])> {
    writing.rules.iter().filter_map(move |rule| match &rule.what {
        What::Picked(all) if record.follow(&rule.path).is_some() => Some((&rule.path, all.as_slice())),
        _ => None,
    })
}

/// Puts the items of `whole` that are nobody's member back into the lists of `record`, each where it stood. An item that is
/// one keeps what no member says of it, such as its id.
pub(super) fn keep(writing: &Writing, record: &mut Value, whole: &Value) {
    let found: Vec<(&Path, &[Picked])> = lists(writing, record).collect();
    for (path, all) in found {
        let Some(Value::List(mut fresh)) = record.follow(path).cloned() else { continue };
        let Some(Value::List(stored)) = whole.follow(path) else { continue };
        let mut taken = vec![false; all.len()];
        let mut items = Vec::with_capacity(stored.len() + fresh.len());
        for item in stored {
            let member = all.iter().position(|one| is(one, item));
            match member.and_then(|at| taken.get_mut(at).map(|taken| (at, taken))) {
                // Only the first one is the member; the others stay.
                Some((at, taken)) if !*taken => {
                    *taken = true;
                    let Some(one) = all.get(at) else { continue };
                    if let Some(at) = fresh.iter().position(|new| is(one, new)) {
                        let mut kept = item.clone();
                        if let Some(value) = fresh.remove(at).follow(&one.value) {
                            kept.put(&one.value.0, value.clone());
                        }
                        items.push(kept);
                    }
                }
                _ => items.push(item.clone()),
            }
        }
        items.append(&mut fresh);
        record.put(&path.0, Value::List(items));
    }
}

/// Whether an item is this member's.
fn is(one: &Picked, item: &Value) -> bool {
    one.marks.iter().all(|(place, values)| {
        let held = item.follow(place).and_then(Value::scalar).filter(|held| !held.is_empty());
        held.is_some_and(|held| values.iter().any(|value| value.scalar() == Some(held)))
    })
}

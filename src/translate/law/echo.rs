//! What a source makes of what it is sent, as far as the mapping knows it: another place, and escapes that it adds by
//! itself. The law reads what is written so, since it asks no source.

use crate::plan::{
    convert::{Chain, Html, Op},
    reading::Reading,
    writing::{Rule, What, Writing},
};

/// The rules of writing with the places and the forms that the source will answer with.
pub(super) fn echoed(writing: &Writing, reading: &Reading) -> Writing {
    let mut echoed = writing.clone();
    let places = reading.levels.first().map(|level| level.places.as_slice()).unwrap_or_default();
    for rule in &mut echoed.rules {
        if let Some(place) = places.get(usize::from(rule.slot)) {
            rule.path.clone_from(place);
        }
        escape(rule);
    }
    echoed
}

fn escape(rule: &mut Rule) {
    let escape = |chain: &mut Chain| {
        for op in chain.write.iter_mut().filter(|op| **op == Op::Html(Html::Plain)) {
            *op = Op::Html(Html::Escaped);
        }
    };
    match &mut rule.what {
        What::One(_, chain)
        | What::Several(_, _, chain)
        | What::Whole(_, chain)
        | What::Scalars(_, _, chain) => escape(chain),
        What::Rows(_, rules) => rules.iter_mut().for_each(self::escape),
        What::Picked(all) => all.iter_mut().for_each(|one| escape(&mut one.chain)),
        What::Flags(..) => {}
    }
}

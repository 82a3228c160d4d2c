//! The free tags of the first years, and the pets that bear them. As free tagging goes: the same thing in two spellings,
//! a name with a comma in it, one that nobody uses any more.

use crate::demo::drupal7::store::{TAGS_VID, Term};
use crate::demo::seed::Pet;
use crate::demo::seed::draw::Draw;

/// Tells this stream of draws from those of the seed, which are 1 and 2.
const KIND: u64 = 71;
/// Behind the breeds, with a gap: terms made before them were merged away.
const FIRST_TAG: u64 = 3101;
/// Of a hundred pets.
const TAGGED: u64 = 14;
/// The pet of the public examples has none.
const UNTAGGED: &str = "109";

const NAMES: [&str; 12] = [
    "senior",
    "Senior",
    "shy",
    "good with kids",
    "loves kids, cats",
    "needs medication",
    "indoor only",
    "rescue",
    "bilingüe",
    "therapy animal",
    "picky eater",
    "do not use (old)",
];
/// The last name is nobody's.
const USED: u64 = NAMES.len() as u64 - 1;

pub(super) fn terms() -> impl Iterator<Item = Term> {
    NAMES.iter().zip(FIRST_TAG..).map(|(name, tid)| Term::tag(tid, TAGS_VID, name))
}

/// The tids of a pet's tags, each once; most pets have none.
pub(super) fn of(pet: &Pet) -> Vec<u64> {
    let mut draw = Draw::of(KIND, pet.id.parse().unwrap_or_default());
    let mut tids = Vec::new();
    if pet.id != UNTAGGED && draw.chance(TAGGED) {
        for _ in 0..draw.between(1, 3) {
            let tid = FIRST_TAG + draw.below(USED);
            if !tids.contains(&tid) {
                tids.push(tid);
            }
        }
    }
    tids
}

//! Generated records hold everything that the contract allows, and a text of several parts cannot hold its own sign within
//! a part: such a value is refused, and never lost. What the law tries is brought within that first.

use crate::{
    plan::{
        Contract, Kind,
        convert::{Op, Split},
        writing::{Together, What, Writing},
    },
    translate::store,
    value::Value,
};

pub(super) fn tame(contract: &Contract, writing: &Writing, record: &mut Value) {
    for (id, only) in &writing.only {
        let Some(member) = contract.get(*id) else { continue };
        if record.at(&member.path).is_some_and(|value| !store::is_kept(contract, member, value, only)) {
            record.set_at(&member.path, only.clone());
        }
    }
    for rule in &writing.rules {
        // What the source has no code for is refused, which the mapping says by `lacks`.
        if let What::One(id, chain) = &rule.what
            && let Some(member) = contract.get(*id).filter(|m| matches!(m.kind, Kind::Enum(_)))
            && let Some(Op::Codes(codes)) = chain.write.last()
            && let Some(value) = record.at(&member.path).filter(|value| !value.is_null())
            && codes.back(value).is_none()
            && let Some((_, first)) = codes.pairs.first()
        {
            record.set_at(&member.path, first.clone());
        }
        let What::Several(members, Together::Pieces(split), _) = &rule.what else { continue };
        for (at, member) in members.iter().filter_map(|id| contract.get(*id)).enumerate() {
            let Some(Value::Text(text)) = record.at(&member.path) else { continue };
            if matches!(member.kind, Kind::Enum(_)) {
                continue;
            }
            let open = split.rest && at + 1 == split.members;
            let tamed = match tamed(split, open, text) {
                None if member.nullable => Value::Null,
                None => Value::Text("x".into()),
                Some(text) => Value::Text(text.into()),
            };
            record.set_at(&member.path, tamed);
        }
    }
}

/// The text without the sign and without spaces around it; `None` where that is nothing.
fn tamed(split: &Split, open: bool, text: &str) -> Option<String> {
    let mut text = text.to_owned();
    if !open {
        // A part that ends as the sign begins would make one with it: none of its characters stays.
        text.retain(|c| !split.at.contains(c) || c.is_whitespace());
        text = text.replace(&*split.at, "");
    }
    let text = text.trim();
    let nothing = text.is_empty() || split.nothing.iter().any(|word| **word == *text);
    (!nothing).then(|| text.to_owned())
}

//! Generated records hold everything that the contract allows, and a text of several parts cannot hold its own sign within
//! a part: such a value is refused, and never lost. What the law tries is brought within that first.

use crate::{
    plan::{
        Contract,
        convert::Split,
        writing::{Together, What, Writing},
    },
    value::Value,
};

pub(super) fn tame(contract: &Contract, writing: &Writing, record: &mut Value) {
    for rule in &writing.rules {
        let What::Several(members, Together::Pieces(split), _) = &rule.what else { continue };
        for (at, member) in members.iter().filter_map(|id| contract.get(*id)).enumerate() {
            let Some(Value::Text(text)) = record.at(&member.path) else { continue };
            if matches!(member.kind, crate::plan::Kind::Enum(_)) {
                continue;
            }
            let open = split.rest && at + 1 == split.members;
            let tamed = match tamed(split, open, text) {
                None if member.nullable => Value::Null,
                None => Value::Text("x".into()),
                Some(text) => Value::Text(text),
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

//! The way back: the rules of writing. What can be written has one, and no place is written twice.

use super::{Filler, ListRules, Work, WriteHow, fill_slot};
use crate::{
    fault::mapping as m,
    plan::{
        MemberId,
        compile::{Compiler, converters::Ground},
        contract::Member,
        reading::Fill,
        writing::{Rule as WriteRule, What, Writing},
    },
};
use std::{collections::BTreeMap, sync::Arc};

impl Compiler<'_> {
    /// The rules of writing: what can be written has a way back, and no place is written twice.
    pub(super) fn writing(&mut self, work: &mut Work<'_, '_>) -> Writing {
        let mut writing = Writing::default();
        let contract = Arc::clone(&work.contract);
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        let mut tables_done: Vec<Vec<MemberId>> = Vec::new();
        for (id, (names, filler)) in &work.fillers {
            let Some(member) = contract.get(*id) else { continue };
            let here = ["fields", names.as_str()];
            let read_only = contract.is_read_only(member);
            let (path, slot, what) = match filler {
                Filler::Leaf { fill: Fill::Absent, .. } => continue,
                Filler::Leaf { fill, writes: Some((path, how)) } => {
                    let slot = fill_slot(fill);
                    match how {
                        WriteHow::One(chain) => {
                            if !chain.has_way_back() && !read_only {
                                self.no_way_back(
                                    work.ground,
                                    &here,
                                    member,
                                    "its converters cannot be reversed",
                                );
                                continue;
                            }
                            (path, slot, What::One(*id, chain.clone()))
                        }
                        WriteHow::Whole(chain) => (path, slot, What::Whole(*id, chain.clone())),
                        WriteHow::Part(table, ids) => {
                            if tables_done.contains(ids) {
                                continue;
                            }
                            tables_done.push(ids.clone());
                            (path, slot, What::Several(ids.clone(), Arc::clone(table)))
                        }
                        WriteHow::Flag(text, item) => {
                            let flag = (*id, text.clone());
                            let known =
                                writing.rules.iter_mut().find(|r| r.path == *path).map(|r| &mut r.what);
                            if let Some(What::Flags(flags, _)) = known {
                                flags.push(flag);
                                continue;
                            }
                            (path, slot, What::Flags(vec![flag], item.clone()))
                        }
                    }
                }
                Filler::Leaf { fill, writes: None } => {
                    if !read_only {
                        let why = match fill {
                            Fill::Constant(_) => "it is a constant",
                            _ => "its place can only be read",
                        };
                        self.no_way_back(work.ground, &here, member, why);
                    }
                    continue;
                }
                Filler::List { slot, path, rules, .. } => match rules {
                    ListRules::Scalars(item, chain) => {
                        (path, *slot, What::Scalars(*id, item.clone(), chain.clone()))
                    }
                    ListRules::Rows(rules) => (path, *slot, What::Rows(*id, rules.clone())),
                },
            };
            if read_only {
                continue;
            }
            if let Some(other) = places.insert(path.to_string(), names.clone())
                && other != *names
            {
                let message = format!("`{names}` and `{other}` fill the same place `{path}`");
                let hint =
                    Some("fill both from one place by a `table`, or make one of them read-only".into());
                work.ground.doc.error_at_key(self.out, m::FILLED_TWICE, &here, message, hint);
                continue;
            }
            writing.rules.push(WriteRule { slot, path: path.clone(), what });
        }
        writing
    }

    fn no_way_back(&mut self, ground: Ground<'_>, place: &[&str], member: &Member, why: &str) {
        let message = format!("`{}` can be written, and there is no way back: {why}", member.path);
        let hint = Some("make it `readOnly` in the contract, or give the rule a `write`".into());
        ground.doc.error_at_key(self.out, m::NO_WAY_BACK, place, message, hint);
    }
}

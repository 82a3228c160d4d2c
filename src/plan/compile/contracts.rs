//! The contracts: each depends on its own file alone, and stays what it is as long as that does.

use super::Compiler;
use crate::{
    pace::breathe,
    plan::{Contract, Plan, contract::compile as contract},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

impl Compiler<'_> {
    /// All contracts by their names; those that a plan before has are shared with it.
    pub(super) fn contracts(&mut self, before: Option<&Plan>) -> BTreeMap<String, Arc<Contract>> {
        let mut found = BTreeMap::new();
        let before = before.iter().flat_map(|plan| &plan.resources).map(|one| &one.contract);
        let before: HashMap<&str, &Arc<Contract>> = before.map(|one| (one.name.as_str(), one)).collect();
        for (name, doc) in &self.files.contracts {
            let same = |known: &&&Arc<Contract>| Arc::ptr_eq(&known.schema, &doc.words);
            if let Some(known) = before.get(name.as_str()).filter(same) {
                found.insert(name.clone(), Arc::clone(known));
                continue;
            }
            breathe();
            match contract::compile(name, doc, self.out) {
                Some(contract) => _ = found.insert(name.clone(), Arc::new(contract)),
                None => _ = self.blamed.insert(name.clone()),
            }
        }
        found
    }
}

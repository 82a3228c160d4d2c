//! The tree of paths: each resource's collections and records, and the shortcuts. Nothing stands at a path twice.

use super::Compiler;
use crate::{
    fault::mapping as m,
    pace::breathe,
    plan::{
        Resource, Shortcut,
        resource::Operation,
        route::{Routes, Target},
    },
};
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn routes(&mut self, resources: &[Arc<Resource>], shortcuts: &[Arc<Shortcut>]) -> Routes {
        let mut routes = Routes::default();
        for (at, api) in self.apis.iter().enumerate() {
            routes.add_api(&api.base, at);
        }
        for resource in resources {
            breathe();
            let base = self.apis.get(resource.api).map(|a| a.base.clone()).unwrap_or_default();
            let key = resource.contract.get(resource.key).map_or("", |m| &m.name);
            for (at, path) in resource.paths.iter().enumerate() {
                let collection = format!("{base}{}", path.path);
                let target = if resource.single {
                    Target::Record(resource.id, at)
                } else {
                    Target::Collection(resource.id, at)
                };
                let mut taken = routes.add(&collection, target).is_some();
                // Below a further path only the collection stands: a record has one address.
                let singly =
                    resource.operations.iter().any(|o| !matches!(o, Operation::List | Operation::Create));
                if at == 0 && resource.keyed && !resource.single && singly {
                    taken |= routes
                        .add(&format!("{collection}/{{{key}}}"), Target::Record(resource.id, at))
                        .is_some();
                }
                if taken && let Some(draft) = self.drafts.get(resource.id) {
                    let message = format!("the path `{collection}` is taken by another resource");
                    draft.doc.error(
                        self.out,
                        m::PATH_TAKEN,
                        &["path"],
                        message,
                        Some("give it a path of its own".into()),
                    );
                }
            }
        }
        for (at, shortcut) in shortcuts.iter().enumerate() {
            let base = self.apis.get(shortcut.api).map(|a| a.base.clone()).unwrap_or_default();
            let taken = routes.add(&format!("{base}{}", shortcut.path), Target::Shortcut(at)).is_some();
            let doc = self.files.shortcuts.iter().find(|(_, doc)| doc.words.shortcut == shortcut.name);
            if taken && let Some((_, doc)) = doc {
                doc.error(
                    self.out,
                    m::PATH_TAKEN,
                    &["path"],
                    "this path is taken already",
                    Some("give it a path of its own".into()),
                );
            }
        }
        routes
    }
}

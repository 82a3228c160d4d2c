//! What a service's description and a format without types want to know of a binding: places, inputs, what repeats.

use crate::{
    plan::{
        compile::Compiler,
        http::{Call, Format, HttpMeans, Target},
        reading::Reading,
        writing::Writing,
    },
    spec::{Doc, words},
    value::path::{Path, Step},
};

impl Compiler<'_> {
    /// What is named of a described service is there.
    pub(super) fn in_schema(
        &mut self,
        doc: &Doc<words::Binding>,
        reading: &Reading,
        writing: &Writing,
        means: &HttpMeans,
    ) {
        let dialect = &means.dialect;
        if let Some(list) = &means.list {
            if list.complete.is_none() {
                self.answered(doc, reading, &list.call, true);
            }
            let mut more = dialect.pages.targets();
            more.extend(
                list.filters
                    .iter()
                    .flat_map(|way| way.ways.iter().filter_map(|(_, target, _)| target.as_ref())),
            );
            let more: Vec<Path> = more.into_iter().filter_map(Target::body).cloned().collect();
            self.supplied(doc, dialect, &list.call, None, &more);
            if let Some(complete) = &list.complete {
                let many = complete.many.as_ref().and_then(|many| many.keys.body());
                self.answered(doc, reading, &complete.call, many.is_some());
                self.supplied(
                    doc,
                    dialect,
                    &complete.call,
                    None,
                    &many.cloned().into_iter().collect::<Vec<_>>(),
                );
            }
        }
        if let Some(read) = &means.read {
            self.answered(doc, reading, &read.call, false);
            self.supplied(doc, dialect, &read.call, None, &[]);
        }
        for write in [&means.create, &means.replace].into_iter().flatten() {
            self.supplied(doc, dialect, &write.call, Some(writing), &[]);
        }
        if let Some(write) = &means.delete {
            self.supplied(doc, dialect, &write.call, None, &[]);
        }
    }
}

/// The places of answers that repeat, for formats that do not show it: `rows`, and the lists within a row.
pub(super) fn repeating(reading: &Reading, means: &mut HttpMeans) {
    if !matches!(means.dialect.format, Format::Xml { .. }) {
        return;
    }
    let dotted = |path: &Path| crate::plan::http::call::names(path).collect::<Vec<_>>().join(".");
    let lists = |call: &Call, is_list: bool| {
        let mut found = Vec::new();
        let rows = dotted(&call.rows.at);
        let indexed = call.rows.at.0.iter().any(|step| matches!(step, Step::Index(_)));
        if (is_list || indexed) && !rows.is_empty() {
            found.push(rows.clone());
        }
        let top = Path(call.rows.at.0.iter().chain(&call.rows.within.0).cloned().collect());
        let mut bases = vec![dotted(&top)];
        for level in reading.levels.iter().skip(1) {
            let Some((above, slot)) = level.within else { continue };
            let list = reading.levels.get(usize::from(above)).and_then(|l| l.places.get(usize::from(slot)));
            let outer = bases.get(usize::from(above)).cloned().unwrap_or_default();
            let inner = list.map(dotted).unwrap_or_default();
            let full = if outer.is_empty() { inner } else { format!("{outer}.{inner}") };
            found.push(full.clone());
            bases.push(full);
        }
        found
    };
    if let Some(list) = &mut means.list {
        list.call.lists = lists(&list.call, true);
        if let Some(complete) = &mut list.complete {
            complete.call.lists = lists(&complete.call, complete.many.is_some());
        }
    }
    if let Some(read) = &mut means.read {
        read.call.lists = lists(&read.call, false);
    }
}

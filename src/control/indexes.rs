//! Filters and sorts that no index serves: what a resource declares, compared with the migrations of its store. It
//! opens no database, so it knows only what the migration files make, and says nothing of tables that they do not.

mod ddl;

use crate::{
    fault::{Diagnostic, Diagnostics, mapping as m},
    plan::{Means, Plan, Resource, SourceKind, reading::Fill, sql::SqlMeans},
    spec::{Bound, Files},
};
use ddl::Tables;
use std::path::Path;

/// The folders of a store's migrations, one for each kind of database.
const FLAVORS: [&str; 3] = ["sqlite", "postgres", "mariadb"];

/// A warning (M332) for each filter or sort that a resource declares over a table in which its column leads no index,
/// in whichever of the folders of migrations that is so. It points at the member's field in the binding's file, or at
/// the table where the field is not found. A folder that cannot be read is passed over: who applies it tells.
pub fn unindexed(plan: &Plan, files: &Files) -> Vec<Diagnostic> {
    let mut out = Diagnostics::new();
    for resource in &plan.resources {
        let Means::Sql(means) = &resource.binding.means else { continue };
        let source = plan.sources.get(resource.binding.source).map(|s| &s.kind);
        let Some(SourceKind::Sql(source)) = source else { continue };
        let Some(folder) = &source.migrations else { continue };
        let Some(bound) = files.bindings.iter().find(|b| b.doc.file.name == resource.binding.file) else {
            continue;
        };
        let made = FLAVORS.map(|flavor| (flavor, read(&folder.join(flavor))));
        judge(resource, means, bound, &made, &mut out);
    }
    out.into_iter().collect()
}

fn judge(
    resource: &Resource,
    means: &SqlMeans,
    bound: &Bound,
    made: &[(&str, Tables)],
    out: &mut Diagnostics,
) {
    let mut members = resource.filters.clone();
    members.extend(resource.sorts.iter().filter(|sort| !resource.filters.contains(sort)));
    for id in members {
        let Some(Fill::Slot(slot, _)) = resource.binding.reading.leaf(id).map(|leaf| &leaf.fill) else {
            continue;
        };
        let Some(column) = means.columns.get(usize::from(*slot)) else { continue };
        let joined = means.joins.iter().find(|join| join.alias == column.alias).map(|join| &join.table);
        let table = joined.unwrap_or(&means.table);
        // A sealed column is found by the one beside it.
        let name = column.index.as_ref().map_or(&column.name, |index| &index.name);
        let lacking = made.iter().filter(|(_, tables)| tables.lacks(table, name)).map(|(flavor, _)| *flavor);
        let lacking: Vec<&str> = lacking.collect();
        let Some(member) = resource.contract.get(id) else { continue };
        if lacking.is_empty() {
            continue;
        }
        let can = match (resource.filters.contains(&id), resource.sorts.contains(&id)) {
            (true, true) => "filtered and sorted",
            (true, false) => "filtered",
            _ => "sorted",
        };
        let message = format!(
            "`{}` can be {can} by `{}`, and no index of `{table}` begins with `{}` ({})",
            resource.name,
            member.path,
            name,
            lacking.join(", ")
        );
        let hint = format!("add a migration with `CREATE INDEX {table}_{name} ON {table} ({name})`");
        let field = bound
            .doc
            .words
            .fields
            .keys()
            .find(|names| names.split(',').any(|name| name.trim() == &*member.path));
        let path = field.map_or(vec!["table"], |field| vec!["fields", field.as_str()]);
        bound.doc.warning(out, m::NOT_INDEXED, &path, message, Some(hint));
    }
}

/// What all files of a folder make. Nothing where there is no such folder.
fn read(folder: &Path) -> Tables {
    let mut tables = Tables::default();
    let Ok(entries) = std::fs::read_dir(folder) else { return tables };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|e| e == "sql") && !path.to_string_lossy().ends_with(".down.sql")
    });
    paths.sort();
    for text in paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()) {
        tables.take(&text);
    }
    tables
}

#[cfg(test)]
mod tests;

//! A database's own catalogue to a project: a table with a key of one column becomes a resource, and one that holds
//! nothing but a list of another's becomes that one's children. No row is read.

mod column;
mod spelling;
mod table;

use super::{
    names,
    project::{Address, Project, Resource, Wish},
};
use crate::{
    backend::sql::{
        Flavor,
        catalogue::{self, Table},
        pool::Pool,
    },
    fault::{Diagnostic, Diagnostics, SourceFile, mapping as m},
};
use std::{path::Path, sync::Arc, time::Duration};

/// A database that does not answer by then is taken for one that is not there.
const DEADLINE: Duration = Duration::from_secs(10);

/// Reads the catalogue behind a URL. What is left out is told as warnings; nothing comes of it where there is an error.
pub async fn read(url: &str, wish: &Wish, out: &mut Diagnostics) -> Option<Project> {
    let (shown, database) = shown(url);
    let file = SourceFile::new(shown.as_str(), "");
    let refuse = |out: &mut Diagnostics, message: String, hint: &str| {
        out.push(Diagnostic::error(m::NOT_IMPORTABLE, &file, 0..0, message).with_hint(hint));
    };
    if let Some(name) = url.strip_prefix("sqlite:") {
        // Opening a file that is not there would make it.
        if !Path::new(name.trim_start_matches("//")).is_file() {
            refuse(
                out,
                format!("there is no file `{name}`"),
                "name a database that exists, for example `sqlite:store.db`",
            );
            return None;
        }
    }
    let here = std::env::current_dir().unwrap_or_default();
    let pool = match Pool::open(url, &here, 1, DEADLINE).await {
        Ok(pool) => pool,
        Err(failed) => {
            let hint = "write `sqlite:FILE`, `postgres://user:password@host/database` or `mysql://user:password@host/database`";
            refuse(out, failed.to_string(), hint);
            return None;
        }
    };
    let tables = match catalogue::read(&pool).await {
        Ok(tables) => tables,
        Err(failed) => {
            refuse(
                out,
                format!("the catalogue cannot be read: {failed}"),
                "see whether the database runs, and lets this user in",
            );
            return None;
        }
    };
    let source = wish.source(&database);
    let file = SourceFile::new(shown.as_str(), tables.iter().map(line).collect::<String>());
    let resources = resources(&tables, pool.flavor(), wish, &file, out);
    if resources.is_empty() {
        let known: Vec<String> = tables.iter().map(|table| names::resource(&table.name)).collect();
        let hint = if wish.only.is_empty() || known.is_empty() {
            "a resource needs a table with a primary key of one column".to_owned()
        } else {
            format!("`--only` can name: {}", known.join(", "))
        };
        let message = "no table here can be a resource";
        out.push(Diagnostic::error(m::NOTHING_FOUND, &file, 0..0, message).with_hint(hint));
        return None;
    }
    let mut notes = vec![
        "Decide: the database is taken as it is; `migrations` can name a folder that brings it up to date."
            .to_owned(),
    ];
    let address = address(url, &source);
    if matches!(address, Address::SqlIn(_)) {
        notes.push(
            "Decide: where the database's URL comes from, `env`, `file` or `command`; it has a password."
                .into(),
        );
    }
    Some(Project {
        origin: shown,
        kind: "sql",
        api: wish.api(&source),
        title: format!("{} API", names::title(&source)),
        source,
        address,
        credentials: Vec::new(),
        dialects: Vec::new(),
        resources,
        copies: Vec::new(),
        notes,
    })
}

/// What a database is called where people read it, without user and password; and its own name.
fn shown(url: &str) -> (String, String) {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    if scheme == "sqlite" {
        let path = Path::new(rest);
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
        };
        return (text(path.file_name()), text(path.file_stem()));
    }
    let rest =
        rest.trim_start_matches('/').rsplit_once('@').map_or(rest.trim_start_matches('/'), |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let name = rest.rsplit_once('/').map_or("database", |(_, name)| name);
    (format!("{scheme}://{rest}"), if name.is_empty() { "database".into() } else { name.to_owned() })
}

/// The URL as the configuration has it: a password is referred to.
fn address(url: &str, source: &str) -> Address {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let path = std::path::absolute(file.trim_start_matches("//")).unwrap_or_default();
        return Address::Sql(format!("sqlite:{}", path.display()));
    }
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let secret =
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) || url.contains("password=");
    if secret { Address::SqlIn(names::variable(source, "url")) } else { Address::Sql(url.to_owned()) }
}

/// A table where people are shown which one is meant.
fn line(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    format!("{} ({})\n", table.name, columns.join(", "))
}

fn resources(
    tables: &[Table],
    flavor: Flavor,
    wish: &Wish,
    file: &Arc<SourceFile>,
    out: &mut Diagnostics,
) -> Vec<Resource> {
    let mut left_out = |table: &Table, message: String, hint: &str| {
        let line = line(table);
        let start = file.text.find(&line).unwrap_or_default();
        out.push(
            Diagnostic::warning(m::LEFT_OUT, file, start..start + table.name.len(), message).with_hint(hint),
        );
    };
    let mut made: Vec<Resource> = Vec::new();
    let own: Vec<&Table> =
        tables.iter().filter(|table| table::parent(table, tables, flavor).is_none()).collect();
    for table in own {
        let name = names::resource(&table.name);
        if !wish.wants(&name) {
            continue;
        }
        match table.key.as_slice() {
            [] => left_out(
                table,
                format!("the table `{}` has no primary key: left out", table.name),
                "give it a key of one column, or read it as a child of another table",
            ),
            [_] if !spelling::sayable(&table.name, flavor) => left_out(
                table,
                format!("the name of the table `{}` cannot be said in a mapping: left out", table.name),
                "give it a view of another name, with letters, digits and `_`",
            ),
            [_] if made.iter().any(|known| known.name == name) => left_out(
                table,
                format!("the table `{}` would be the resource `{name}` too: left out", table.name),
                "write it by hand, under another name",
            ),
            [_] => match table::resource(table, tables, flavor, wish) {
                Ok(resource) => made.push(resource),
                Err(reason) => left_out(
                    table,
                    format!("the table `{}` is left out: {reason}", table.name),
                    "give its key a column of texts or whole numbers",
                ),
            },
            several => left_out(
                table,
                format!(
                    "the table `{}` has a key of several columns ({}): left out",
                    table.name,
                    several.join(", ")
                ),
                "give it a key of one column; or, where it is a list of another table's, a column `position` in its key",
            ),
        }
    }
    // What is not made cannot be referred to.
    let known: Vec<String> = made.iter().map(|resource| resource.name.clone()).collect();
    for resource in &mut made {
        resource.references.retain(|(_, other)| known.contains(other));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        let (shown, name) = shown("postgres://me:p%40ss@db.example:5432/shop?sslmode=require");
        assert_eq!((shown.as_str(), name.as_str()), ("postgres://db.example:5432/shop", "shop"));
        assert_eq!(address("postgres://me:x@db/shop", "shop"), Address::SqlIn("SHOP_URL".into()));
        assert_eq!(address("postgres://me@db/shop", "shop"), Address::Sql("postgres://me@db/shop".into()));
    }
}

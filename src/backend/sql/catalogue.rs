//! What a database says of its own tables: columns with their types, keys, references, and which columns lead an index.
//! It reads the catalogue alone, never a table's rows, and judges nothing of what it finds.

use super::{
    flavor::Flavor,
    pool::{Failed, Pool},
    statement::Statement,
};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub key: Vec<String>,
    pub foreign: Vec<Foreign>,
    /// Columns that an index begins with.
    pub leading: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    pub name: String,
    /// In small letters, as the database prints it: `numeric(9,2)`, `character varying(80)`, `tinyint(1)`.
    pub kind: String,
    pub not_null: bool,
    /// The expression of its default.
    pub default: Option<String>,
    /// The database counts it up.
    pub counted: bool,
    /// The database computes it from others.
    pub computed: bool,
    /// The only texts that it takes, where a constraint or its type says them in a form that is understood.
    pub choices: Vec<String>,
    /// Each value is JSON in a text.
    pub json: bool,
}

/// A reference of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub column: String,
    pub table: String,
    /// The column there; the key where it is not said.
    pub to: Option<String>,
}

/// No catalogue takes as long.
const DEADLINE: Duration = Duration::from_secs(30);

/// All tables of the database, or of the schema that it begins with, by name.
pub async fn read(pool: &Pool) -> Result<Vec<Table>, Failed> {
    let asked = match pool.flavor() {
        Flavor::Sqlite => &SQLITE,
        Flavor::Postgres => &POSTGRES,
        Flavor::Mariadb => &MARIADB,
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in rows(pool, asked.columns, 8).await? {
        let [table, name, kind, not_null, default, counted, computed, choices] = row.as_slice() else {
            continue;
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let truth = |value: &Option<String>| value.as_deref() == Some("1");
        let column = Column {
            name: text(name),
            kind: text(kind).to_ascii_lowercase(),
            not_null: truth(not_null),
            default: default.clone(),
            counted: truth(counted),
            computed: truth(computed),
            choices: enumerated(&text(kind), &text(choices)),
            json: false,
        };
        match tables.last_mut().filter(|last| last.name == text(table)) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { name: text(table), columns: vec![column], ..Table::default() }),
        }
    }
    for row in rows(pool, asked.keys, 2).await? {
        pair(&mut tables, &row, |table, column| table.key.push(column));
    }
    for row in rows(pool, asked.leading, 2).await? {
        pair(&mut tables, &row, |table, column| table.leading.push(column));
    }
    for row in rows(pool, asked.foreign, 4).await? {
        let [from, column, table, to] = row.as_slice() else { continue };
        let (Some(column), Some(table)) = (column.clone(), table.clone()) else { continue };
        if let Some(found) = tables.iter_mut().find(|known| Some(&known.name) == from.as_ref()) {
            found.foreign.push(Foreign { column, table, to: to.clone() });
        }
    }
    for row in rows(pool, asked.checks, 2).await? {
        pair(&mut tables, &row, |table, clause| constrain(table, &clause));
    }
    Ok(tables)
}

async fn rows(pool: &Pool, sql: &str, columns: usize) -> Result<Vec<Vec<Option<String>>>, Failed> {
    let mut found: Vec<Vec<Option<String>>> = Vec::new();
    let statement = Statement { sql: sql.to_owned(), parameters: Vec::new() };
    let fill = |_: usize, column: usize, value: Option<&str>| {
        if column == 0 {
            found.push(Vec::with_capacity(columns));
        }
        if let Some(row) = found.last_mut() {
            row.push(value.map(str::to_owned));
        }
    };
    pool.fetch(&statement, columns, Instant::now() + DEADLINE, fill).await?;
    Ok(found)
}

/// A table's name with one thing of it.
fn pair(tables: &mut [Table], row: &[Option<String>], take: impl FnOnce(&mut Table, String)) {
    if let [Some(name), Some(value)] = row
        && let Some(table) = tables.iter_mut().find(|table| table.name == *name)
    {
        take(table, value.clone());
    }
}

/// The texts of an enumeration: of `PostgreSQL` in a list, of `MariaDB` in the type.
fn enumerated(kind: &str, listed: &str) -> Vec<String> {
    if !listed.is_empty() {
        return listed.split('\u{1f}').map(str::to_owned).collect();
    }
    let inner = kind.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')'));
    inner.map(literals).unwrap_or_default()
}

/// The texts in quotes of an expression.
fn literals(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some((_, behind)) = rest.split_once('\'') {
        let mut text = String::new();
        let mut tail = behind;
        loop {
            let Some((part, after)) = tail.split_once('\'') else { return found };
            text.push_str(part);
            // A doubled quote is one of the text.
            tail = after;
            let Some(after) = after.strip_prefix('\'') else { break };
            text.push('\'');
            tail = after;
        }
        found.push(text);
        rest = tail;
    }
    found
}

/// `CHECK (kind IN ('a', 'b'))` in the words of each database, and `json_valid(column)`. `SQLite` gives the whole
/// statement that made the table.
fn constrain(table: &mut Table, clause: &str) {
    let lower = clause.to_ascii_lowercase();
    for column in &mut table.columns {
        let name = column.name.to_ascii_lowercase();
        if ["", "`", "\""].iter().any(|quote| lower.contains(&format!("json_valid({quote}{name}{quote})"))) {
            column.json = true;
        }
        if !column.choices.is_empty() {
            continue;
        }
        for (at, _) in lower.match_indices(&name) {
            let before = lower.get(..at).and_then(|text| text.chars().next_back()).unwrap_or(' ');
            let behind = lower.get(at + name.len()..).unwrap_or_default();
            let written = clause.get(at + name.len()..).unwrap_or_default();
            if before.is_alphanumeric() || before == '_' {
                continue;
            }
            let Some(list) = choice(behind) else { continue };
            let texts = written.get(list).map(literals).unwrap_or_default();
            if !texts.is_empty() {
                column.choices = texts;
                break;
            }
        }
    }
}

/// Where the list stands behind a column's name, if that is what follows: ` IN (...)` or ` = ANY (ARRAY[...])`.
fn choice(behind: &str) -> Option<std::ops::Range<usize>> {
    let start = behind.trim_start_matches(['"', '`', ')', ' ']);
    let start = match start.strip_prefix("::") {
        // The cast that PostgreSQL puts behind a column.
        Some(cast) => cast
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == ' ' || c == '_')
            .trim_start_matches([')', ' ']),
        None => start,
    };
    let (open, close) = if start.starts_with("in (") || start.starts_with("in(") {
        ('(', ')')
    } else if start.starts_with("= any (") {
        ('[', ']')
    } else {
        return None;
    };
    let skipped = behind.len() - start.len();
    let from = skipped + start.find(open)?;
    let to = from + behind.get(from..)?.find(close)?;
    Some(from..to)
}

/// The questions to one kind of database. `columns` gives the table, name, type, whether it is never null, default,
/// whether it is counted, whether it is computed, and choices parted by U+001F; the others a table's name and a thing.
struct Asked {
    columns: &'static str,
    keys: &'static str,
    leading: &'static str,
    foreign: &'static str,
    checks: &'static str,
}

const SQLITE: Asked = Asked {
    columns: "SELECT m.name, p.name, p.type, CAST(p.\"notnull\" AS TEXT), p.dflt_value,
        CAST(p.pk = 1 AND lower(p.type) = 'integer'
            AND (SELECT count(*) FROM pragma_table_info(m.name) o WHERE o.pk > 0) = 1 AS TEXT),
        CAST(p.hidden > 1 AS TEXT), NULL
        FROM sqlite_master m, pragma_table_xinfo(m.name) p
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND p.hidden <> 1
        ORDER BY m.name, p.cid",
    keys: "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
        WHERE m.type = 'table' AND p.pk > 0 ORDER BY m.name, p.pk",
    leading: "SELECT m.name, i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
        WHERE m.type = 'table' AND i.seqno = 0 AND i.name IS NOT NULL AND l.partial = 0 ORDER BY m.name, l.seq",
    foreign: "SELECT m.name, f.\"from\", f.\"table\", f.\"to\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' AND (SELECT count(*) FROM pragma_foreign_key_list(m.name) o WHERE o.id = f.id) = 1
        ORDER BY m.name, f.id DESC",
    checks: "SELECT name, sql FROM sqlite_master WHERE type = 'table'",
};

const POSTGRES: Asked = Asked {
    columns: "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN '1' ELSE '0' END, pg_get_expr(d.adbin, d.adrelid),
        CASE WHEN a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN '1' ELSE '0' END,
        CASE WHEN a.attgenerated <> '' THEN '1' ELSE '0' END,
        (SELECT string_agg(e.enumlabel, chr(31) ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE '\\_%'
        AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        ORDER BY c.relname COLLATE \"C\", a.attnum",
    keys: "SELECT c.relname::text, a.attname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place) ON true
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE i.indisprimary AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        ORDER BY c.relname, k.place",
    leading: "SELECT c.relname::text, a.attname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indpred IS NULL AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        ORDER BY c.relname, a.attnum",
    foreign: "SELECT c.relname::text, a.attname::text, o.relname::text, b.attname::text FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
        JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND cardinality(k.conkey) = 1
        AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        ORDER BY c.relname, a.attnum",
    checks: "SELECT c.relname::text, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'c' AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        ORDER BY c.relname, k.conname",
};

const MARIADB: Asked = Asked {
    columns: "SELECT CAST(c.table_name AS CHAR), CAST(c.column_name AS CHAR), CAST(c.column_type AS CHAR),
        IF(c.is_nullable = 'NO', '1', '0'), CAST(c.column_default AS CHAR),
        IF(c.extra LIKE '%auto_increment%', '1', '0'), IF(c.generation_expression <> '', '1', '0'), NULL
        FROM information_schema.columns c JOIN information_schema.tables t
        ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '|_%' ESCAPE '|'
        ORDER BY c.table_name, c.ordinal_position",
    keys: "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR) FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index",
    leading: "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR) FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND seq_in_index = 1 ORDER BY table_name, index_name",
    foreign: "SELECT CAST(k.table_name AS CHAR), CAST(k.column_name AS CHAR), CAST(k.referenced_table_name AS CHAR),
        CAST(k.referenced_column_name AS CHAR) FROM information_schema.key_column_usage k
        WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL
        AND (SELECT count(*) FROM information_schema.key_column_usage o WHERE o.table_schema = k.table_schema
            AND o.table_name = k.table_name AND o.constraint_name = k.constraint_name) = 1
        ORDER BY k.table_name, k.column_name",
    checks: "SELECT CAST(t.table_name AS CHAR), CAST(c.check_clause AS CHAR) FROM information_schema.check_constraints c
        JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema
        AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
        WHERE c.constraint_schema = DATABASE() ORDER BY t.table_name, c.constraint_name",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_of_each_database() {
        let clauses = [
            "CREATE TABLE t (other TEXT, kind TEXT NOT NULL CHECK (kind IN ('a', 'b''c')))",
            "CHECK ((kind = ANY (ARRAY['a'::text, 'b''c'::text])))",
            "CHECK (((kind)::text = ANY ((ARRAY['a'::character varying, 'b''c'::character varying])::text[])))",
            "`kind` in ('a','b''c')",
        ];
        for clause in clauses {
            let column = |name: &str| Column { name: name.into(), ..Column::default() };
            let mut table = Table { columns: vec![column("kind"), column("other")], ..Table::default() };
            constrain(&mut table, clause);
            assert_eq!(table.columns[0].choices, ["a", "b'c"], "{clause}");
            assert!(table.columns[1].choices.is_empty(), "{clause}");
        }
        assert_eq!(enumerated("enum('x','y')", ""), ["x", "y"]);
        assert!(enumerated("varchar(20)", "").is_empty());
    }
}

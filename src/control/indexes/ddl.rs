//! A small reader of migrations: which tables they make, and which columns lead an index. It is tolerant: what it
//! does not understand it passes over, and it judges no syntax. An index on an expression leads with no column.

use std::collections::{BTreeMap, BTreeSet};

/// The columns that lead an index, by table. Names are in lower case and without their schema.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<String, Table>);

#[derive(Debug, Default)]
struct Table {
    /// Whether it is made here; an index alone makes no table.
    made: bool,
    leading: BTreeSet<String>,
}

/// A word, a quoted name or a sign. Texts are dropped: nothing here depends on them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Name(String),
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

impl Tables {
    /// Whether a table is made here in which no index begins with this column.
    pub(super) fn lacks(&self, table: &str, column: &str) -> bool {
        let table = table.rsplit('.').next().unwrap_or(table).to_ascii_lowercase();
        self.0.get(&table).is_some_and(|t| t.made && !t.leading.contains(&column.to_ascii_lowercase()))
    }

    /// Takes in a file's statements.
    pub(super) fn take(&mut self, sql: &str) {
        let tokens = tokens(sql);
        for statement in tokens.split(|t| *t == Token::Sign(';')) {
            let object = statement.iter().position(|t| t.is("table") || t.is("index"));
            let Some((object, rest)) = object.and_then(|at| statement.get(at..)?.split_first()) else {
                continue;
            };
            match statement.first() {
                Some(verb) if verb.is("create") && object.is("table") => self.table(rest),
                Some(verb) if verb.is("create") => self.index(rest),
                Some(verb) if verb.is("alter") && object.is("table") => self.alter(rest),
                _ => {}
            }
        }
    }

    fn leads(&mut self, table: &str, column: Option<String>) {
        self.0.entry(table.to_owned()).or_default().leading.extend(column);
    }

    /// `[IF NOT EXISTS] name ( ... )`
    fn table(&mut self, tokens: &[Token]) {
        let Some((table, rest)) = target(tokens) else { return };
        self.0.entry(table.clone()).or_default().made = true;
        for item in items(inside(rest)) {
            self.leads(&table, leading(item));
        }
    }

    /// `[CONCURRENTLY] [IF NOT EXISTS] [name] ON [ONLY] table [USING method] ( ... )`
    fn index(&mut self, tokens: &[Token]) {
        let on = tokens.iter().position(|t| t.is("on")).and_then(|at| tokens.get(at + 1..));
        let Some((table, rest)) = on.and_then(target) else { return };
        self.leads(&table, first(rest));
    }

    /// `name ADD ..., ADD ...`
    fn alter(&mut self, tokens: &[Token]) {
        let Some((table, rest)) = target(tokens) else { return };
        for item in items(rest) {
            if let Some((verb, item)) = item.split_first()
                && verb.is("add")
            {
                let item = item.strip_prefix(&[Token::Word("column".into())]).unwrap_or(item);
                self.leads(&table, leading(skipped(item)));
            }
        }
    }
}

/// Behind `ONLY` and `IF [NOT] EXISTS`.
fn skipped(tokens: &[Token]) -> &[Token] {
    let known = |t: &Token| ["only", "if", "not", "exists"].iter().any(|word| t.is(word));
    let at = tokens.iter().position(|t| !known(t)).unwrap_or(tokens.len());
    tokens.get(at..).unwrap_or_default()
}

/// A table's name, and what follows it.
fn target(tokens: &[Token]) -> Option<(String, &[Token])> {
    let (name, rest) = skipped(tokens).split_first()?;
    match rest {
        [Token::Sign('.'), rest @ ..] => target(rest),
        rest => Some((name.name()?.to_owned(), rest)),
    }
}

/// What stands in the first pair of parentheses.
fn inside(tokens: &[Token]) -> &[Token] {
    let Some(start) = tokens.iter().position(|t| *t == Token::Sign('(')) else { return &[] };
    let mut depth = 0_usize;
    let end = tokens.iter().skip(start).position(|t| {
        match t {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    tokens.get(start + 1..start + end.unwrap_or(tokens.len() - start)).unwrap_or_default()
}

/// The parts between commas that stand in no parentheses.
fn items(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0_i32;
    tokens.split(move |t| {
        match t {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            _ => {}
        }
        depth == 0 && *t == Token::Sign(',')
    })
}

/// The column that begins the first pair of parentheses; none where an expression does.
fn first(tokens: &[Token]) -> Option<String> {
    let (column, rest) = inside(tokens).split_first()?;
    let column = column.name().map(str::to_owned);
    match rest {
        // A prefix of a column, `name(10)`, as MariaDB has it.
        [Token::Sign('('), Token::Word(length), ..] => {
            column.filter(|_| length.bytes().all(|b| b.is_ascii_digit()))
        }
        [Token::Sign('('), ..] => None,
        _ => column,
    }
}

/// The column that an item of a table's definition gives an index to.
fn leading(item: &[Token]) -> Option<String> {
    let item = match item {
        [word, _, rest @ ..] if word.is("constraint") => rest,
        item => item,
    };
    let (start, rest) = item.split_first()?;
    if ["primary", "unique", "index", "key"].iter().any(|word| start.is(word)) {
        return first(rest);
    }
    let is_key = |pair: &[Token]| matches!(pair, [a, b] if a.is("primary") && b.is("key"));
    let indexed = rest.iter().any(|t| t.is("unique")) || rest.windows(2).any(is_key);
    start.name().filter(|_| indexed && !start.is("foreign") && !start.is("check")).map(str::to_owned)
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '-' if after.starts_with('-') => past(after, "\n"),
            '/' if after.starts_with('*') => past(after, "*/"),
            // A doubled quote ends one text and begins the next, which comes to the same.
            '\'' => past(after, "'"),
            '"' | '`' | '[' => {
                let end = if c == '[' { "]" } else { rest.get(..1).unwrap_or("\"") };
                let name = after.split(end).next().unwrap_or_default();
                found.push(Token::Name(name.to_ascii_lowercase()));
                past(after, end)
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                found.push(Token::Word(word.to_ascii_lowercase()));
                behind
            }
            c if c.is_whitespace() => after,
            c => {
                found.push(Token::Sign(c));
                after
            }
        };
    }
    found
}

/// What stands behind the first `end`.
fn past<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, behind)| behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, indexed: &[&str], bare: &[&str]) {
        let mut tables = Tables::default();
        tables.take(sql);
        for column in indexed {
            assert!(!tables.lacks("pets", column), "`{column}` leads an index in {sql}");
        }
        for column in bare {
            assert!(tables.lacks("pets", column), "`{column}` leads no index in {sql}");
        }
    }

    #[test]
    fn constraints_of_a_table_make_indexes() {
        check(
            "CREATE TABLE pets (id TEXT PRIMARY KEY, chip TEXT NOT NULL UNIQUE, name TEXT)",
            &["id", "chip"],
            &["name"],
        );
        check(
            "create table IF NOT EXISTS shop.pets (a int, b int, c int, d int, primary key (a, b), unique key u (c))",
            &["a", "c"],
            &["b", "d"],
        );
        check(
            "CREATE TABLE \"Pets\" (a INT, `B` INT, KEY k (`B`), CONSTRAINT one UNIQUE (a))",
            &["a", "b"],
            &["k", "one"],
        );
        check(
            "CREATE TABLE pets (a INT CHECK (a IN (1, 2)), b DECIMAL(10, 2) UNIQUE, c INT REFERENCES x (id))",
            &["b"],
            &["a", "c"],
        );
    }

    #[test]
    fn indexes_count_by_their_first_column() {
        let table = "CREATE TABLE pets (a INT, b INT);\n";
        check(&format!("{table}CREATE INDEX i ON pets (a, b)"), &["a"], &["b"]);
        check(
            &format!(
                "{table}CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY public.pets USING btree (b DESC)"
            ),
            &["b"],
            &["a"],
        );
        check(
            &format!("{table}CREATE INDEX i ON pets (lower(a), b); CREATE INDEX j ON pets ((b + 1))"),
            &[],
            &["a", "b"],
        );
        check(
            &format!("{table}CREATE INDEX i ON pets (a(10)); CREATE INDEX j ON pets (b) WHERE a IS NULL"),
            &["a", "b"],
            &[],
        );
        check(
            &format!("{table}ALTER TABLE pets ADD COLUMN c INT UNIQUE, ADD INDEX i (b), ADD d INT"),
            &["b", "c"],
            &["a", "d"],
        );
    }

    #[test]
    fn comments_and_texts_say_nothing() {
        check(
            "CREATE TABLE pets (a TEXT, -- UNIQUE, PRIMARY KEY (a)\n b TEXT DEFAULT 'x, unique; it''s', /* unique */ c TEXT);\n
             -- CREATE INDEX i ON pets (c);\n INSERT INTO pets VALUES ('CREATE INDEX i ON pets (b);')",
            &[],
            &["a", "b", "c"],
        );
    }

    #[test]
    fn tables_that_are_not_made_here_lack_nothing() {
        let mut tables = Tables::default();
        tables.take("CREATE INDEX i ON pets (a); CREATE TABLE ((( ; nonsense 'open");
        assert!(!tables.lacks("pets", "b"));
    }
}

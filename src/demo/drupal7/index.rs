//! The index of a resource: base columns of one database table, filtered by equality, ordered, and cut into pages of
//! one fixed size. It knows no fields, no ranges and no totals, as Services does not.
//!
//! Numbers compare as numbers. Text compares as bytes: the site's database has the collation `utf8_bin`. Rows that
//! the order does not tell apart come by their id, although no database promises that.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::query::{Query, csv};
use super::refusal::Refusal;

/// A value in a base column.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell<'r> {
    Null,
    Number(i64),
    Text(&'r str),
}

impl Cell<'_> {
    /// An id of the store.
    pub(super) fn id(id: u64) -> Self {
        Self::Number(i64::try_from(id).unwrap_or(i64::MAX))
    }

    /// As the database driver of PHP hands it out: everything is a string.
    fn value(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Number(number) => Value::String(number.to_string()),
            Cell::Text(text) => Value::String((*text).to_owned()),
        }
    }

    /// Whether a filter's word means this cell; a word that is no number means no number.
    fn is(&self, word: &str) -> bool {
        match self {
            Cell::Null => false,
            Cell::Number(number) => word.parse() == Ok(*number),
            Cell::Text(text) => *text == word,
        }
    }
}

/// What a request may do with a column besides showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum May {
    Show,
    Sort,
    /// And sort.
    Filter,
}

/// Name, what it is for, and how a row fills it.
pub(super) type Column<R> = (&'static str, May, for<'r> fn(&'r R) -> Cell<'r>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// A resource that has an index.
pub(super) struct Table<R: 'static> {
    /// As it stands in the path.
    pub(super) name: &'static str,
    /// The first one is the id.
    pub(super) columns: &'static [Column<R>],
    /// Where the request does not ask for one.
    pub(super) order: &'static [(&'static str, Direction)],
}

/// Where the index stands and how long its pages are.
pub(super) struct Place<'c> {
    /// `http://host`.
    pub(super) base: &'c str,
    pub(super) page_size: usize,
}

impl<R> Table<R> {
    /// One page as an array of objects; past the last row an empty one. `rows` come in the order of their ids.
    pub(super) fn list<'r>(
        &self,
        rows: impl Iterator<Item = &'r R>,
        query: &Query,
        place: &Place<'_>,
    ) -> Result<Value, Refusal> {
        if query.get("pagesize").is_some_and(|size| size.parse() != Ok(place.page_size)) {
            return Err(Refusal::PageSize);
        }
        let page = page(query)?;
        let shown = self.shown(query.get("fields"))?;
        let order = self.order(query)?;
        let filters = query
            .map("parameters")
            .map(|(name, words)| Ok((self.column(name, May::Filter)?, csv(words))))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let mut rows: Vec<&R> = rows
            .filter(|row| {
                filters.iter().all(|(column, words)| words.iter().any(|word| column.2(row).is(word)))
            })
            .collect();
        // Stable, so that equal rows keep the order of their ids.
        rows.sort_by(|one, other| compare(&order, one, other));
        let first = page.saturating_mul(place.page_size);
        let page = rows.into_iter().skip(first).take(place.page_size);
        Ok(Value::Array(page.map(|row| self.row(row, &shown, place.base)).collect()))
    }

    /// The base columns of one row with its address.
    fn row(&self, row: &R, shown: &[&Column<R>], base: &str) -> Value {
        let mut object: Map<String, Value> =
            shown.iter().map(|column| (column.0.to_owned(), column.2(row).value())).collect();
        // Without the id among the fields Services cannot make the address and leaves it out.
        if let Some(Value::String(id)) = self.columns.first().and_then(|column| object.get(column.0)) {
            let uri = format!("{base}/rest/{}/{id}", self.name);
            object.insert("uri".to_owned(), Value::String(uri));
        }
        Value::Object(object)
    }

    fn column(&self, name: &str, may: May) -> Result<&Column<R>, Refusal> {
        self.columns.iter().find(|column| column.0 == name && column.1 >= may).ok_or(Refusal::Query)
    }

    fn shown(&self, fields: Option<&str>) -> Result<Vec<&Column<R>>, Refusal> {
        match fields {
            None | Some("*") => Ok(self.columns.iter().collect()),
            Some(fields) => fields.split(',').map(|name| self.column(name.trim(), May::Show)).collect(),
        }
    }

    fn order(&self, query: &Query) -> Result<Vec<(&Column<R>, Direction)>, Refusal> {
        let mut asked = query.map("options[orderby]").peekable();
        if asked.peek().is_none() {
            return self.order.iter().map(|&(name, way)| Ok((self.column(name, May::Sort)?, way))).collect();
        }
        // Drupal takes every word but `desc` for ascending.
        asked
            .map(|(name, way)| {
                let descending = way.eq_ignore_ascii_case("desc");
                let way = if descending { Direction::Descending } else { Direction::Ascending };
                Ok((self.column(name, May::Sort)?, way))
            })
            .collect()
    }
}

/// The page's number, from 0; what is no number is 0, as PHP has it, and a negative one breaks the SQL.
fn page(query: &Query) -> Result<usize, Refusal> {
    match query.get("page").map(str::parse::<i64>) {
        None | Some(Err(_)) => Ok(0),
        Some(Ok(page)) => usize::try_from(page).map_err(|_| Refusal::Query),
    }
}

fn compare<R>(order: &[(&Column<R>, Direction)], one: &R, other: &R) -> Ordering {
    order
        .iter()
        .map(|(column, way)| {
            let ascending = column.2(one).cmp(&column.2(other));
            if *way == Direction::Descending { ascending.reverse() } else { ascending }
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

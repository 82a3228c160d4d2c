//! Looking for lines: by who, by what, by record and by time, the newest first. Pages in which they can be are found by
//! their terms, where those are filed; the lines themselves say which it is.

use super::{
    line::{ACTION, Beside, Line, NAME, OUTCOME, RESOURCE, clipped, micros},
    page::{self, COLUMNS, Kept, Page, Stride, Term},
};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Failed, Pool},
    },
    fault::Fault,
    ledger::{Ledger, fault},
    value::time::Moment,
};
use std::{ops::Range, time::Duration};
use tokio::time::Instant;

/// The most lines of one page.
const MOST: u32 = 1000;
const LONG: Duration = Duration::from_secs(20);

/// What is looked for: all of what is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub subject: Option<String>,
    pub client: Option<String>,
    pub resource: Option<String>,
    /// A record's key.
    pub record: Option<String>,
    /// An action, or the beginning of one with `*` behind it: `login.*`.
    pub action: Option<String>,
    pub outcome: Option<String>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// Lines with a lower number than this one: the last one of the page before.
    pub before: Option<i64>,
    /// How many; 100 where it is 0, and no more than 1000.
    pub limit: u32,
}

impl Search {
    /// How many lines a page has at most.
    pub fn page(&self) -> u32 {
        if self.limit == 0 { 100 } else { self.limit.min(MOST) }
    }

    /// What is looked for, in words, for the line of the trail that says who looked.
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let text = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        let moment = |name, value: Option<Moment>| value.map(|value| (name, value.to_string()));
        [
            text("subject", &self.subject),
            text("client", &self.client),
            text("resource", &self.resource),
            text("record", &self.record),
            text("action", &self.action),
            text("outcome", &self.outcome),
            moment("from", self.from),
            moment("until", self.until),
            self.before.map(|before| ("before", before.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The pages in which such lines can be, the newest first, of those that begin within a span of lines and are filed.
    fn statement(&self, flavor: Flavor, span: &Range<i64>, pages: usize) -> Statement {
        let mut parameters = Vec::new();
        let mut place = |parameter: Parameter| {
            parameters.push(parameter);
            flavor.placeholder(parameters.len())
        };
        let mut exact: Vec<Term<'_>> = Vec::new();
        // The one that says most comes first: pages are gone through by it, in their order.
        if let (Some(record), Some(resource)) = (&self.record, &self.resource) {
            exact.push(Term::Record(record, resource));
        }
        exact.extend(self.subject.as_deref().map(Term::Subject));
        exact.extend(self.client.as_deref().map(Term::Client));
        exact.extend(self.resource.as_deref().filter(|_| self.record.is_none()).map(Term::Resource));
        let mut exact = exact.into_iter().map(|term| Parameter::Text(term.text()));
        let mut conditions = Vec::new();
        // A key of whichever resource says more than who it was.
        let of_any = self.record.as_deref().filter(|_| self.resource.is_none());
        let leading = if of_any.is_none() { exact.next() } else { None };
        let (tables, order) = match leading {
            Some(term) => {
                conditions.push(format!("t.term = {}", place(term)));
                ("trail_terms t JOIN trail_pages p ON p.first_line = t.first_line", "t.first_line")
            }
            None => ("trail_pages p", "p.first_line"),
        };
        conditions.push(format!("{order} >= {}", place(Parameter::Integer(span.start))));
        conditions.push(format!("{order} < {}", place(Parameter::Integer(span.end))));
        for term in exact {
            let term = place(term);
            conditions.push(format!(
                "EXISTS (SELECT 1 FROM trail_terms o WHERE o.term = {term} AND o.first_line = p.first_line)"
            ));
        }
        if let Some(record) = of_any {
            let [from, to] = Term::of_key(record).map(|term| place(Parameter::Text(term)));
            conditions.push(format!(
                "p.first_line IN (SELECT o.first_line FROM trail_terms o WHERE o.term >= {from} AND o.term < {to})"
            ));
        }
        if let Some(until) = self.until {
            conditions.push(format!("p.earliest < {}", place(Parameter::Integer(micros(until)))));
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM {tables} WHERE {} ORDER BY {order} DESC LIMIT {pages}",
            conditions.join(" AND ")
        );
        Statement { sql, parameters }
    }

    /// Whether it is a line that is looked for.
    fn takes(&self, line: Kept<'_>) -> bool {
        if self.before.is_some_and(|before| line.id >= before) {
            return false;
        }
        let said = serde_json::from_str(line.text).ok();
        let Some(beside) = said.as_ref().and_then(Beside::of) else {
            // Somebody has changed it: it is nobody's any more, and is not hidden.
            return *self == Self { before: self.before, limit: self.limit, ..Self::default() };
        };
        let same = |wanted: &Option<String>, is: Option<&str>, most: usize| {
            wanted
                .as_ref()
                .is_none_or(|wanted| is.is_some_and(|is| clipped(is, most) == clipped(wanted, most)))
        };
        let action = || match self.action.as_deref().map(|action| (action, action.strip_suffix('*'))) {
            Some((_, Some(start))) => beside.action.starts_with(start),
            Some((action, None)) => clipped(beside.action, ACTION) == clipped(action, ACTION),
            None => true,
        };
        let record = || {
            let is =
                |wanted: &String| beside.keys.iter().any(|key| clipped(key, NAME) == clipped(wanted, NAME));
            self.record.as_ref().is_none_or(is)
        };
        let at = beside.happened_at;
        same(&self.subject, beside.subject, NAME)
            && same(&self.client, beside.client, NAME)
            && same(&self.resource, beside.resource, RESOURCE)
            && same(&self.outcome, Some(beside.outcome), OUTCOME)
            && action()
            && record()
            && self.from.is_none_or(|from| at >= micros(from))
            && self.until.is_none_or(|until| at < micros(until))
    }
}

/// Lines that were found so far.
struct Found<'a> {
    search: &'a Search,
    most: usize,
    lines: Vec<Line>,
}

// === impl Found ===

impl Found<'_> {
    /// Goes through pages that begin within a span, until there are as many lines as are wanted, or no page more.
    async fn gather(
        &mut self,
        pool: &Pool,
        mut span: Range<i64>,
        until: Instant,
        statement: impl Fn(&Range<i64>, usize) -> Statement,
    ) -> Result<(), Failed> {
        let mut stride = Stride::new(self.most);
        loop {
            let wanted = stride.next();
            if self.lines.len() >= self.most || span.is_empty() {
                return Ok(());
            }
            let pages = page::read(pool, &statement(&span, wanted), until).await?;
            for page in &pages {
                self.take(page);
                span.end = page.first;
            }
            stride.took(&pages);
            if pages.len() < wanted {
                return Ok(());
            }
            // Others want the processor, too: a search may go through all that there is.
            tokio::task::yield_now().await;
        }
    }

    fn take(&mut self, page: &Page) {
        let found: Vec<Kept<'_>> = page.lines().filter(|line| self.search.takes(*line)).collect();
        let newest_first = found.into_iter().rev().map(|Kept { id, hash, text }| Line {
            id,
            text: text.to_owned(),
            hash: hash.to_owned(),
        });
        let room = self.most.saturating_sub(self.lines.len());
        self.lines.extend(newest_first.take(room));
    }
}

impl Ledger {
    /// Lines of the audit trail, the newest first. Refuses with F913.
    pub async fn trail(&self, search: &Search) -> Result<Vec<Line>, Fault> {
        let until = Instant::now() + LONG;
        let failed = |e: Failed| fault(&format!("audit trail: {e}"));
        let flavor = self.pool.flavor();
        let mut found = Found { search, most: search.page() as usize, lines: Vec::new() };
        let before = search.before.unwrap_or(i64::MAX);
        // Before the oldest page with a line of that time there is none, whatever clocks said.
        let oldest = match search.from {
            Some(from) => {
                let condition = format!("trail_pages WHERE latest >= {}", flavor.placeholder(1));
                self.first_of(&condition, vec![Parameter::Integer(micros(from))], until)
                    .await
                    .map_err(failed)?
            }
            None => 0,
        };
        let filed = self.first_of("trail_pending", Vec::new(), until).await.map_err(failed)?.min(before);
        // Whose terms wait is found by none: all of them are read.
        let unfiled = |span: &Range<i64>, pages| Search::default().statement(flavor, span, pages);
        found.gather(&self.pool, filed.max(oldest)..before, until, unfiled).await.map_err(failed)?;
        let terms = |span: &Range<i64>, pages| search.statement(flavor, span, pages);
        found.gather(&self.pool, oldest..filed, until, terms).await.map_err(failed)?;
        Ok(found.lines)
    }

    /// Where the first of some pages begins; behind all where there is none.
    async fn first_of(&self, pages: &str, parameters: Vec<Parameter>, until: Instant) -> Result<i64, Failed> {
        let sql = format!("SELECT CAST(MIN(first_line) AS CHAR(20)) FROM {pages}");
        let mut first = None;
        let fill =
            |_: usize, _: usize, value: Option<&str>| first = value.and_then(|v| v.trim().parse().ok());
        self.pool.fetch(&Statement { sql, parameters }, 1, until, fill).await?;
        Ok(first.unwrap_or(i64::MAX))
    }

    /// One line by its number. Refuses with F913.
    pub async fn trail_line(&self, id: i64) -> Result<Option<Line>, Fault> {
        let search = Search { before: Some(id.saturating_add(1)), limit: 1, ..Search::default() };
        Ok(self.trail(&search).await?.into_iter().find(|line| line.id == id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_a_parameter_and_never_text() {
        let evil = "x' OR '1'='1".to_owned();
        let search = Search {
            subject: Some(evil.clone()),
            record: Some(evil.clone()),
            resource: Some(evil.clone()),
            action: Some(format!("{evil}*")),
            before: Some(7),
            ..Search::default()
        };
        for search in [Search { resource: None, ..search.clone() }, search] {
            let statement = search.statement(Flavor::Postgres, &(0..7), 16);
            assert!(!statement.sql.contains('\''), "{}", statement.sql);
            let places = statement.parameters.len();
            let place = |number: usize| statement.sql.contains(&format!("${number}"));
            assert!((1..=places).all(place) && !place(places + 1), "{}", statement.sql);
        }
        assert_eq!(Search::default().statement(Flavor::Sqlite, &(0..7), 16).parameters.len(), 2);
    }
}

//! Looking for lines: by who, by what, by record and by time, the newest first, page after page.

use super::line::{Line, clipped, micros};
use crate::{
    backend::sql::{Parameter, Statement},
    fault::Fault,
    ledger::{Ledger, fault},
    value::time::Moment,
};
use std::time::Duration;
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

    fn statement(&self, placeholder: impl Fn(usize) -> String) -> Statement {
        let mut parameters = Vec::new();
        let mut conditions = Vec::new();
        let mut add = |condition: &str, parameter: Parameter| {
            parameters.push(parameter);
            conditions.push(condition.replace('?', &placeholder(parameters.len())));
        };
        let text = |value: &str| Parameter::Text(clipped(value, 255));
        // Of a record the resource stands beside its key, too: so the index is of use.
        if let Some(record) = &self.record {
            add("t.id IN (SELECT r.line_id FROM trail_records r WHERE r.record_id = ?", text(record));
            match &self.resource {
                Some(resource) => add("r.resource = ?)", text(resource)),
                None => add("r.line_id > ?)", Parameter::Integer(0)),
            }
        }
        for (column, value) in [
            ("t.subject = ?", &self.subject),
            ("t.client = ?", &self.client),
            ("t.resource = ?", &self.resource),
            ("t.outcome = ?", &self.outcome),
        ] {
            if let Some(value) = value {
                add(column, text(value));
            }
        }
        match self.action.as_deref().map(|action| (action, action.strip_suffix('*'))) {
            // `LIKE` has wildcards of its own, and a collation: a span of texts has neither.
            Some((_, Some(start))) => {
                add("t.action >= ?", text(start));
                add("t.action < ?", text(&format!("{start}\u{10FFFF}")));
            }
            Some((action, None)) => add("t.action = ?", text(action)),
            None => {}
        }
        for (column, value) in [("t.happened_at >= ?", self.from), ("t.happened_at < ?", self.until)] {
            if let Some(value) = value {
                add(column, Parameter::Integer(micros(value)));
            }
        }
        if let Some(before) = self.before {
            add("t.id < ?", Parameter::Integer(before));
        }
        let conditions = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let sql = format!(
            "SELECT CAST(t.id AS CHAR(20)), t.line, t.hash FROM trail t{conditions} ORDER BY t.id DESC LIMIT {}",
            self.page()
        );
        Statement { sql, parameters }
    }
}

impl Ledger {
    /// Lines of the audit trail, the newest first. Refuses with F913.
    pub async fn trail(&self, search: &Search) -> Result<Vec<Line>, Fault> {
        let flavor = self.pool.flavor();
        let statement = search.statement(|at| flavor.placeholder(at));
        self.lines(&statement).await
    }

    /// One line by its number. Refuses with F913.
    pub async fn trail_line(&self, id: i64) -> Result<Option<Line>, Fault> {
        let search = Search { before: Some(id.saturating_add(1)), limit: 1, ..Search::default() };
        Ok(self.trail(&search).await?.into_iter().find(|line| line.id == id))
    }

    pub(super) async fn lines(&self, statement: &Statement) -> Result<Vec<Line>, Fault> {
        let mut lines: Vec<Line> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if lines.len() <= at {
                lines.push(Line { id: 0, text: String::new(), hash: String::new() });
            }
            let (Some(line), Some(value)) = (lines.get_mut(at), value) else { return };
            match column {
                0 => line.id = value.trim().parse().unwrap_or_default(),
                1 => value.clone_into(&mut line.text),
                _ => value.clone_into(&mut line.hash),
            }
        };
        let done = self.pool.fetch(statement, 3, Instant::now() + LONG, fill).await;
        done.map_err(|e| fault(&format!("audit trail: {e}")))?;
        Ok(lines)
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
        let statement = search.statement(|at| format!("${at}"));
        assert!(!statement.sql.contains('\''), "{}", statement.sql);
        assert!(statement.sql.contains("$7") && !statement.sql.contains("$8"), "{}", statement.sql);
        assert_eq!(statement.parameters.len(), 7);
        assert_eq!(Search::default().statement(|_| "?".into()).parameters.len(), 0);
    }
}

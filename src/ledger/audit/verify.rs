//! Walking the chain from its beginning to its end: whether each line is what it was when it was added, and none is
//! missing. What stands beside a line for searching has to be what the line says, too.

use super::{
    line::{Beside, Head, Line, ZEROS, clipped, link},
    sweep::SWEPT,
};
use crate::{
    backend::sql::{Flavor, Parameter, Statement},
    fault::Fault,
    ledger::{Ledger, fault},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// Lines that are read at once.
const PAGE: i64 = 1000;
const LONG: Duration = Duration::from_mins(1);

/// What came of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The first line that is left, and how many there are.
    pub first: i64,
    pub lines: i64,
    /// The end of the chain. Written down elsewhere, it holds all before it.
    pub head: Head,
    pub broken: Option<Break>,
}

/// A line's number and hash that were written down elsewhere.
pub type Known = Head;

/// The first place where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error(
        "line {0} was changed, put in or moved: its hash does not follow from the line before and its own text"
    )]
    Changed(i64),
    #[error("line {0} is there, and what stands beside it for searching is not what it says")]
    Beside(i64),
    #[error("line {0} was removed")]
    Removed(i64),
    #[error("line {0} was put in behind the end of the chain")]
    PutIn(i64),
    #[error("the end of the chain is not what it was: its head is line {0}, with another hash")]
    Head(i64),
    #[error("the lines up to {0} are gone, and no line says that they were swept")]
    NotSwept(i64),
    #[error("line {0} has another hash than the one that was written down")]
    NotKnown(i64),
}

/// The two ends of the chain as the ledger has them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ends {
    number: i64,
    hash: String,
    swept_through: i64,
    swept_hash: String,
}

impl Ledger {
    /// Walks the whole chain. `progress` is told the lines that were walked, and how many there are. Lines that are
    /// added meanwhile are left to the next walk. Refuses with F913.
    pub async fn verify_trail(
        &self,
        known: &[Known],
        mut progress: impl FnMut(i64, i64),
    ) -> Result<Verdict, Fault> {
        let mut ends = self.ends().await?;
        loop {
            let verdict = self.walk(&ends, known, &mut progress).await?;
            // The oldest lines may have been swept under the walk: then it begins anew.
            let now = self.ends().await?;
            if verdict.broken.is_none() || now.swept_through == ends.swept_through {
                return Ok(verdict);
            }
            ends = now;
        }
    }

    /// The end of the chain. Refuses with F913.
    pub async fn trail_head(&self) -> Result<Head, Fault> {
        let ends = self.ends().await?;
        Ok(Head { number: ends.number, hash: ends.hash })
    }

    async fn walk(
        &self,
        ends: &Ends,
        known: &[Known],
        progress: &mut impl FnMut(i64, i64),
    ) -> Result<Verdict, Fault> {
        let all = ends.number - ends.swept_through;
        let head = Head { number: ends.number, hash: ends.hash.clone() };
        let mut verdict = Verdict { first: ends.swept_through + 1, lines: 0, head, broken: None };
        let mut last: [u8; 32] = digest(&ends.swept_hash).unwrap_or(ZEROS);
        let mut at = ends.swept_through;
        let mut anchored = ends.swept_through == 0;
        let broken = |verdict: Verdict, broken: Break| Ok(Verdict { broken: Some(broken), ..verdict });
        if at == 0 && last != ZEROS {
            return broken(verdict, Break::NotSwept(0));
        }
        while at < ends.number {
            let lines = self.page(at, ends.number).await?;
            let keys = self.records(at, at + PAGE).await?;
            if lines.is_empty() {
                return broken(verdict, Break::Removed(at + 1));
            }
            for (line, beside) in &lines {
                if line.id != at + 1 {
                    return broken(verdict, Break::Removed(at + 1));
                }
                at = line.id;
                last = link(&last, at, &line.text);
                if digest(&line.hash) != Some(last) {
                    return broken(verdict, Break::Changed(at));
                }
                if known.iter().any(|known| known.number == at && known.hash != line.hash) {
                    return broken(verdict, Break::NotKnown(at));
                }
                let said: Option<serde_json::Value> = serde_json::from_str(&line.text).ok();
                let wanted = said.as_ref().and_then(Beside::of);
                let found = keys.get(&at).cloned().unwrap_or_default();
                let same = wanted.is_some_and(|wanted| {
                    let named = wanted.keys.iter().all(|key| {
                        found.contains(&(wanted.resource.clone().unwrap_or_default(), key.clone()))
                    });
                    named && wanted.keys.len() == found.len() && columns(&wanted) == *beside
                });
                if !same {
                    return broken(verdict, Break::Beside(at));
                }
                anchored = anchored || said.is_some_and(|said| says(&said, ends));
                verdict.lines += 1;
            }
            progress(verdict.lines, all);
        }
        if hex::encode(last) != ends.hash {
            return broken(verdict, Break::Head(ends.number));
        }
        if !anchored {
            return broken(verdict, Break::NotSwept(ends.swept_through));
        }
        // What is known of lines that are not there (any more) proves nothing, but of those behind the end.
        if let Some(beyond) = known.iter().find(|known| known.number > ends.number) {
            return broken(verdict, Break::Removed(beyond.number));
        }
        if let Some(line) = self.stray(ends.number).await? {
            return broken(verdict, Break::PutIn(line));
        }
        Ok(verdict)
    }

    async fn ends(&self) -> Result<Ends, Fault> {
        let text = self.text();
        let sql = format!(
            "SELECT CAST(number AS {text}), hash, CAST(swept_through AS {text}), swept_hash FROM trail_head WHERE one = 1"
        );
        let mut found = [const { String::new() }; 4];
        let fill = |_: usize, column: usize, value: Option<&str>| {
            if let (Some(place), Some(value)) = (found.get_mut(column), value) {
                value.clone_into(place);
            }
        };
        self.read(&Statement { sql, parameters: Vec::new() }, 4, fill).await?;
        let [number, hash, swept_through, swept_hash] = found;
        let whole = |text: &str| text.parse::<i64>().map_err(|_| fault(&"the audit trail has no head"));
        Ok(Ends { number: whole(&number)?, hash, swept_through: whole(&swept_through)?, swept_hash })
    }

    /// The next lines, each with its columns for searching as one text.
    async fn page(&self, after: i64, until: i64) -> Result<Vec<(Line, String)>, Fault> {
        let (text, flavor) = (self.text(), self.pool.flavor());
        let sql = format!(
            "SELECT CAST(id AS {text}), line, hash, CAST(happened_at AS {text}), subject, client, action, outcome, resource \
             FROM trail t WHERE t.id > {} AND t.id <= {} ORDER BY t.id LIMIT {PAGE}",
            flavor.placeholder(1),
            flavor.placeholder(2)
        );
        let parameters = vec![Parameter::Integer(after), Parameter::Integer(until)];
        let mut lines: Vec<(Line, String)> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if lines.len() <= at {
                lines.push((Line { id: 0, text: String::new(), hash: String::new() }, String::new()));
            }
            let Some((line, beside)) = lines.get_mut(at) else { return };
            match (column, value) {
                (0, value) => line.id = value.and_then(|v| v.parse().ok()).unwrap_or_default(),
                (1, value) => value.unwrap_or_default().clone_into(&mut line.text),
                (2, value) => value.unwrap_or_default().clone_into(&mut line.hash),
                (_, value) => {
                    // No control character stands in any of them.
                    beside.push_str(value.unwrap_or("\u{1}"));
                    beside.push('\0');
                }
            }
        };
        self.read(&Statement { sql, parameters }, 9, fill).await?;
        Ok(lines)
    }

    /// The records of lines, by the lines' numbers.
    async fn records(&self, after: i64, until: i64) -> Result<BTreeMap<i64, Vec<(String, String)>>, Fault> {
        let (text, flavor) = (self.text(), self.pool.flavor());
        let sql = format!(
            "SELECT CAST(line_id AS {text}), resource, record_id FROM trail_records WHERE line_id > {} AND line_id <= {}",
            flavor.placeholder(1),
            flavor.placeholder(2)
        );
        let parameters = vec![Parameter::Integer(after), Parameter::Integer(until)];
        let mut found: BTreeMap<i64, Vec<(String, String)>> = BTreeMap::new();
        let mut id = 0;
        let mut resource = String::new();
        let fill = |_: usize, column: usize, value: Option<&str>| {
            let value = value.unwrap_or_default();
            match column {
                0 => id = value.parse().unwrap_or_default(),
                1 => value.clone_into(&mut resource),
                _ => found.entry(id).or_default().push((std::mem::take(&mut resource), value.to_owned())),
            }
        };
        self.read(&Statement { sql, parameters }, 3, fill).await?;
        Ok(found)
    }

    /// A line behind the end, where nothing is being added.
    async fn stray(&self, end: i64) -> Result<Option<i64>, Fault> {
        let text = self.text();
        // In one statement with the head of now: what was added since the walk began is no stray.
        let sql = format!(
            "SELECT CAST(MIN(t.id) AS {text}) FROM trail t WHERE t.id > {} AND t.id > (SELECT number FROM trail_head WHERE one = 1)",
            self.pool.flavor().placeholder(1)
        );
        let mut found = None;
        let fill = |_: usize, _: usize, value: Option<&str>| found = value.and_then(|v| v.parse().ok());
        self.read(&Statement { sql, parameters: vec![Parameter::Integer(end)] }, 1, fill).await?;
        Ok(found)
    }

    fn text(&self) -> &'static str {
        if self.pool.flavor() == Flavor::Mariadb { "CHAR" } else { "TEXT" }
    }

    async fn read(
        &self,
        statement: &Statement,
        columns: usize,
        fill: impl FnMut(usize, usize, Option<&str>),
    ) -> Result<(), Fault> {
        let done = self.pool.fetch(statement, columns, Instant::now() + LONG, fill).await;
        done.map_err(|e| fault(&format!("audit trail: {e}")))
    }
}

fn digest(hash: &str) -> Option<[u8; 32]> {
    hex::decode(hash).ok()?.try_into().ok()
}

/// The columns beside a line, as `page` reads them.
fn columns(beside: &Beside) -> String {
    let text = |value: &Option<String>| format!("{}\0", value.as_deref().unwrap_or("\u{1}"));
    format!(
        "{}\0{}{}{}\0{}\0{}",
        beside.happened_at,
        text(&beside.subject),
        text(&beside.client),
        beside.action,
        beside.outcome,
        text(&beside.resource)
    )
}

/// Whether a line says that all up to the beginning of the chain was swept.
fn says(line: &serde_json::Value, ends: &Ends) -> bool {
    let fact =
        |name: &str| line.get("facts").and_then(|facts| facts.get(name)).and_then(|fact| fact.as_str());
    line.get("action").and_then(|action| action.as_str()) == Some(SWEPT)
        && fact("through") == Some(&ends.swept_through.to_string())
        && fact("hash") == Some(&clipped(&ends.swept_hash, 64))
}

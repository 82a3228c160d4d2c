//! Walking the chain from its beginning to its end: whether each line is what it was when it was added, and none is
//! missing. What stands beside a line for searching has to be what the line says, too.

use super::{
    line::{Beside, Head, ZEROS, clipped, link},
    page::{self, COLUMNS, Page, Stride, terms},
    sweep::SWEPT,
};
use crate::{
    backend::sql::{Flavor, Parameter, Statement},
    fault::Fault,
    ledger::{Ledger, fault},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

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
    #[error(
        "the page from line {0} on is there, and what stands beside it for searching is not what its lines say"
    )]
    Beside(i64),
    #[error("line {0} was removed")]
    Removed(i64),
    #[error("line {0} was put in, behind the end of the chain or of its page")]
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
        let (mut stride, mut behind) = (Stride::new(usize::MAX), i64::MIN);
        while at < ends.number {
            let pages = self.pages(behind, ends.number, stride.next()).await?;
            stride.took(&pages);
            let Some(end) = pages.last() else { return broken(verdict, Break::Removed(at + 1)) };
            let mut terms = self.terms(behind, end.first).await?;
            behind = end.first;
            for page in &pages {
                if page.first != at + 1 {
                    let gap = page.first > at;
                    return broken(
                        verdict,
                        if gap { Break::Removed(at + 1) } else { Break::PutIn(page.first) },
                    );
                }
                let mut said: Vec<Option<serde_json::Value>> = Vec::new();
                for line in page.lines() {
                    at = line.id;
                    last = link(&last, at, line.text);
                    if digest(line.hash) != Some(last) {
                        return broken(verdict, Break::Changed(at));
                    }
                    if known.iter().any(|known| known.number == at && known.hash != line.hash) {
                        return broken(verdict, Break::NotKnown(at));
                    }
                    let line: Option<serde_json::Value> = serde_json::from_str(line.text).ok();
                    anchored = anchored || line.as_ref().is_some_and(|line| says(line, ends));
                    said.push(line);
                    verdict.lines += 1;
                }
                if at != page.last {
                    let cut = at < page.last;
                    return broken(
                        verdict,
                        if cut { Break::Removed(at + 1) } else { Break::PutIn(page.last + 1) },
                    );
                }
                let besides: Option<Vec<Beside<'_>>> =
                    said.iter().map(|line| Beside::of(line.as_ref()?)).collect();
                let found = terms.remove(&page.first).unwrap_or_default();
                if besides.is_none_or(|besides| !stands_beside(page, besides, &found)) {
                    return broken(verdict, Break::Beside(page.first));
                }
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

    /// The next pages, behind the one that begins with a line.
    async fn pages(&self, behind: i64, until: i64, most: usize) -> Result<Vec<Page>, Fault> {
        let flavor = self.pool.flavor();
        let sql = format!(
            "SELECT {COLUMNS} FROM trail_pages p WHERE p.first_line > {} AND p.first_line <= {} \
             ORDER BY p.first_line LIMIT {most}",
            flavor.placeholder(1),
            flavor.placeholder(2)
        );
        let parameters = vec![Parameter::Integer(behind), Parameter::Integer(until)];
        let read = page::read(&self.pool, &Statement { sql, parameters }, Instant::now() + LONG).await;
        read.map_err(|e| fault(&format!("audit trail: {e}")))
    }

    /// The terms of pages, by the line that each page begins with: those that wait, and those that are filed. What is filed in
    /// between is found twice, and not missed.
    async fn terms(&self, behind: i64, until: i64) -> Result<BTreeMap<i64, BTreeSet<String>>, Fault> {
        let (text, flavor) = (self.text(), self.pool.flavor());
        let parameters = vec![Parameter::Integer(behind), Parameter::Integer(until)];
        let mut found: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for (table, column) in [("trail_pending", "terms"), ("trail_terms", "term")] {
            let sql = format!(
                "SELECT CAST(first_line AS {text}), {column} FROM {table} WHERE first_line > {} AND first_line <= {}",
                flavor.placeholder(1),
                flavor.placeholder(2)
            );
            let mut page = 0;
            let fill = |_: usize, at: usize, value: Option<&str>| {
                let value = value.unwrap_or_default();
                match (at, column) {
                    (0, _) => page = value.parse().unwrap_or_default(),
                    (_, "term") => drop(found.entry(page).or_default().insert(value.to_owned())),
                    // A list that somebody has changed has no terms.
                    _ => found
                        .entry(page)
                        .or_default()
                        .extend(serde_json::from_str::<Vec<String>>(value).unwrap_or_default()),
                }
            };
            self.read(&Statement { sql, parameters: parameters.clone() }, 2, fill).await?;
        }
        Ok(found)
    }

    /// A line behind the end, where nothing is being added.
    async fn stray(&self, end: i64) -> Result<Option<i64>, Fault> {
        let text = self.text();
        // In one statement with the head of now: what was added since the walk began is no stray.
        let sql = format!(
            "SELECT CAST(MIN(p.first_line) AS {text}) FROM trail_pages p \
             WHERE p.first_line > {} AND p.first_line > (SELECT number FROM trail_head WHERE one = 1)",
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

/// Whether what stands beside a page for searching is what its lines say.
fn stands_beside(page: &Page, lines: Vec<Beside<'_>>, found: &BTreeSet<String>) -> bool {
    let times = || lines.iter().map(|line| line.happened_at);
    let spans = times().min() == Some(page.earliest) && times().max() == Some(page.latest);
    spans && terms(lines.into_iter()).iter().eq(found)
}

/// Whether a line says that all up to the beginning of the chain was swept.
fn says(line: &serde_json::Value, ends: &Ends) -> bool {
    let fact = |name: &str| line.get("facts")?.get(name)?.as_str();
    line.get("action").and_then(|action| action.as_str()) == Some(SWEPT)
        && fact("through") == Some(&*ends.swept_through.to_string())
        && fact("hash") == Some(&*clipped(&ends.swept_hash, 64))
}

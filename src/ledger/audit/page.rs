//! A page of the trail: lines that were written together, in one row, and the terms that the page is found by. Pages are
//! what the ledger stores and searches; lines are what auditors see.

use super::line::{Beside, Draft, NAME, RESOURCE, clipped, link};
use crate::backend::sql::{
    Statement,
    pool::{Failed, Pool},
};
use std::{collections::HashSet, fmt::Write};
use tokio::time::Instant;

/// A page as it is kept: one line below the other, each its hash, a space and its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub first: i64,
    pub last: i64,
    /// When the earliest and the latest of its lines happened, in microseconds since 1970.
    pub earliest: i64,
    pub latest: i64,
    pub text: String,
}

/// A page that is to be written.
#[derive(Debug)]
pub(super) struct Written {
    pub page: Page,
    /// A JSON list of what it is found by, sorted, each once.
    pub terms: String,
    /// How many those are, and one where there are none: a page that waits counts.
    pub count: i64,
    /// The last line's hash, in hexadecimal.
    pub hash: String,
}

/// A line within its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept<'a> {
    pub id: i64,
    pub hash: &'a str,
    pub text: &'a str,
}

/// One thing that a page is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Term<'a> {
    Subject(&'a str),
    Client(&'a str),
    Resource(&'a str),
    /// A record's key, and the resource that it is one of.
    Record(&'a str, &'a str),
}

// === impl Term ===

impl Term<'_> {
    /// As the ledger has it. Values have no control characters there, so that a tab parts them.
    pub fn text(self) -> String {
        let mut out = String::with_capacity(48);
        let done = match self {
            Self::Subject(name) => write!(out, "subject\t{}", clipped(name, NAME)),
            Self::Client(name) => write!(out, "client\t{}", clipped(name, NAME)),
            Self::Resource(name) => write!(out, "resource\t{}", clipped(name, RESOURCE)),
            Self::Record(key, resource) => {
                write!(out, "record\t{}\t{}", clipped(key, NAME), clipped(resource, RESOURCE))
            }
        };
        debug_assert!(done.is_ok(), "texts take all");
        out
    }

    /// The span of terms of one key, of whichever resource: from the first one on, up to before the second one.
    pub fn of_key(key: &str) -> [String; 2] {
        let key = clipped(key, NAME);
        // What follows a tab in the order of bytes.
        [format!("record\t{key}\t"), format!("record\t{key}\n")]
    }
}

/// The terms of lines, sorted, each once.
pub(super) fn terms<'a>(lines: impl Iterator<Item = Beside<'a>>) -> Vec<String> {
    let mut all: HashSet<Term<'a>> = HashSet::new();
    let mut before: Option<Beside<'a>> = None;
    for line in lines {
        // Often the same client asks for the same again.
        if before.as_ref().is_some_and(|before| before.is_found_as(&line)) {
            continue;
        }
        all.extend(line.subject.map(Term::Subject));
        all.extend(line.client.map(Term::Client));
        if let Some(resource) = line.resource {
            all.insert(Term::Resource(resource));
            all.extend(line.keys.iter().map(|key| Term::Record(key, resource)));
        }
        before = Some(line);
    }
    let mut texts: Vec<String> = all.into_iter().map(Term::text).collect();
    texts.sort_unstable();
    // Two that were too long may have become one.
    texts.dedup();
    texts
}

/// Chains drafts behind a line, by its number and hash, as one page. At least one is given.
pub(super) fn written(drafts: &[&Draft], number: i64, hash: &str) -> Result<Written, Failed> {
    let broken = || Failed::Other("the head of the audit trail holds no hash".into());
    let mut last: [u8; 32] = hex::decode(hash).ok().and_then(|b| b.try_into().ok()).ok_or_else(broken)?;
    let besides: Vec<Beside<'_>> = drafts.iter().map(|draft| draft.beside()).collect();
    let times = || besides.iter().map(|beside| beside.happened_at);
    let mut page = Page {
        first: number + 1,
        last: number,
        earliest: times().min().unwrap_or_default(),
        latest: times().max().unwrap_or_default(),
        text: String::with_capacity(drafts.iter().map(|draft| draft.text.len() + 66).sum()),
    };
    let mut digits = [b'0'; 64];
    for draft in drafts {
        page.last += 1;
        last = link(&last, page.last, &draft.text);
        // There is room for them.
        let _ = hex::encode_to_slice(last, &mut digits);
        let shown = std::str::from_utf8(&digits).unwrap_or_default();
        page.text.extend([if page.text.is_empty() { "" } else { "\n" }, shown, " ", &draft.text]);
    }
    let terms = terms(besides.into_iter());
    let listed = serde_json::to_string(&terms).map_err(|e| Failed::Other(e.to_string()))?;
    Ok(Written {
        page,
        terms: listed,
        count: i64::try_from(terms.len().max(1)).unwrap_or(i64::MAX),
        hash: hex::encode(last),
    })
}

// === impl Page ===

impl Page {
    /// Its lines in their order. Where somebody has changed it, there may be more or fewer than it says.
    pub fn lines(&self) -> impl Iterator<Item = Kept<'_>> {
        (self.first..).zip(self.text.split('\n')).map(|(id, line)| {
            let (hash, text) = line.split_once(' ').unwrap_or((line, ""));
            Kept { id, hash, text }
        })
    }
}

/// Reads pages by a statement that gives their five columns, numbers as texts, in the order of [`Page`].
pub(super) async fn read(pool: &Pool, statement: &Statement, until: Instant) -> Result<Vec<Page>, Failed> {
    let mut pages: Vec<Page> = Vec::new();
    let fill = |at: usize, column: usize, value: Option<&str>| {
        if pages.len() <= at {
            pages.push(Page::default());
        }
        let (Some(page), Some(value)) = (pages.get_mut(at), value) else { return };
        let number = || value.trim().parse().unwrap_or_default();
        match column {
            0 => page.first = number(),
            1 => page.last = number(),
            2 => page.earliest = number(),
            3 => page.latest = number(),
            _ => value.clone_into(&mut page.text),
        }
    };
    pool.fetch(statement, 5, until, fill).await?;
    Ok(pages)
}

/// The columns that [`read`] wants, of a table by this name. Every database takes this for a text.
pub(super) const COLUMNS: &str = "CAST(p.first_line AS CHAR(20)), CAST(p.last_line AS CHAR(20)), CAST(p.earliest AS CHAR(20)), \
     CAST(p.latest AS CHAR(20)), p.text";

/// How many pages are asked for at once, by what those before took. A power of two: each number is a statement of its own.
#[derive(Debug)]
pub(super) struct Stride {
    first: usize,
    pages: usize,
    bytes: usize,
}

/// Pages are read so many bytes at once, as far as can be foretold.
const BYTES: usize = 4 << 20;
const MOST: usize = 4096;

// === impl Stride ===

impl Stride {
    /// So many are asked for at first, at most.
    pub fn new(first: usize) -> Self {
        Self { first: first.clamp(1, 16), pages: 0, bytes: 0 }
    }

    pub fn next(&self) -> usize {
        let each = (self.bytes / self.pages.max(1)).max(1);
        let wanted = if self.pages == 0 { self.first } else { (BYTES / each).clamp(1, MOST) };
        1 << wanted.ilog2()
    }

    pub fn took(&mut self, pages: &[Page]) {
        self.pages += pages.len();
        self.bytes += pages.iter().map(|page| page.text.len()).sum::<usize>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_pages_are_read_at_once_as_are_of_a_size() {
        let mut stride = Stride::new(1);
        assert_eq!(stride.next(), 1);
        assert_eq!(Stride::new(100).next(), 16);
        stride.took(&[Page { text: "x".repeat(1000), ..Page::default() }]);
        assert_eq!(stride.next(), MOST);
        stride.took(&[Page { text: "x".repeat(BYTES), ..Page::default() }]);
        assert_eq!(stride.next(), 1);
    }

    #[test]
    fn a_key_of_any_resource_is_a_span_of_terms() {
        let [from, to] = Term::of_key("66");
        let within = |term: Term<'_>| (&from..&to).contains(&&term.text());
        assert!(within(Term::Record("66", "pets")) && within(Term::Record("66", "\u{10FFFF}")));
        assert!(!within(Term::Record("667", "pets")) && !within(Term::Record("6", "pets")));
        assert!(!within(Term::Record("66 ", "pets")) && !within(Term::Subject("66")));
    }
}

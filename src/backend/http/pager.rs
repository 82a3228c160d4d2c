//! Any stretch of a list over any way of paging: the fewest pages that hold it, fetched at once where a page can be
//! had without those before it, else one after the other from the nearest bookmark.

mod bookmarks;
mod follow;
mod page;
mod walk;
mod window;

use super::{Http, request::Parameter};
use crate::{
    backend::{Journey, Subject},
    boxed::boxed,
    fault::{Fault, code},
    plan::http::{HttpMeans, List, Pages, Paging, Target},
    translate::{Batch, compare::Filter},
    value::{Value, path::Path},
};
use futures_util::future::try_join_all;
use std::collections::HashSet;
use window::Window;

pub(super) use bookmarks::Bookmarks;
pub(super) use page::{Page, Refused};
pub(super) use window::windows;

/// A list that is asked for, without the stretch.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub subject: Subject<'a>,
    pub means: &'a HttpMeans,
    pub list: &'a List,
    pub parameters: &'a [Parameter],
    /// What the list is asked with, for the slots that no document fills.
    pub filters: &'a [Filter],
    /// The places of the answer that are read.
    pub wanted: &'a [Path],
    pub journey: &'a Journey,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    Page(u64),
    Row(u64),
    Cursor(Option<Value>),
    Whole,
}

/// Rows of a list, in order.
#[derive(Debug)]
pub(super) struct Stretch {
    pub batch: Batch,
    pub rows: Vec<u32>,
    /// So many there are at least.
    pub known: u64,
    /// How many there are in all, where the end was met.
    pub end: Option<u64>,
    /// How many there are in all, where the answer says so.
    pub stated: Option<u64>,
}

/// What several pages gave, one behind the other.
struct Gathered {
    batch: Batch,
    /// The rows that count, of those in the batch.
    rows: Vec<u32>,
    /// How many rows the batch has.
    held: u32,
    stated: Option<u64>,
}

/// What one page told of the list.
#[derive(Debug, Clone, Copy)]
struct Told {
    count: u32,
    more: Option<bool>,
    stated: Option<u64>,
}

impl Http {
    /// The rows from `offset` on, `limit` at most.
    pub(super) async fn stretch(
        &self,
        question: Question<'_>,
        offset: u64,
        limit: u32,
    ) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        match &pages.style {
            Paging::Whole => {
                let whole = self.walk(question, u64::from(u32::MAX)).await?;
                Ok(slice(whole, offset, limit))
            }
            Paging::Cursor { .. } if !pages.repeats => self.marked(question, offset, limit).await,
            Paging::Offset { .. } | Paging::Range { .. } if !pages.repeats => {
                if pages.short {
                    return self.by_and_by(question, Gathered::new(question), offset, limit).await;
                }
                self.at_once(question, offset, limit).await
            }
            Paging::Number { .. } if pages.jumps() => self.at_once(question, offset, limit).await,
            _ => self.walked_to(question, offset, limit).await,
        }
    }

    /// Page after page from the start on: only so it is known which rows came already, or how many came before.
    async fn walked_to(&self, question: Question<'_>, offset: u64, limit: u32) -> Result<Stretch, Fault> {
        let most = u64::from(question.list.within.unwrap_or(10_000)) + 1;
        let repeats = question.means.dialect.pages.repeats;
        // Where rows repeat, the number of those that do not is the total.
        let enough = if repeats { most } else { most.min(offset + u64::from(limit)) };
        let all = self.walk(question, enough).await?;
        if all.end.is_none() && enough >= most {
            return Err(self.too_many(question));
        }
        Ok(slice(all, offset, limit))
    }

    fn too_many(&self, question: Question<'_>) -> Fault {
        let within = question.list.within.unwrap_or(10_000);
        let name = &question.subject.resource.name;
        let detail = format!("{}: more than {within} rows of `{name}` to look through", self.name);
        Fault::plain(&code::TOO_MANY_ROWS).detail(detail)
    }

    /// The pages that hold the wanted rows, fetched at once and sliced.
    async fn at_once(&self, question: Question<'_>, offset: u64, limit: u32) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        let windows = windows(pages, offset, limit);
        let fetch = |window| boxed(move || self.fetched(question, window));
        let fetched: Vec<Page> = match windows.as_slice() {
            // What is mostly so: nothing to join, and the call stays where it was made.
            [one] => vec![fetch(one).await?],
            several => try_join_all(several.iter().map(fetch)).await?,
        };
        let start = windows.first().map_or(0, |window| window.start);
        let mut all = Gathered::new(question);
        let mut told = Vec::with_capacity(fetched.len());
        for page in fetched {
            told.push(self.gather(question, &mut all, page)?);
        }
        let seen = all.rows.len() as u64;
        let end = match windows.iter().zip(&told).position(|(window, told)| told.count < window.size) {
            None => told.iter().any(|told| told.more == Some(false)).then_some(start + seen),
            Some(first) => {
                let until: u32 = told.iter().take(first + 1).map(|told| told.count).sum();
                if is_cut(pages, &windows, &told, first, start + u64::from(until)) {
                    // The source takes less at once than its dialect says, or hides rows that it counts.
                    if let Paging::Number { .. } = pages.style {
                        return self.walked_to(question, offset, limit).await;
                    }
                    all.rows.truncate(until as usize);
                    return self.by_and_by(question, all, offset, limit).await;
                }
                (seen > 0 || start == 0).then_some(start + seen)
            }
        };
        let rows = all.rows.iter().copied();
        let skip = usize::try_from(offset - start).unwrap_or(usize::MAX);
        let rows: Vec<u32> = rows.skip(skip).take(limit as usize).collect();
        let rows = if windows.len() > 1 { unique(question, &all.batch, rows) } else { rows };
        let known = if seen > 0 { start + seen } else { 0 };
        Ok(Stretch { batch: all.batch, rows, known, end, stated: all.stated })
    }

    async fn fetched(&self, question: Question<'_>, window: &Window) -> Result<Page, Fault> {
        self.page(question, &window.at, window.size).await.map_err(Refused::fault)
    }

    /// Row after row from the offset on, behind those that are there, whatever a page holds.
    async fn by_and_by(
        &self,
        question: Question<'_>,
        mut all: Gathered,
        offset: u64,
        limit: u32,
    ) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        let mut end = None;
        while all.rows.len() < limit as usize {
            let seen = all.rows.len() as u64;
            let left = limit - all.rows.len() as u32;
            let Some(window) = windows(pages, offset + seen, left).into_iter().next() else { break };
            let page = self.fetched(question, &window).await?;
            let Told { count, more, stated } = self.gather(question, &mut all, page)?;
            let position = offset + seen + u64::from(count);
            if count == 0 || more == Some(false) || stated.is_some_and(|total| total <= position) {
                end = (position > offset || offset == 0).then_some(position);
                break;
            }
        }
        let known = if all.rows.is_empty() { 0 } else { offset + all.rows.len() as u64 };
        let rows = all.rows.iter().copied().take(limit as usize).collect();
        let rows = unique(question, &all.batch, rows);
        Ok(Stretch { batch: all.batch, rows, known, end, stated: all.stated })
    }

    /// Takes a page's rows, and what it tells.
    fn gather(&self, question: Question<'_>, all: &mut Gathered, page: Page) -> Result<Told, Fault> {
        let (more, stated) = (self.more(question, &page), self.stated(question, &page));
        let count = self.rows(question, &mut all.batch, page.text)?;
        all.rows.extend(all.held..all.held + count);
        all.held += count;
        all.stated = all.stated.or(stated);
        Ok(Told { count, more, stated })
    }
}

impl Gathered {
    fn new(question: Question<'_>) -> Self {
        let batch = Batch::new(&question.subject.binding.reading);
        Self { batch, rows: Vec::new(), held: 0, stated: None }
    }
}

/// Whether there is more behind a page that is shorter than was asked for.
fn is_cut(pages: &Pages, windows: &[Window], told: &[Told], short: usize, until: u64) -> bool {
    let (Some(page), Some(window)) = (told.get(short), windows.get(short)) else { return false };
    if let Some(more) = page.more {
        return more;
    }
    // A page that has its number is the last one, where the total ends within what it could hold.
    let held = match pages.style {
        Paging::Number { .. } => window.start + u64::from(window.size),
        _ => until,
    };
    page.stated.is_some_and(|total| total > held) || told.iter().skip(short + 1).any(|told| told.count > 0)
}

/// The body's target of a cursor keeps its form; in a query it is a text.
pub(super) fn cursor_value(target: &Target, value: &Value) -> Value {
    match target {
        Target::Body(_) => value.clone(),
        _ => Value::Text(super::request::plain(value).into()),
    }
}

fn slice(all: Stretch, offset: u64, limit: u32) -> Stretch {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let rows = all.rows.iter().copied().skip(offset).take(limit as usize).collect();
    Stretch { rows, ..all }
}

/// A row that came on two pages is taken once.
fn unique(question: Question<'_>, batch: &Batch, rows: Vec<u32>) -> Vec<u32> {
    if !question.subject.resource.keyed {
        return rows;
    }
    let mut known = HashSet::with_capacity(rows.len());
    rows.into_iter()
        .filter(|row| super::text_of(batch, *row, question.list.key).is_none_or(|key| known.insert(key)))
        .collect()
}

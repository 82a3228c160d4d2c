//! Any stretch of a list over any way of paging: the fewest pages that hold it, fetched at once where a page can be
//! had without those before it, else one after the other from the nearest bookmark.

mod bookmarks;
mod window;

use super::{
    Http, Outgoing,
    answer::Heard,
    request::{Draft, Inputs, Parameter},
};
use crate::{
    backend::{Journey, Subject},
    fault::{Fault, code},
    plan::http::{HttpMeans, List, Next, Paging, Target},
    translate::{Batch, extract},
    value::{Value, path::Path},
};
use futures_util::future::try_join_all;
use std::collections::{HashMap, HashSet};

pub(super) use bookmarks::Bookmarks;
pub(super) use window::windows;

/// A list that is asked for, without the stretch.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub subject: Subject<'a>,
    pub means: &'a HttpMeans,
    pub list: &'a List,
    pub parameters: &'a [Parameter],
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

/// One page.
struct Page {
    heard: Heard,
    text: String,
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
            _ if pages.repeats => {
                // Only from the start is it known which rows came already.
                let most = u64::from(question.list.within.unwrap_or(10_000)) + 1;
                let all = self.walk(question, most).await?;
                if all.end.is_none() {
                    return Err(self.too_many(question));
                }
                Ok(slice(all, offset, limit))
            }
            Paging::Cursor { .. } => self.marked(question, offset, limit).await,
            Paging::Number { .. } | Paging::Offset { .. } | Paging::Range { .. } => {
                self.at_once(question, offset, limit).await
            }
        }
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
        let fetches = windows.iter().map(|window| self.page(question, &window.at, window.size));
        let fetched = try_join_all(fetches).await?;
        let start = windows.first().map_or(0, |window| window.start);
        let mut batch = Batch::new(&question.subject.binding.reading);
        let (mut seen, mut end, mut stated) = (0u64, None, None);
        for (window, page) in windows.iter().zip(fetched) {
            let more = self.more(question, &page);
            stated = stated.or_else(|| self.stated(question, &page));
            let count = self.rows(question, &mut batch, page.text)?;
            seen += u64::from(count);
            if count < window.size && more == Some(true) {
                // Fewer rows than asked for, and more behind: the source takes less at once than its dialect says.
                return self.by_and_by(question, offset, limit).await;
            }
            let last = more == Some(false) || (more.is_none() && count < window.size);
            if last && end.is_none() && (seen > 0 || start == 0) {
                end = Some(start + seen);
            }
        }
        let skip = (offset - start).min(seen);
        let rows = (skip..(skip + u64::from(limit)).min(seen)).map(|row| row as u32).collect();
        let rows = if windows.len() > 1 { unique(question, &batch, rows) } else { rows };
        let known = if seen > 0 { start + seen } else { 0 };
        Ok(Stretch { batch, rows, known, end, stated })
    }

    /// Row after row from the offset on, whatever a page holds.
    async fn by_and_by(&self, question: Question<'_>, offset: u64, limit: u32) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        let mut batch = Batch::new(&question.subject.binding.reading);
        let (mut seen, mut end, mut stated) = (0u64, None, None);
        while seen < u64::from(limit) {
            let left = u32::try_from(u64::from(limit) - seen).unwrap_or(limit);
            let window = windows(pages, offset + seen, left).into_iter().next();
            let Some(window) = window.filter(|window| window.start == offset + seen) else {
                let detail = format!("{}: pages are shorter than the dialect says", self.name);
                return Err(Fault::plain(&code::NOT_UNDERSTOOD).detail(detail));
            };
            let page = self.page(question, &window.at, window.size).await?;
            let more = self.more(question, &page);
            stated = stated.or_else(|| self.stated(question, &page));
            let count = self.rows(question, &mut batch, page.text)?;
            seen += u64::from(count);
            if count == 0 || more == Some(false) {
                end = (seen > 0 || offset == 0).then_some(offset + seen);
                break;
            }
        }
        let rows = (0..seen.min(u64::from(limit))).map(|row| row as u32).collect();
        let rows = unique(question, &batch, rows);
        let known = if seen > 0 { offset + seen } else { 0 };
        Ok(Stretch { batch, rows, known, end, stated })
    }

    /// Page after page from the nearest bookmark before the offset.
    async fn marked(&self, question: Question<'_>, offset: u64, limit: u32) -> Result<Stretch, Fault> {
        let key = bookmarks::key(question);
        let (at, cursor) = self.bookmarks.nearest(&key, offset).await;
        let from_start = cursor.is_none();
        match self.follow(question, &key, (at, cursor), offset, limit).await {
            // A cursor may end before its bookmark does: then the walk begins anew.
            Err(fault) if !from_start && is_said(&fault) => {
                self.bookmarks.forget_one(&key).await;
                self.follow(question, &key, (0, None), offset, limit).await
            }
            other => other,
        }
    }

    async fn follow(
        &self,
        question: Question<'_>,
        key: &str,
        (at, mut cursor): (u64, Option<Value>),
        offset: u64,
        limit: u32,
    ) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        let wanted = offset + u64::from(limit);
        let mut batch = Batch::new(&question.subject.binding.reading);
        let (mut position, mut end, mut stated) = (at, None, None);
        while position < wanted {
            let size = pages.size.holding(wanted - position);
            let page = self.page(question, &At::Cursor(cursor.clone()), size).await?;
            stated = stated.or_else(|| self.stated(question, &page));
            let more = self.more(question, &page);
            let said = self.next(question, &page, more)?;
            let count = self.rows(question, &mut batch, page.text)?;
            let before = position;
            position += u64::from(count);
            let next = said.or_else(|| self.last_key(question, &batch, position - at));
            let last = match &question.means.dialect.pages.style {
                // A key can always be gone on from; whether there is more is another question.
                Paging::Cursor { next: Next::LastKey, .. } => {
                    more == Some(false) || (more.is_none() && count < size) || count == 0
                }
                _ => next.is_none() || more == Some(false),
            };
            if last {
                end = Some(position);
                break;
            }
            let next = next.filter(|next| Some(next) != cursor.as_ref());
            let Some(next) = next else {
                return Err(self.fault(
                    &code::NOT_UNDERSTOOD,
                    &question.list.call,
                    "the cursor does not move",
                ));
            };
            self.bookmarks.put(key, position, next.clone()).await;
            // From a key one can go on behind any row.
            if wanted > before
                && wanted < position
                && let Some(middle) = self.last_key(question, &batch, wanted - at)
            {
                self.bookmarks.put(key, wanted, middle).await;
            }
            cursor = Some(next);
        }
        let (first, last) = (offset.min(position), wanted.min(position));
        let rows = (first - at.min(first)..last - at.min(last)).map(|row| row as u32).collect();
        let rows = unique(question, &batch, rows);
        Ok(Stretch { batch, rows, known: position, end, stated })
    }

    /// Everything from the start on, until the end or until there are so many rows.
    pub(super) async fn walk(&self, question: Question<'_>, most: u64) -> Result<Stretch, Fault> {
        let pages = &question.means.dialect.pages;
        let size = pages.size.most();
        let mut batch = Batch::new(&question.subject.binding.reading);
        let (mut seen, mut end, mut stated) = (0u64, None, None);
        let mut at = match &pages.style {
            Paging::Number { .. } => At::Page(0),
            Paging::Offset { .. } | Paging::Range { .. } => At::Row(0),
            Paging::Cursor { .. } => At::Cursor(None),
            Paging::Whole => At::Whole,
        };
        let mut rows: Vec<u32> = Vec::new();
        let mut known = HashSet::new();
        while seen < most {
            let page = self.page(question, &at, size).await?;
            stated = stated.or_else(|| self.stated(question, &page));
            let more = self.more(question, &page);
            let said = self.next(question, &page, more)?;
            let count = self.rows(question, &mut batch, page.text)?;
            let fresh: Vec<u32> = (seen as u32..(seen as u32 + count))
                .filter(|row| match super::text_of(&batch, *row, question.list.key) {
                    Some(key) => known.insert(key),
                    None => true,
                })
                .collect();
            let nothing_new = fresh.is_empty();
            rows.extend(fresh);
            seen += u64::from(count);
            let short = more == Some(false) || (more.is_none() && count < size) || count == 0;
            let last = match &at {
                At::Whole => true,
                // A system that ignores where it is to begin gives the same rows for ever.
                At::Page(_) | At::Row(_) => short || (pages.repeats && nothing_new),
                At::Cursor(_) => match &pages.style {
                    Paging::Cursor { next: Next::LastKey, .. } => short,
                    _ => said.is_none() || more == Some(false),
                },
            };
            if last {
                end = Some(rows.len() as u64);
                break;
            }
            at = match at {
                At::Page(number) => At::Page(number + 1),
                At::Row(row) => At::Row(row + u64::from(count)),
                At::Cursor(cursor) => {
                    let next = said.or_else(|| self.last_key(question, &batch, seen));
                    if next.is_none() || next == cursor {
                        let what = "the cursor does not move";
                        return Err(self.fault(&code::NOT_UNDERSTOOD, &question.list.call, what));
                    }
                    At::Cursor(next)
                }
                At::Whole => At::Whole,
            };
        }
        let known = rows.len() as u64;
        Ok(Stretch { batch, rows, known, end, stated })
    }

    /// How many rows a page has, without keeping them.
    pub(super) async fn count_at(&self, question: Question<'_>, at: &At, size: u32) -> Result<u32, Fault> {
        let page = self.page(question, at, size).await?;
        let mut batch = Batch::new(&question.subject.binding.reading);
        self.rows(question, &mut batch, page.text)
    }

    async fn page(&self, question: Question<'_>, at: &At, size: u32) -> Result<Page, Fault> {
        let outgoing = self.page_request(question, at, size, &self.secrets.values())?;
        let call = &question.list.call;
        let heard = self.send(&question.means.dialect, call, outgoing, None, question.journey).await?;
        let (heard, text) = self.good(&question.means.dialect, call, heard)?;
        Ok(Page { heard, text })
    }

    pub(super) fn page_request(
        &self,
        question: Question<'_>,
        at: &At,
        size: u32,
        secrets: &HashMap<String, String>,
    ) -> Result<Outgoing, Fault> {
        let dialect = &question.means.dialect;
        let mut parameters = question.parameters.to_vec();
        let link = window::parameters(&dialect.pages, at, size, &mut parameters);
        let draft = Draft {
            source: &self.source,
            dialect,
            secrets,
            now: question.journey.now,
            call: &question.list.call,
            inputs: Inputs::default(),
            parameters: &parameters,
            record: None,
            wanted: question.wanted,
        };
        let mut outgoing = draft.outgoing()?;
        if let Some(link) = link {
            outgoing.url = window::linked(&self.source.address, &outgoing.url, &link).ok_or_else(|| {
                self.fault(
                    &code::NOT_UNDERSTOOD,
                    &question.list.call,
                    "the next page's address leads elsewhere",
                )
            })?;
        }
        Ok(outgoing)
    }

    fn rows(&self, question: Question<'_>, batch: &mut Batch, text: String) -> Result<u32, Fault> {
        let call = &question.list.call;
        extract::list(batch, &question.subject.binding.reading, text, &call.rows)
            .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, call, &wrong.to_string()))
    }

    /// Whether the page says that there is more.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    fn more(&self, question: Question<'_>, page: &Page) -> Option<bool> {
        let path = question.means.dialect.pages.more.as_ref()?;
        let text = extract::scalar(&page.text, path)?;
        Some(!matches!(text.as_str(), "false" | "0" | "" | "N" | "No" | "no"))
    }

    /// The total that the page says.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    fn stated(&self, question: Question<'_>, page: &Page) -> Option<u64> {
        use crate::plan::http::Total;
        match question.list.total.as_ref()? {
            Total::At(path) => extract::scalar(&page.text, path)?.parse().ok(),
            Total::Header(name) => page.heard.header(name)?.trim().parse().ok(),
            Total::Walk(_) | Total::Call(..) => None,
        }
    }

    /// The next page's beginning as the page says it.
    fn next(
        &self,
        question: Question<'_>,
        page: &Page,
        more: Option<bool>,
    ) -> Result<Option<Value>, Fault> {
        let Paging::Cursor { next, .. } = &question.means.dialect.pages.style else { return Ok(None) };
        let found = self.cursor(question, page, next)?;
        if found.is_none() && more == Some(true) && !matches!(next, Next::LastKey) {
            let what = "there is more, and the answer does not say where it begins";
            return Err(self.fault(&code::NOT_UNDERSTOOD, &question.list.call, what));
        }
        Ok(found)
    }

    fn cursor(&self, question: Question<'_>, page: &Page, next: &Next) -> Result<Option<Value>, Fault> {
        Ok(match next {
            Next::At(path) | Next::Link(path) => {
                let wrong = |what: &str| self.fault(&code::NOT_UNDERSTOOD, &question.list.call, what);
                let at = extract::locate(&page.text, 0, path).map_err(|e| wrong(&e.to_string()))?;
                let Some(at) = at else { return Ok(None) };
                let mut scanner = crate::value::json::scan::Scanner::starting(&page.text, at);
                let range = scanner.skip().map_err(|e| wrong(&e.to_string()))?;
                let value = crate::value::json::read::read(scanner.slice(range));
                let value = value.map_err(|_| wrong("the cursor cannot be read"))?;
                (!value.is_null() && value.scalar() != Some("")).then_some(value)
            }
            Next::LinkHeader => {
                let links = page.heard.headers.get_all("link").iter().filter_map(|v| v.to_str().ok());
                links.into_iter().find_map(window::next_link).map(Value::Text)
            }
            Next::LastKey => None,
        })
    }

    /// The key of the row before this one, for sources that go on from a key.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    fn last_key(&self, question: Question<'_>, batch: &Batch, count: u64) -> Option<Value> {
        let Paging::Cursor { next: Next::LastKey, .. } = &question.means.dialect.pages.style else {
            return None;
        };
        let row = u32::try_from(count.checked_sub(1)?).ok()?;
        super::text_of(batch, row, question.list.key).map(Value::Text)
    }
}

/// The body's target of a cursor keeps its form; in a query it is a text.
pub(super) fn cursor_value(target: &Target, value: &Value) -> Value {
    match target {
        Target::Body(_) => value.clone(),
        _ => Value::Text(super::request::plain(value)),
    }
}

/// Whether the system answered, if not well: what it does not take may be the bookmark.
fn is_said(fault: &Fault) -> bool {
    [&code::REFUSED_BEHIND, &code::BACKEND_FAILED, &code::NOT_UNDERSTOOD, &code::NO_RECORD].contains(&fault.code)
}

fn slice(all: Stretch, offset: u64, limit: u32) -> Stretch {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let rows = all.rows.iter().copied().skip(offset).take(limit as usize).collect();
    Stretch { rows, ..all }
}

/// A row that came on two pages is taken once.
fn unique(question: Question<'_>, batch: &Batch, rows: Vec<u32>) -> Vec<u32> {
    let mut known = HashSet::with_capacity(rows.len());
    rows.into_iter()
        .filter(|row| super::text_of(batch, *row, question.list.key).is_none_or(|key| known.insert(key)))
        .collect()
}

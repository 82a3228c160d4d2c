//! Lists that go on from a cursor: page after page from the nearest bookmark, and what is left of them counted.

use super::{At, Question, Stretch, bookmarks, page::Refused, unique};
use crate::{
    backend::http::Http,
    fault::{Fault, code},
    plan::http::{Next, Paging},
    translate::Batch,
    value::Value,
};
use bookmarks::Mark;
use std::collections::HashSet;

/// The cursors of one walk: one that comes again leads round in a circle.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    known: HashSet<String>,
}

impl Cursors {
    /// The next cursor, which has to be another one than all before.
    pub(super) fn moved(
        &mut self,
        http: &Http,
        question: Question<'_>,
        from: Option<&Value>,
        next: Option<Value>,
    ) -> Result<Value, Fault> {
        self.known.extend(from.map(Value::to_json));
        match next {
            Some(next) if self.known.insert(next.to_json()) => Ok(next),
            _ => {
                let what = "the cursor does not move";
                Err(http.fault(&code::NOT_UNDERSTOOD, &question.list.call, what))
            }
        }
    }
}

impl Http {
    /// Page after page from the nearest bookmark before the offset.
    pub(super) async fn marked(
        &self,
        question: Question<'_>,
        offset: u64,
        limit: u32,
    ) -> Result<Stretch, Fault> {
        let key = bookmarks::key(question);
        let start = Mark::start(&question.means.dialect.pages.size, offset + u64::from(limit));
        let mark = self.bookmarks.best(&key, question, offset, limit, start.clone()).await;
        let from_start = mark.cursor.is_none();
        match self.follow(question, &key, mark, offset, limit).await {
            // A cursor may end before its bookmark does: then the walk begins anew.
            Err(Refused::Cursor(_)) if !from_start => {
                self.bookmarks.forget_one(&key).await;
                self.follow(question, &key, start, offset, limit).await.map_err(Refused::fault)
            }
            // What the system could not do with it may lie in the bookmark: the next one asks from the start.
            Err(Refused::Other(fault)) if !from_start && is_said(&fault) => {
                self.bookmarks.forget_one(&key).await;
                Err(fault)
            }
            other => other.map_err(Refused::fault),
        }
    }

    async fn follow(
        &self,
        question: Question<'_>,
        key: &str,
        mark: Mark,
        offset: u64,
        limit: u32,
    ) -> Result<Stretch, Refused> {
        let Mark { at, mut cursor, mut size } = mark;
        let pages = &question.means.dialect.pages;
        let wanted = offset + u64::from(limit);
        let mut batch = Batch::new(&question.subject.binding.reading);
        let (mut position, mut end, mut stated) = (at, None, None);
        let mut cursors = Cursors::default();
        while position < wanted {
            // An address of a next page has its size in it.
            if !pages.links() || cursor.is_none() {
                size = pages.size.holding(wanted - position);
            }
            let page = self.page(question, &At::Cursor(cursor.clone()), size).await?;
            stated = stated.or_else(|| self.stated(question, &page));
            let more = self.more(question, &page);
            let said = self.next(question, &page).map_err(Refused::Other)?;
            let count = self.rows(question, &mut batch, page.text).map_err(Refused::Other)?;
            let before = position;
            position += u64::from(count);
            let next = said.or_else(|| self.last_key(question, &batch, position - at));
            if is_last(question, next.as_ref(), more, count, size) {
                end = Some(position);
                break;
            }
            let next = cursors.moved(self, question, cursor.as_ref(), next).map_err(Refused::Other)?;
            self.bookmarks.put(key, Mark { at: position, cursor: Some(next.clone()), size }).await;
            // From a key one can go on behind any row.
            if wanted > before
                && wanted < position
                && let Some(middle) = self.last_key(question, &batch, wanted - at)
            {
                self.bookmarks.put(key, Mark { at: wanted, cursor: Some(middle), size }).await;
            }
            cursor = Some(next);
        }
        let (first, last) = (offset.min(position), wanted.min(position));
        let rows = (first - at.min(first)..last - at.min(last)).map(|row| row as u32).collect();
        let rows = unique(question, &batch, rows);
        Ok(Stretch { batch, rows, known: position, end, stated })
    }

    /// How many rows there are in all, counted from the furthest bookmark on; `None` where there are more than `most`.
    pub(in crate::backend::http) async fn counted(
        &self,
        question: Question<'_>,
        known: u64,
        most: u64,
    ) -> Result<Option<u64>, Fault> {
        let key = bookmarks::key(question);
        let start = Mark::start(&question.means.dialect.pages.size, most);
        let mark = self.bookmarks.furthest(&key, question, known, start.clone()).await;
        let from_start = mark.cursor.is_none();
        match self.count_on(question, &key, mark, most).await {
            Err(Refused::Cursor(_)) if !from_start => {
                self.bookmarks.forget_one(&key).await;
                self.count_on(question, &key, start, most).await.map_err(Refused::fault)
            }
            other => other.map_err(Refused::fault),
        }
    }

    async fn count_on(
        &self,
        question: Question<'_>,
        key: &str,
        mark: Mark,
        most: u64,
    ) -> Result<Option<u64>, Refused> {
        let Mark { at: mut position, mut cursor, mut size } = mark;
        let pages = &question.means.dialect.pages;
        let mut cursors = Cursors::default();
        while position <= most {
            if !pages.links() || cursor.is_none() {
                size = pages.size.most();
            }
            let page = self.page(question, &At::Cursor(cursor.clone()), size).await?;
            let more = self.more(question, &page);
            let said = self.next(question, &page).map_err(Refused::Other)?;
            let mut batch = Batch::new(&question.subject.binding.reading);
            let count = self.rows(question, &mut batch, page.text).map_err(Refused::Other)?;
            position += u64::from(count);
            let next = said.or_else(|| self.last_key(question, &batch, u64::from(count)));
            if is_last(question, next.as_ref(), more, count, size) {
                return Ok(Some(position));
            }
            let next = cursors.moved(self, question, cursor.as_ref(), next).map_err(Refused::Other)?;
            self.bookmarks.put(key, Mark { at: position, cursor: Some(next.clone()), size }).await;
            cursor = Some(next);
        }
        Ok(None)
    }
}

fn is_last(question: Question<'_>, next: Option<&Value>, more: Option<bool>, count: u32, size: u32) -> bool {
    let pages = &question.means.dialect.pages;
    match &pages.style {
        // A key can always be gone on from; whether there is more is another question.
        Paging::Cursor { next: Next::LastKey, .. } => match more {
            Some(more) => !more || count == 0,
            None => count == 0 || (count < size && !pages.short),
        },
        _ => next.is_none() || more == Some(false),
    }
}

/// Whether the system answered, if not well.
fn is_said(fault: &Fault) -> bool {
    [&code::REFUSED_BEHIND, &code::BACKEND_FAILED, &code::NOT_UNDERSTOOD, &code::NO_RECORD]
        .contains(&fault.code)
}

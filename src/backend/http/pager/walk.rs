//! A whole list, from its start on.

use super::{At, Question, Stretch, follow::Cursors, page::Refused};
use crate::{
    backend::http::{Http, text_of},
    fault::Fault,
    plan::http::{Next, Paging},
    translate::Batch,
};
use std::collections::HashSet;

impl Http {
    /// Everything from the start on, until the end or until there are so many rows.
    pub(in crate::backend::http) async fn walk(
        &self,
        question: Question<'_>,
        most: u64,
    ) -> Result<Stretch, Fault> {
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
        let keyed = question.subject.resource.keyed;
        let mut known = HashSet::new();
        let mut cursors = Cursors::default();
        while seen < most {
            let page = self.page(question, &at, size).await.map_err(Refused::fault)?;
            stated = stated.or_else(|| self.stated(question, &page));
            let more = self.more(question, &page);
            let said = self.next(question, &page)?;
            let count = self.rows(question, &mut batch, page.text)?;
            let fresh: Vec<u32> = (seen as u32..(seen as u32 + count))
                .filter(|row| match text_of(&batch, *row, question.list.key) {
                    Some(key) if keyed => known.insert(key),
                    _ => true,
                })
                .collect();
            let nothing_new = fresh.is_empty();
            rows.extend(fresh);
            seen += u64::from(count);
            let short = match more {
                Some(more) => !more,
                // A page may be short for a reason of its own; that the total is not reached yet says so, too.
                None => count < size && !pages.short && stated.is_none_or(|total| seen >= total),
            };
            let short = short || count == 0;
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
                    At::Cursor(Some(cursors.moved(self, question, cursor.as_ref(), next)?))
                }
                At::Whole => At::Whole,
            };
        }
        let known = rows.len() as u64;
        Ok(Stretch { batch, rows, known, end, stated })
    }
}

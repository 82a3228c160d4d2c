//! What a kept answer was printed as the last time, so that whoever asks for the same again is given the same bytes. It is a
//! memory of one print and no cache: the answer that it belongs to decides how long it is good. It knows nothing of callers:
//! who may see what is decided before, and is part of what is compared here.

use super::{Answer, Content};
use crate::translate::{Batch, Surroundings};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use std::sync::Arc;

/// The last print of an answer.
#[derive(Debug, Default)]
pub struct Printed(ArcSwapOption<Print>);

/// A body, with all that it was made of.
#[derive(Debug)]
pub struct Print {
    batch: Arc<Batch>,
    rows: Vec<u32>,
    around: Arc<Surroundings>,
    total: Option<u64>,
    form: Form,
    pub body: Bytes,
    pub tag: String,
}

/// How records are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The members that are shown, as [`Selection::words`](crate::plan::Selection::words) has them.
    pub members: Vec<u64>,
    pub xml: bool,
    /// Whether the status stands in the body.
    pub suppress: bool,
    /// The stretch of a list; nothing for a record.
    pub stretch: Option<(u32, u64)>,
}

impl Answer {
    /// The body that these very rows were printed as in this form; nothing where they were not, or are not kept.
    pub fn print(&self, form: &Form) -> Option<Arc<Print>> {
        let print = self.printed.as_ref()?.0.load_full()?;
        let Content::Slots { batch, rows, around, .. } = &self.content else { return None };
        let same = Arc::ptr_eq(&print.batch, batch)
            && Arc::ptr_eq(&print.around, around)
            && print.rows == *rows
            && print.total == self.total
            && print.form == *form;
        same.then_some(print)
    }

    /// Remembers a body, where the answer is kept.
    pub fn remember(&self, form: Form, body: &Bytes, tag: &str) {
        let (Some(printed), Content::Slots { batch, rows, around, .. }) = (&self.printed, &self.content)
        else {
            return;
        };
        printed.0.store(Some(Arc::new(Print {
            batch: Arc::clone(batch),
            rows: rows.clone(),
            around: Arc::clone(around),
            total: self.total,
            form,
            body: body.clone(),
            tag: tag.to_owned(),
        })));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::time::Date;

    fn answer(rows: Vec<u32>, kept: bool) -> Answer {
        let around = super::super::lookup::none(Date { year: 2026, month: 11, day: 21 });
        let content = Content::Slots { batch: Arc::default(), rows, around, clean: true };
        Answer { content, total: None, version: None, printed: kept.then(Arc::default) }
    }

    fn form(members: u64) -> Form {
        Form { members: vec![members], xml: false, suppress: false, stretch: Some((10, 0)) }
    }

    #[test]
    fn only_the_same_rows_in_the_same_form_are_given_again() {
        let kept = answer(vec![0, 1, 2], true);
        assert!(kept.print(&form(3)).is_none(), "nothing was printed yet");
        kept.remember(form(3), &Bytes::from_static(b"[1,2,3]"), "\"tag\"");
        let copy = kept.clone();
        assert_eq!(copy.print(&form(3)).unwrap().body, &b"[1,2,3]"[..]);
        assert!(copy.print(&form(1)).is_none(), "another selection");
        assert!(copy.print(&Form { xml: true, ..form(3) }).is_none());
        assert!(copy.print(&Form { suppress: true, ..form(3) }).is_none());
        assert!(copy.print(&Form { stretch: Some((10, 10)), ..form(3) }).is_none());
        assert!(Answer { total: Some(3), ..kept.clone() }.print(&form(3)).is_none());
        let Content::Slots { batch, around, .. } = kept.content.clone() else { return };
        let narrowed = Content::Slots { batch, rows: vec![0, 2], around, clean: true };
        assert!(Answer { content: narrowed, ..kept.clone() }.print(&form(3)).is_none(), "fewer rows");
        let other = answer(vec![0, 1, 2], false);
        assert!(Answer { content: other.content, ..kept }.print(&form(3)).is_none(), "another batch");
    }

    #[test]
    fn what_is_not_kept_is_not_remembered() {
        let passing = answer(vec![0], false);
        passing.remember(form(3), &Bytes::from_static(b"[1]"), "\"tag\"");
        assert!(passing.print(&form(3)).is_none());
    }
}

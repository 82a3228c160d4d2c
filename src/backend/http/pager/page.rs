//! One page: how it is asked for, and what it says of the list. How pages make a stretch is not its matter.

use super::{At, Question, window};
use crate::backend::http::send::Purpose;
use crate::{
    backend::http::{
        Heard, Http, Outgoing,
        request::{Draft, Inputs},
        text_of,
    },
    fault::{Fault, code},
    plan::http::{Meaning, Next, Paging, Total},
    translate::{
        Batch,
        compare::{Filter, Operator},
        extract,
    },
    value::Value,
};
use std::collections::HashMap;

/// A page that came.
pub(in crate::backend::http) struct Page {
    pub heard: Heard,
    pub text: String,
}

/// Why there is no page.
pub(in crate::backend::http) enum Refused {
    /// The cursor that it begins with is not taken (any more).
    Cursor(Fault),
    Other(Fault),
}

impl Refused {
    pub(in crate::backend::http) fn fault(self) -> Fault {
        match self {
            Self::Cursor(fault) | Self::Other(fault) => fault,
        }
    }
}

impl Http {
    /// How many rows a page has, without keeping them, and whether it says that there is more.
    pub(in crate::backend::http) async fn count_at(
        &self,
        question: Question<'_>,
        at: &At,
        size: u32,
    ) -> Result<(u32, Option<bool>), Fault> {
        let page = self.page(question, at, size).await.map_err(Refused::fault)?;
        let mut batch = Batch::new(&question.subject.binding.reading);
        let more = self.more(question, &page);
        Ok((self.rows(question, &mut batch, page.text)?, more))
    }

    pub(in crate::backend::http) async fn page(
        &self,
        question: Question<'_>,
        at: &At,
        size: u32,
    ) -> Result<Page, Refused> {
        let secrets = self.secrets.values();
        let outgoing = self.page_request(question, at, size, &secrets).map_err(Refused::Other)?;
        let (dialect, call) = (&question.means.dialect, &question.list.call);
        let purpose = Purpose::read(question.means);
        let heard = self.send(dialect, call, outgoing, None, purpose, question.journey);
        let heard = heard.await.map_err(Refused::Other)?;
        // A cursor that has ended is refused in many ways: as a wrong value, as something that is gone.
        let from_cursor = matches!(at, At::Cursor(Some(_)));
        let ended = match heard.meaning {
            Some(meaning) => matches!(meaning, Meaning::Refused | Meaning::Absent),
            None => matches!(heard.status, 400 | 404 | 410 | 422),
        };
        match self.good(dialect, call, heard) {
            Ok((heard, text)) => Ok(Page { heard, text }),
            Err(fault) if from_cursor && ended => Err(Refused::Cursor(fault)),
            Err(fault) => Err(Refused::Other(fault)),
        }
    }

    pub(in crate::backend::http) fn page_request(
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
            // Any of the addresses may have said it.
            let own = self.source.addresses.iter().find_map(|one| link.strip_prefix(one.as_str()));
            let link = own.map_or_else(|| link.clone(), |rest| format!("{}{rest}", self.source.address));
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

    pub(in crate::backend::http) fn rows(
        &self,
        question: Question<'_>,
        batch: &mut Batch,
        text: String,
    ) -> Result<u32, Fault> {
        let call = &question.list.call;
        let reading = &question.subject.binding.reading;
        let before = batch.count(0);
        let count = extract::list(batch, reading, text, &call.rows)
            .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, call, &wrong.to_string()))?;
        for (slot, member) in &reading.asked {
            let of = |f: &&Filter| f.member == *member && f.operator == Operator::Equal;
            let said = question.filters.iter().find(of).and_then(|filter| filter.values.first());
            for row in before..before + count {
                if let Some(value) = said {
                    batch.set_text(0, row, *slot, value);
                }
            }
        }
        Ok(count)
    }

    /// Whether the page says that there is more.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    pub(super) fn more(&self, question: Question<'_>, page: &Page) -> Option<bool> {
        let path = question.means.dialect.pages.more.as_ref()?;
        let text = extract::scalar(&page.text, path)?;
        Some(!matches!(text.as_str(), "false" | "0" | "" | "N" | "No" | "no"))
    }

    /// The total that the page says.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    pub(super) fn stated(&self, question: Question<'_>, page: &Page) -> Option<u64> {
        match question.list.total.as_ref()? {
            Total::At(path) => extract::scalar(&page.text, path)?.parse().ok(),
            Total::Header(name) => page.heard.header(name)?.trim().parse().ok(),
            Total::Walk(_) | Total::Call(..) => None,
        }
    }

    /// The next page's beginning as the page says it.
    pub(super) fn next(&self, question: Question<'_>, page: &Page) -> Result<Option<Value>, Fault> {
        let Paging::Cursor { next, .. } = &question.means.dialect.pages.style else { return Ok(None) };
        let found = self.cursor(question, page, next)?;
        let more = self.more(question, page) == Some(true);
        if found.is_none() && more && !matches!(next, Next::LastKey) {
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
                links.into_iter().find_map(window::next_link).map(|link| Value::Text(link.into()))
            }
            Next::LastKey => None,
        })
    }

    /// The key of the row before this one, for sources that go on from a key.
    #[expect(clippy::unused_self, reason = "one of the page's questions")]
    pub(super) fn last_key(&self, question: Question<'_>, batch: &Batch, count: u64) -> Option<Value> {
        let Paging::Cursor { next: Next::LastKey, .. } = &question.means.dialect.pages.style else {
            return None;
        };
        let row = u32::try_from(count.checked_sub(1)?).ok()?;
        text_of(batch, row, question.list.key).map(|key| Value::Text(key.into()))
    }
}

//! Lists over pages: the pages that hold the wanted rows are fetched and sliced; what the source cannot filter
//! or sort is looked through here, within the bound that the mapping states.

use super::{Http, is_ours, request};
use crate::{
    backend::{Answer, Ask, Content, Journey, Subject, explain::Step, fault_of, stub::impossible},
    fault::{Fault, code},
    plan::{
        Selection,
        http::{HttpMeans, List, Total},
    },
    translate::{Batch, Slot, Surroundings, compare, extract, show::Shown},
};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use std::sync::Arc;

/// How many calls for single records one list makes at once.
const AT_ONCE: usize = 16;

impl Http {
    pub(super) async fn list_rows(
        &self,
        subject: Subject<'_>,
        ask: &Ask<'_>,
        journey: &Journey,
    ) -> Result<Answer, Fault> {
        let means = Self::means(subject)?;
        let list = means.list.as_ref().ok_or_else(|| impossible("list"))?;
        let pushed = request::push(subject, means, ask, &journey.around);
        if !pushed.filters_left.is_empty() || pushed.sort_left {
            return self.looked_through(subject, means, list, ask, &pushed, journey).await;
        }
        let (mut batch, mut rows, total) =
            self.paged(subject, means, list, ask, &pushed.parameters, journey).await?;
        if let Some(complete) = &list.complete
            && needs_completing(subject, list, ask.selection)
        {
            (batch, rows) = self.completed(subject, means, complete, &batch, &rows, journey).await?;
        }
        let around = Arc::clone(&journey.around);
        Ok(Answer { content: Content::Slots { batch, rows, around, clean: true }, total, version: None })
    }

    /// The pages that hold the wanted rows, fetched at once and sliced.
    async fn paged(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        parameters: &[(String, String)],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>, Option<u64>), Fault> {
        // A list that is wanted whole is walked: how long it is nobody knows yet.
        if ask.whole {
            return self.walked(subject, means, list, ask, parameters, journey).await;
        }
        let pages = request::pages(&means.dialect.paging, ask.offset, ask.limit);
        let fetches = (pages.first..pages.first + pages.count)
            .map(|n| self.page(means, list, parameters, n, pages.size, journey));
        let texts = try_join_all(fetches).await?;
        let mut batch = Batch::new(&subject.binding.reading);
        let mut seen = 0u64;
        let mut full = true;
        let mut stated = None;
        for text in texts {
            if let Some(Total::At(path)) = &list.total {
                stated = extract::scalar(&text, path).and_then(|t| t.parse().ok());
            }
            let count = self.rows(subject, list, &mut batch, text)?;
            seen += u64::from(count);
            full &= count >= pages.size;
        }
        let start = pages.first * u64::from(pages.size);
        let skip = (ask.offset - start).min(seen);
        let rows: Vec<u32> = (skip..(skip + u64::from(ask.limit)).min(seen)).map(|row| row as u32).collect();
        let total = match (&list.total, ask.count) {
            (_, false) | (None, _) => None,
            // The total is promised: an answer that does not say it is not the one that the mapping knows.
            (Some(Total::At(path)), _) => Some(stated.ok_or_else(|| {
                self.fault(&code::NOT_UNDERSTOOD, &list.call, &format!("there is no total at `{path}`"))
            })?),
            // The end of the list was on one of the pages.
            (Some(Total::Walk(_)), _) if !full && (seen > 0 || start == 0) => Some(start + seen),
            (Some(Total::Walk(keep)), _) => {
                let known = if full { start + seen } else { 0 };
                Some(self.total(subject, means, list, parameters, *keep, known, journey).await?)
            }
        };
        Ok((batch, rows, total))
    }

    /// Pages one after the other until one is short, or the limit is reached.
    async fn walked(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        parameters: &[(String, String)],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>, Option<u64>), Fault> {
        let mut batch = Batch::new(&subject.binding.reading);
        let size = request::pages(&means.dialect.paging, 0, 1000).size;
        let mut seen = 0u64;
        let mut number = 0;
        while seen < ask.offset + u64::from(ask.limit) {
            let text = self.page(means, list, parameters, number, size, journey).await?;
            let count = self.rows(subject, list, &mut batch, text)?;
            seen += u64::from(count);
            number += 1;
            if count < size {
                break;
            }
        }
        let rows =
            (ask.offset..(ask.offset + u64::from(ask.limit)).min(seen)).map(|row| row as u32).collect();
        Ok((batch, rows, ask.count.then_some(seen)))
    }

    pub(super) async fn page(
        &self,
        means: &HttpMeans,
        list: &List,
        parameters: &[(String, String)],
        number: u64,
        size: u32,
        journey: &Journey,
    ) -> Result<String, Fault> {
        let mut all = parameters.to_vec();
        all.extend(request::page(&means.dialect.paging, number, size));
        let outgoing = request::with(&self.source, &list.call, "", &all);
        let received = self.send(&list.call, outgoing, journey).await?;
        self.good(&list.call, received)
    }

    pub(super) fn rows(
        &self,
        subject: Subject<'_>,
        list: &List,
        batch: &mut Batch,
        text: String,
    ) -> Result<u32, Fault> {
        extract::list(batch, &subject.binding.reading, text, &list.call.rows)
            .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, &list.call, &wrong.to_string()))
    }

    /// Rows with all their places: one call for each, in order. A record that went away meanwhile is left out.
    async fn completed(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        complete: &crate::plan::http::Call,
        batch: &Batch,
        rows: &[u32],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>), Fault> {
        let absent = means.read.as_ref();
        let keys: Vec<Option<String>> = rows.iter().map(|row| text_of(batch, *row, means.key)).collect();
        let texts: Vec<Option<String>> = stream::iter(keys)
            .map(|key| async move {
                let Some(key) = key else { return Ok(None) };
                let received =
                    self.send(complete, request::keyed(&self.source, complete, &key), journey).await?;
                if absent.is_some_and(|read| read.absent_statuses.contains(&received.status)) {
                    return Ok(None);
                }
                let text = self.good(complete, received)?;
                let gone =
                    absent.is_some_and(|read| read.absent_bodies.iter().any(|body| *body == text.trim()));
                Ok::<_, Fault>((!gone).then_some(text))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut whole = Batch::new(&subject.binding.reading);
        let mut found = Vec::with_capacity(texts.len());
        for text in texts.into_iter().flatten() {
            let row = extract::record(&mut whole, &subject.binding.reading, text, &complete.rows)
                .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, complete, &wrong.to_string()))?;
            if is_ours(means, &whole, row) {
                found.push(row);
            }
        }
        Ok((whole, found))
    }

    /// All rows that the source gives for what it can filter, then the rest of the question here.
    async fn looked_through(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        pushed: &request::Pushed,
        journey: &Journey,
    ) -> Result<Answer, Fault> {
        let within = list.within.unwrap_or(0);
        let whole = Ask { limit: within + 1, offset: 0, count: false, whole: true, ..ask.clone() };
        let (mut batch, mut rows, _) =
            self.walked(subject, means, list, &whole, &pushed.parameters, journey).await?;
        if rows.len() > within as usize {
            let detail = format!(
                "{}: more than {within} rows of `{}` to look through",
                self.name, subject.resource.name
            );
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
        let compared = compared(subject, ask, pushed);
        let mut complete = false;
        if let Some(call) = &list.complete
            && needs_completing(subject, list, &compared)
        {
            (batch, rows) = self.completed(subject, means, call, &batch, &rows, journey).await?;
            complete = true;
        }
        let shown = Shown {
            contract: &subject.resource.contract,
            reading: &subject.binding.reading,
            batch: &batch,
            around: &journey.around,
            clean: true,
        };
        let mut kept = Vec::new();
        for row in rows {
            if compare::keeps(&shown, row, &pushed.filters_left).map_err(|p| fault_of(&p))? {
                kept.push(row);
            }
        }
        if pushed.sort_left {
            let numeric = subject.resource.numeric_key.then_some(subject.resource.key);
            compare::sort(&shown, &mut kept, ask.order, numeric).map_err(|p| fault_of(&p))?;
        }
        let total = kept.len() as u64;
        let offset = usize::try_from(ask.offset).unwrap_or(usize::MAX);
        let mut rows: Vec<u32> = kept.into_iter().skip(offset).take(ask.limit as usize).collect();
        if let Some(call) = &list.complete
            && !complete
            && needs_completing(subject, list, ask.selection)
        {
            (batch, rows) = self.completed(subject, means, call, &batch, &rows, journey).await?;
        }
        let around = Arc::clone(&journey.around);
        Ok(Answer {
            content: Content::Slots { batch, rows, around, clean: true },
            total: ask.count.then_some(total),
            version: None,
        })
    }

    pub(super) fn explain_rows(
        &self,
        subject: Subject<'_>,
        ask: &Ask<'_>,
        around: &Surroundings,
    ) -> Vec<Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let Some(list) = &means.list else { return Vec::new() };
        let pushed = request::push(subject, means, ask, around);
        let local = ask.whole || !pushed.filters_left.is_empty() || pushed.sort_left;
        let step = |number: Option<u64>, size: u32, why: String, takes: Vec<String>| {
            let mut all = pushed.parameters.clone();
            all.extend(request::page(&means.dialect.paging, number.unwrap_or(0), size));
            let outgoing = request::with(&self.source, &list.call, "", &all);
            let mut call = request::line(&self.source, &outgoing);
            if number.is_none() {
                let first = format!("{}={}", means.dialect.paging.page, means.dialect.paging.first);
                call = call.replace(&first, &format!("{}=N", means.dialect.paging.page));
            }
            Step { source: self.name.clone(), call, detail: None, why, takes, login: false }
        };
        let given = |selection: &Selection| -> Vec<String> {
            let all = request::places(subject, selection);
            let named = &list.call.gives;
            all.into_iter()
                .filter(|p| {
                    named.as_ref().is_none_or(|n| n.iter().any(|g| p == g || p.starts_with(&format!("{g}."))))
                })
                .collect()
        };
        let mut steps = Vec::new();
        if local {
            let left: Vec<&str> = pushed
                .filters_left
                .iter()
                .filter_map(|f| subject.resource.contract.get(f.member))
                .map(|m| &*m.path)
                .collect();
            let mut reasons = Vec::new();
            if !left.is_empty() {
                reasons.push(format!("filters by {}", left.join(", ")));
            }
            if pushed.sort_left {
                reasons.push("sorts".to_owned());
            }
            let within = list.within.unwrap_or(0);
            let mut why = format!("page after page until one is short, at most {within} rows");
            if !reasons.is_empty() {
                why = format!("{why}: the façade {} itself", reasons.join(" and "));
            }
            steps.push(step(
                None,
                request::pages(&means.dialect.paging, 0, 1000).size,
                why,
                given(ask.selection),
            ));
        } else {
            let pages = request::pages(&means.dialect.paging, ask.offset, ask.limit);
            for number in pages.first..pages.first + pages.count {
                let from = number * u64::from(pages.size);
                let why =
                    format!("rows {from} to {} hold those that are wanted", from + u64::from(pages.size) - 1);
                steps.push(step(Some(number), pages.size, why, given(ask.selection)));
            }
        }
        let compared = compared(subject, ask, &pushed);
        if let Some(complete) = &list.complete {
            let all = local && needs_completing(subject, list, &compared);
            if all || needs_completing(subject, list, ask.selection) {
                let many = if all {
                    "each row that was looked through".to_owned()
                } else {
                    format!("each row that is shown (at most {})", ask.limit)
                };
                let place =
                    subject.binding.reading.levels.first().and_then(|l| l.places.get(usize::from(means.key)));
                let outgoing = request::keyed(&self.source, complete, "KEY");
                let call = request::line(&self.source, &outgoing)
                    .replace("KEY", &format!("{{{}}}", place.map_or_else(String::new, ToString::to_string)));
                let why = format!("{many}: the list does not give all that is asked for");
                steps.push(Step {
                    source: self.name.clone(),
                    call,
                    detail: None,
                    why,
                    takes: request::places(subject, ask.selection),
                    login: false,
                });
            }
        }
        if ask.count
            && !local
            && let Some(Total::Walk(keep)) = &list.total
        {
            let why = format!(
                "the total: only where the end of the list was not met and no count is kept ({}s); pages 1, 3, 7, … until one is short, then halving",
                keep.as_secs()
            );
            steps.push(step(None, request::pages(&means.dialect.paging, 0, 1).size, why, Vec::new()));
        }
        steps
    }
}

/// The members that are compared here.
fn compared(subject: Subject<'_>, ask: &Ask<'_>, pushed: &request::Pushed) -> Selection {
    let contract = &subject.resource.contract;
    let mut selection = Selection::none(contract);
    pushed.filters_left.iter().for_each(|f| selection.add(contract, f.member));
    if pushed.sort_left {
        ask.order.iter().for_each(|k| selection.add(contract, k.member));
    }
    selection
}

/// Whether a selection needs places that the list does not give.
fn needs_completing(subject: Subject<'_>, list: &List, selection: &Selection) -> bool {
    let needed = subject.binding.reading.needed(selection);
    let record = needed.first().map(Vec::as_slice).unwrap_or_default();
    record.iter().zip(&list.given).any(|(needed, given)| *needed && !*given)
}

/// The text in a slot.
pub(super) fn text_of(batch: &Batch, row: u32, slot: u16) -> Option<String> {
    match batch.get(0, row, slot) {
        Slot::Text(span) | Slot::Number(span) => Some(batch.text(span).to_owned()),
        Slot::Escaped(span) => Some(crate::value::json::write::unescape(batch.text(span))),
        _ => None,
    }
}

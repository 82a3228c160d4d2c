//! Lists: what the source filters and sorts is asked of it; the rest is looked through here, within the bound that the
//! mapping states; rows that a list gives in part are completed.

mod complete;

use super::{
    Http, is_ours,
    pager::{At, Page, Question, Refused, Stretch},
    push::{self, Pushed},
    request::joined,
};
use crate::{
    backend::{Answer, Ask, Content, Journey, Subject, fault_of, stub::impossible},
    fault::{Fault, code},
    plan::{
        Selection,
        http::{HttpMeans, List, Next, Pages, Paging, Total},
    },
    translate::{
        Batch,
        compare::{self, Filter, Operator},
        show::Shown,
    },
    value::path::Path,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

pub(super) use complete::needs_completing;
use complete::put_keys;

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
        if let Some(severally) = severally(list, ask) {
            return self.one_after_another(subject, means, list, ask, severally, journey).await;
        }
        let pushed = push::push(subject, means, list, ask, &journey.around);
        if !pushed.filters_left.is_empty() || pushed.sort_left || means.picks() {
            return self.looked_through(subject, means, list, ask, &pushed, journey).await;
        }
        let parameters = pushed.parameters();
        let wanted = wanted(subject, means, list, ask.selection, ask.count);
        let question = Question {
            subject,
            means,
            list,
            parameters: &parameters,
            filters: ask.filters,
            wanted: &wanted,
            journey,
        };
        let Stretch { mut batch, mut rows, known, end, stated } = if ask.whole {
            // How long a list is that is wanted whole nobody knows yet.
            let most = ask.offset + u64::from(ask.limit);
            let mut all = self.walk(question, most).await?;
            all.rows = all.rows.into_iter().skip(ask.offset as usize).take(ask.limit as usize).collect();
            all
        } else {
            self.stretch(question, ask.offset, ask.limit).await?
        };
        put_keys(subject, means, list, &mut batch, &rows);
        let total =
            if ask.count { self.total_of(question, &pushed, known, end, stated).await? } else { None };
        if let Some(complete) = &list.complete
            && needs_completing(subject, means, list, ask.selection)
        {
            (batch, rows) = self.completed(subject, means, list, complete, &batch, &rows, journey).await?;
        }
        let around = Arc::clone(&journey.around);
        Ok(Answer {
            content: Content::Slots { batch: Arc::new(batch), rows, around, clean: true },
            total,
            version: None,
            printed: None,
        })
    }

    async fn total_of(
        &self,
        question: Question<'_>,
        pushed: &Pushed,
        known: u64,
        end: Option<u64>,
        stated: Option<u64>,
    ) -> Result<Option<u64>, Fault> {
        let list = question.list;
        match &list.total {
            // The total is promised: an answer that does not say it is not the one that the mapping knows.
            Some(Total::At(_) | Total::Header(_)) => {
                if let Some(total) = stated {
                    Ok(Some(total))
                } else {
                    let what = "the answer does not say the total";
                    Err(self.fault(&code::NOT_UNDERSTOOD, &list.call, what))
                }
            }
            // The end of the list was on one of the pages.
            _ if end.is_some() => Ok(end),
            Some(Total::Walk(_) | Total::Call(..)) => {
                Ok(Some(self.total(question, &pushed.filters, known).await?))
            }
            None => Ok(None),
        }
    }

    /// All rows that the source gives for what it can filter, then the rest of the question here.
    async fn looked_through(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        pushed: &Pushed,
        journey: &Journey,
    ) -> Result<Answer, Fault> {
        let compared = compared(subject, ask, pushed);
        let parameters = pushed.parameters();
        let wanted = wanted(subject, means, list, &seen(subject, ask, &compared), false);
        let filters = ask.filters;
        let question =
            Question { subject, means, list, parameters: &parameters, filters, wanted: &wanted, journey };
        let within = list.within.unwrap_or(0);
        let Stretch { batch, rows, .. } = self.walk(question, u64::from(within) + 1).await?;
        self.rest_of(subject, means, list, ask, pushed, (batch, rows), journey).await
    }

    /// Several values of one filter, each by a call of its own; the rows are joined, and the rest is done here.
    async fn one_after_another(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        severally: usize,
        journey: &Journey,
    ) -> Result<Answer, Fault> {
        let filters = ask.filters.get(severally).into_iter().flat_map(|filter| {
            filter.values.iter().map(move |value| Filter { values: vec![value.clone()], ..filter.clone() })
        });
        let asks: Vec<Vec<Filter>> = filters
            .map(|one| {
                let others = ask.filters.iter().enumerate().filter(|(at, _)| *at != severally);
                std::iter::once(one).chain(others.map(|(_, filter)| filter.clone())).collect()
            })
            .collect();
        let mut batch = Batch::new(&subject.binding.reading);
        let mut left = Pushed { sort_left: true, ..Pushed::default() };
        let whole = Pages::whole().size.most();
        let pages: Vec<(Vec<Filter>, Page, Vec<Filter>)> = stream::iter(asks)
            .map(|filters| async move {
                let one = Ask { filters: &filters, ..ask.clone() };
                let pushed = push::push(subject, means, list, &one, &journey.around);
                let parameters = pushed.parameters();
                let compared = compared(subject, ask, &pushed);
                let wanted = wanted(subject, means, list, &seen(subject, ask, &compared), false);
                let question = Question {
                    subject,
                    means,
                    list,
                    parameters: &parameters,
                    filters: &filters,
                    wanted: &wanted,
                    journey,
                };
                let page = self.page(question, &At::Whole, whole).await.map_err(Refused::fault)?;
                Ok::<_, Fault>((filters, page, pushed.filters_left))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for (filters, page, not_pushed) in pages {
            let question =
                Question { subject, means, list, parameters: &[], filters: &filters, wanted: &[], journey };
            self.rows(question, &mut batch, page.text)?;
            left.filters_left = not_pushed;
        }
        let rows = (0..batch.count(0)).collect();
        self.rest_of(subject, means, list, ask, &left, (batch, rows), journey).await
    }

    /// What the source did not do of a question, over all rows that it gave: filters, order, and the stretch.
    #[expect(clippy::too_many_arguments, reason = "rows, and what is left to be done with them")]
    async fn rest_of(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        ask: &Ask<'_>,
        pushed: &Pushed,
        (mut batch, mut rows): (Batch, Vec<u32>),
        journey: &Journey,
    ) -> Result<Answer, Fault> {
        let within = list.within.unwrap_or(0);
        let compared = compared(subject, ask, pushed);
        if rows.len() > within as usize {
            let name = &subject.resource.name;
            let detail = format!("{}: more than {within} rows of `{name}` to look through", self.name);
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
        put_keys(subject, means, list, &mut batch, &rows);
        let mut complete = false;
        if let Some(call) = &list.complete
            && needs_completing(subject, means, list, &compared)
        {
            (batch, rows) = self.completed(subject, means, list, call, &batch, &rows, journey).await?;
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
            let ours = !means.picks() || is_ours(means, &batch, row);
            if ours && compare::keeps(&shown, row, &pushed.filters_left).map_err(|p| fault_of(&p))? {
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
            && needs_completing(subject, means, list, ask.selection)
        {
            (batch, rows) = self.completed(subject, means, list, call, &batch, &rows, journey).await?;
        }
        let around = Arc::clone(&journey.around);
        let content = Content::Slots { batch: Arc::new(batch), rows, around, clean: true };
        Ok(Answer { content, total: ask.count.then_some(total), version: None, printed: None })
    }
}

/// The filter with several values that the source takes one by one, by its place.
pub(super) fn severally(list: &List, ask: &Ask<'_>) -> Option<usize> {
    let is_it = |filter: &Filter| {
        let each = list.filters.iter().any(|way| way.each && way.member == filter.member);
        each && filter.operator == Operator::Equal && filter.values.len() > 1
    };
    ask.filters.iter().position(is_it)
}

/// What is read of rows of which some are left out or put in order here.
fn seen(subject: Subject<'_>, ask: &Ask<'_>, compared: &Selection) -> Selection {
    let contract = &subject.resource.contract;
    let mut seen = ask.selection.clone();
    contract.members().iter().filter(|m| compared.has(m.id)).for_each(|m| seen.add(contract, m.id));
    seen
}

/// The members that are compared here.
pub(super) fn compared(subject: Subject<'_>, ask: &Ask<'_>, pushed: &Pushed) -> Selection {
    let contract = &subject.resource.contract;
    let mut selection = Selection::none(contract);
    pushed.filters_left.iter().for_each(|f| selection.add(contract, f.member));
    if pushed.sort_left {
        ask.order.iter().for_each(|k| selection.add(contract, k.member));
    }
    selection
}

/// The places of a list's answer that are read: those of the rows, and those that say how it goes on.
pub(super) fn wanted(
    subject: Subject<'_>,
    means: &HttpMeans,
    list: &List,
    selection: &Selection,
    count: bool,
) -> Vec<Path> {
    if list.call.graphql.is_none() {
        return Vec::new();
    }
    let mut found = super::places_within(subject, means, &list.call, Some(selection));
    let pages = &means.dialect.pages;
    found.extend(pages.more.clone());
    if let Paging::Cursor { next: Next::At(path) | Next::Link(path), .. } = &pages.style {
        found.push(path.clone());
    }
    if let (true, Some(Total::At(path))) = (count, &list.total) {
        found.push(path.clone());
    }
    found.into_iter().map(|path| joined(&Path::default(), &path)).collect()
}

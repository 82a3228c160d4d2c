//! Lists: what the source filters and sorts is asked of it; the rest is looked through here, within the bound that the
//! mapping states; rows that a list gives in part are completed.

use super::{
    Http, is_ours,
    pager::{Question, Stretch},
    push::{self, Pushed},
    request::{Draft, Inputs, Parameter, joined},
    text_of,
};
use crate::{
    backend::{Answer, Ask, Content, Journey, Subject, fault_of, stub::impossible},
    fault::{Fault, code},
    plan::{
        Selection,
        http::{Complete, HttpMeans, List, Many, Next, Paging, Target, Total},
    },
    translate::{Batch, compare, extract, show::Shown},
    value::{Value, path::Path},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{collections::HashMap, sync::Arc};

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
        let pushed = push::push(subject, means, list, ask, &journey.around);
        if !pushed.filters_left.is_empty() || pushed.sort_left || means.picks() {
            return self.looked_through(subject, means, list, ask, &pushed, journey).await;
        }
        let parameters = pushed.parameters();
        let wanted = wanted(subject, means, list, ask.selection, ask.count);
        let question = Question { subject, means, list, parameters: &parameters, wanted: &wanted, journey };
        let Stretch { mut batch, mut rows, known, end, stated } = if ask.whole {
            // How long a list is that is wanted whole nobody knows yet.
            let most = ask.offset + u64::from(ask.limit);
            let mut all = self.walk(question, most).await?;
            all.rows = all.rows.into_iter().skip(ask.offset as usize).take(ask.limit as usize).collect();
            all
        } else {
            self.stretch(question, ask.offset, ask.limit).await?
        };
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

    /// Rows with all their places, in order. A record that went away meanwhile is left out.
    #[expect(clippy::too_many_arguments, reason = "rows, and how they are completed")]
    async fn completed(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        complete: &Complete,
        batch: &Batch,
        rows: &[u32],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>), Fault> {
        let nameless = || self.fault(&code::NOT_UNDERSTOOD, &list.call, "a row does not hold its key");
        let keys: Result<Vec<String>, Fault> =
            rows.iter().map(|row| text_of(batch, *row, list.key).ok_or_else(nameless)).collect();
        let keys = keys?;
        let (whole, found) = match &complete.many {
            Some(many) => self.several(subject, means, complete, many, &keys, journey).await?,
            None => self.one_by_one(subject, means, complete, &keys, journey).await?,
        };
        let found = found.into_iter().filter(|row| is_ours(means, &whole, *row)).collect();
        Ok((whole, found))
    }

    /// A call for each row, so many at once.
    async fn one_by_one(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        complete: &Complete,
        keys: &[String],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>), Fault> {
        let (call, dialect) = (&complete.call, &means.dialect);
        let wanted = super::record_places(subject, call);
        let wanted = &wanted;
        let texts: Vec<Option<(String, String)>> = stream::iter(keys.to_vec())
            .map(|key| async move {
                let outgoing = self.keyed(subject, means, call, &key, wanted, journey.now)?;
                let heard = self.send(dialect, call, outgoing, None, journey).await?;
                if super::is_absent(means, &heard) {
                    return Ok(None);
                }
                let (_, text) = self.good(dialect, call, heard)?;
                Ok::<_, Fault>(Some((key, text)))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut whole = Batch::new(&subject.binding.reading);
        let mut found = Vec::with_capacity(texts.len());
        for (key, text) in texts.into_iter().flatten() {
            let row = extract::record(&mut whole, &subject.binding.reading, text, &call.rows)
                .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, call, &wrong.to_string()))?;
            match row {
                Some(row) => {
                    let came = text_of(&whole, row, means.key);
                    if self.is_named(call, &key, came.as_deref())? {
                        found.push(row);
                    }
                }
                None if means.read.as_ref().is_some_and(|read| read.absent_missing) => {}
                None => {
                    return Err(self.fault(&code::NOT_UNDERSTOOD, call, "there is no record in the answer"));
                }
            }
        }
        Ok((whole, found))
    }

    /// One call for many rows; they are brought into the list's order.
    async fn several(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        complete: &Complete,
        many: &Many,
        keys: &[String],
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>), Fault> {
        let call = &complete.call;
        let wanted = super::record_places(subject, call);
        let wanted = &wanted;
        let chunks: Vec<Vec<String>> = keys.chunks(many.most.max(1) as usize).map(<[_]>::to_vec).collect();
        let texts: Vec<String> = stream::iter(chunks)
            .map(|keys| async move {
                let parameters = keys_of(many, &keys);
                let secrets = self.secrets.values();
                let draft = Draft {
                    source: &self.source,
                    dialect: &means.dialect,
                    secrets: &secrets,
                    now: journey.now,
                    call,
                    inputs: Inputs::default(),
                    parameters: &parameters,
                    record: None,
                    wanted,
                };
                let heard = self.send(&means.dialect, call, draft.outgoing()?, None, journey).await?;
                let (_, text) = self.good(&means.dialect, call, heard)?;
                Ok::<_, Fault>(text)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut whole = Batch::new(&subject.binding.reading);
        let mut by_key: HashMap<String, u32> = HashMap::new();
        let mut next = 0;
        for text in texts {
            let count = extract::list(&mut whole, &subject.binding.reading, text, &call.rows)
                .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, call, &wrong.to_string()))?;
            for row in next..next + count {
                by_key.extend(text_of(&whole, row, means.key).map(|key| (key, row)));
            }
            next += count;
        }
        Ok((whole, keys.iter().filter_map(|key| by_key.get(key).copied()).collect()))
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
        let within = list.within.unwrap_or(0);
        let compared = compared(subject, ask, pushed);
        let parameters = pushed.parameters();
        let mut seen = ask.selection.clone();
        for member in subject.resource.contract.members().iter().filter(|m| compared.has(m.id)) {
            seen.add(&subject.resource.contract, member.id);
        }
        let wanted = wanted(subject, means, list, &seen, false);
        let question = Question { subject, means, list, parameters: &parameters, wanted: &wanted, journey };
        let Stretch { mut batch, mut rows, .. } = self.walk(question, u64::from(within) + 1).await?;
        if rows.len() > within as usize {
            let name = &subject.resource.name;
            let detail = format!("{}: more than {within} rows of `{name}` to look through", self.name);
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
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
        Ok(Answer { content, total: ask.count.then_some(total), version: None })
    }
}

/// The parameter of several keys.
fn keys_of(many: &Many, keys: &[String]) -> Vec<Parameter> {
    if let Some(join) = &many.join {
        return vec![Parameter::new(&many.keys, Value::Text(keys.join(join)))];
    }
    if let Target::Body(_) = many.keys {
        let put = |key: &String| match &many.each {
            None => Value::Text(key.clone()),
            Some(each) => within(each, key),
        };
        return vec![Parameter::new(&many.keys, Value::List(keys.iter().map(put).collect()))];
    }
    keys.iter().map(|key| Parameter::new(&many.keys, Value::Text(key.clone()))).collect()
}

/// JSON with a key in the place of `{}`.
fn within(each: &Value, key: &str) -> Value {
    match each {
        Value::Text(text) => Value::Text(text.replace("{}", key)),
        Value::List(items) => Value::List(items.iter().map(|item| within(item, key)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), within(value, key))).collect())
        }
        other => other.clone(),
    }
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

/// Whether a selection needs places that the list does not give, or rows are picked by such.
pub(super) fn needs_completing(
    subject: Subject<'_>,
    means: &HttpMeans,
    list: &List,
    selection: &Selection,
) -> bool {
    let given = |slot: u16| list.given.get(usize::from(slot)).copied().unwrap_or(true);
    if means.fixed.iter().any(|fixed| !fixed.by_source && !given(fixed.slot)) {
        return true;
    }
    let needed = subject.binding.reading.needed(selection);
    let record = needed.first().map(Vec::as_slice).unwrap_or_default();
    record.iter().enumerate().any(|(slot, needed)| *needed && !given(slot as u16))
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

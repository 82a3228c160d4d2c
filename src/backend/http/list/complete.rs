//! Rows that a list gives in part, or as keys alone: how they are completed, and when they need not be.

use super::super::{
    Http, is_ours, record_places,
    request::{Draft, Inputs, Parameter},
    text_of,
};
use crate::backend::http::send::Purpose;
use crate::{
    backend::{Journey, Subject},
    fault::{Fault, code},
    plan::{
        Selection,
        http::{Complete, HttpMeans, List, Many, Target},
        reading::Fill,
    },
    translate::{Batch, Slot, extract},
    value::Value,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

use super::AT_ONCE;

impl Http {
    /// Rows with all their places, in order. A record that went away meanwhile is left out.
    #[expect(clippy::too_many_arguments, reason = "rows, and how they are completed")]
    pub(super) async fn completed(
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
        let wanted = record_places(subject, call);
        let wanted = &wanted;
        let texts: Vec<Option<(String, String)>> = stream::iter(keys.to_vec())
            .map(|key| async move {
                let outgoing = self.keyed(subject, means, call, &key, wanted, journey.now)?;
                let heard = self.send(dialect, call, outgoing, None, Purpose::read(means), journey).await?;
                if crate::backend::http::is_absent(means, &heard) {
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
        let wanted = record_places(subject, call);
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
                let heard = self
                    .send(&means.dialect, call, draft.outgoing()?, None, Purpose::read(means), journey)
                    .await?;
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
}

/// The parameter of several keys.
fn keys_of(many: &Many, keys: &[String]) -> Vec<Parameter> {
    if let Some(join) = &many.join {
        return vec![Parameter::new(&many.keys, Value::Text(keys.join(join).into()))];
    }
    if let Target::Body(_) = many.keys {
        let put = |key: &String| match &many.each {
            None => Value::Text(key.as_str().into()),
            Some(each) => within(each, key),
        };
        return vec![Parameter::new(&many.keys, Value::List(keys.iter().map(put).collect()))];
    }
    keys.iter().map(|key| Parameter::new(&many.keys, Value::Text(key.as_str().into()))).collect()
}

/// JSON with a key in the place of `{}`.
fn within(each: &Value, key: &str) -> Value {
    match each {
        Value::Text(text) => Value::Text(text.replace("{}", key).into()),
        Value::List(items) => Value::List(items.iter().map(|item| within(item, key)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), within(value, key))).collect())
        }
        other => other.clone(),
    }
}

/// Whether rows tell their keys elsewhere than at the key's own place, in the form that it has there.
fn key_is_told(subject: Subject<'_>, means: &HttpMeans, list: &List) -> bool {
    let plain = matches!(
        subject.binding.reading.leaf(subject.resource.key).map(|leaf| &leaf.fill),
        Some(Fill::Slot(_, chain)) if chain.read.is_empty() && chain.blank.is_empty()
    );
    plain && list.key != means.key
}

/// Puts the keys that rows tell to the key's own place, where nothing is.
pub(super) fn put_keys(
    subject: Subject<'_>,
    means: &HttpMeans,
    list: &List,
    batch: &mut Batch,
    rows: &[u32],
) {
    if !key_is_told(subject, means, list) {
        return;
    }
    for row in rows {
        if matches!(batch.get(0, *row, means.key), Slot::Absent | Slot::Misshapen(_))
            && let Some(key) = text_of(batch, *row, list.key)
        {
            batch.set_text(0, *row, means.key, &key);
        }
    }
}

/// Whether a selection needs places that the list does not give, or rows are picked by such.
pub(in crate::backend::http) fn needs_completing(
    subject: Subject<'_>,
    means: &HttpMeans,
    list: &List,
    selection: &Selection,
) -> bool {
    let given = |slot: u16| list.given.get(usize::from(slot)).copied().unwrap_or(true);
    if means.fixed.iter().any(|fixed| !fixed.by_source && !given(fixed.slot)) {
        return true;
    }
    let mut needed = subject.binding.reading.needed(selection);
    // What a row is, or holds beside, is the key.
    if let (Some(key), true) = (
        needed.first_mut().and_then(|record| record.get_mut(usize::from(means.key))),
        key_is_told(subject, means, list),
    ) {
        *key = false;
    }
    let record = needed.first().map(Vec::as_slice).unwrap_or_default();
    record.iter().enumerate().any(|(slot, needed)| *needed && !given(slot as u16))
}

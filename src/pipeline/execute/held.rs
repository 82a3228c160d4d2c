//! Holding a caller to the records that exist for them: lists are narrowed before a backend is asked, records are
//! judged before anything of them is shown, and what is written has to stay the caller's.

use super::{Run, cached::Age};
use crate::{
    backend::{Answer, Ask, Content, Subject, values},
    fault::{Fault, Violation, code},
    pipeline::{
        authorize::{Held, Permit},
        envelope,
    },
    plan::{MemberId, Resource, Selection, access::Through, resource::Operation},
    translate::compare::{Filter, Operator},
    value::{Value, json},
};
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// To more records than this nobody is led: what leads there is narrowed in the mapping.
const MOST: u32 = 1000;
/// More keys than this are not put into one question.
const IN_ONE_QUESTION: usize = 100;
/// Records that are read one by one are at most so many.
const MOST_READ: usize = 300;
const AT_ONCE: usize = 16;

/// What a list has to be narrowed to.
pub(super) enum Narrowed {
    /// The filters say it.
    Asked,
    /// Nothing of it is the caller's.
    Nothing,
    /// Records of these keys, which the source cannot be asked for at once.
    Among(Vec<String>),
}

impl<'p> Run<'p> {
    /// Narrows a list's filters to what is the caller's.
    pub(super) async fn narrow(
        &self,
        resource: &'p Resource,
        permit: &Permit<'p>,
        filters: &mut Vec<Filter>,
    ) -> Result<Narrowed, Fault> {
        for (member, values) in permit.having {
            if !restrict(filters, *member, values) {
                return Ok(Narrowed::Nothing);
            }
        }
        let (member, values) = match &permit.rows {
            Held::All => return Ok(Narrowed::Asked),
            Held::Own(member, value) => (*member, vec![value.to_string()]),
            Held::Through(all) => {
                let Some(first) = all.first() else { return Ok(Narrowed::Nothing) };
                // Where one value is asked for, it is enough to know whether anything leads there.
                let one = filters.iter().find(|f| f.member == first.member && f.operator == Operator::Equal);
                let one = one.filter(|f| f.values.len() == 1).and_then(|f| f.values.first().cloned());
                (first.member, self.led(all, permit.role, one.as_deref()).await?)
            }
        };
        if values.is_empty() {
            return Ok(Narrowed::Nothing);
        }
        if member == resource.key && (!resource.narrows(member) || values.len() > IN_ONE_QUESTION) {
            return Ok(Narrowed::Among(values));
        }
        if !restrict(filters, member, &values) {
            return Ok(Narrowed::Nothing);
        }
        let asked =
            filters.iter().find(|filter| filter.member == member).map_or(0, |filter| filter.values.len());
        if asked > IN_ONE_QUESTION {
            let detail = format!("{asked} values of `{}` would be asked for at once", resource.name);
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
        Ok(Narrowed::Asked)
    }

    /// The values that lead on: those of the other resources' records that are the caller's.
    async fn led(
        &self,
        all: &'p [Through],
        role: Option<&str>,
        to: Option<&str>,
    ) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        for through in all {
            found.extend(self.leads(through, role, to).await?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// What one resource leads to; where a value is given, whether it leads there.
    async fn leads(
        &self,
        through: &'p Through,
        role: Option<&str>,
        to: Option<&str>,
    ) -> Result<Vec<String>, Fault> {
        let plan = &self.instance.plan;
        let Some(resource) = plan.resource(through.resource) else { return Ok(Vec::new()) };
        let resource: &'p Resource = resource;
        let permit = role.and_then(|role| Permit::of_role(resource, &self.caller, role));
        let Some(permit) = permit.filter(|permit| self.lists(permit)) else { return Ok(Vec::new()) };
        let mut filters = Vec::new();
        for (member, values) in &through.having {
            restrict(&mut filters, *member, values);
        }
        if let (Some(to), true) = (to, through.direct)
            && !restrict(&mut filters, through.by, &[to.to_owned()])
        {
            return Ok(Vec::new());
        }
        // A resource that leads on is held by `own` itself, or not at all: that was proved.
        let own = match &permit.rows {
            Held::All => true,
            Held::Own(member, value) => restrict(&mut filters, *member, &[value.to_string()]),
            Held::Through(_) => false,
        };
        if !own || !permit.having.iter().all(|(member, values)| restrict(&mut filters, *member, values)) {
            return Ok(Vec::new());
        }
        let mut selection = Selection::none(&resource.contract);
        selection.add(&resource.contract, resource.key);
        selection.add(&resource.contract, through.by);
        let most = if to.is_some() && through.direct { 1 } else { MOST + 1 };
        let ask = Ask {
            selection: &selection,
            filters: &filters,
            order: &resource.order,
            limit: most,
            offset: 0,
            count: false,
            whole: most > 1,
        };
        let answer = self.list_of(resource, &ask, &permit, Age::Fresh).await?;
        if answer.content.len() > MOST as usize {
            let detail =
                format!("a caller has more than {MOST} records of `{}`, which lead on", resource.name);
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
        let mut found = Vec::new();
        for at in 0..answer.content.len() {
            found.extend(answer.member(Self::subject(resource), at, through.by)?.map(String::from));
        }
        if let Some(to) = to {
            found.retain(|value| value == to);
        }
        Ok(found)
    }

    /// A list of records that are known by their keys: each is read, and the page is made here.
    pub(super) async fn among(
        &self,
        resource: &'p Resource,
        keys: Vec<String>,
        ask: &Ask<'_>,
        permit: &Permit<'p>,
    ) -> Result<Answer, Fault> {
        if keys.len() > MOST_READ {
            let detail = format!("{} records of `{}` would be read one by one", keys.len(), resource.name);
            return Err(Fault::plain(&code::TOO_MANY_ROWS).detail(detail));
        }
        let mut selection = ask.selection.with(resource.key);
        for member in ask.filters.iter().map(|f| f.member).chain(ask.order.iter().map(|key| key.member)) {
            selection.add(&resource.contract, member);
        }
        let selection = &selection;
        let records: Vec<Option<Value>> = stream::iter(keys)
            .map(|key| async move {
                let Some(answer) = self.read(resource, &key, selection, permit).await? else {
                    return Ok(None);
                };
                as_value(resource, &answer, selection).map(Some)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(values::page(resource, records.into_iter().flatten().collect(), ask))
    }

    /// Whether a record that was read exists for the caller.
    pub(super) async fn shows(
        &self,
        resource: &'p Resource,
        permit: &Permit<'p>,
        answer: &Answer,
    ) -> Result<bool, Fault> {
        let subject = Self::subject(resource);
        for (member, values) in permit.having {
            let mut has = false;
            for value in values {
                has |= answer.has(subject, 0, *member, value)?;
            }
            if !has {
                return Ok(false);
            }
        }
        match &permit.rows {
            Held::All => Ok(true),
            Held::Own(member, value) => answer.has(subject, 0, *member, value),
            Held::Through(all) => {
                for through in *all {
                    if let Some(value) = answer.member(subject, 0, through.member)?
                        && !self.leads(through, permit.role, Some(&value)).await?.is_empty()
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// Whether a permit lets its records be listed: a list is not narrowed by a condition over each record.
    pub(super) fn lists(&self, permit: &Permit<'_>) -> bool {
        permit.when.is_none_or(|when| !when.of_record)
            && permit.stands(&self.caller, Operation::List, self.journey.now).is_ok()
    }

    /// Whether a condition over the record holds.
    pub(super) fn meets(
        &self,
        resource: &'p Resource,
        permit: &Permit<'p>,
        operation: Operation,
        answer: &Answer,
    ) -> Result<(), Fault> {
        if !permit.when.is_some_and(|when| when.of_record) {
            return Ok(());
        }
        let record = as_value(resource, answer, &resource.all)?;
        permit.condition(&self.caller, operation, self.journey.now, Some(&record))
    }

    /// What is written has to be the caller's, and stay so: another's record does not exist to be pointed to.
    pub(super) async fn admits(
        &self,
        resource: &'p Resource,
        permit: &Permit<'p>,
        operation: Operation,
        body: &Value,
    ) -> Result<(), Fault> {
        let mut violations = Vec::new();
        let texts = |member: MemberId| -> Vec<String> {
            let path = resource.contract.get(member).map_or("", |member| &*member.path);
            match body.at(path) {
                Some(Value::List(items)) => {
                    items.iter().filter_map(Value::scalar).map(str::to_owned).collect()
                }
                Some(value) => value.scalar().map(str::to_owned).into_iter().collect(),
                None => Vec::new(),
            }
        };
        for (member, values) in permit.having {
            if !texts(*member).iter().any(|text| values.contains(text)) {
                violations.extend(elsewhere(resource, *member));
            }
        }
        match &permit.rows {
            Held::All => {}
            // A key that the source gives cannot be said, and one that was read was judged.
            Held::Own(member, _) if *member == resource.key => {}
            Held::Own(member, value) => {
                if !texts(*member).iter().any(|text| **text == **value) {
                    violations.extend(elsewhere(resource, *member));
                }
            }
            Held::Through(all) => {
                let mut led = all.iter().all(|through| through.member == resource.key);
                for through in *all {
                    for text in texts(through.member) {
                        led = led || !self.leads(through, permit.role, Some(&text)).await?.is_empty();
                    }
                }
                if let (false, Some(first)) = (led, all.first()) {
                    violations.extend(elsewhere(resource, first.member));
                }
            }
        }
        if let Some(fault) = Fault::of_violations(violations) {
            return Err(fault);
        }
        if permit.when.is_some_and(|when| when.of_record) {
            permit.condition(&self.caller, operation, self.journey.now, Some(body))?;
        }
        Ok(())
    }
}

/// A list with nothing in it.
pub(super) fn nothing(count: bool) -> Answer {
    Answer { content: Content::Values(Vec::new()), total: count.then_some(0), version: None, printed: None }
}

fn elsewhere(resource: &Resource, member: MemberId) -> Option<Violation> {
    let member = resource.contract.get(member)?;
    let message =
        format!("`{}` names a record that does not exist. Use the id of one that does.", member.path);
    Some(Violation::pointer(format!("/{}", member.path.replace('.', "/")), &code::NO_REFERENCE, message))
}

/// Narrows filters to these values of a member; whether anything can be left.
pub fn restrict(filters: &mut Vec<Filter>, member: MemberId, values: &[String]) -> bool {
    let known = filters.iter_mut().find(|f| f.member == member && f.operator == Operator::Equal);
    if let Some(known) = known {
        known.values.retain(|value| values.contains(value));
        return !known.values.is_empty();
    }
    filters.push(Filter { member, operator: Operator::Equal, values: values.to_vec() });
    !values.is_empty()
}

/// A record in the public form, as far as it was selected.
fn as_value(resource: &Resource, answer: &Answer, selection: &Selection) -> Result<Value, Fault> {
    let bytes = envelope::part(Subject { resource, binding: &resource.binding }, answer, selection)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    json::read::read(&text).map_err(|e| Fault::plain(&code::INTERNAL).detail(e.to_string()))
}

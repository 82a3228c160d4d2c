//! Answers made from the contract, until there is a backend: the same for one id, always valid, never kept.

use super::{Answer, Ask, Backend, Content, Journey, Subject, Written, explain, values};
use crate::{
    fault::{Fault, code},
    plan::{Kind, Means, Selection},
    translate::{
        Surroundings,
        compare::{Filter, Operator},
        sample,
    },
    value::Value,
};
use async_trait::async_trait;

#[derive(Debug)]
pub struct Stub {
    pub name: String,
}

/// Ids end in this serial, so that a record can be read by the id that a list gave.
const FIRST: u32 = 1;

impl Stub {
    fn rows(subject: Subject<'_>) -> u32 {
        match subject.binding.means {
            Means::Stub { rows } => rows,
            _ => 0,
        }
    }

    /// The key of a row, below its parent where there is one.
    fn key(parent: Option<&str>, serial: u32) -> String {
        match parent {
            Some(parent) => format!("{parent}-{serial}"),
            None => serial.to_string(),
        }
    }

    /// The record of a key, or `None` where no list gives this key.
    fn record(subject: Subject<'_>, key: &str) -> Option<Value> {
        Self::sampled(subject, &sample::Sampler::new(&subject.resource.contract), key)
    }

    /// The same for many: making a contract ready costs more than a record.
    fn sampled(subject: Subject<'_>, sampler: &sample::Sampler<'_>, key: &str) -> Option<Value> {
        let resource = subject.resource;
        let parent_member = resource.paths.first().and_then(|p| p.parent).map(|(_, member)| member);
        // The key of a record that is alone below its parent is the parent's.
        let parent_member = parent_member.filter(|_| !resource.single);
        let (parent, serial) = match (parent_member, key.rsplit_once('-')) {
            (Some(member), Some((parent, serial))) => (Some((member, parent)), serial),
            (None, _) => (None, key),
            (Some(_), None) => return None,
        };
        let serial: u32 = serial.parse().ok().filter(|n| (FIRST..FIRST + Self::rows(subject)).contains(n))?;
        if key != Self::key(parent.map(|(_, p)| p), serial) {
            return None;
        }
        let mut record = sampler.record(&format!("{}/{key}", resource.name));
        if let Some(name) = resource.contract.get(resource.key).filter(|_| resource.keyed) {
            record.set(&name.name, Value::Text(key.into()));
        }
        for member in resource.contract.top().filter(|member| member.write_only) {
            record.remove(&member.name);
        }
        if let Some((member, parent)) = parent
            && let Some(name) = resource.contract.get(member)
        {
            let key = Value::Text(parent.into());
            let of_several = matches!(name.kind, Kind::List(_));
            record.set(&name.name, if of_several { Value::List(vec![key]) } else { key });
        }
        Some(record)
    }
}

#[async_trait]
impl Backend for Stub {
    async fn list(&self, subject: Subject<'_>, ask: &Ask<'_>, _: &Journey) -> Result<Answer, Fault> {
        let resource = subject.resource;
        let parent = resource.paths.first().and_then(|p| p.parent).map(|(_, member)| member);
        let parent = parent.and_then(|member| {
            let of = |f: &&Filter| f.member == member && f.operator == Operator::Equal;
            ask.filters.iter().find(of).and_then(|f| f.values.first()).map(String::as_str)
        });
        let keys = (FIRST..=Self::rows(subject)).map(|serial| Self::key(parent, serial));
        let sampler = sample::Sampler::new(&resource.contract);
        let records = keys.filter_map(|key| Self::sampled(subject, &sampler, &key)).collect();
        Ok(values::page(resource, records, ask))
    }

    async fn read(
        &self,
        subject: Subject<'_>,
        key: &str,
        _: &Selection,
        _: &Journey,
    ) -> Result<Option<Answer>, Fault> {
        let record = Self::record(subject, key);
        Ok(record.map(|record| Answer {
            content: Content::Values(vec![record]),
            total: None,
            version: None,
            printed: None,
        }))
    }

    async fn create(&self, subject: Subject<'_>, body: &Value, _: &Journey) -> Result<String, Fault> {
        // The caller shows what was sent: nothing is kept, and the next record has this key.
        let parent = subject.resource.paths.first().and_then(|p| p.parent).map(|(_, member)| member);
        let name = parent.and_then(|member| subject.resource.contract.get(member)).map(|m| &*m.path);
        let parent = name.and_then(|name| body.at(name)).and_then(Value::scalar);
        Ok(Self::key(parent, FIRST + Self::rows(subject)))
    }

    async fn replace(
        &self,
        subject: Subject<'_>,
        key: &str,
        _: &Value,
        _: &Selection,
        _: Option<&str>,
        _: &Journey,
    ) -> Result<Written, Fault> {
        Ok(if Self::record(subject, key).is_some() { Written::Done } else { Written::Absent })
    }

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        _: Option<&str>,
        _: &Journey,
    ) -> Result<Written, Fault> {
        Ok(if Self::record(subject, key).is_some() { Written::Done } else { Written::Absent })
    }

    fn explain_list(&self, subject: Subject<'_>, _: &Ask<'_>, _: &Surroundings) -> Vec<explain::Step> {
        vec![self.step(subject, "the list is made from the contract")]
    }

    fn explain_read(&self, subject: Subject<'_>, _: &str, _: &Selection) -> Vec<explain::Step> {
        vec![self.step(subject, "the record is made from the contract")]
    }

    fn explain_write(&self, subject: Subject<'_>, _: Option<&str>, _: explain::Write) -> Vec<explain::Step> {
        vec![self.step(subject, "what was sent is shown, and nothing is kept")]
    }

    async fn ready(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Stub {
    fn step(&self, subject: Subject<'_>, why: &str) -> explain::Step {
        explain::Step {
            source: self.name.clone(),
            call: format!("(no call) {}", subject.resource.name),
            detail: None,
            why: why.to_owned(),
            takes: Vec::new(),
            login: false,
        }
    }
}

/// For callers that asked a source which cannot do what its plan says; it cannot happen to a plan that loaded.
pub(super) fn impossible(what: &str) -> Fault {
    Fault::plain(&code::INTERNAL).detail(format!("the plan has no {what}"))
}

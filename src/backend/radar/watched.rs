//! A source whose answers are counted. It asks the source and hands its answer on, whatever it is.

use super::Radars;
use crate::{
    backend::{Answer, Ask, Backend, Content, Delivery, InUse, Journey, Resealed, Subject, Written, explain},
    fault::Fault,
    plan::{
        Means, Selection,
        http::{Hook, HttpMeans},
    },
    translate::{Surroundings, tally::Asked},
    value::{Value, time::Moment},
};
use async_trait::async_trait;
use std::sync::Arc;

#[derive(Debug)]
pub struct Watched {
    inner: Arc<dyn Backend>,
    radars: Arc<Radars>,
}

impl Watched {
    pub fn new(inner: Arc<dyn Backend>, radars: Arc<Radars>) -> Self {
        Self { inner, radars }
    }

    /// Counts an answer.
    fn count(
        &self,
        subject: Subject<'_>,
        answer: &Answer,
        selection: &Selection,
        way: Way,
        journey: &Journey,
    ) {
        let Content::Slots { batch, rows, .. } = &answer.content else { return };
        let Some(radar) = self.radars.get(&subject.binding.file) else { return };
        let reading = &subject.binding.reading;
        let count = |asked| radar.count(reading, batch, rows, asked, &journey.around, journey.now);
        let given = match (&subject.binding.means, way) {
            (Means::Http(means), way) => given(means, way),
            // A statement names its columns: what it does not name is not there.
            (Means::Sql(_) | Means::Stub { .. }, _) => Gives::Chosen,
        };
        match given {
            Gives::All => count(Asked::All),
            Gives::Chosen => count(Asked::Chosen(&reading.needed(selection))),
            Gives::Some(given) => {
                let needed = reading.needed(selection);
                let record = needed.first().map(Vec::as_slice).unwrap_or_default();
                let lacks = record.iter().zip(given).any(|(needed, given)| *needed && !given);
                // Rows that lack something were completed, and are whole.
                count(if lacks { Asked::All } else { Asked::Given(given) });
            }
        }
    }

    /// Counts what broke the contract while the source was asked.
    fn fault(&self, subject: Subject<'_>, mut fault: Fault, journey: &Journey) -> Fault {
        if let Some(breach) = fault.breach.take()
            && let Some(radar) = self.radars.get(&subject.binding.file)
        {
            radar.breached(&breach, journey.now.seconds);
        }
        fault
    }
}

#[derive(Debug, Clone, Copy)]
enum Way {
    List,
    Read,
}

/// What an answer has of a record.
enum Gives<'a> {
    All,
    /// What the request needs, and no more.
    Chosen,
    Some(&'a [bool]),
}

fn given(means: &HttpMeans, way: Way) -> Gives<'_> {
    let call = match way {
        Way::List => means.list.as_ref().map(|list| &list.call),
        Way::Read => means.read.as_ref().map(|read| &read.call),
    };
    if call.is_some_and(|call| call.graphql.is_some()) {
        return Gives::Chosen;
    }
    match (way, &means.list) {
        (Way::List, Some(list)) => Gives::Some(&list.given),
        _ => Gives::All,
    }
}

#[async_trait]
impl Backend for Watched {
    async fn list(&self, subject: Subject<'_>, ask: &Ask<'_>, journey: &Journey) -> Result<Answer, Fault> {
        match self.inner.list(subject, ask, journey).await {
            Ok(answer) => {
                self.count(subject, &answer, ask.selection, Way::List, journey);
                Ok(answer)
            }
            Err(fault) => Err(self.fault(subject, fault, journey)),
        }
    }

    async fn read(
        &self,
        subject: Subject<'_>,
        key: &str,
        selection: &Selection,
        journey: &Journey,
    ) -> Result<Option<Answer>, Fault> {
        match self.inner.read(subject, key, selection, journey).await {
            Ok(answer) => {
                if let Some(answer) = &answer {
                    self.count(subject, answer, selection, Way::Read, journey);
                }
                Ok(answer)
            }
            Err(fault) => Err(self.fault(subject, fault, journey)),
        }
    }

    async fn create(&self, subject: Subject<'_>, body: &Value, journey: &Journey) -> Result<String, Fault> {
        self.inner.create(subject, body, journey).await
    }

    async fn replace(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.inner.replace(subject, key, body, changed, version, journey).await
    }

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.inner.delete(subject, key, version, journey).await
    }

    fn explain_list(&self, subject: Subject<'_>, ask: &Ask<'_>, around: &Surroundings) -> Vec<explain::Step> {
        self.inner.explain_list(subject, ask, around)
    }

    fn explain_read(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<explain::Step> {
        self.inner.explain_read(subject, key, selection)
    }

    fn explain_write(
        &self,
        subject: Subject<'_>,
        key: Option<&str>,
        write: explain::Write,
    ) -> Vec<explain::Step> {
        self.inner.explain_write(subject, key, write)
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.inner.ready().await
    }

    async fn hook(&self, hooks: &[&Hook], delivery: &Delivery<'_>, now: Moment) -> Result<(), Fault> {
        self.inner.hook(hooks, delivery, now).await
    }

    async fn purge(&self, subject: Subject<'_>, before: Moment) -> Result<u64, Fault> {
        self.inner.purge(subject, before).await
    }

    async fn reseal(&self, subject: Subject<'_>, after: Option<&str>) -> Result<Resealed, Fault> {
        self.inner.reseal(subject, after).await
    }

    async fn in_use(&self, subject: Subject<'_>) -> Result<Vec<InUse>, Fault> {
        self.inner.in_use(subject).await
    }

    fn forget(&self) {
        self.inner.forget();
    }
}

//! Bodies of kept answers, sealed: they hold what records hold. What no longer opens, because its key was withdrawn, is not kept.

use super::{Begun, End, Id, Intent, Kept, Row, Store, Unknown};
use crate::{fault::Fault, identity::sealer::Sealer};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

/// A store whose bodies are sealed, each for its caller and key.
#[derive(Debug)]
pub struct Sealed {
    store: Arc<dyn Store>,
    sealer: Arc<dyn Sealer>,
}

// === impl Sealed ===

impl Sealed {
    pub fn new(store: Arc<dyn Store>, sealer: Arc<dyn Sealer>) -> Self {
        Self { store, sealer }
    }

    fn close(&self, id: &Id, kept: &Kept) -> Kept {
        let seal = |body: &Vec<u8>| STANDARD.encode(self.sealer.seal(&context(id), body)).into_bytes();
        Kept { body: kept.body.as_ref().map(seal), ..kept.clone() }
    }

    fn open(&self, id: &Id, kept: Kept) -> Kept {
        let open = |body: Vec<u8>| self.sealer.open(&context(id), &STANDARD.decode(body).ok()?);
        Kept { body: kept.body.and_then(open), ..kept }
    }
}

fn context(id: &Id) -> String {
    format!("answer to {} {}", id.caller, id.key)
}

#[async_trait]
impl Store for Sealed {
    async fn begin(&self, intent: &Intent) -> Result<Begun, Fault> {
        Ok(match self.store.begin(intent).await? {
            Begun::Stands(row) => {
                let answer = row.answer.map(|kept| self.open(&intent.id, kept));
                Begun::Stands(Row { answer, ..row })
            }
            Begun::Ours => Begun::Ours,
        })
    }

    async fn take(&self, id: &Id, was: &Row, holder: &str, held_until: i64) -> Result<bool, Fault> {
        self.store.take(id, was, holder, held_until).await
    }

    async fn end(&self, id: &Id, holder: &str, end: &End, now: i64) -> Result<(), Fault> {
        match end {
            End::Done(kept) => self.store.end(id, holder, &End::Done(self.close(id, kept)), now).await,
            End::Free | End::Unknown(_) => self.store.end(id, holder, end, now).await,
        }
    }

    async fn unknown(&self, now: i64, most: u32) -> Result<Vec<Unknown>, Fault> {
        self.store.unknown(now, most).await
    }

    async fn settle(&self, id: &Id, now: i64) -> Result<bool, Fault> {
        self.store.settle(id, now).await
    }

    async fn sweep(&self, now: i64) -> Result<(), Fault> {
        self.store.sweep(now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        idempotency::{Memory, State},
        identity::sealer::Ephemeral,
    };

    #[tokio::test]
    async fn a_body_is_nowhere_in_clear_and_opens_for_its_own_key_alone() {
        let plain = Arc::new(Memory::default());
        let store = Sealed::new(Arc::clone(&plain) as _, Arc::new(Ephemeral::new()));
        let id = Id { caller: "c".into(), key: "k".into() };
        let intent = Intent {
            id: id.clone(),
            hash: "h".into(),
            what: "Create pets".into(),
            holder: "me".into(),
            now: 1,
            held_until: 10,
            record: "r".into(),
        };
        assert!(matches!(store.begin(&intent).await.unwrap(), Begun::Ours));
        let headers = vec![("location".to_owned(), "/v1/pets/1".to_owned())];
        let body = Some(b"{\"name\":\"Luna\"}".to_vec());
        let kept = Kept { status: 201, headers, body };
        store.end(&id, "me", &End::Done(kept.clone()), 2).await.unwrap();
        let stands = async |store: &dyn Store| match store.begin(&intent).await.unwrap() {
            Begun::Stands(Row { state: State::Done, answer: Some(kept), .. }) => kept,
            other => panic!("{other:?}"),
        };
        assert_eq!(stands(&store).await, kept);
        let inner = stands(&*plain).await;
        assert!(!String::from_utf8(inner.body.unwrap()).unwrap().contains("Luna"));
        let other = Sealed::new(plain, Arc::new(Ephemeral::new()));
        assert_eq!(stands(&other).await, Kept { body: None, ..kept });
    }
}

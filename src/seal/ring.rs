//! The keys that are known: one that wraps what is new, others that still open what they wrapped, and the keys of the
//! indexes. Data keys that were had from elsewhere are kept in memory for a while, and not too many of them.

use super::{
    Failed,
    envelope::{DataKey, associated},
    index::{IndexKey, Normal},
};
use async_trait::async_trait;
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// What stands in front of every wrapped key.
pub const MARK: &str = "k1.";

/// More data keys than this are not kept in memory.
const KEPT: u64 = 20_000;
/// A key that was withdrawn elsewhere is of no use here after this time.
const KEPT_FOR: Duration = Duration::from_mins(5);

/// What a data key is wrapped for: it unwraps for that alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context(Vec<u8>);

/// Wraps data keys, here or elsewhere.
#[async_trait]
pub trait Wrap: Send + Sync + std::fmt::Debug {
    /// Eight hexadecimal digits.
    fn id(&self) -> &str;

    /// The wrapped keys, in order.
    async fn wrap(&self, keys: &[(&DataKey, &Context)]) -> Result<Vec<String>, Failed>;

    /// The keys, in order; nothing where one was changed, or wrapped for something else.
    async fn unwrap(&self, wrapped: &[(&str, &Context)]) -> Result<Vec<Option<DataKey>>, Failed>;

    /// What is wrapped now begins with this, and what was wrapped before the key was changed does not.
    async fn mark(&self) -> Result<String, Failed>;

    /// Wraps anew what it wrapped itself, where it can without showing the keys.
    async fn renew(&self, _: &[(&str, &Context)]) -> Option<Result<Vec<Option<String>>, Failed>> {
        None
    }

    /// Whether keys are far away, so that they are worth keeping.
    fn is_far(&self) -> bool {
        false
    }
}

/// All keys of a running program.
#[derive(Debug)]
pub struct Ring {
    current: Arc<dyn Wrap>,
    previous: Vec<Arc<dyn Wrap>>,
    /// The first one makes new entries.
    index: Vec<IndexKey>,
    kept: Cache<(String, Context), Arc<DataKey>>,
}

/// A data key with its wrapped form.
#[derive(Debug)]
pub struct Fresh {
    pub key: DataKey,
    pub wrapped: String,
}

// === impl Context ===

impl Context {
    /// The key of a record: of this table, under this key.
    pub fn record(table: &str, record: &str) -> Self {
        Self(associated(&["record", table, record]))
    }

    /// A key for a purpose of our own.
    pub fn purpose(name: &str) -> Self {
        Self(associated(&["purpose", name]))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

// === impl Ring ===

impl Ring {
    pub fn new(current: Arc<dyn Wrap>, previous: Vec<Arc<dyn Wrap>>, index: Vec<IndexKey>) -> Self {
        let kept = Cache::builder().max_capacity(KEPT).time_to_live(KEPT_FOR).build();
        Self { current, previous, index, kept }
    }

    /// The ids of the keys: the one that wraps first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.current).chain(&self.previous).map(|key| key.id())
    }

    /// What the wrapped form of every data key begins with once it is wrapped by the newest key.
    pub async fn mark(&self) -> Result<String, Failed> {
        Ok(format!("{MARK}{}.{}", self.current.id(), self.current.mark().await?))
    }

    /// A new data key for this.
    pub async fn fresh(&self, context: &Context) -> Result<Fresh, Failed> {
        self.fresh_ones(std::slice::from_ref(context)).await?.pop().ok_or(Failed::NoRandomness)
    }

    /// New data keys for these, in order.
    pub async fn fresh_ones(&self, contexts: &[Context]) -> Result<Vec<Fresh>, Failed> {
        let keys: Vec<DataKey> = contexts.iter().map(|_| DataKey::fresh()).collect::<Result<_, _>>()?;
        let pairs: Vec<(&DataKey, &Context)> = keys.iter().zip(contexts).collect();
        let wrapped = self.current.wrap(&pairs).await?;
        let written = wrapped.into_iter().map(|text| format!("{MARK}{}.{text}", self.current.id()));
        Ok(keys.into_iter().zip(written).map(|(key, wrapped)| Fresh { key, wrapped }).collect())
    }

    /// The data keys of these, in order. `table` is for the operator.
    pub async fn open(&self, table: &str, wrapped: &[(&str, Context)]) -> Result<Vec<Arc<DataKey>>, Failed> {
        let mut found: Vec<Option<Arc<DataKey>>> = vec![None; wrapped.len()];
        for (text, context) in wrapped {
            // A key that is not known is told before anybody is asked.
            self.holder(table, text).map(|_| context)?;
        }
        for key in std::iter::once(&self.current).chain(&self.previous) {
            let mut asked = Vec::new();
            for (at, (text, context)) in wrapped.iter().enumerate() {
                if found.get(at).is_some_and(Option::is_some) || self.holder(table, text)?.0.id() != key.id()
                {
                    continue;
                }
                if key.is_far()
                    && let Some(kept) = self.kept.get(&((*text).to_owned(), context.clone())).await
                {
                    if let Some(place) = found.get_mut(at) {
                        *place = Some(kept);
                    }
                    continue;
                }
                asked.push((at, *text, context));
            }
            if asked.is_empty() {
                continue;
            }
            let inner: Vec<(&str, &Context)> = asked
                .iter()
                .map(|(_, text, context)| Ok((self.holder(table, text)?.1, *context)))
                .collect::<Result<_, Failed>>()?;
            for ((at, text, context), opened) in asked.iter().zip(key.unwrap(&inner).await?) {
                let opened = Arc::new(opened.ok_or_else(|| Failed::Broken(format!("`{table}`")))?);
                if key.is_far() {
                    let name = ((*text).to_owned(), (*context).clone());
                    self.kept.insert(name, Arc::clone(&opened)).await;
                }
                if let Some(place) = found.get_mut(*at) {
                    *place = Some(opened);
                }
            }
        }
        found.into_iter().map(|key| key.ok_or_else(|| Failed::Broken(format!("`{table}`")))).collect()
    }

    /// The same data keys, wrapped by the newest key.
    pub async fn renew(&self, table: &str, wrapped: &[(&str, Context)]) -> Result<Vec<String>, Failed> {
        let own = |text: &str| self.holder(table, text).is_ok_and(|(key, _)| key.id() == self.current.id());
        let written = |text: String| format!("{MARK}{}.{text}", self.current.id());
        if wrapped.iter().all(|(text, _)| own(text)) {
            let inner: Vec<(&str, &Context)> = wrapped
                .iter()
                .map(|(text, context)| Ok((self.holder(table, text)?.1, context)))
                .collect::<Result<_, Failed>>()?;
            if let Some(renewed) = self.current.renew(&inner).await {
                let broken = || Failed::Broken(format!("`{table}`"));
                return renewed?.into_iter().map(|one| one.map(written).ok_or_else(broken)).collect();
            }
        }
        let keys = self.open(table, wrapped).await?;
        let pairs: Vec<(&DataKey, &Context)> =
            keys.iter().zip(wrapped).map(|(key, (_, context))| (&**key, context)).collect();
        Ok(self.current.wrap(&pairs).await?.into_iter().map(written).collect())
    }

    /// The key that a data key was wrapped by, and the wrapped key itself.
    fn holder<'w>(&self, table: &str, text: &'w str) -> Result<(&Arc<dyn Wrap>, &'w str), Failed> {
        let parted = text.strip_prefix(MARK).and_then(|rest| rest.split_once('.'));
        let (id, inner) = parted.ok_or_else(|| Failed::Broken(format!("`{table}`")))?;
        let known = std::iter::once(&self.current).chain(&self.previous).find(|key| key.id() == id);
        known.map(|key| (key, inner)).ok_or_else(|| {
            // What is no id at all is not repeated.
            let is_id = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_id { Failed::NoKey(id.to_owned()) } else { Failed::Broken(format!("`{table}`")) }
        })
    }

    /// What new entries of indexes begin with.
    pub fn index_mark(&self) -> Option<String> {
        self.index.first().map(IndexKey::mark)
    }

    /// The entry of a value, as it is written.
    pub fn entry(&self, table: &str, column: &str, normal: Normal, value: &str) -> Option<String> {
        self.index.first().map(|key| key.entry(table, column, normal, value))
    }

    /// All entries that a value may have while keys are changed.
    pub fn entries(&self, table: &str, column: &str, normal: Normal, value: &str) -> Vec<String> {
        self.index.iter().map(|key| key.entry(table, column, normal, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{Kek, Material};

    fn kek(material: &Material) -> Arc<dyn Wrap> {
        Arc::new(Kek::new(material).unwrap())
    }

    #[tokio::test]
    async fn an_old_key_opens_until_it_is_withdrawn() {
        let (old, new) = (Material::random().unwrap(), Material::random().unwrap());
        let context = Context::record("customers", "66");
        let before = Ring::new(kek(&old), Vec::new(), Vec::new());
        let fresh = before.fresh(&context).await.unwrap();
        let both = Ring::new(kek(&new), vec![kek(&old)], Vec::new());
        let asked = [(fresh.wrapped.as_str(), context.clone())];
        assert_eq!(both.open("customers", &asked).await.unwrap()[0].bytes(), fresh.key.bytes());
        assert!(!fresh.wrapped.starts_with(&both.mark().await.unwrap()));
        let renewed = both.renew("customers", &asked).await.unwrap().remove(0);
        assert!(renewed.starts_with(&both.mark().await.unwrap()));
        let after = Ring::new(kek(&new), Vec::new(), Vec::new());
        let opened = after.open("customers", &[(renewed.as_str(), context.clone())]).await.unwrap();
        assert_eq!(opened[0].bytes(), fresh.key.bytes());
        let id = before.ids().next().unwrap().to_owned();
        assert_eq!(after.open("customers", &asked).await.unwrap_err(), Failed::NoKey(id));
        let elsewhere = [(renewed.as_str(), Context::record("customers", "67"))];
        assert!(matches!(after.open("customers", &elsewhere).await, Err(Failed::Broken(_))));
        for broken in ["", "k1.", "k1.x.y", "plain", "k2.00000000.x"] {
            let found = after.open("customers", &[(broken, context.clone())]).await;
            assert!(matches!(found, Err(Failed::Broken(_))), "{broken}");
        }
    }
}

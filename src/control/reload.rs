//! Taking the files up anew: compiled aside, then exchanged as a whole. On any fault nothing changes. One reload runs at a
//! time, whoever asks for it: a signal, a file that changed, or an operator.

use super::{Overrides, Refusal, difference::Difference, instance, plan_again};
use crate::{
    fault::Diagnostics,
    pace::{gently, let_go},
    pipeline::{Facade, Instance},
    spec::Files,
    telemetry::meters::{Meters, Reloads},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{runtime::Handle, sync::Mutex, task::spawn_blocking, time::sleep};

/// When is looked whether requests still run on a plan that was exchanged: soon at first, and then ever more seldom.
const SOON: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_mins(1);

/// Reloads a façade from its files.
#[derive(Debug, Clone)]
pub struct Reloader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    facade: Arc<Facade>,
    config: PathBuf,
    overrides: Overrides,
    /// One reload runs at a time. What was read for the plan that serves is not read again where it is as it was.
    files: Mutex<Arc<Files>>,
}

/// What was taken up.
#[derive(Debug)]
pub struct Taken {
    pub difference: Difference,
    /// Warnings alone.
    pub diagnostics: Diagnostics,
    /// Which plan serves now.
    pub digest: String,
}

impl Reloader {
    /// `files` are those that the façade was made of.
    pub fn new(facade: Arc<Facade>, config: PathBuf, overrides: Overrides, files: Files) -> Self {
        let files = Mutex::new(Arc::new(files));
        Self { inner: Arc::new(Inner { facade, config, overrides, files }) }
    }

    /// Which files are meant.
    pub fn config(&self) -> &Path {
        &self.inner.config
    }

    /// Compiles anew and exchanges the plan, and tells it in the log: `why` is for people, as in "reloaded by signal".
    pub async fn reload(&self, why: &str) -> Result<Taken, Refusal> {
        let mut files = self.inner.files.lock().await;
        let facade = &self.inner.facade;
        let taken = taken(facade, &self.inner.config, &self.inner.overrides, Arc::clone(&files)).await;
        let taken = taken.map(|(taken, read)| {
            let before = std::mem::replace(&mut *files, read);
            let meters = Arc::clone(&facade.current().sources.meters);
            drop(spawn_blocking(|| gently(asked(meters), || forget_files(before))));
            taken
        });
        let now = facade.clock().now().seconds.max(0).unsigned_abs();
        let Reloads { taken: good, refused, last, last_failed } = &facade.current().sources.meters.reloads;
        if let Ok(taken) = &taken {
            good.add(1);
            last.set(now);
            last_failed.set(0);
            let changed = taken.difference.lines();
            tracing::info!(
                warnings = taken.diagnostics.warnings(),
                plan = taken.digest,
                changes = taken.difference.changes.len(),
                changed = changed.join("; "),
                "reloaded {why}"
            );
            for name in &taken.difference.restart {
                tracing::warn!(
                    setting = name,
                    "it is taken up by a restart or a hand-over, and not by a reload"
                );
            }
            eprintln!("reloaded {why}");
            for line in changed {
                eprintln!("  {line}");
            }
        } else {
            refused.add(1);
            last_failed.set(1);
        }
        match &taken {
            Ok(_) => {}
            Err(Refusal::Files(diagnostics)) => {
                tracing::error!(
                    errors = diagnostics.errors(),
                    "not reloaded: the files have errors; the old plan serves on"
                );
                eprintln!("{}\nnot reloaded: the old plan serves on", diagnostics.render_plain());
            }
            Err(refusal) => {
                tracing::error!("not reloaded: {refusal}; the old plan serves on");
                eprintln!("not reloaded: {refusal}; the old plan serves on");
            }
        }
        taken
    }
}

/// Compiles anew and exchanges the plan. On any fault nothing changes. What stands in `read` is not read again where it is as it
/// was; what has been read is handed out.
pub(super) async fn taken(
    facade: &Facade,
    config: &Path,
    overrides: &Overrides,
    read: Arc<Files>,
) -> Result<(Taken, Arc<Files>), Refusal> {
    let (config, overrides, before) = (config.to_owned(), overrides.clone(), facade.current());
    let runtime = Handle::current();
    let meters = Arc::clone(&before.sources.meters);
    // Compiling, comparing and building take a core for a while, and requests are not to wait for it.
    let made = spawn_blocking(move || {
        let work = || {
            let (plan, files, diagnostics) = plan_again(&config, &overrides, &read, Some(&before.plan));
            let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
            let difference = Difference::between(&before.plan, &plan);
            let digest = plan.made.digest.clone();
            let instance = runtime.block_on(instance(plan, Some(&before)))?;
            Ok((instance, Taken { difference, diagnostics, digest }, Arc::new(files)))
        };
        gently(asked(meters), work)
    });
    let (instance, taken, files) = made.await.map_err(std::io::Error::other)??;
    outlive(facade.exchange(instance));
    Ok((taken, files))
}

/// Whether requests are under way.
fn asked(meters: Arc<Meters>) -> impl Fn() -> bool {
    move || meters.under_way.get() > 0
}

/// Gives the memory of files back bit by bit, as far as nobody else has them.
fn forget_files(files: Arc<Files>) {
    let Some(Files { resources, bindings, contracts, .. }) = Arc::into_inner(files) else { return };
    let_go(bindings);
    let_go(resources);
    let_go(contracts);
}

/// Gives the memory of a plan back, the bindings and resources of it bit by bit.
fn forget(instance: Instance) {
    let Instance { plan, sources } = instance;
    drop(sources);
    let_go(plan.bindings);
    let_go(plan.resources);
}

/// Holds a plan that was exchanged until nobody else does, so that no request has to give its memory back: that of a thousand
/// mappings takes some milliseconds.
fn outlive(mut before: Arc<Instance>) {
    #[expect(clippy::disallowed_methods, reason = "it ends with the last request of the plan")]
    tokio::spawn(async move {
        let mut pause = SOON;
        loop {
            sleep(pause).await;
            pause = SELDOM.min(pause * 2);
            before = match Arc::try_unwrap(before) {
                Err(shared) => shared,
                Ok(instance) => {
                    let meters = Arc::clone(&instance.sources.meters);
                    return drop(spawn_blocking(|| gently(asked(meters), || forget(instance))));
                }
            };
        }
    });
}

//! Reloading: by SIGHUP, and when a file changes. Folders are watched, not files: editors and mounted
//! configuration exchange files by renaming.

use super::{Refusal, reload::Reloader};
use crate::spec::{Files, load::normal};
use notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// How long files have to be at rest before they are read.
const SETTLE: Duration = Duration::from_millis(200);

/// Watching goes on as long as this lives.
pub(super) struct Watching {
    _debouncer:
        notify_debouncer_full::Debouncer<notify::RecommendedWatcher, notify_debouncer_full::RecommendedCache>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn begin(reloader: Reloader, folders: &[PathBuf]) -> Result<Watching, Refusal> {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let on_change = move |events: DebounceEventResult| {
        let relevant = events.is_ok_and(|events| {
            events.iter().any(|e| {
                !e.kind.is_access()
                    && e.paths
                        .iter()
                        .any(|p| p.extension().is_some_and(|x| x == "yaml" || x == "yml" || x == "json"))
            })
        });
        if relevant {
            // One reload is owed, however many files changed.
            let _ = changed.try_send(());
        }
    };
    let io = |e: notify::Error| Refusal::Io(std::io::Error::other(e));
    let mut debouncer = new_debouncer(SETTLE, None, on_change).map_err(io)?;
    for folder in folders {
        if folder.is_dir() {
            debouncer.watch(folder, RecursiveMode::Recursive).map_err(io)?;
        }
    }
    let mut hangups = signal(SignalKind::hangup())?;
    #[expect(clippy::disallowed_methods, reason = "the one task beside the edge; it ends with `Watching`")]
    let task = tokio::spawn(async move {
        loop {
            let why = tokio::select! {
                Some(()) = hangups.recv() => "by signal",
                Some(()) = changes.recv() => "because a file changed",
                else => break,
            };
            // What came of it is told there.
            drop(reloader.reload(why).await);
        }
    });
    Ok(Watching { _debouncer: debouncer, task })
}

/// The folder of the configuration, and those that it names.
pub(super) fn folders(config: &Path, files: &Files) -> Vec<PathBuf> {
    let root = config.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
    let named = files.config.iter().flat_map(|doc| [&doc.words.mappings, &doc.words.schemas]);
    let named = named.filter(|f| !f.is_empty()).map(|folder| normal(&root.join(folder)));
    let mut all: Vec<PathBuf> = std::iter::once(root.clone()).chain(named).collect();
    all.dedup();
    all
}

//! Reloading: by SIGHUP, and when a file changes. Folders are watched, not files: editors and mounted
//! configuration exchange files by renaming.

use super::{Refusal, folders::Folders, reload::Reloader};
use crate::spec::{Files, load::normal};
use notify::RecursiveMode;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

/// How long files have to be at rest before they are read.
const SETTLE: Duration = Duration::from_millis(200);

/// Watching goes on as long as this lives.
pub(super) struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn begin(reloader: Reloader, folders: &[PathBuf]) -> Result<Watching, Refusal> {
    let is_file_of_ours = |path: &Path| {
        path.extension()
            .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
    };
    let mut watched = Folders::new(SETTLE, is_file_of_ours)?;
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let io = |e: notify::Error| Refusal::Io(std::io::Error::other(e));
        watched.watch(folder, RecursiveMode::Recursive).map_err(io)?;
    }
    let mut hangups = signal(SignalKind::hangup())?;
    #[expect(clippy::disallowed_methods, reason = "the one task beside the edge; it ends with `Watching`")]
    let task = tokio::spawn(async move {
        loop {
            let why = tokio::select! {
                Some(()) = hangups.recv() => "by signal",
                () = watched.changed() => "because a file changed",
            };
            // What came of it is told there.
            drop(reloader.reload(why).await);
        }
    });
    Ok(Watching(task))
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

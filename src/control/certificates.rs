//! Certificates that are renewed while the program serves: when their files change, by SIGHUP, and when a reload names
//! others. Where one cannot be used, all of the old ones are served on, and it is told why.

use super::{Refusal, folders::Folders, service};
use crate::{edge::Certificates, pipeline::Facade};
use notify::RecursiveMode;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::spawn_blocking,
};

/// How long files have to be at rest: a certificate and its key are written one after the other.
const SETTLE: Duration = Duration::from_millis(500);

/// Certificates are renewed as long as this lives.
pub(super) struct Renewing(tokio::task::JoinHandle<()>);

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn begin(facade: Arc<Facade>, certificates: Certificates) -> Result<Renewing, Refusal> {
    // Mounted secrets are exchanged by a link beside the files: whatever happens in their folders counts.
    let mut folders = Folders::new(SETTLE, |_| true)?;
    let mut watched = BTreeSet::new();
    watch(&mut folders, &mut watched, &certificates);
    let mut hangups = signal(SignalKind::hangup())?;
    let mut exchanges = facade.exchanges();
    #[expect(clippy::disallowed_methods, reason = "it ends with `Renewing`")]
    let task = tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(()) = hangups.recv() => {}
                () = folders.changed() => {}
                Ok(()) = exchanges.changed() => {}
            }
            renew(&facade, &certificates).await;
            watch(&mut folders, &mut watched, &certificates);
        }
    });
    Ok(Renewing(task))
}

/// Watches the folders of the files, those of new files as well.
fn watch(folders: &mut Folders, watched: &mut BTreeSet<PathBuf>, certificates: &Certificates) {
    for file in certificates.files() {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if watched.insert(folder.to_owned())
            && let Err(error) = folders.watch(folder, RecursiveMode::NonRecursive)
        {
            tracing::warn!(%error, folder = %folder.display(), "a change of the certificates here is not noticed; send SIGHUP");
        }
    }
}

async fn renew(facade: &Facade, certificates: &Certificates) {
    let listen: Vec<_> = facade.current().plan.settings.listen.iter().map(service::listen).collect();
    let certificates = certificates.clone();
    match spawn_blocking(move || certificates.renew(&listen)).await {
        Ok(Ok(renewed)) if renewed.is_empty() => {}
        Ok(Ok(renewed)) => {
            tracing::info!(addresses = ?renewed, "new connections are shown the renewed certificates");
            eprintln!("certificates renewed");
        }
        Ok(Err(fault)) => {
            tracing::error!("certificates not renewed: {fault}; the old ones serve on");
            eprintln!("certificates not renewed: {fault}; the old ones serve on");
        }
        Err(_) => tracing::error!("reading certificates panicked; the old ones serve on"),
    }
}

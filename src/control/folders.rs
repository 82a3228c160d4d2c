//! Folders that are watched, and when they are at rest again after a change. That a file is opened is none: a reload opens all
//! of them, and what is noted of that ends where it comes in.

use super::Refusal;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::{path::Path, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// Where changes do not end, they are told of after so many times the rest that is waited for.
const LONGEST: u32 = 10;

/// They are watched as long as this lives.
pub(super) struct Folders {
    watcher: RecommendedWatcher,
    changes: mpsc::Receiver<()>,
    rest: Duration,
    /// When a change is told of that has come: if no other one does, and at the latest.
    due: Option<(Instant, Instant)>,
}

impl Folders {
    /// Nothing is watched yet. `counts` says of which files a change is told, and `rest` how long they are not to change before
    /// it is.
    pub fn new(rest: Duration, counts: impl Fn(&Path) -> bool + Send + 'static) -> Result<Self, Refusal> {
        let (changed, changes) = mpsc::channel(1);
        let on_event = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_change(&event, &counts)) {
                // One is owed, however many have come.
                let _ = changed.try_send(());
            }
        };
        let io = |error: notify::Error| Refusal::Io(std::io::Error::other(error));
        let watcher = notify::recommended_watcher(on_event).map_err(io)?;
        Ok(Self { watcher, changes, rest, due: None })
    }

    pub fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> notify::Result<()> {
        self.watcher.watch(folder, mode)
    }

    /// Ready when something has changed and is at rest. Who stops waiting loses nothing.
    pub async fn changed(&mut self) {
        loop {
            let came = match self.due {
                Some((due, _)) => timeout_at(due, self.changes.recv()).await,
                None => Ok(self.changes.recv().await),
            };
            let now = Instant::now();
            match came {
                Ok(Some(())) => {
                    let latest = self.due.map_or(now + self.rest * LONGEST, |(_, latest)| latest);
                    self.due = Some(((now + self.rest).min(latest), latest));
                }
                // The watcher, which would tell, is here.
                Ok(None) => std::future::pending().await,
                Err(_) => {
                    self.due = None;
                    return;
                }
            }
        }
    }
}

/// Whether something has changed that counts. Where notes were lost, nobody knows what has.
fn is_change(event: &Event, counts: impl Fn(&Path) -> bool) -> bool {
    event.need_rescan() || (!event.kind.is_access() && event.paths.iter().any(|path| counts(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, EventKind, Flag, ModifyKind};
    use std::{
        fs,
        path::PathBuf,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("portico-folders-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn watched(folder: &Path, rest: Duration) -> Folders {
        let mut folders = Folders::new(rest, |path| path.extension().is_some_and(|x| x == "yaml")).unwrap();
        folders.watch(folder, RecursiveMode::Recursive).unwrap();
        folders
    }

    async fn is_told(folders: &mut Folders) -> bool {
        tokio::time::timeout(Duration::from_secs(20), folders.changed()).await.is_ok()
    }

    async fn is_quiet(folders: &mut Folders) -> bool {
        tokio::time::timeout(Duration::from_millis(300), folders.changed()).await.is_err()
    }

    #[tokio::test]
    async fn a_change_is_told_of_once_and_an_open_file_is_none() {
        let folder = folder("once");
        let file = folder.join("a.yaml");
        fs::write(&file, "1").unwrap();
        let mut folders = watched(&folder, Duration::from_millis(50));
        fs::read(&file).unwrap();
        fs::write(folder.join("a.txt"), "1").unwrap();
        assert!(is_quiet(&mut folders).await, "opened, or a file that does not count");
        for text in ["2", "3", "4"] {
            fs::write(&file, text).unwrap();
        }
        assert!(is_told(&mut folders).await, "written");
        assert!(is_quiet(&mut folders).await, "told of twice");
        fs::rename(&file, folder.join("b.yaml")).unwrap();
        assert!(is_told(&mut folders).await, "renamed");
        fs::remove_file(folder.join("b.yaml")).unwrap();
        assert!(is_told(&mut folders).await, "removed");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn lost_notes_are_a_change() {
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(is_change(&lost, |_| false));
        let written = Event::new(EventKind::Modify(ModifyKind::Any)).add_path("a.yaml".into());
        assert!(is_change(&written, |_| true) && !is_change(&written, |_| false));
        let opened = Event::new(EventKind::Access(AccessKind::Any)).add_path("a.yaml".into());
        assert!(!is_change(&opened, |_| true));
    }

    #[tokio::test]
    async fn who_stops_waiting_loses_no_change() {
        let folder = folder("stops");
        let mut folders = watched(&folder, Duration::from_millis(400));
        fs::write(folder.join("a.yaml"), "1").unwrap();
        for _ in 0..3 {
            let waited = tokio::time::timeout(Duration::from_millis(50), folders.changed()).await;
            assert!(waited.is_err(), "not at rest yet");
        }
        assert!(is_told(&mut folders).await);
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn changes_that_do_not_end_are_told_of() {
        let folder = folder("endless");
        let mut folders = watched(&folder, Duration::from_millis(100));
        let file = folder.join("a.yaml");
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let writing = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                fs::write(&file, "1").unwrap();
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        assert!(is_told(&mut folders).await);
        ends.store(true, Ordering::Relaxed);
        writing.join().unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}

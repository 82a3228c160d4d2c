//! A program that runs beside this one: on which core, what it has used, and that it ends with this one.

use crate::Folders;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// How a program is started.
#[derive(Clone)]
pub struct Program {
    pub name: String,
    path: PathBuf,
    words: Vec<String>,
    environment: BTreeMap<String, String>,
    core: Option<usize>,
}

/// One that runs. Dropping it ends it.
pub struct Running {
    child: Child,
}

/// What a program and its children have used.
#[derive(Clone, Copy, Default)]
pub struct Used {
    /// Of the processor, in seconds.
    pub seconds: f64,
    /// Resident memory, in bytes.
    pub memory: u64,
}

impl Program {
    pub fn new(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            words: Vec::new(),
            environment: BTreeMap::new(),
            core: None,
        }
    }

    pub fn words<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// On this core alone.
    pub fn on(mut self, core: usize) -> Self {
        self.core = Some(core);
        self
    }

    pub fn start(&self, folders: &Folders) -> Result<Running, String> {
        let logs = folders.made.join("logs");
        fs::create_dir_all(&logs).map_err(|e| format!("{}: {e}", logs.display()))?;
        let log = fs::File::create(logs.join(format!("{}.log", self.name))).map_err(|e| e.to_string())?;
        let mut command = match self.core {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(core.to_string()).arg(&self.path);
                command
            }
            None => Command::new(&self.path),
        };
        // What the façade would take for its own.
        command.env_remove("PORT").env_remove("PORTICO_CONFIG");
        command.args(&self.words).envs(&self.environment).current_dir(&folders.root).stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(|e| e.to_string())?).stderr(log);
        let child = command.spawn().map_err(|e| format!("{}: {e}", self.path.display()))?;
        Ok(Running { child })
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn used(&self) -> Used {
        let mut used = Used::default();
        for pid in family(self.child.id()) {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // Behind the name, which may hold blanks: the fields from the third on.
            let rest: Vec<&str> =
                stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
            let number = |at: usize| rest.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            // Ticks of which Linux has 100 in a second, and pages of 4 KiB.
            used.seconds += (number(11) + number(12)) as f64 / 100.0;
            used.memory += number(21) * 4096;
        }
        used
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Masters end their workers when they are asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..100 {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process and all below it.
pub fn family(first: u32) -> Vec<u32> {
    let mut found = vec![first];
    let mut at = 0;
    while let Some(pid) = found.get(at).copied() {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        for thread in threads {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
        }
        at += 1;
    }
    found
}

//! `portico schemas`.

use crate::describe;
use anyhow::Context;
use clap::Args;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(super) struct Schemas {
    /// The folder that they are written to.
    #[arg(default_value = "schemas/portico")]
    folder: PathBuf,
}

impl Schemas {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        std::fs::create_dir_all(&self.folder)?;
        for (name, text) in describe::files() {
            let path = self.folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
            println!("{}", path.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

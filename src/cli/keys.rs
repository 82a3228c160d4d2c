//! `portico keys`: the keys that stored values are sealed with.

mod sealing;

use super::{Files, runtime};
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key: 32 random bytes in base64, for `sealing.key` or `sealing.index`.
    New,
    /// Show how many stored records each sealing key seals, and which keys can be withdrawn.
    Sealing {
        #[command(flatten)]
        files: Files,
    },
    /// Seal all stored records anew with the newest key, while the program serves; plain ones, too.
    #[command(
        after_help = "It may be broken off and begun again at any time: what is done can be seen in each record."
    )]
    Reseal {
        #[command(flatten)]
        files: Files,
    },
}

impl Keys {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::New => {
                println!("{}", &*crate::seal::Material::random()?.to_text());
                Ok(ExitCode::SUCCESS)
            }
            Command::Sealing { files } => runtime()?.block_on(sealing::show(&files)),
            Command::Reseal { files } => runtime()?.block_on(sealing::reseal(&files)),
        }
    }
}

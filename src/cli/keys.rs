//! `portico keys`: the keys that sign tokens, and those that stored values are sealed with.

mod sealing;

use super::{
    Files,
    noted::{Deed, noted},
    runtime, told,
};
use crate::{
    control,
    oauth::keeper::{AHEAD, When},
    telemetry::clock::{Clock, System},
};
use anyhow::Context;
use clap::{Args, Subcommand};
use std::{process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
#[command(after_help = "\
Keys are changed by themselves every thirty days. A running server takes up what is changed here within a second.")]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a sealing key: 32 random bytes in base64, for `sealing.key` or `sealing.index`.
    New,
    /// Show how many stored records each sealing key seals, and which keys can be withdrawn.
    Sealing,
    /// Seal all stored records anew with the newest sealing key, while the program serves; plain ones, too.
    #[command(
        after_help = "It may be broken off and begun again at any time: what is done can be seen in each record."
    )]
    Reseal,
    /// List keys: which sign now, and until when the others prove.
    List,
    /// Change all keys for new ones: those are published first, and sign ten minutes later.
    Rotate {
        /// At once: what the old keys signed is refused from now on. For keys that have become known to others.
        #[arg(long)]
        now: bool,
    },
}

impl Keys {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::New => {
                println!("{}", &*crate::seal::Material::random()?.to_text());
                return Ok(ExitCode::SUCCESS);
            }
            What::Sealing => return runtime()?.block_on(sealing::show(&self.files)),
            What::Reseal => return runtime()?.block_on(sealing::reseal(&self.files)),
            What::List | What::Rotate { .. } => {}
        }
        crate::telemetry::log::begin("error");
        runtime()?.block_on(async {
            let overrides = self.files.overrides();
            let opened =
                control::open(&self.files.config, &overrides, Arc::new(System)).await.map_err(told)?;
            let server = opened
                .doors
                .as_ref()
                .context("the configuration has no `ledger` with an `identity`")?
                .server();
            let now = System.now().seconds;
            match self.what {
                What::New | What::Sealing | What::Reseal => {}
                What::List => {
                    for key in server.ring().all().iter() {
                        let life = key.life;
                        let state = if !life.proves_at(now) {
                            "ended"
                        } else if now < life.signs_from {
                            "published"
                        } else if life.signs_at(now) {
                            if key.can_sign() { "signs" } else { "signs elsewhere" }
                        } else {
                            "proves"
                        };
                        println!("{}\t{}\t{state}", key.kid, key.algorithm().name());
                    }
                }
                What::Rotate { now } => {
                    let when = if now { When::AtOnce } else { When::Ahead };
                    let deed = Deed { action: "keys.rotated", resource: "signing-keys", key: None };
                    let work = async {
                        let made = server.rotate(when).await;
                        let made =
                            made.map_err(|fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message)))?;
                        for kid in &made {
                            println!("made {kid}");
                        }
                        Ok(made.join(" "))
                    };
                    Box::pin(noted((&self.files.config, &overrides), deed, work)).await?;
                    if now {
                        println!("They sign now; what was signed before is refused.");
                    } else {
                        println!("They sign in {} minutes; until then the old ones do.", AHEAD / 60);
                    }
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

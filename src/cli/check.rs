//! `portico check`: the static proof, and the round-trip law for every binding.

use super::{Files, live, runtime, show};
use crate::{
    control::{self, difference::Difference},
    fault::{Diagnostic, Diagnostics, mapping},
    plan::{Binding, Plan},
    spec,
    translate::law,
};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    files: Files,
    /// How many generated records are sent through write and read for each binding.
    #[arg(long, default_value_t = 500, value_name = "NUMBER")]
    cases: usize,
    /// One line for each fault: <file:line:column>: error[code]: message.
    #[arg(long)]
    short: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    /// Show what differs from the files of this configuration: what a reload from it would take up.
    #[arg(long, value_name = "FILE")]
    against: Option<std::path::PathBuf>,
    /// Try the law on the systems themselves, too: a record of each resource is made, read back and removed.
    #[arg(long)]
    live: bool,
    /// With `--live`: systems elsewhere than on this machine are meant, too.
    #[arg(long, requires = "live")]
    yes: bool,
}

impl Check {
    /// The check as it is run where nothing else is said.
    pub(super) fn of(files: Files) -> Self {
        Self { files, cases: 500, short: false, strict: false, against: None, live: false, yes: false }
    }

    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let (plan, files, mut diagnostics) = control::plan(&self.files.config, &self.files.overrides());
        let mut tried = Vec::new();
        if let Some(plan) = &plan {
            for diagnostic in control::indexes::unindexed(plan, &files) {
                diagnostics.push(diagnostic);
            }
            tried = self.law(plan, &files, &mut diagnostics);
        }
        diagnostics.sort();
        if self.short {
            for diagnostic in &diagnostics {
                eprintln!("{}", diagnostic.one_line());
            }
        } else {
            show(&diagnostics);
        }
        let (errors, warnings) = (diagnostics.errors(), diagnostics.warnings());
        let plan = plan.filter(|_| errors == 0);
        if let Some(plan) = &plan {
            println!(
                "{} resources, {} shortcuts, {} sources",
                plan.resources.len(),
                plan.shortcuts.len(),
                plan.sources.len()
            );
            for line in tried {
                println!("  {line}");
            }
        }
        println!("{errors} errors, {warnings} warnings");
        if let (Some(against), Some(plan)) = (&self.against, &plan) {
            self.differs(against, plan)?;
        }
        let mut failed = errors > 0 || (self.strict && warnings > 0);
        if self.live && errors == 0 {
            failed |= self.live()?;
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Shows what differs from another configuration.
    fn differs(&self, against: &std::path::Path, plan: &Plan) -> anyhow::Result<()> {
        let (before, _, diagnostics) = control::plan(against, &self.files.overrides());
        let Some(before) = before else {
            show(&diagnostics);
            anyhow::bail!("`{}` has errors itself", against.display());
        };
        let lines = Difference::between(&before, plan).lines();
        if lines.is_empty() {
            println!("nothing differs from {}", against.display());
        }
        for line in lines {
            println!("  {line}");
        }
        Ok(())
    }

    /// Tries the law on the systems; whether it was broken.
    fn live(&self) -> anyhow::Result<bool> {
        let mut broken = false;
        for (name, outcome) in runtime()?.block_on(live::run(&self.files, self.yes))? {
            match outcome {
                live::Outcome::Proved => println!("  {name}: made, read back as it was written, removed"),
                live::Outcome::NotTried(why) => println!("  {name}: nothing was made: {why}"),
                live::Outcome::Broken(what) => {
                    broken = true;
                    println!("  {name}: {what}");
                }
            }
        }
        Ok(broken)
    }

    /// Tries the law on every binding that the files have, serving or not.
    fn law(&self, plan: &Plan, files: &spec::Files, out: &mut Diagnostics) -> Vec<String> {
        let mut lines = Vec::new();
        for (resource, binding) in &plan.bindings {
            let Some(contract) = plan.resource(*resource).map(|r| &r.contract) else { continue };
            if crate::cli::coloured() {
                eprint!("\r\x1b[Kproving {}", binding.file);
            }
            let verdict = law::check(contract, binding, self.cases);
            let bound = files.bindings.iter().find(|b| b.doc.file.name == binding.file);
            if let Some(bound) = bound {
                broken(&bound.doc, binding, &verdict, out);
            }
            if verdict.tried > 0 {
                let back = if verdict.broken.is_empty() { "all came back" } else { "not all came back" };
                lines.push(format!("{}: {} records written and read, {back}", binding.file, verdict.tried));
            }
        }
        if crate::cli::coloured() {
            eprint!("\r\x1b[K");
        }
        lines
    }
}

fn broken(doc: &spec::Doc<spec::words::Binding>, _: &Binding, verdict: &law::Verdict, out: &mut Diagnostics) {
    let place = |member: &str| -> Option<String> {
        let named = |key: &&String| {
            key.split(',').any(|name| {
                let name = name.trim();
                name == member
                    || name.starts_with(&format!("{member}."))
                    || member.starts_with(&format!("{name}."))
            })
        };
        doc.words.fields.keys().find(named).cloned()
    };
    let span = |member: &str| {
        let key = place(member);
        let path: Vec<&str> = key.iter().fold(vec!["fields"], |mut path, key| {
            path.push(key);
            path
        });
        doc.node.find(&path).key_span()
    };
    for lost in &verdict.broken {
        let cut = |text: &str| -> String {
            let short: String = text.chars().take(200).collect();
            if short.len() < text.len() { format!("{short}…") } else { short }
        };
        let message = format!(
            "`{}` does not come back: wrote {}, read {}",
            lost.member,
            cut(&lost.wrote),
            cut(&lost.read)
        );
        let hint =
            "what is written has to be read as it was: check the converters and what stands for nothing";
        out.push(
            Diagnostic::error(mapping::LAW_BROKEN, &doc.file, span(&lost.member), message).with_hint(hint),
        );
    }
    for names in &verdict.uncoded {
        let member = names.split('`').nth(1).unwrap_or_default();
        let message = format!("the combination {names} has no code: a write of it is refused");
        let diagnostic = Diagnostic::warning(mapping::COMBINATION_MISSING, &doc.file, span(member), message);
        out.push(diagnostic.with_hint("add a row to the `table`, if the source has a code for it"));
    }
}

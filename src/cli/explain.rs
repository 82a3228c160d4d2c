//! `portico explain`.

use super::{Files, request::Typed, runtime, style, told};
use crate::{control, pipeline::explain, plan::SourceKind};
use anstyle::{AnsiColor, Reset};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    typed: Typed,
    #[command(flatten)]
    caller: super::caller::As,
    #[command(flatten)]
    files: Files,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        let (request, body) = self.typed.read()?;
        let caller = self.caller.read()?;
        runtime()?.block_on(async {
            let instance =
                control::explaining(&self.files.config, &self.files.overrides()).await.map_err(told)?;
            let (head, ()) = request.into_parts();
            match explain::explain(&instance, &head, body, caller) {
                Ok(explanation) => {
                    print(&explanation);
                    bounds(&explanation, &instance);
                    Ok(ExitCode::SUCCESS)
                }
                Err(fault) => {
                    anstream::println!(
                        "{}refused{} {} {}",
                        style(AnsiColor::Red),
                        Reset,
                        fault.code.id,
                        fault.message
                    );
                    for violation in &fault.violations {
                        anstream::println!(
                            "  {} {:?}: {}",
                            violation.code,
                            violation.place,
                            violation.message
                        );
                    }
                    anstream::println!("  nothing would be called");
                    Ok(ExitCode::FAILURE)
                }
            }
        })
    }
}

/// How the calls of the sources that would be asked are held in bounds.
fn bounds(explanation: &explain::Explanation, instance: &crate::pipeline::Instance) {
    let asked =
        |name: &str| explanation.steps.iter().flat_map(|group| &group.steps).any(|s| s.source == name);
    let sources = instance.plan.sources.iter();
    let sources = sources.filter(|one| !matches!(one.kind, SourceKind::Stub) && asked(&one.name));
    for (at, source) in sources.enumerate() {
        if at == 0 {
            anstream::println!("\n{}bounds{}", style(AnsiColor::Green), Reset);
        }
        let name = &source.name;
        anstream::println!("  {}{name}{}: {}", style(AnsiColor::Yellow), Reset, source.resilience.told());
    }
}

fn print(explanation: &explain::Explanation) {
    anstream::println!("{}{}{}", style(AnsiColor::Cyan), explanation.title, Reset);
    anstream::println!("  fields: {}", explanation.fields.join(", "));
    for group in &explanation.steps {
        anstream::println!("\n{}{}{}", style(AnsiColor::Green), group.title, Reset);
        for step in &group.steps {
            anstream::println!("  {}{}{}  {}", style(AnsiColor::Yellow), step.source, Reset, step.call);
            if let Some(detail) = &step.detail {
                anstream::println!("      {detail}");
            }
            anstream::println!("      why: {}", step.why);
            if !step.takes.is_empty() {
                anstream::println!("      takes: {}", step.takes.join(", "));
            }
        }
    }
}

//! `portico import`: a first draft of a project, and its check. What it found is left out of its output only where a
//! file tells it.

use super::{Files, check, show};
use crate::{
    fault::Diagnostics,
    import::{self, Project, Wish, write::Present},
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
#[command(after_help = "\
What is written passes `portico check` and is a draft: each file says what was guessed, and what a person is to decide.

  portico import openapi shop.yaml --into shop
  portico import wsdl Parts.wsdl --api parts/v1 --only parts
  portico import sql sqlite:store.db --source store
  PORTICO_IMPORT_URL=postgres://me:secret@db/shop portico import sql")]
pub(super) struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// An `OpenAPI` document of version 2.0, 3.0 or 3.1, in JSON or YAML.
    Openapi {
        /// The document. References within it are followed, and no others.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// A WSDL 1.1 and the schemas beside it.
    Wsdl {
        /// The WSDL. What it imports stands below its folder.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// The tables of a database.
    Sql {
        /// `sqlite:FILE`, `postgres://...` or `mysql://...`. A password is not written into any file.
        #[arg(value_name = "URL", env = "PORTICO_IMPORT_URL", hide_env_values = true)]
        url: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// The folder that `config`, `mappings` and `schemas` are written to.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    into: PathBuf,
    /// The API's name and version; the source's name and `v1` where it is not said.
    #[arg(long, value_name = "NAME/VERSION", value_parser = api)]
    api: Option<String>,
    /// What the source is called in the configuration; its file's name, or the database's, where it is not said.
    #[arg(long, value_name = "NAME", value_parser = name)]
    source: Option<String>,
    /// Only these resources, by their names as they would be written.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    only: Vec<String>,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
}

/// A name in kebab-case.
fn name(text: &str) -> Result<String, String> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(sound) && !text.ends_with('-') {
        Ok(text.to_owned())
    } else {
        Err("write small letters, digits and `-`, for example `parts-shop`".into())
    }
}

fn api(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [api, version] if name(api).is_ok() && name(version).is_ok() => Ok(text.to_owned()),
        _ => Err("write a name and a version, for example `shop/v1`".into()),
    }
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut out = Diagnostics::new();
        let (project, how) = match self.from {
            From::Openapi { file, how } => (import::openapi::read(&file, &how.wish(), &mut out), how),
            From::Wsdl { file, how } => (import::wsdl::read(&file, &how.wish(), &mut out), how),
            From::Sql { url, how } => {
                let wish = how.wish();
                (super::runtime()?.block_on(import::sql::read(&url, &wish, &mut out)), how)
            }
        };
        out.sort();
        show(&out);
        let Some(project) = project.filter(|_| !out.has_errors()) else {
            bail!("nothing was written");
        };
        let present = if how.force { Present::Replaced } else { Present::Kept };
        let written = import::write(&project, &how.into, present);
        if let Err(import::write::Refusal::There(files)) = &written {
            eprintln!("these files are there already:");
            for file in files {
                eprintln!("  {}", file.display());
            }
            bail!("nothing was written; `--force` replaces them, `--into` names another folder");
        }
        let written = written?;
        println!("written to {}:", how.into.display());
        for file in &written.files {
            println!("  {}", file.display());
        }
        println!();
        let config = how.into.join(&written.config);
        let checked = check::Check::of(Files { config: config.clone(), port: None }).run()?;
        next(&project, &config).context("the last words")?;
        Ok(checked)
    }
}

impl How {
    fn wish(&self) -> Wish {
        Wish { api: self.api.clone(), source: self.source.clone(), only: self.only.clone() }
    }
}

/// What is to be done with it.
fn next(project: &Project, config: &Path) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let config = config.display();
    writeln!(out, "\nNext:")?;
    writeln!(out, "  read what each file says behind `Guessed` and `Decide`, and correct it")?;
    let variables = project.variables();
    if !variables.is_empty() {
        writeln!(out, "  set {}", variables.join(", "))?;
    }
    writeln!(out, "  portico check --config {config}")?;
    if let Some(resource) = project.resources.iter().find(|resource| resource.has("list")) {
        let path = format!("/{}/{}?limit=3", project.api.1, resource.name);
        writeln!(out, "  portico explain --config {config} 'GET {path}'")?;
        writeln!(out, "  portico call --config {config} 'GET {path}'")?;
    }
    writeln!(out, "  portico serve --config {config}")
}

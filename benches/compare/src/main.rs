//! `make bench`: starts the façade and what it is compared with, drives all with the same load in turns, and writes down
//! what came out. `compare record` and `compare serve` only prepare, and leave the rest to a person; `compare train` has a façade
//! do what it is compared in, so that its profile can be taken.

mod ask;
mod contestant;
mod database;
mod growth;
mod known;
mod load;
mod measure;
mod plot;
mod process;
mod project;
mod quiet;
mod report;
mod workload;

use measure::Effort;
use quiet::Patience;
use std::{path::PathBuf, process::ExitCode};

/// Where things stand.
pub struct Folders {
    /// The project.
    pub root: PathBuf,
    /// Where the programs stand that were built with this one.
    pub built: PathBuf,
    /// The façade.
    pub facade: PathBuf,
    /// What a run makes: recorded answers, files of the contestants, results.
    pub made: PathBuf,
    /// How often it waits for a quieter moment: forty minutes of a run at most.
    pub patience: Patience,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let root = std::env::current_dir().unwrap_or_default();
    let own = std::env::current_exe().unwrap_or_default();
    let built = own.parent().map(PathBuf::from).unwrap_or_default();
    let facade = std::env::var_os("PORTICO_COMPARE_FACADE");
    let facade = facade.map_or_else(|| built.join("portico"), |facade| root.join(facade));
    // The files of the façade name this folder, wherever programs are built.
    let made = root.join("target/compare");
    let folders = Folders { root, built, facade, made, patience: Patience::of(1200) };
    match run(&folders, &words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("compare: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(folders: &Folders, words: &[String]) -> Result<(), String> {
    known::record(folders)?;
    match words.first().map(String::as_str) {
        Some("record") => Ok(()),
        Some("serve") => measure::serve(folders, &words[1..]),
        Some("quick") => measure::all(folders, Effort::quick(), &words[1..]),
        Some("all") | None => {
            measure::all(folders, Effort::full(), words.get(1..).unwrap_or_default())?;
            growth::run(folders, &[])
        }
        Some("train") => measure::train(folders),
        Some("growth") => growth::run(folders, &words[1..]),
        Some("report") => report::again(folders),
        Some(other) => Err(format!("`{other}` is none of record, serve, train, quick, all, growth, report")),
    }
}

//! Who is compared: how each is started, where it listens, and what it is asked. All have one worker on one core; the system
//! behind and the load share the other.

use crate::{
    Folders, ask,
    process::{Program, Running},
};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The core of who is measured, and that of everything else.
pub const MEASURED: usize = 0;
pub const AROUND: usize = 1;
pub const LEGACY: u16 = 4300;
/// The variable that names a PostgreSQL.
pub const POSTGRES: &str = "PORTICO_TEST_POSTGRES";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contestant {
    Portico,
    /// nginx with its Lua module translating.
    Lua,
    /// nginx handing on.
    Pass,
    /// axum, reqwest and borrowed structs.
    Rust,
    /// fastify.
    Node,
    /// The façade's stack handing on.
    Floor,
    /// The façade's stack answering a constant.
    Ceiling,
    /// The façade itself with nothing on, beside the one with everything on.
    Open,
}

/// Which of a contestant's houses is meant: most have one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum House {
    /// The site, the dealer, and a SQLite file.
    Plain,
    /// The same site behind tokens, rates and an audit trail; the façade alone.
    Guarded,
    /// A PostgreSQL, where `PORTICO_TEST_POSTGRES` names one.
    Postgres,
}

pub const ALL: [Contestant; 7] = [
    Contestant::Portico,
    Contestant::Lua,
    Contestant::Pass,
    Contestant::Rust,
    Contestant::Node,
    Contestant::Floor,
    Contestant::Ceiling,
];

impl Contestant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Portico => "portico",
            Self::Lua => "nginx with Lua",
            Self::Pass => "nginx passing",
            Self::Rust => "Rust by hand",
            Self::Node => "Node by hand",
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
            Self::Open => "nothing on",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().chain([Self::Open]).find(|one| one.name() == name)
    }

    fn port(self) -> u16 {
        match self {
            Self::Portico | Self::Open => 4301,
            Self::Lua => 4303,
            Self::Pass => 4304,
            Self::Rust => 4305,
            Self::Node => 4306,
            Self::Floor => 4307,
            Self::Ceiling => 4308,
        }
    }

    pub fn address(self, house: House) -> SocketAddr {
        let port = match house {
            _ if self == Self::Open => self.port(),
            House::Plain => self.port(),
            House::Guarded => self.port() + 20,
            House::Postgres => self.port() + 40,
        };
        ([127, 0, 0, 1], port).into()
    }

    /// Whether it is asked for something else: who hands bytes on, for what the system behind has.
    pub fn hands_on(self) -> bool {
        matches!(self, Self::Pass | Self::Floor | Self::Open)
    }

    fn program(self, house: House, folders: &Folders) -> Result<Program, String> {
        let port = self.address(house).port().to_string();
        let backend = format!("http://127.0.0.1:{LEGACY}");
        let data = text(&folders.made.join("data"));
        let built = |name: &str| Program::new(self.name(), &folders.built.join(name));
        Ok(match self {
            Self::Portico | Self::Open => {
                let config = match house {
                    House::Plain => "config.yaml",
                    House::Guarded => "guarded.yaml",
                    House::Postgres => "postgres.yaml",
                };
                let config = folders.root.join("benches/compare/portico").join(config);
                Program::new(self.name(), &folders.facade)
                    .words(["serve", "--threads", "1", "--config"])
                    .words([text(&config)])
            }
            Self::Lua | Self::Pass => {
                let file = if self == Self::Lua { "lua.conf" } else { "pass.conf" };
                let prefix = nginx(folders, file)?;
                Program::new(self.name(), Path::new("/usr/sbin/nginx")).words([
                    "-p",
                    &text(&prefix),
                    "-c",
                    file,
                ])
            }
            Self::Rust => {
                let file = folders.made.join("pets.db");
                let database = match house {
                    House::Postgres => std::env::var(POSTGRES).ok(),
                    _ => file.exists().then(|| format!("sqlite:{}", text(&file))),
                };
                built("by_hand").words([port, backend, data]).words(database)
            }
            Self::Node => {
                let service = node(folders)?;
                Program::new(self.name(), Path::new("/usr/bin/env"))
                    .words(["node".to_owned(), text(&service), port, backend, data])
                    .with("NODE_ENV", "production")
            }
            Self::Floor => built("bare").words([format!("127.0.0.1:{port}"), "pass".into(), backend]),
            Self::Ceiling => {
                let constant = folders.made.join("constant.json");
                built("bare").words([format!("127.0.0.1:{port}"), "constant".into(), text(&constant)])
            }
        }
        .on(MEASURED))
    }

    /// Starts it and waits until it listens.
    pub fn start(self, house: House, folders: &Folders) -> Result<Running, String> {
        match (self, house) {
            (Self::Portico, House::Guarded) => guarded(folders)?,
            (Self::Portico, House::Plain) => without(folders, "pets.db"),
            _ => {}
        }
        let running = self.program(house, folders)?.start(folders)?;
        let log = folders.made.join("logs").join(format!("{}.log", self.name()));
        ask::listens(self.address(house), Duration::from_secs(20))
            .map_err(|why| format!("{}: {why}; see {}", self.name(), log.display()))?;
        Ok(running)
    }
}

/// A ledger that knows one client.
fn guarded(folders: &Folders) -> Result<(), String> {
    without(folders, "ledger.db");
    let words = ["client", "add", "--tier", "partner", "--id", "bench", "--role", "partner", "Bench"];
    asked(folders, &words).map(drop)
}

/// Removes a SQLite file with what stands beside it.
fn without(folders: &Folders, name: &str) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folders.made.join(format!("{name}{end}")));
    }
}

/// An access token, which lives a quarter of an hour.
pub fn token(folders: &Folders) -> Result<String, String> {
    let said = asked(folders, &["token", "mint", "bench"])?;
    let token = said.split_whitespace().find(|word| word.starts_with("eyJ"));
    token.map(str::to_owned).ok_or_else(|| format!("no token was made: {said}"))
}

/// What the façade's command line says.
fn asked(folders: &Folders, words: &[&str]) -> Result<String, String> {
    let config = folders.root.join("benches/compare/portico/guarded.yaml");
    let mut command = Command::new(&folders.facade);
    command.args(words).arg("--config").arg(config).current_dir(&folders.root);
    command.env_remove("PORT").env_remove("PORTICO_CONFIG");
    let output = command.output().map_err(|e| format!("portico: {e}"))?;
    if !output.status.success() {
        return Err(format!("portico {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The system behind.
pub fn legacy(folders: &Folders) -> Result<Running, String> {
    let program = Program::new("legacy", &folders.built.join("legacy"));
    let address: SocketAddr = ([127, 0, 0, 1], LEGACY).into();
    let running =
        program.words([address.to_string(), text(&folders.made.join("data"))]).on(AROUND).start(folders)?;
    ask::listens(address, Duration::from_secs(10))?;
    Ok(running)
}

/// A folder of its own for an nginx, with its configuration.
fn nginx(folders: &Folders, file: &str) -> Result<PathBuf, String> {
    let sources = folders.root.join("benches/compare/nginx");
    let prefix = folders.made.join(file.trim_end_matches(".conf"));
    let told = |what: std::io::Error| format!("{}: {what}", prefix.display());
    fs::create_dir_all(&prefix).map_err(told)?;
    let words = fs::read_to_string(sources.join(file)).map_err(told)?;
    let words =
        words.replace("@folder@", &text(&sources)).replace("@data@", &text(&folders.made.join("data")));
    fs::write(prefix.join(file), words).map_err(told)?;
    Ok(prefix)
}

/// The service with the packages that it needs beside it.
fn node(folders: &Folders) -> Result<PathBuf, String> {
    let sources = folders.root.join("benches/compare/node");
    let here = folders.made.join("node");
    let told = |what: std::io::Error| format!("{}: {what}", here.display());
    fs::create_dir_all(&here).map_err(told)?;
    let wanted = fs::read_to_string(sources.join("package.json")).map_err(told)?;
    let had = fs::read_to_string(here.join("package.json")).unwrap_or_default();
    fs::copy(sources.join("service.js"), here.join("service.js")).map_err(told)?;
    if wanted != had || !here.join("node_modules/fastify").is_dir() {
        fs::write(here.join("package.json"), wanted).map_err(told)?;
        let words = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
        let installed = Command::new("npm").args(words).current_dir(&here).status().map_err(told)?;
        if !installed.success() {
            return Err("npm could not install what the service on Node.js needs".into());
        }
    }
    Ok(here.join("service.js"))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

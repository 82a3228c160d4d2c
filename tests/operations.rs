//! Operations, and what the program tells of itself, from outside: reloads and upgrades under load, files that cannot be
//! taken up, metrics, lines, traces, reports, and that none of it holds a secret or a personal value.

mod deploy;
mod exchange;
mod load;
mod refused;
mod shop;
mod silence;
mod told;

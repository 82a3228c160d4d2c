//! The demo: believable data and small servers that behave like the legacy systems the façade is for. It shares
//! nothing with the façade but the port: no type of the road, of a plan or of a backend is named in here.
//!
//! - [`seed`]: the people and pets that every embedded system is filled with.
//! - [`store`]: the same data as portable SQL.
//! - [`station`]: the shell around every system: faults, the log of calls, messages to others.
//! - [`faults`]: the file that turns the stations' fault switches.
//! - [`systems`]: the systems by name.
//! - [`drupal7`]: a Drupal 7 site with Services 3.
//! - [`ezyvet`]: a clinic's practice management.
//! - [`shelterluv`]: a shelter partner.
//! - [`animalid`]: a microchip registry.
//! - [`district`]: a school district: `OneRoster` and Snipe-IT on one host.
//! - [`opentrack`]: a dealer's parts system over SOAP.
//! - [`zigpoll`]: a survey partner.
//! - [`clock`]: the one place where the demo asks the operating system for the time.

pub mod animalid;
pub mod clock;
pub mod district;
pub mod drupal7;
pub mod ezyvet;
pub mod faults;
pub mod opentrack;
pub mod seed;
pub mod shelterluv;
pub mod station;
pub mod store;
pub mod systems;
pub mod zigpoll;

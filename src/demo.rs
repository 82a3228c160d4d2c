//! The demo: believable data and small servers that behave like the legacy systems the façade is for. It shares
//! nothing with the façade but the port: no type of the road, of a plan or of a backend is named in here.
//!
//! - [`seed`]: the people and pets that every embedded system is filled with.
//! - [`store`]: the same data as portable SQL.
//! - [`drupal7`]: a Drupal 7 site with Services 3.
//! - [`clock`]: the one place where the demo asks the operating system for the time.

pub mod clock;
pub mod drupal7;
pub mod seed;
pub mod store;

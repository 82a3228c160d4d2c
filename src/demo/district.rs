//! An embedded school district: one host with two families of API, as districts have them. A student
//! information system speaks `OneRoster` 1.1 under `/ims/oneroster/v1p1` (schools, students, staff); an asset
//! register in the manner of Snipe-IT stands under `/api/v1` (vehicles, equipment, maintenance, parts
//! requests). They share no account, no error, no paging and no code: a school is an `org` here and a
//! `location` there. It has no classes, enrolments or grades, no files, and no pages for people.
//!
//! Shapes are those of the 1EdTech `OneRoster` 1.1 specification and of Snipe-IT's REST documentation; where
//! this host was configured or extended away from them it says so beside the code.
//!
//! **How the two families meet.** The location with the id 1 is the school `S-4101`, and so on to 14 and
//! `S-4114`. The register says so itself in two places: the `notes` of a location are the school's
//! `sourcedId`, and so is the custom field `School` (`_snipeit_school_4`) of each asset, maintenance and
//! schedule.
//!
//! Reading order: `District::answer` parts the families; `oneroster` and `snipe` each hold their own table of
//! paths.

mod content;
mod oneroster;
mod query;
mod reply;
mod snipe;
mod tokens;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

use self::oneroster::Roster;
use self::snipe::Register;
use self::tokens::Tokens;
use super::seed::Seed;
use super::station::System;

/// Where the student information system keeps `OneRoster`.
const ROSTER: &str = "/ims/oneroster/v1p1";
/// Where the asset register keeps its API.
const REGISTER: &str = "/api/v1";

/// The credentials of the two families; neither opens the other.
#[derive(Clone)]
pub struct Settings {
    /// The OAuth 2.0 client that may ask for tokens at `POST /token`.
    pub client_id: String,
    pub client_secret: String,
    /// The register's key, sent as `Authorization: Token <key>`.
    pub key: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            client_id: "portico".to_owned(),
            client_secret: "portico".to_owned(),
            key: "portico".to_owned(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// One district with a store of its own.
pub struct District {
    settings: Settings,
    roster: Roster,
    tokens: Mutex<Tokens>,
    register: Mutex<Register>,
}

impl fmt::Debug for District {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("District").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl District {
    /// A district filled with its own data; people are named after the seed's customers, who live there.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        let roster = content::roster::roster(seed);
        Arc::new(Self {
            register: Mutex::new(content::assets::register()),
            tokens: Mutex::default(),
            roster,
            settings,
        })
    }
}

impl System for District {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        let path = head.uri.path();
        if path == "/token" {
            return tokens::answer(&self.settings, &mut lock(&self.tokens), head, body, now);
        }
        if let Some(path) = below(path, ROSTER) {
            let scopes = lock(&self.tokens).find(credential(&head.headers, "Bearer"), now);
            return oneroster::answer(&self.roster, head, &path, scopes.as_deref());
        }
        if let Some(path) = below(path, REGISTER) {
            if credential(&head.headers, "Token") != Some(self.settings.key.as_str()) {
                return snipe::unauthorized();
            }
            return snipe::answer(&mut lock(&self.register), head, &path, body, now);
        }
        reply::text(StatusCode::NOT_FOUND, "Not Found")
    }

    fn expire(&self) {
        lock(&self.tokens).forget();
    }

    fn logs_in(&self, path: &str) -> bool {
        path == "/token"
    }
}

/// The decoded segments of a path below a prefix.
fn below(path: &str, prefix: &str) -> Option<Vec<String>> {
    let rest = path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let segments = rest.split('/').filter(|segment| !segment.is_empty());
    Some(segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect())
}

/// What follows the scheme in `Authorization`; the scheme's case does not matter (RFC 9110 section 11.1).
fn credential<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let (word, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    word.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

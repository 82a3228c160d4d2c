//! The embedded systems by name: what each is called, and how one is set up with its credentials.

use super::{
    animalid::{self, AnimalId},
    district::{self, District},
    drupal7,
    ezyvet::{self, Clinic},
    opentrack::{self, OpenTrack},
    seed::Seed,
    shelterluv::{self, Shelterluv},
    station::{Settings, Station, System},
    zigpoll::{self, Zigpoll},
};
use std::sync::Arc;

/// The names of all systems.
pub const NAMES: [&str; 7] =
    ["drupal7", "ezyvet", "shelterluv", "animalid", "opentrack", "district", "zigpoll"];

/// What a system asks of its callers: names and values. What is not there is the system's own, which is `portico` mostly.
pub type Credentials = Vec<(String, String)>;

/// Sets a system up behind its station; `None` where there is none of this name.
pub fn station(
    name: &str,
    seed: &Seed,
    credentials: &Credentials,
    settings: Settings,
) -> Option<Arc<Station>> {
    let name = NAMES.into_iter().find(|known| *known == name)?;
    let take = |key: &str, into: &mut String| {
        if let Some((_, value)) = credentials.iter().find(|(known, _)| known == key) {
            into.clone_from(value);
        }
    };
    let system: Arc<dyn System> = match name {
        "drupal7" => {
            let mut own = drupal7::Settings::default();
            take("user", &mut own.user);
            take("password", &mut own.password);
            drupal7::Site::new(seed, own)
        }
        "ezyvet" => {
            let mut own = ezyvet::Settings::default();
            take("partner", &mut own.partner_id);
            take("client", &mut own.client_id);
            take("secret", &mut own.client_secret);
            Clinic::new(seed, own)
        }
        "shelterluv" => {
            let mut own = shelterluv::Settings::default();
            take("key", &mut own.key);
            Shelterluv::new(seed, own)
        }
        "animalid" => {
            let mut own = animalid::Settings::default();
            take("key", &mut own.key);
            take("secret", &mut own.secret);
            take("webhookSecret", &mut own.webhook_secret);
            AnimalId::new(seed, own)
        }
        "opentrack" => {
            let mut own = opentrack::Settings::default();
            take("user", &mut own.user);
            take("password", &mut own.password);
            OpenTrack::new(seed, own)
        }
        "district" => {
            let mut own = district::Settings::default();
            take("client", &mut own.client_id);
            take("secret", &mut own.client_secret);
            take("key", &mut own.key);
            District::new(seed, own)
        }
        _ => {
            let mut own = zigpoll::Settings::default();
            take("key", &mut own.api_key);
            Zigpoll::new(seed, own)
        }
    };
    Some(Station::new(name, system, settings))
}

/// The system that a source of this name speaks to: some systems have several tongues.
pub fn of_source(source: &str) -> Option<&'static str> {
    let name = match source {
        "oneroster" | "snipeit" => "district",
        other => other,
    };
    NAMES.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::seed::seed;

    #[test]
    fn every_system_can_be_set_up() {
        let seed = seed();
        for name in NAMES {
            assert!(station(name, &seed, &Vec::new(), Settings::default()).is_some(), "{name}");
            assert_eq!(of_source(name), Some(name));
        }
        assert!(station("cobol", &seed, &Vec::new(), Settings::default()).is_none());
    }
}

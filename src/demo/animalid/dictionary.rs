//! The registry's lists of species, breeds and sexes, with ids of its own. Sex and altered are one entry.

use serde_json::{Value, json};

use crate::demo::seed::Seed;

/// The codes of [`crate::demo::seed::Pet::sex_code`] in the order of their ids, from 1.
const SEXES: [(&str, &str); 9] = [
    ("M", "Male, intact"),
    ("MN", "Male, neutered"),
    ("MU", "Male"),
    ("F", "Female, intact"),
    ("FS", "Female, spayed"),
    ("FU", "Female"),
    ("UI", "Unknown, intact"),
    ("UN", "Unknown, altered"),
    ("U", "Unknown"),
];
const FIRST_BREED: u64 = 101;

#[derive(Debug)]
pub(super) struct Dictionary {
    /// Id, code, name.
    species: Vec<(u64, &'static str, &'static str)>,
    /// Id, name, the species' id.
    breeds: Vec<(u64, &'static str, u64)>,
}

impl Dictionary {
    pub(super) fn new(seed: &Seed) -> Self {
        let species: Vec<_> = (1..).zip(&seed.species).map(|(id, of)| (id, of.code, of.name)).collect();
        let id_of = |code| species.iter().find(|(_, known, _)| *known == code).map_or(0, |(id, ..)| *id);
        let breeds =
            (FIRST_BREED..).zip(&seed.breeds).map(|(id, of)| (id, of.name, id_of(of.species))).collect();
        Self { species, breeds }
    }

    pub(super) fn species(&self, code: &str) -> Option<u64> {
        self.species.iter().find(|(_, known, _)| *known == code).map(|(id, ..)| *id)
    }

    pub(super) fn breed(&self, name: &str) -> Option<u64> {
        self.breeds.iter().find(|(_, known, _)| *known == name).map(|(id, ..)| *id)
    }

    pub(super) fn sex(code: &str) -> Option<u64> {
        (1..).zip(SEXES).find(|(_, (known, _))| *known == code).map(|(id, _)| id)
    }

    pub(super) fn has_species(&self, id: u64) -> bool {
        self.species.iter().any(|(known, ..)| *known == id)
    }

    /// The species of a breed.
    pub(super) fn species_of(&self, breed: u64) -> Option<u64> {
        self.breeds.iter().find(|(known, ..)| *known == breed).map(|(.., species)| *species)
    }

    pub(super) fn has_sex(id: u64) -> bool {
        (1..=SEXES.len() as u64).contains(&id)
    }

    /// The entries of a dictionary; breeds may be asked for by their species.
    pub(super) fn print(&self, name: &str, species_id: Option<u64>) -> Option<Vec<Value>> {
        let entry = |id: u64, code: &str, name: &str| json!({"id": id, "code": code, "name": name});
        Some(match name {
            "species" => self.species.iter().map(|&(id, code, name)| entry(id, code, name)).collect(),
            "breeds" => self
                .breeds
                .iter()
                .filter(|(.., species)| species_id.is_none_or(|wanted| wanted == *species))
                .map(|&(id, name, species)| json!({"id": id, "name": name, "species_id": species}))
                .collect(),
            "sexes" => (1..).zip(SEXES).map(|(id, (code, name))| entry(id, code, name)).collect(),
            _ => return None,
        })
    }
}

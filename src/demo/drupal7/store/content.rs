//! The seed data in the site's own shapes, with what the seed lacks: tags, and posters of the lost pets. Two pets are
//! sticky, as the open posters are, so that the order by default is not that of the dates.

mod posters;
mod tags;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::fields::{Field, PET, stored};
use super::{File, Node, Store, Term, TermKind, User};
use crate::demo::seed::{BREEDS_VID, Pet, SPECIES_VID, Seed, Sex};

/// Pinned to the front page by an editor who has left since.
const STICKY: [u64; 2] = [250, 377];
/// Revisions are counted apart from nodes.
const REVISIONS_AHEAD: u64 = 40;

pub(super) fn users(seed: &Seed) -> BTreeMap<u64, User> {
    seed.customers
        .iter()
        .filter_map(|person| {
            let uid = person.id.parse().ok()?;
            let name = person.email.split('@').next().unwrap_or_default().to_owned();
            Some((uid, User { uid, name, person: person.clone() }))
        })
        .collect()
}

pub(super) fn terms(seed: &Seed) -> BTreeMap<u64, Term> {
    let species = seed.species.iter().zip(0..).map(|(species, weight)| Term {
        tid: species.tid,
        vid: SPECIES_VID,
        name: species.name.to_owned(),
        description: species.code.to_owned(),
        weight,
        kind: TermKind::Species { code: species.code },
    });
    let breeds = seed.breeds.iter().filter_map(|breed| {
        let species = seed.species.iter().find(|species| species.code == breed.species)?.tid;
        Some(Term {
            tid: breed.tid,
            vid: BREEDS_VID,
            name: breed.name.to_owned(),
            description: species.to_string(),
            weight: 0,
            kind: TermKind::Breed { species },
        })
    });
    species.chain(breeds).chain(tags::terms()).map(|term| (term.tid, term)).collect()
}

impl Store {
    pub(super) fn fill(&mut self, seed: &Seed) {
        for pet in &seed.pets {
            self.keep_pet(seed, pet);
        }
        let posters = posters::posters(&seed.pets, &self.users);
        self.nodes.extend(posters.into_iter().map(|poster| (poster.nid, poster)));
    }

    fn keep_pet(&mut self, seed: &Seed, pet: &Pet) {
        let (Ok(nid), Ok(uid)) = (pet.id.parse::<u64>(), pet.owner_id.parse()) else { return };
        let photos: Vec<Value> = pet
            .photos
            .iter()
            .zip(nid * 10..)
            .map(|(photo, fid)| {
                let file = File { uri: photo.url.clone(), width: photo.width, height: photo.height };
                let item = file.item(fid);
                self.files.insert(fid, file);
                item
            })
            .collect();
        let values = pet_values(seed, pet);
        let items = |field: &Field| match field.name {
            "field_photos" => photos.clone(),
            "field_tags" => tags::of(pet).iter().map(|tid| field.of.item(&tid.to_string())).collect(),
            name => values.iter().filter(|(known, _)| *known == name).map(|(_, item)| item.clone()).collect(),
        };
        let fields = PET.iter().map(|field| (field.name.to_owned(), stored(field, items(field)))).collect();
        let node = Node {
            nid,
            vid: nid + REVISIONS_AHEAD,
            uid,
            title: pet.name.clone(),
            kind: "pet".to_owned(),
            status: 1,
            created: pet.created_at,
            changed: pet.updated_at,
            promote: 0,
            sticky: u8::from(STICKY.contains(&nid)),
            comment: 1,
            fields,
        };
        self.nodes.insert(nid, node);
    }
}

impl File {
    /// As an image field shows it.
    pub(in super::super) fn item(&self, fid: u64) -> Value {
        let text = |number: Option<u32>| number.map(|number| number.to_string());
        let suffix = self.uri.rsplit('.').next();
        let mime = if suffix == Some("png") { "image/png" } else { "image/jpeg" };
        json!({
            "fid": fid.to_string(),
            "uri": self.uri,
            "width": text(self.width),
            "height": text(self.height),
            "filemime": mime,
        })
    }
}

/// The items of a pet's fields, photos left out; a field that is not named is empty.
fn pet_values(seed: &Seed, pet: &Pet) -> Vec<(&'static str, Value)> {
    let flag = |flag: bool| if flag { "1" } else { "0" }.to_owned();
    let species = seed.species.iter().find(|species| species.code == pet.species).map(|s| s.tid.to_string());
    let breed = |name: &Option<String>| {
        let name = name.as_deref()?;
        seed.breeds.iter().find(|breed| breed.name == name).map(|breed| breed.tid.to_string())
    };
    let gender = pet.sex.map(|sex| if sex == Sex::Male { "Male" } else { "Female" }.to_owned());
    let altered = pet.altered.map(|altered| if altered { "Yes" } else { "No" }.to_owned());
    let single = [
        ("field_species", species),
        ("field_breed_primary", breed(&pet.breed_primary)),
        ("field_breed_secondary", breed(&pet.breed_secondary)),
        ("field_breed_mix", Some(flag(pet.mixed))),
        ("field_gender", gender),
        ("field_altered", altered),
        ("field_birthday", pet.birth_date.map(|date| format!("{date} 00:00:00"))),
        ("field_birthday_estimated", Some(flag(pet.birth_estimated))),
        ("field_weight_value", pet.weight.map(crate::demo::seed::Weight::decimal)),
        ("field_weight_unit", pet.weight.map(|weight| weight.unit.to_owned())),
        ("field_microchip", pet.microchip.clone()),
        ("field_behavior_notes", pet.behavior_notes.clone()),
        ("field_pet_status", Some(pet.status.clone())),
    ];
    let shown = pet.visibility;
    let sections = [
        (shown.profile, "profile"),
        (shown.contact, "contact"),
        (shown.emergency_contacts, "emergencyContacts"),
        (shown.medical, "medical"),
    ];
    let sections = sections.iter().filter(|(shown, _)| *shown).map(|(_, name)| ("field_visibility", *name));
    let colors = pet.colors.iter().map(|color| ("field_colors", color.as_str()));
    single
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .chain(colors.chain(sections).map(|(name, value)| (name, value.to_owned())))
        .filter_map(|(name, value)| {
            let field = PET.iter().find(|field| field.name == name)?;
            Some((field.name, field.of.item(&value)))
        })
        .collect()
}

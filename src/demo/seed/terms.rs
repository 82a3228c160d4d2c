//! Species and breeds with their taxonomy ids. No breed's name is used by two species.

use super::{Breed, Species};

/// Where the species' ids begin; the breeds follow from [`FIRST_BREED`].
const FIRST_SPECIES: u64 = 3031;
const FIRST_BREED: u64 = 3041;

const SPECIES: [(&str, &str); 6] = [
    ("dog", "Dog"),
    ("cat", "Cat"),
    ("bird", "Bird"),
    ("rabbit", "Rabbit"),
    ("horse", "Horse"),
    ("other", "Other"),
];

const BREEDS: [(&str, &[&str]); 6] = [
    (
        "dog",
        &[
            "Beagle",
            "Border Collie",
            "Boxer",
            "Chihuahua",
            "Dachshund",
            "French Bulldog",
            "German Shepherd",
            "Golden Retriever",
            "Labrador Retriever",
            "Poodle",
            "Rottweiler",
            "Shih Tzu",
            "Siberian Husky",
            "Xoloitzcuintli",
        ],
    ),
    (
        "cat",
        &[
            "Abyssinian",
            "Bengal",
            "British Shorthair",
            "Domestic Long Hair",
            "Domestic Short Hair",
            "Maine Coon",
            "Persian",
            "Ragdoll",
            "Siamese",
            "Sphynx",
        ],
    ),
    ("bird", &["African Grey", "Budgerigar", "Canary", "Cockatiel", "Lovebird"]),
    ("rabbit", &["Dutch", "Flemish Giant", "Holland Lop", "Lionhead", "Netherland Dwarf"]),
    ("horse", &["Appaloosa", "Arabian", "Paint Horse", "Quarter Horse"]),
    ("other", &["Bearded Dragon", "Ferret", "Guinea Pig", "Syrian Hamster"]),
];

pub(super) fn species() -> Vec<Species> {
    SPECIES.iter().zip(FIRST_SPECIES..).map(|(&(code, name), tid)| Species { tid, code, name }).collect()
}

pub(super) fn breeds() -> Vec<Breed> {
    BREEDS
        .iter()
        .flat_map(|&(species, names)| names.iter().map(move |&name| (species, name)))
        .zip(FIRST_BREED..)
        .map(|((species, name), tid)| Breed { tid, name, species })
        .collect()
}

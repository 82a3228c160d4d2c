//! The word lists of the shelter: what its staff has typed over the years, with the accents, blanks, quotes, markup and
//! line breaks of real records.

use super::{Fee, Status};

pub(super) const NAMES: &[&str] = &[
    "Biscuit",
    "Brisket",
    "Cinnamon",
    "Cloud",
    "Duke (Courtesy Post)",
    "Fritter",
    "Gus",
    "Gus",
    "Hershey",
    "Ivy & Oak",
    "Jinx",
    "Käthe",
    "Kit Kat 🐾",
    "Lady Gray",
    "Maple",
    "Minnie",
    "Mr. Pickles",
    "Niña",
    "O'Hara",
    "Petunia",
    "Queenie",
    "Rolo",
    "Sir \"Barks\" a Lot",
    "Sunshine",
    "Tater Tot",
    "Umbra",
    "Vera",
    "willow",
    "Willow",
    "Xochitl",
    "Yoda ",
    "Zuzu",
];

/// In custody and shown; in custody and not shown; gone.
pub(super) const AVAILABLE: Status =
    Status { name: "Available For Adoption", in_custody: true, publishable: true };
pub(super) const ADOPTED: Status = Status { name: "Healthy In Home", in_custody: false, publishable: false };
pub(super) const SERVICE: Status = Status { name: "Service Out", in_custody: false, publishable: false };
pub(super) const STATUSES: &[Status] = &[
    Status { name: "Adoption Pending", in_custody: true, publishable: true },
    Status { name: "Awaiting Spay/Neuter", in_custody: true, publishable: false },
    Status { name: "Behavior Hold", in_custody: true, publishable: false },
    Status { name: "Medical Hold", in_custody: true, publishable: false },
    Status { name: "Stray Hold", in_custody: true, publishable: false },
    Status { name: "Transferred Out -- Pending Acceptance", in_custody: false, publishable: false },
];

pub(super) const COLORS: &[&str] = &[
    "Black",
    "Black/White",
    "Brown",
    "Brown/Tan",
    "Calico",
    "Gray/None",
    "Orange",
    "White",
    "White/Brown",
    "",
];

pub(super) const PATTERNS: &[&str] = &["None", "None", "Tabby", "Brindle", "Spotted", "Bicolor"];

/// The second is `""` where the building has no rooms.
pub(super) const LOCATIONS: &[(&str, &str)] = &[
    ("Main Shelter", "Kennel A-12"),
    ("Main Shelter", "Cat Room 2"),
    ("Main Shelter", "Intake"),
    ("Annex", ""),
    ("Medical", "Isolation"),
];

pub(super) const DESCRIPTIONS: &[&str] = &[
    "",
    "Sweet and shy. Loves laps.\r\n\r\nWould do best in a quiet home.",
    "Meet the goofiest boy in the kennel! He knows \"sit\", \"paw\" & \"stay\" (sort of).\nNeeds a fence of 6'.",
    "¡Hola! Entiende español e inglés. Le encanta el queso 🧀.",
    "Ask about our <b>Seniors for Seniors</b> discount — 50% off the fee.",
    "Bonded pair: must go home together.\n• litter-trained\n• indoor only",
    "Came to us as a stray; naïve about stairs, très brave about thunder.",
];

/// What may be shown of an animal.
pub(super) const TRAITS: &[&str] = &[
    "House Trained",
    "Good With Cats",
    "Good With Dogs",
    "Good With Kids",
    "Crate Trained",
    "Leash Trained",
    "Declawed",
    "Senior",
    "Special Needs - Medical",
    "Loves Car Rides 🚗",
];

/// What must not: kept on the record for the staff, with `Publish` of `No`.
pub(super) const CAUTIONS: &[&str] = &[
    "Bite History",
    "Bite History - Child",
    "Court Case Evidence",
    "Food Aggressive",
    "Owner Surrender - Domestic Violence",
    "FIV+ (confirm before telling)",
];

pub(super) const FEES: &[Fee] = &[
    Fee { id: "318107", name: "Adult Cat", price: "$100.00" },
    Fee { id: "318108", name: "Adult Dog", price: "$150.00" },
    Fee { id: "318109", name: "Puppy / Kitten", price: "$275.00" },
    Fee { id: "318110", name: "Senior", price: "$0.00" },
];

pub(super) const SHELTERS: &[(&str, &str)] =
    &[("Saguaro Veterinary College", ""), ("Mesa Valley Rescue", "--"), ("Mesa Valley Rescue", "Petpoint")];

/// A maker's code and the name that the staff gives it.
pub(super) const ISSUERS: &[(&str, &str)] = &[
    ("985112", "HomeAgain"),
    ("981020", "Found Animals"),
    ("982000", "24PetWatch"),
    ("956000", "AKC Reunite"),
];

pub(super) const INTAKES: &[(&str, &str)] = &[
    ("Intake.Stray", "Field Intake"),
    ("Intake.Stray", ""),
    ("Intake.OwnerSurrender", "Moving"),
    ("Intake.TransferIn", "Saguaro Veterinary College"),
    ("Intake.FeralTransfer", "TNR"),
];

pub(super) const USERS: &[&str] = &["front desk", "mgarcia", "Dr. Ortega", "volunteer-7"];

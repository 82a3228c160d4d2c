//! The data that the embedded systems start with: 200 customers, their 400 pets, and the terms for species and
//! breeds. The same on every machine and for ever, so that a test may name a row. It knows no system's shape: each
//! system prints these structs in its own manner.
//!
//! Each record is drawn from a stream of its own ([`draw::Draw`]), so that adding a field to customers leaves every
//! pet as it was. Pet `109` is the pet of the public examples and is written out by hand.

mod customers;
pub(super) mod draw;
mod pets;
mod records;
mod terms;
mod words;

use jiff::civil::Date;

/// Everything that the embedded systems start with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// By id, "2" to "201".
    pub customers: Vec<Customer>,
    /// By id, "101" to "500".
    pub pets: Vec<Pet>,
    /// What veterinarians wrote of the pets; by id, from "7001".
    pub records: Vec<MedicalRecord>,
    /// By tid, from 3031.
    pub species: Vec<Species>,
    /// By tid, behind the species; every name occurs once over all species.
    pub breeds: Vec<Breed>,
}

/// A person who keeps pets, or did, or means to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: String,
    pub given_name: String,
    pub family_name: String,
    /// Unique; ASCII, in lower case.
    pub email: String,
    /// Unique; `+1 555 010 0066`.
    pub phone: String,
    pub street: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// `en` or `es`.
    pub language: String,
    /// `email`, `sms` or `push`.
    pub preferred_channel: String,
    /// Whether the customer agreed to advertisements.
    pub marketing: bool,
    /// At most three.
    pub emergency_contacts: Vec<EmergencyContact>,
    /// At most two.
    pub payment_options: Vec<PaymentOption>,
    /// `active` or `inactive`.
    pub status: String,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds, not before `created_at`.
    pub updated_at: i64,
}

/// Who is called when the owner does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyContact {
    pub name: String,
    pub phone: String,
    /// `vet`, `neighbor`, `relative` or `friend`.
    pub relation: String,
}

/// A card as the payment partner knows it; the number itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOption {
    /// `tok_` and twelve characters; unique.
    pub token: String,
    pub brand: String,
    /// Four digits.
    pub last4: String,
}

/// One animal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pet {
    pub id: String,
    /// A customer's id.
    pub owner_id: String,
    pub name: String,
    /// A species' code.
    pub species: String,
    /// A breed's name; a breed of this pet's species.
    pub breed_primary: Option<String>,
    /// As `breed_primary`, another one, and never without it.
    pub breed_secondary: Option<String>,
    pub mixed: bool,
    /// `None` where nobody knows.
    pub sex: Option<Sex>,
    /// Neutered or spayed; `None` where nobody knows.
    pub altered: Option<bool>,
    pub birth_date: Option<Date>,
    pub birth_estimated: bool,
    pub weight: Option<Weight>,
    /// At most three, each once.
    pub colors: Vec<String>,
    /// Fifteen digits; unique.
    pub microchip: Option<String>,
    pub behavior_notes: Option<String>,
    /// At most three.
    pub photos: Vec<Photo>,
    pub visibility: Visibility,
    /// `active`, `lost`, `deceased` or `inactive`.
    pub status: String,
    /// Unix seconds; a few pets share theirs with another, and the order is not that of the ids.
    pub created_at: i64,
    /// Unix seconds, not before `created_at`.
    pub updated_at: i64,
}

impl Pet {
    /// Sex and altered in the one code that many practice systems keep: `M`, `MN`, `MU`, `F`, `FS`, `FU`, and
    /// `UI` (intact), `UN` (altered), `U` where the sex is not known.
    pub fn sex_code(&self) -> &'static str {
        match (self.sex, self.altered) {
            (Some(Sex::Male), Some(false)) => "M",
            (Some(Sex::Male), Some(true)) => "MN",
            (Some(Sex::Male), None) => "MU",
            (Some(Sex::Female), Some(false)) => "F",
            (Some(Sex::Female), Some(true)) => "FS",
            (Some(Sex::Female), None) => "FU",
            (None, Some(false)) => "UI",
            (None, Some(true)) => "UN",
            (None, None) => "U",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

/// What a veterinarian wrote of a pet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalRecord {
    pub id: String,
    pub pet_id: String,
    /// `vaccination`, `allergy`, `medication`, `visit` or `note`.
    pub kind: &'static str,
    pub description: String,
    /// Unix seconds.
    pub recorded_at: i64,
    pub vaccinations: Vec<Vaccination>,
    pub allergies: Vec<&'static str>,
    /// Name and dose.
    pub medications: Vec<(&'static str, Option<&'static str>)>,
    pub vet_notes: Option<&'static str>,
    /// Address and title.
    pub documents: Vec<(String, &'static str)>,
    /// Tenths of a degree Celsius, where it was taken.
    pub temperature: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vaccination {
    pub code: &'static str,
    pub given_on: Date,
    pub valid_until: Option<Date>,
}

/// A weight as it was read off the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Hundredths of the unit: 420 is 4.20.
    pub hundredths: u32,
    /// `kg` or `lb`.
    pub unit: &'static str,
}

impl Weight {
    /// The amount with both decimals, `4.20`.
    pub fn decimal(self) -> String {
        format!("{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    pub url: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
}

/// What the owner shows on the public profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visibility {
    pub profile: bool,
    pub contact: bool,
    pub emergency_contacts: bool,
    pub medical: bool,
}

/// A term of the vocabulary [`SPECIES_VID`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Species {
    pub tid: u64,
    /// `dog`, `cat`, `bird`, `rabbit`, `horse` or `other`.
    pub code: &'static str,
    /// As people read it, `Dog`.
    pub name: &'static str,
}

/// A term of the vocabulary [`BREEDS_VID`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breed {
    pub tid: u64,
    pub name: &'static str,
    /// The code of the species that it belongs to.
    pub species: &'static str,
}

/// The Drupal vocabulary of the species.
pub const SPECIES_VID: u64 = 3;
/// The Drupal vocabulary of the breeds.
pub const BREEDS_VID: u64 = 4;

/// Makes the data; the same at every call.
pub fn seed() -> Seed {
    let customers = customers::customers();
    let breeds = terms::breeds();
    let pets = pets::pets(&customers, &breeds);
    let records = records::records(&pets);
    Seed { customers, pets, records, species: terms::species(), breeds }
}

#[cfg(test)]
mod tests;

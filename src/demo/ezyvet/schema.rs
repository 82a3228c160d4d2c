//! The things that the clinic keeps, their fields, and how each field stands in JSON. A flat list: filters,
//! writes and the content are all read off it. It holds no rows and checks nothing.
//!
//! Names are the vendor's (`v1/animal`, `v1/contact`, `v2/appointment`, `v1/appointmenttype`, `v1/resource`,
//! `v1/consult`, `v1/vaccination`) as its reference and the clients written for it have them; some resources
//! print numbers as strings and others as numbers, so that `contact` and `animal` say `"1"` where
//! `appointment` and `resource` say `1`.
//!
//! Where this practice's release differs: what is marked `(own)`; details and addresses are embedded, where
//! the vendor's contact has their ids; `resource_list` holds ids; `cancelled` is a flag of its own, with the
//! reason as text; `sex` has a `code`; a vaccination names its product and lot, where the vendor's refers to
//! a product; a consult's `notes` are one text.

use Kind::{
    Address, Clock, Decimal, Details, EpochNumber, EpochText, FlagNumber, FlagText, Id, Number, Ref, Refs,
    Text, Texts, Word, Words,
};
use Role::{Optional, Required, Server};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Contact,
    ContactDetail,
    ContactDetailType,
    Animal,
    Species,
    Breed,
    Sex,
    Appointment,
    AppointmentStatus,
    AppointmentType,
    Resource,
    Consult,
    Vaccination,
}

/// How a field stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The record's own id, `"101"`.
    Id,
    /// Another record's id, `"66"`; `null` for none.
    Ref(Thing),
    /// Ids, `["3","7"]`; `[]` for none.
    Refs(Thing),
    /// At most so many characters; `""` for none.
    Text(usize),
    /// Texts of at most so many characters; `[]` for none.
    Texts(usize),
    /// One of a list; `""` for none.
    Word(&'static [&'static str]),
    /// Some of a list; `[]` for none.
    Words(&'static [&'static str]),
    /// `"0"` or `"1"`.
    FlagText,
    /// `0` or `1`.
    FlagNumber,
    /// Unix seconds, `"1384560000"`; `""` for none.
    EpochText,
    /// Unix seconds, `1795010400`; `null` for none.
    EpochNumber,
    /// A whole number within bounds, both included, in steps.
    Number { least: i64, most: i64, step: i64 },
    /// Not negative, two decimals, `"39.90"`; `""` for none.
    Decimal,
    /// `"08:00"`, in the practice's zone.
    Clock,
    /// An object of texts, **or `[]` where there is none**.
    Address,
    /// The contact's active details, embedded; written as a list that replaces them.
    Details,
}

/// Who fills a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The server alone.
    Server,
    /// The caller, or this word on creation; `""` is nothing.
    Optional(&'static str),
    /// The caller, on creation.
    Required,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) role: Role,
}

/// Every thing, by the word in its path.
pub(super) const THINGS: [(&str, Thing); 13] = [
    ("contact", Thing::Contact),
    ("contactdetail", Thing::ContactDetail),
    ("contactdetailtype", Thing::ContactDetailType),
    ("animal", Thing::Animal),
    ("species", Thing::Species),
    ("breed", Thing::Breed),
    ("sex", Thing::Sex),
    ("appointment", Thing::Appointment),
    ("appointmentstatus", Thing::AppointmentStatus),
    ("appointmenttype", Thing::AppointmentType),
    ("resource", Thing::Resource),
    ("consult", Thing::Consult),
    ("vaccination", Thing::Vaccination),
];

/// The members of an address.
pub(super) const ADDRESS: [&str; 7] =
    ["street_1", "street_2", "suburb", "city", "region", "post_code", "country_code"];

/// The kinds of service.
pub(super) const CATEGORIES: &[&str] = &["Veterinary", "Grooming", "Training"];
/// Monday is 1.
pub(super) const DAYS: &[&str] = &["1", "2", "3", "4", "5", "6", "7"];

impl Thing {
    pub(super) fn named(word: &str) -> Option<Self> {
        THINGS.iter().find(|(name, _)| *name == word).map(|&(_, thing)| thing)
    }

    /// As it stands in paths, scopes and around each item.
    pub(super) fn name(self) -> &'static str {
        THINGS.iter().find(|(_, thing)| *thing == self).map_or("", |(name, _)| name)
    }

    /// Whether anything but reading is offered.
    pub(super) fn writable(self) -> bool {
        !matches!(
            self,
            Self::ContactDetailType | Self::Species | Self::Breed | Self::Sex | Self::AppointmentStatus
        )
    }

    pub(super) fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Contact => CONTACT,
            Self::ContactDetail => CONTACT_DETAIL,
            Self::ContactDetailType | Self::Species => DICTIONARY,
            Self::Animal => ANIMAL,
            Self::Breed => BREED,
            Self::Sex => SEX,
            Self::Appointment => APPOINTMENT,
            Self::AppointmentStatus => DICTIONARY_NUMBERS,
            Self::AppointmentType => APPOINTMENT_TYPE,
            Self::Resource => RESOURCE,
            Self::Consult => CONSULT,
            Self::Vaccination => VACCINATION,
        }
    }
}

const fn field(name: &'static str, kind: Kind, role: Role) -> Field {
    Field { name, kind, role }
}

const NOTE: Kind = Text(4000);
const NAME: Kind = Text(100);

const CONTACT: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagText, Optional("1")),
    field("created_at", EpochText, Server),
    field("modified_at", EpochText, Server),
    field("code", Text(20), Server),
    field("first_name", NAME, Optional("")),
    // Needed unless the contact is a business, which needs a `business_name`.
    field("last_name", NAME, Optional("")),
    field("business_name", NAME, Optional("")),
    field("is_business", FlagText, Optional("0")),
    field("is_customer", FlagText, Optional("1")),
    field("is_supplier", FlagText, Optional("0")),
    field("is_vet", FlagText, Optional("0")),
    field("is_syndicate", FlagText, Optional("0")),
    field("is_staff_member", FlagText, Optional("0")),
    field("stop_credit", Word(&["No", "Yes"]), Optional("No")),
    field("contact_detail_list", Details, Optional("")),
    field("address_physical", Address, Optional("")),
    field("address_postal", Address, Optional("")),
    field("ownership_id", Text(10), Server),
    // (own)
    field("language", Word(&["en", "es"]), Optional("en")),
    field("preferred_contact_method", Word(&["Email", "SMS", "App"]), Optional("Email")),
    field("marketing_opt_in", FlagText, Optional("0")),
];

const CONTACT_DETAIL: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagText, Optional("1")),
    field("created_at", EpochText, Server),
    field("modified_at", EpochText, Server),
    field("contact_id", Ref(Thing::Contact), Required),
    field("contact_detail_type_id", Ref(Thing::ContactDetailType), Required),
    field("name", NAME, Optional("")),
    field("value", Text(254), Required),
    field("preferred", FlagText, Optional("0")),
];

const DICTIONARY: &[Field] =
    &[field("id", Id, Server), field("active", FlagText, Server), field("name", NAME, Server)];

const DICTIONARY_NUMBERS: &[Field] =
    &[field("id", Id, Server), field("active", FlagNumber, Server), field("name", NAME, Server)];

const BREED: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagText, Server),
    field("name", NAME, Server),
    field("species_id", Ref(Thing::Species), Server),
];

const SEX: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagText, Server),
    field("name", NAME, Server),
    field("code", Text(2), Server),
];

const ANIMAL: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagText, Optional("1")),
    field("created_at", EpochText, Server),
    field("modified_at", EpochText, Server),
    field("name", NAME, Required),
    field("code", Text(20), Server),
    // One id for sex and altered together; the last row of the dictionary says neither.
    field("sex_id", Ref(Thing::Sex), Optional("9")),
    field("is_dead", FlagText, Optional("0")),
    field("is_hostile", FlagText, Optional("0")),
    field("species_id", Ref(Thing::Species), Required),
    field("breed_id", Ref(Thing::Breed), Optional("")),
    field("microchip_number", Text(23), Optional("")),
    field("contact_id", Ref(Thing::Contact), Required),
    field("date_of_birth", EpochText, Optional("")),
    field("is_estimated_date_of_birth", FlagText, Optional("0")),
    field("date_of_death", EpochText, Optional("")),
    field("weight", Decimal, Optional("")),
    field("weight_unit", Word(&["kg", "lb"]), Optional("")),
    field("notes", NOTE, Optional("")),
];

const APPOINTMENT: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagNumber, Optional("1")),
    field("created_at", EpochNumber, Server),
    field("modified_at", EpochNumber, Server),
    field("start_at", EpochNumber, Required),
    // Minutes, in the bounds that the vendor gives a slot; on creation the type's own where it is left out.
    field("duration", Number { least: 10, most: 360, step: 5 }, Optional("")),
    field("type_id", Ref(Thing::AppointmentType), Required),
    field("status_id", Ref(Thing::AppointmentStatus), Optional("1")),
    field("description", NOTE, Optional("")),
    field("animal_id", Ref(Thing::Animal), Required),
    field("contact_id", Ref(Thing::Contact), Required),
    field("resource_list", Refs(Thing::Resource), Required),
    field("cancelled", FlagNumber, Optional("0")),
    field("cancellation_reason", Text(250), Optional("")),
];

const APPOINTMENT_TYPE: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagNumber, Optional("1")),
    field("created_at", EpochNumber, Server),
    field("modified_at", EpochNumber, Server),
    field("name", NAME, Required),
    field("default_duration", Number { least: 10, most: 360, step: 5 }, Required),
    // From here: (own)
    field("description", NOTE, Optional("")),
    field("category", Word(CATEGORIES), Required),
    field("price", Decimal, Required),
    field("currency", Word(&["USD"]), Optional("USD")),
    field("prerequisites", Texts(200), Optional("")),
    // Who does it.
    field("resource_list", Refs(Thing::Resource), Optional("")),
];

const RESOURCE: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagNumber, Optional("1")),
    field("created_at", EpochNumber, Server),
    field("modified_at", EpochNumber, Server),
    field("name", NAME, Required),
    field("type", Word(CATEGORIES), Required),
    field("access", Word(&["On Calendar", "Hidden"]), Optional("On Calendar")),
    field("ownership_id", Text(10), Server),
    // From here: (own)
    field("is_vet", FlagNumber, Optional("0")),
    field("email", Text(254), Optional("")),
    field("phone", Text(30), Optional("")),
    field("qualifications", Texts(200), Optional("")),
    field("service_areas", Texts(100), Optional("")),
    field("timezone", Text(40), Server),
    field("work_days", Words(DAYS), Optional("")),
    field("start_time", Clock, Optional("08:00")),
    field("end_time", Clock, Optional("17:00")),
];

const CONSULT: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagNumber, Optional("1")),
    field("created_at", EpochText, Server),
    field("modified_at", EpochText, Server),
    field("animal_id", Ref(Thing::Animal), Required),
    field("date", EpochText, Required),
    field("vet_id", Ref(Thing::Resource), Optional("")),
    // Why the animal came.
    field("description", Text(250), Optional("")),
    field("notes", NOTE, Optional("")),
];

const VACCINATION: &[Field] = &[
    field("id", Id, Server),
    field("active", FlagNumber, Optional("1")),
    field("created_at", EpochText, Server),
    field("modified_at", EpochText, Server),
    field("animal_id", Ref(Thing::Animal), Required),
    field("vet_id", Ref(Thing::Resource), Optional("")),
    field("product_name", NAME, Required),
    field("date_given", EpochNumber, Required),
    field("date_due", EpochNumber, Optional("")),
    field("lot", Text(40), Optional("")),
];

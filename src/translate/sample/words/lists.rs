//! The lists of words. They hold no rule; a list may grow, but then the samples of its names change.

pub const PLAIN: &[&str] = &[
    "amber", "birch", "cedar", "delta", "ember", "fern", "grove", "harbor", "iris", "juniper", "linden",
    "maple",
];

pub const GIVEN: &[&str] = &[
    "Maria", "James", "Aisha", "Noah", "Elena", "Daniel", "Priya", "Lucas", "Hannah", "Omar", "Grace",
    "Mateo", "Ingrid", "Samuel", "Yuki", "Clara",
];

pub const FAMILY: &[&str] = &[
    "Ortega", "Nguyen", "Walker", "Khan", "Larsen", "Silva", "Cohen", "Murphy", "Rossi", "Tanaka", "Bauer",
    "Reyes", "Foster", "Novak", "Okafor", "Dubois",
];

pub const STREETS: &[&str] = &[
    "Juniper Street",
    "Harbor Road",
    "Mill Lane",
    "Cedar Avenue",
    "Station Road",
    "Orchard Way",
    "Lake View Drive",
    "Church Street",
];

pub const SENTENCES: &[&str] = &[
    "Friendly with people, shy at first.",
    "Please call ahead before the visit.",
    "All well at the last visit.",
    "Prefers the morning.",
    "Handled with care; no concerns.",
    "Moved here last spring.",
    "Follow up in six months.",
    "Nothing unusual to report.",
];

/// The words that stand under a name, in lower case and without the plural's ending.
pub fn words(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "givenname" | "firstname" => GIVEN,
        "familyname" | "lastname" | "surname" => FAMILY,
        "name" | "nickname" | "label" => &[
            "Willow", "Atlas", "Juniper", "Milo", "Luna", "Oscar", "Bella", "Ziggy", "Nala", "Rocky",
            "Daisy", "Simba", "Hazel", "Pepper",
        ],
        "title" | "subject" | "headline" => {
            &["Annual check", "Welcome letter", "Blood panel", "First visit", "Summary"]
        }
        "city" | "town" => {
            &["Seattle", "Portland", "Denver", "Austin", "Boston", "Madison", "Tucson", "Oakland"]
        }
        "region" | "state" | "province" => &["WA", "OR", "CO", "TX", "MA", "WI", "AZ", "CA"],
        "country" => &["US", "CA", "MX", "GB", "DE", "FR", "ES", "JP"],
        "currency" => &["USD", "EUR", "GBP", "CAD"],
        "language" | "locale" | "lang" => &["en", "es", "de", "fr"],
        "timezone" => &["America/Los_Angeles", "America/New_York", "Europe/Madrid", "UTC"],
        "brand" => &["Visa", "Mastercard", "American Express", "Discover"],
        "species" => &["dog", "cat", "bird", "rabbit", "horse"],
        "primary" | "breed" => &[
            "Labrador Retriever",
            "Beagle",
            "Siamese",
            "Maine Coon",
            "Border Collie",
            "Domestic Shorthair",
            "Poodle",
        ],
        "secondary" => &["Poodle", "Terrier", "Shepherd", "Persian", "Spaniel"],
        "color" | "colour" => &["black", "white", "brown", "golden", "gray", "cream", "tan", "orange"],
        "sex" | "gender" => &["male", "female"],
        "relation" | "relationship" => &["relative", "neighbor", "friend", "vet"],
        "allergy" => &["penicillin", "chicken", "flea bites", "pollen"],
        "medication" => &["Carprofen", "Apoquel", "Prednisolone"],
        "dose" | "dosage" => &["25 mg twice a day", "5 mg once a day", "one tablet at night"],
        "status" => &["active", "inactive", "pending"],
        "type" | "kind" | "category" => &["standard", "basic", "premium"],
        "code" => &["A1", "B2", "C3", "D4"],
        "unit" => &["kg", "lb"],
        "tag" | "keyword" => &["new", "featured", "local", "seasonal"],
        "company" | "organization" | "organisation" => {
            &["Juniper & Co.", "Harbor Clinic", "Mill Lane Partners"]
        }
        "job" | "role" | "position" => &["manager", "assistant", "volunteer"],
        "contenttype" | "mediatype" | "mimetype" => &["image/jpeg", "image/png", "application/pdf"],
        "filename" | "file" => &["card.pdf", "photo.jpg", "report.pdf"],
        _ => return None,
    })
}

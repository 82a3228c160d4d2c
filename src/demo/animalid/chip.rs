//! A registered microchip and how it is printed. It checks nothing (`accept` does) and finds nothing (`store` does).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::signature::sha256_hex;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) id: u64,
    /// Fifteen digits.
    pub(super) identifier: String,
    pub(super) animal: Animal,
    /// Who keeps the animal; `None` where nobody has said so.
    pub(super) owner: Option<Owner>,
    pub(super) consent: Consent,
    /// `registered`, `transfer_pending`, `reported_missing`, `deceased` or `deregistered`.
    pub(super) status: &'static str,
    /// Unix seconds.
    pub(super) registered: i64,
    pub(super) implanter: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Animal {
    pub(super) id: u64,
    pub(super) nickname: String,
    pub(super) species_id: u64,
    pub(super) breed_id: Option<u64>,
    pub(super) sex_id: Option<u64>,
    /// `2013-11-16`.
    pub(super) birth_date: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) city: Option<String>,
    /// ISO 3166 alpha-2.
    pub(super) country: Option<String>,
}

/// What the owner lets the registry's partners show to others. The registry itself tells its partners all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Consent {
    pub(super) share_contact: bool,
    pub(super) share_medical: bool,
}

impl Chip {
    pub(super) fn print(&self) -> Value {
        let owner = self.owner.as_ref().map(|owner| {
            json!({
                "first_name": owner.first_name,
                "last_name": owner.last_name,
                "email": owner.email,
                "phone": owner.phone,
                "city": owner.city,
                "country": owner.country,
            })
        });
        json!({
            "id": self.id,
            "identifier": self.identifier,
            "animal": {
                "id": self.animal.id,
                "nickname": self.animal.nickname,
                "species_id": self.animal.species_id,
                "breed_id": self.animal.breed_id,
                "sex_id": self.animal.sex_id,
                "birth_date": self.animal.birth_date,
            },
            "owner": owner,
            "consent": {
                "share_contact": self.consent.share_contact,
                "share_medical": self.consent.share_medical,
            },
            "status": self.status,
            "registered_at": time(self.registered),
            "implanter": self.implanter,
        })
    }

    /// The entity tag of the chip's document, by [`etag`].
    pub(super) fn etag(&self) -> String {
        etag(&envelope(vec![self.print()]))
    }
}

/// Everything that the registry answers is a list, one record too.
pub(super) fn envelope(payload: Vec<Value>) -> Value {
    Value::Object(Map::from_iter([("payload".to_owned(), Value::Array(payload))]))
}

/// A strong entity tag (RFC 9110, 8.8.3): equal for equal documents only.
pub(super) fn etag(document: &Value) -> String {
    let digest = sha256_hex(document.to_string().as_bytes());
    format!("\"{}\"", digest.get(..32).unwrap_or(&digest))
}

/// Unix seconds as `2014-05-15T08:02:36+0000`: ISO 8601's basic offset, which RFC 3339 does not know.
pub(super) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

//! The resource `user`, to read only: the persons behind the accounts. Passwords, cards and the accounts of staff are
//! not shown to the service.

use serde_json::{Value, json};

use super::index::Direction::Descending;
use super::index::{Cell, May, Place, Table};
use super::query::Query;
use super::refusal::Refusal;
use super::store::{Store, User};

const TABLE: Table<User> = Table {
    name: "user",
    columns: &[
        ("uid", May::Filter, |user| Cell::id(user.uid)),
        ("name", May::Filter, |user| Cell::Text(&user.name)),
        ("mail", May::Filter, |user| Cell::Text(&user.person.email)),
        ("theme", May::Show, |_| Cell::Text("")),
        ("signature", May::Show, |_| Cell::Text("")),
        ("signature_format", May::Show, |_| Cell::Null),
        ("created", May::Filter, |user| Cell::Number(user.person.created_at)),
        ("access", May::Filter, |user| Cell::Number(user.person.updated_at)),
        ("login", May::Filter, |user| Cell::Number(user.person.updated_at)),
        ("status", May::Filter, |user| Cell::Number(i64::from(user.active()))),
        ("timezone", May::Show, |_| Cell::Text("America/Los_Angeles")),
        ("language", May::Filter, |user| Cell::Text(&user.person.language)),
        ("picture", May::Show, |_| Cell::Number(0)),
        ("init", May::Show, |user| Cell::Text(&user.person.email)),
        ("data", May::Show, |_| Cell::Null),
    ],
    order: &[("created", Descending)],
};

impl User {
    fn active(&self) -> bool {
        self.person.status == "active"
    }
}

pub(super) fn index(store: &Store, query: &Query, place: &Place<'_>) -> Result<Value, Refusal> {
    TABLE.list(store.users.values(), query, place)
}

/// A person. The address is one item of the module `addressfield`; emergency contacts are items of a field that the
/// site's own module made.
pub(super) fn retrieve(store: &Store, uid: &str) -> Result<Value, Refusal> {
    let user = uid.parse().ok().and_then(|id: u64| store.users.get(&id));
    let user = user.ok_or_else(|| Refusal::NoUser(uid.to_owned()))?;
    let person = &user.person;
    let value = |text: &str| json!({ "und": [{ "value": text }] });
    let contacts: Vec<Value> = person
        .emergency_contacts
        .iter()
        .map(|contact| json!({ "name": contact.name, "phone": contact.phone, "relation": contact.relation }))
        .collect();
    Ok(json!({
        "uid": user.uid.to_string(),
        "name": user.name,
        "mail": person.email,
        "theme": "",
        "signature": "",
        "signature_format": null,
        "created": person.created_at.to_string(),
        "access": person.updated_at.to_string(),
        "login": person.updated_at.to_string(),
        "status": if user.active() { "1" } else { "0" },
        "timezone": "America/Los_Angeles",
        "language": person.language,
        "picture": null,
        "data": false,
        "roles": { "2": "authenticated user" },
        "field_first_name": value(&person.given_name),
        "field_last_name": value(&person.family_name),
        "field_phone": value(&person.phone),
        "field_address": { "und": [{
            "country": person.country,
            "administrative_area": person.region,
            "locality": person.city,
            "postal_code": person.postal_code,
            "thoroughfare": person.street,
            "premise": "",
        }]},
        "field_preferred_channel": value(&person.preferred_channel),
        "field_marketing": value(if person.marketing { "1" } else { "0" }),
        "field_emergency_contacts": if contacts.is_empty() { json!([]) } else { json!({ "und": contacts }) },
    }))
}

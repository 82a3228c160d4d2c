//! Records as the API prints them: members in capitals, times as strings of unix seconds, weights as strings in pounds,
//! and several words for nothing. It decides nothing; what is dirty is dirty in `content`.

use serde_json::{Map, Value, json};

use super::content::{Animal, Event, Person};

/// Seconds in a month, the twelfth of a Gregorian year: an age is told in whole months.
const MONTH: i64 = 2_629_746;

/// One animal. `AssociatedPerson` is there only while somebody fosters it; `AdoptionFeeGroup` is `[]` for none.
pub(super) fn animal(animal: &Animal, now: i64) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("ID", json!(animal.public_id));
    put("Internal-ID", json!(animal.id.to_string()));
    put("Name", json!(animal.name));
    put("LitterGroupId", json!(animal.litter.map(|litter| litter.to_string())));
    put("Publish", json!(yes(animal.publish)));
    put("Type", json!(animal.kind));
    put("CurrentLocation", location(animal));
    put("Sex", json!(animal.sex));
    put("Status", json!(animal.status.name));
    put("InFoster", json!(animal.foster.is_some()));
    if let Some(foster) = &animal.foster {
        let person = json!({
            "FirstName": foster.first_name,
            "LastName": foster.last_name,
            "OutDateUnixTime": foster.since.to_string(),
            "RelationshipType": "foster",
        });
        put("AssociatedPerson", person);
    }
    put("CurrentWeightPounds", json!(animal.pounds));
    put("Size", json!(animal.size));
    put("Altered", json!(animal.altered));
    put("DOBUnixTime", json!(animal.born.map(|born| born.to_string())));
    put("Age", json!(animal.born.map(|born| (now.saturating_sub(born) / MONTH).max(0))));
    put("CoverPhoto", json!(animal.cover));
    put("Photos", json!(animal.photos));
    put("Videos", videos(animal.video.as_deref()));
    put("Breed", json!(animal.breed));
    put("Color", json!(animal.color));
    put("Pattern", json!(animal.pattern));
    put("AdoptionFeeGroup", fee(animal));
    put("Description", json!(animal.description));
    put("PreviousIds", previous(animal));
    put("Microchips", microchips(animal));
    put("LastIntakeUnixTime", json!(animal.intake.to_string()));
    let attributes: Vec<Value> = animal
        .attributes
        .iter()
        .map(|of| {
            json!({
                "Internal-ID": of.id.to_string(),
                "AttributeName": of.name,
                "Publish": yes(of.publish),
            })
        })
        .collect();
    put("Attributes", Value::Array(attributes));
    put("LastUpdatedUnixTime", json!(animal.updated.to_string()));
    Value::Object(members)
}

fn yes(publish: bool) -> &'static str {
    if publish { "Yes" } else { "No" }
}

/// `null` out of custody; the second tier only where the shelter has one.
fn location(animal: &Animal) -> Value {
    match animal.location {
        None => Value::Null,
        Some((building, "")) => json!({"Tier1": building}),
        Some((building, room)) => json!({"Tier1": building, "Tier2": room}),
    }
}

fn videos(video: Option<&str>) -> Value {
    let Some(id) = video else { return json!([]) };
    json!([{
        "VideoId": id,
        "EmbedUrl": format!("https://video.example/embed/{id}"),
        "YoutubeUrl": format!("https://video.example/watch?v={id}"),
        "ThumbUrl": format!("https://video.example/thumb/{id}.jpg"),
    }])
}

fn fee(animal: &Animal) -> Value {
    let Some(fee) = animal.fee else { return json!([]) };
    json!({"Id": fee.id, "Name": fee.name, "Price": fee.price, "Discount": 0, "Tax": 0})
}

fn previous(animal: &Animal) -> Value {
    let print = |&(id, shelter, kind): &(u64, &str, &str)| json!({"IdValue": format!("A{id}"), "IssuingShelter": shelter, "Type": kind});
    animal.previous.iter().map(print).collect()
}

fn microchips(animal: &Animal) -> Value {
    let print = |chip: &super::content::Microchip| {
        let implanted = chip.implanted.map(|time| time.to_string()).unwrap_or_default();
        json!({"Id": chip.id, "Issuer": chip.issuer, "ImplantUnixTime": implanted})
    };
    animal.microchips.iter().map(print).collect()
}

/// One event; `Subtype` is `""` where the shelter has none.
pub(super) fn event(event: &Event) -> Value {
    let mut records = vec![json!({"Type": "Animal", "Id": event.animal.to_string()})];
    if let Some(person) = event.person {
        records.push(json!({"Type": "Person", "Id": person.to_string()}));
    }
    json!({
        "Type": event.kind,
        "Subtype": event.subtype,
        "Time": event.time.to_string(),
        "User": event.user,
        "AssociatedRecords": records,
    })
}

/// One person; the names run together (`Firstname`) as in the vendor's answer, unlike those of `AssociatedPerson`.
pub(super) fn person(person: &Person) -> Value {
    let animals: Vec<String> = person.animals.iter().map(u64::to_string).collect();
    json!({
        "ID": person.public_id,
        "Internal-ID": person.id.to_string(),
        "Firstname": person.first_name,
        "Lastname": person.last_name,
        "Email": person.email,
        "Phone": person.phone,
        "Street": person.street,
        "Apartment": "",
        "City": person.city,
        "State": person.state,
        "Zip": person.zip,
        "Animal_ids": animals,
        "LastUpdatedUnixTime": person.updated.to_string(),
    })
}

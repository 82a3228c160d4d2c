//! A new pet by hand: what is sent is read into borrowed structs, checked, sent on in Drupal's form, and read back.

use super::{Refusal, Service, id, json, pets};
use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{borrow::Cow, sync::Arc};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent<'a> {
    #[serde(borrow)]
    owner_id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    species: &'a str,
    #[serde(borrow)]
    breed: Option<Breed<'a>>,
    sex: Option<&'a str>,
    altered: Option<bool>,
    birth_date: Option<&'a str>,
    #[serde(default)]
    birth_date_estimated: bool,
    #[serde(borrow)]
    weight: Option<Weight<'a>>,
    #[serde(borrow, default)]
    colors: Vec<Cow<'a, str>>,
    microchip: Option<&'a str>,
    #[serde(borrow)]
    behavior_notes: Option<Cow<'a, str>>,
    status: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Breed<'a> {
    #[serde(borrow)]
    primary: Cow<'a, str>,
    #[serde(borrow)]
    secondary: Option<Cow<'a, str>>,
    #[serde(default)]
    mixed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weight<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    unit: &'a str,
}

#[derive(Serialize)]
struct Node<'a> {
    r#type: &'static str,
    uid: &'a str,
    title: &'a str,
    field_species: Und<Tid<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_breed_primary: Option<Und<Target<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_breed_secondary: Option<Und<Target<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_breed_mix: Option<Und<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_gender: Option<Und<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_altered: Option<Und<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_birthday: Option<Und<Value<'a>>>,
    field_birthday_estimated: Und<Value<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_weight_value: Option<Und<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_weight_unit: Option<Und<Value<'a>>>,
    field_colors: Items<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_microchip: Option<Und<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_behavior_notes: Option<Und<Value<'a>>>,
    field_pet_status: Und<Value<'a>>,
}

#[derive(Serialize)]
struct Und<T> {
    und: [T; 1],
}

#[derive(Serialize)]
struct Items<'a> {
    und: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    value: Cow<'a, str>,
}

#[derive(Serialize)]
struct Tid<'a> {
    tid: &'a str,
}

#[derive(Serialize)]
struct Target<'a> {
    target_id: &'a str,
}

#[derive(Deserialize)]
struct Made<'a> {
    nid: &'a str,
}

fn value<'a>(text: impl Into<Cow<'a, str>>) -> Und<Value<'a>> {
    Und { und: [Value { value: text.into() }] }
}

/// The key of a term by what it is outside. There are few: a search is as fast as a table.
fn key<'a>(terms: &'a pets::Terms, meaning: &str) -> Result<&'a str, Refusal> {
    let found = terms.iter().find(|(_, known)| ***known == *meaning);
    found.map(|(key, _)| &**key).ok_or(Refusal::Wrong("there is no such term"))
}

pub async fn create(State(service): State<Arc<Service>>, body: Bytes) -> Result<impl IntoResponse, Refusal> {
    let sent: Sent<'_> = serde_json::from_slice(&body).map_err(|_| Refusal::Wrong("this is no pet"))?;
    check(&sent)?;
    let target = |name: &Cow<'_, str>| {
        Ok::<_, Refusal>(Und { und: [Target { target_id: key(&service.breeds, name)? }] })
    };
    let node = Node {
        r#type: "pet",
        uid: &sent.owner_id,
        title: &sent.name,
        field_species: Und { und: [Tid { tid: key(&service.species, sent.species)? }] },
        field_breed_primary: sent.breed.as_ref().map(|b| target(&b.primary)).transpose()?,
        field_breed_secondary: match sent.breed.as_ref().and_then(|b| b.secondary.as_ref()) {
            Some(name) => Some(target(name)?),
            None => None,
        },
        field_breed_mix: sent.breed.as_ref().map(|b| value(if b.mixed { "1" } else { "0" })),
        field_gender: sent.sex.map(|sex| value(if sex == "male" { "Male" } else { "Female" })),
        field_altered: sent.altered.map(|yes| value(if yes { "Yes" } else { "No" })),
        field_birthday: sent.birth_date.map(|date| value(format!("{date} 00:00:00"))),
        field_birthday_estimated: value(if sent.birth_date_estimated { "1" } else { "0" }),
        field_weight_value: sent.weight.as_ref().map(|w| value(w.value.get())),
        field_weight_unit: sent.weight.as_ref().map(|w| value(w.unit)),
        field_colors: Items {
            und: sent.colors.iter().map(|c| Value { value: Cow::Borrowed(&**c) }).collect(),
        },
        field_microchip: sent.microchip.map(value),
        field_behavior_notes: sent.behavior_notes.as_deref().map(value),
        field_pet_status: value(sent.status.unwrap_or("active")),
    };
    let request = service.client.post(format!("{}/rest/node.json", service.backend));
    let request = request.header(header::CONTENT_TYPE, "application/json").body(serde_json::to_vec(&node)?);
    let made = request.send().await?.bytes().await?;
    let made: Made<'_> = serde_json::from_slice(&made)?;
    let key = id(made.nid)?;
    let read = service.fetch(&format!("/rest/node/{key}.json")).await?;
    let location = format!("/v1/pets/{key}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], json(pets::record(&read, service.around())?)))
}

/// What the contract says beyond types.
fn check(sent: &Sent<'_>) -> Result<(), Refusal> {
    let fine = !sent.owner_id.is_empty()
        && (1..=80).contains(&sent.name.chars().count())
        && ["dog", "cat", "bird", "rabbit", "horse", "other"].contains(&sent.species)
        && sent.sex.is_none_or(|sex| sex == "male" || sex == "female")
        && sent.birth_date.is_none_or(|date| date.parse::<jiff::civil::Date>().is_ok())
        && sent.weight.as_ref().is_none_or(weight)
        && sent.colors.len() <= 3
        && sent.microchip.is_none_or(|chip| chip.len() == 15 && chip.bytes().all(|b| b.is_ascii_digit()))
        && sent.behavior_notes.as_ref().is_none_or(|notes| (1..=4000).contains(&notes.chars().count()))
        && sent.status.is_none_or(|s| ["active", "lost", "deceased", "inactive"].contains(&s));
    fine.then_some(()).ok_or(Refusal::Wrong("this is no pet"))
}

fn weight(weight: &Weight<'_>) -> bool {
    let digits = weight.value.get();
    let places = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    digits.parse::<f64>().is_ok_and(|value| value > 0.0) && places <= 2 && ["kg", "lb"].contains(&weight.unit)
}

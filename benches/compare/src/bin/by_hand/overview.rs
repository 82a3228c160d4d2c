//! Four parts of one answer by hand: the pet and then its owner, and its visits and notes at the same time.

use super::{Refusal, Service, id, json, pets, pets::First};
use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::Arc};

#[derive(Deserialize)]
struct Node<'a> {
    nid: &'a str,
    uid: &'a str,
    #[serde(borrow)]
    title: Cow<'a, str>,
    #[serde(borrow, default)]
    field_species: pets::Field<First<pets::Term<'a>>>,
    #[serde(default)]
    field_gender: pets::Field<First<pets::Of<pets::Gender>>>,
    #[serde(borrow, default)]
    field_birthday: pets::Field<First<pets::Item<'a>>>,
    #[serde(default)]
    field_pet_status: pets::Field<First<pets::Of<pets::Status>>>,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    mail: Cow<'a, str>,
    #[serde(borrow)]
    field_phone: Field<'a>,
}

#[derive(Deserialize)]
struct Field<'a> {
    #[serde(borrow)]
    und: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct VisitNode<'a> {
    #[serde(borrow)]
    field_kind: Field<'a>,
    #[serde(borrow)]
    field_at: Field<'a>,
    #[serde(borrow)]
    field_minutes: Field<'a>,
}

#[derive(Deserialize)]
struct NoteNode<'a> {
    #[serde(borrow)]
    title: Cow<'a, str>,
    created: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Overview<'a> {
    pet_id: &'a str,
    pet: Pet<'a>,
    owner: Owner<'a>,
    visits: Vec<Visit<'a>>,
    notes: Vec<Note<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pet<'a> {
    name: &'a str,
    species: &'a str,
    sex: Option<&'static str>,
    birth_date: Option<&'a str>,
    status: pets::Status,
}

#[derive(Serialize)]
struct Owner<'a> {
    name: &'a str,
    email: &'a str,
    phone: Option<&'a str>,
}

#[derive(Serialize)]
struct Visit<'a> {
    kind: &'a str,
    at: pets::Brief,
    minutes: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Note<'a> {
    text: &'a str,
    written_at: pets::Brief,
}

impl Field<'_> {
    fn first(&self) -> Option<&str> {
        self.und.first().map(|item| &*item.value)
    }
}

pub async fn overview(
    State(service): State<Arc<Service>>,
    Path(key): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let key = id(&key)?;
    let below =
        |name| service.fetch_owned(format!("/rest/views/{name}.json?pet={key}&sort=asc&offset=0&limit=5"));
    let read = async {
        let node = service.fetch(&format!("/rest/node/{key}.json")).await?;
        let uid = serde_json::from_str::<Node<'_>>(&node)?.uid;
        let user = service.fetch(&format!("/rest/user/{}.json", id(uid)?)).await?;
        Ok::<_, Refusal>((node, user))
    };
    let ((node, user), visits, notes) = futures_util::try_join!(read, below("visits"), below("notes"))?;
    let node: Node<'_> = serde_json::from_str(&node)?;
    let user: User<'_> = serde_json::from_str(&user)?;
    let visits: Vec<VisitNode<'_>> = serde_json::from_str(&visits)?;
    let notes: Vec<NoteNode<'_>> = serde_json::from_str(&notes)?;
    let overview = Overview {
        pet_id: node.nid,
        pet: pet(&node, &service.species)?,
        owner: Owner { name: &user.name, email: &user.mail, phone: user.field_phone.first() },
        visits: visits.iter().map(visit).collect::<Result<_, Refusal>>()?,
        notes: notes
            .iter()
            .map(|note| Ok(Note { text: &note.title, written_at: pets::time(note.created)? }))
            .collect::<Result<_, Refusal>>()?,
    };
    Ok(json(serde_json::to_vec(&overview)?))
}

fn pet<'a>(node: &'a Node<'a>, species: &'a pets::Terms) -> Result<Pet<'a>, Refusal> {
    let known = node.field_species.0.0.as_ref().ok_or(Refusal::Behind)?;
    Ok(Pet {
        name: &node.title,
        species: pets::term(species, known.tid)?,
        sex: node.field_gender.0.0.as_ref().map(|sex| match sex.value {
            pets::Gender::Male => "male",
            pets::Gender::Female => "female",
        }),
        birth_date: node.field_birthday.0.0.as_ref().map(pets::birthday).transpose()?.map(|(text, _)| text),
        status: node.field_pet_status.0.0.as_ref().map_or(pets::Status::Active, |status| status.value),
    })
}

fn visit<'a>(node: &'a VisitNode<'a>) -> Result<Visit<'a>, Refusal> {
    let kind = match node.field_kind.first() {
        Some("C") => "checkup",
        Some("G") => "grooming",
        Some("S") => "surgery",
        Some("V") => "vaccination",
        _ => return Err(Refusal::Behind),
    };
    let at = pets::time(node.field_at.first().ok_or(Refusal::Behind)?)?;
    Ok(Visit { kind, at, minutes: node.field_minutes.first().and_then(|text| text.parse().ok()) })
}

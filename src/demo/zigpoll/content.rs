//! The surveys that the account begins with, and the answers to them, drawn from streams of their own. What is awkward
//! in them is so on purpose:
//!
//! - two surveys were made in the same millisecond, so that the time alone is no order;
//! - before 2024 the widget stored a rating as a text, `"4"`, and a skipped question as `""` instead of leaving it out;
//! - a few answers belong to a question that has been taken out of its survey since;
//! - some surveys were never answered, and one so often that its answers fill several pages.

use serde_json::{Value, json};

use super::store::{Answered, Draft, Question, Store, Survey};
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Customer, Seed};

/// Tell these streams of draws from those of the seed, which are 1 and 2.
const SURVEY: u64 = 81;
const ANSWER: u64 = 82;

const SURVEYS: u64 = 57;
/// 2022-03-01T00:00:00Z, when the company began with the partner.
const BEGAN: i64 = 1_646_092_800;
/// 2026-10-15T00:00:00Z: no survey was made later.
const LAST: i64 = 1_792_022_400;
/// 2026-10-31T00:00:00Z: no answer came later.
const LAST_ANSWER: i64 = 1_793_404_800;
/// 2024-01-01T00:00:00Z, when the widget began to store ratings as numbers.
const NUMBERS: i64 = 1_704_067_200;
/// The survey that everybody was asked, and how many answered.
const POPULAR: u64 = 12;
const ANSWERS: u64 = 63;
/// Made by one script in one go.
const TOGETHER: (u64, u64) = (30, 31);
/// Appointments are numbered by the practice.
const APPOINTMENTS: (u64, u64) = (1, 300);

const AFTER: [&str; 6] = [
    "How was your visit?",
    "Your groomer today",
    "Was the waiting time all right?",
    "¿Cómo le fue a su mascota?",
    "Dr. O'Neill & team: how did we do?",
    "How is the wound healing? 🐾",
];
const ANY_TIME: [&str; 5] = [
    "Do you like the app?",
    "What should we offer next?",
    "Tell us about \"home visits\"",
    "Opening hours <Saturday>",
    "Newsletter / reminders",
];
const QUESTIONS: [(&str, &str); 7] = [
    ("How satisfied are you?", "rating"),
    ("Would you recommend us?", "yes_no"),
    ("How friendly was the team?", "rating"),
    ("Anything else?", "text"),
    ("Was your pet calm afterwards?", "yes_no"),
    ("What did you miss?", "text"),
    ("How clean was it?", "rating"),
];
const TEXTS: [&str; 7] = [
    "All fine, thank you!",
    "The waiting room was loud.",
    "São Paulo needs a practice too",
    "10/10, would bring the cat again",
    "Price went up from $39.90 to $50.00?!",
    "First line\nsecond line",
    "No \"thank you\" at the desk; \\o/",
];

pub(super) fn store(seed: &Seed) -> Store {
    let mut store = Store::default();
    let mut surveys: Vec<(i64, u64, Draft)> =
        (1..=SURVEYS).map(|number| survey(number, &seed.customers)).collect();
    let second = surveys.iter().find(|(_, number, _)| *number == TOGETHER.0).map(|(at, ..)| *at);
    for survey in surveys.iter_mut().filter(|(_, number, _)| *number == TOGETHER.1) {
        survey.0 = second.unwrap_or(survey.0);
    }
    surveys.sort_by_key(|(at, number, _)| (*at, *number));
    for (created_at, number, draft) in surveys {
        let id = store.next_id(created_at / 1000);
        answer(&mut store, number, &id, created_at, &draft, &seed.customers);
        let mut draw = Draw::of(SURVEY, number + SURVEYS);
        let updated_at =
            if draw.chance(60) { created_at } else { draw.moment(created_at, LAST_ANSWER * 1000) };
        store.surveys.push(Survey { id, created_at, updated_at, draft });
    }
    store
}

fn survey(number: u64, customers: &[Customer]) -> (i64, u64, Draft) {
    let mut draw = Draw::of(SURVEY, number);
    let post_service = number != POPULAR && draw.chance(65);
    let created_at = draw.moment(BEGAN * 1000, LAST * 1000);
    let first = draw.below(QUESTIONS.len() as u64);
    let count = draw.between(1, 4);
    let question = |at: u64| {
        let place = usize::try_from((first + at) % QUESTIONS.len() as u64).unwrap_or_default();
        let (text, kind) = QUESTIONS.get(place).copied().unwrap_or_default();
        Question { id: format!("q{}", at + 1), text: text.to_owned(), kind: kind.to_owned() }
    };
    let draft = Draft {
        title: draw.pick(if post_service { &AFTER[..] } else { &ANY_TIME[..] }).to_owned(),
        kind: if post_service { "post_service" } else { "standing" }.to_owned(),
        customer_id: someone(customers, &mut draw),
        appointment_id: post_service.then(|| draw.between(APPOINTMENTS.0, APPOINTMENTS.1).to_string()),
        questions: (0..count).map(question).collect(),
        active: draw.chance(70),
    };
    (created_at, number, draft)
}

fn someone(customers: &[Customer], draw: &mut Draw) -> String {
    let at = usize::try_from(draw.below(customers.len() as u64)).unwrap_or_default();
    customers.get(at).map(|customer| customer.id.clone()).unwrap_or_default()
}

/// The answers to one survey. One that follows a service is answered by its customer, once or not at all.
fn answer(
    store: &mut Store,
    number: u64,
    survey_id: &str,
    created_at: i64,
    draft: &Draft,
    customers: &[Customer],
) {
    let mut draw = Draw::of(ANSWER, number);
    let count = match draft.kind.as_str() {
        _ if number == POPULAR => ANSWERS,
        "post_service" => draw.below(2),
        _ => draw.below(9),
    };
    for _ in 0..count {
        let own = draft.appointment_id.is_some();
        let customer_id = if own { draft.customer_id.clone() } else { someone(customers, &mut draw) };
        let submitted_at = draw.moment(created_at, LAST_ANSWER * 1000);
        let old = submitted_at < NUMBERS * 1000;
        let mut answers: Vec<(String, Value)> = draft
            .questions
            .iter()
            .filter_map(|question| Some((question.id.clone(), value(question, old, &mut draw)?)))
            .collect();
        if draw.chance(4) {
            answers.push(("q9".to_owned(), json!(draw.pick(&TEXTS))));
        }
        let id = store.next_id(submitted_at / 1000);
        store.responses.push(Answered {
            id,
            survey_id: survey_id.to_owned(),
            customer_id,
            submitted_at,
            answers,
        });
    }
}

/// What somebody answered; `None` where the question was skipped.
fn value(question: &Question, old: bool, draw: &mut Draw) -> Option<Value> {
    let skipped = draw.chance(12);
    let stars = draw.between(1, 5);
    let (yes, text) = (draw.chance(75), draw.pick(&TEXTS));
    match question.kind.as_str() {
        _ if skipped => old.then(|| json!("")),
        "rating" if old => Some(json!(stars.to_string())),
        "rating" => Some(json!(stars)),
        "yes_no" => Some(json!(yes)),
        _ => Some(json!(text)),
    }
}

//! What the account holds, in memory: surveys and the answers to them, newest first. It validates no form (`form` does)
//! and knows no HTTP.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::ids;
use super::paging::page;
use super::query::Query;
use super::refusal::{Problem, Refusal};

/// So many surveys at most, as the account's plan has it.
const MOST_SURVEYS: usize = 5_000;

#[derive(Debug, Default)]
pub(super) struct Store {
    /// In the order of their making.
    pub(super) surveys: Vec<Survey>,
    /// In the order of their coming.
    pub(super) responses: Vec<Answered>,
    /// For the last bytes of the next id.
    pub(super) count: u32,
}

/// What a form says of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) title: String,
    /// `post_service` or `standing`.
    pub(super) kind: String,
    pub(super) customer_id: String,
    /// Of a `post_service` only.
    pub(super) appointment_id: Option<String>,
    pub(super) questions: Vec<Question>,
    pub(super) active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// Unique in its survey.
    pub(super) id: String,
    pub(super) text: String,
    /// One of [`super::form::TYPES`].
    pub(super) kind: String,
}

#[derive(Debug)]
pub(super) struct Survey {
    pub(super) id: String,
    /// Epoch milliseconds.
    pub(super) created_at: i64,
    /// Epoch milliseconds, not before `created_at`.
    pub(super) updated_at: i64,
    pub(super) draft: Draft,
}

/// One customer's answers to one survey.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) id: String,
    pub(super) survey_id: String,
    pub(super) customer_id: String,
    /// Epoch milliseconds.
    pub(super) submitted_at: i64,
    /// The question's id, and a number, a text, a truth or nothing.
    pub(super) answers: Vec<(String, Value)>,
}

impl Store {
    pub(super) fn surveys(&self, query: &Query) -> Result<Value, Refusal> {
        let mut rows: Vec<&Survey> = self.surveys.iter().collect();
        rows.sort_by_key(|survey| Reverse((survey.created_at, &survey.id)));
        page("surveys", "surveys", &rows, query, |survey| &survey.id, Survey::json)
    }

    /// The survey with this id, which came in `field`.
    pub(super) fn survey(&self, id: &str, field: &'static str) -> Result<&Survey, Refusal> {
        if !ids::formed(id) {
            let problem = Problem::of(field, "invalid_id", format!("{field} is not a valid id."));
            return Err(Refusal::Invalid(vec![problem]));
        }
        self.surveys.iter().find(|survey| survey.id == id).ok_or(Refusal::NoSurvey(field))
    }

    /// The answers to one survey; there is no list of all.
    pub(super) fn responses(&self, query: &Query) -> Result<Value, Refusal> {
        let id = query.get("surveyId").ok_or_else(|| {
            Refusal::Invalid(vec![Problem::of("surveyId", "required", "surveyId is required.")])
        })?;
        let survey = self.survey(id, "surveyId")?;
        let mut rows: Vec<&Answered> =
            self.responses.iter().filter(|one| one.survey_id == survey.id).collect();
        rows.sort_by_key(|one| Reverse((one.submitted_at, &one.id)));
        page("responses", &format!("responses {id}"), &rows, query, |one| &one.id, Answered::json)
    }

    /// Keeps a survey; its id, or `None` when the account is full. `now` is unix seconds.
    pub(super) fn add(&mut self, draft: Draft, now: i64) -> Option<String> {
        if self.surveys.len() >= MOST_SURVEYS {
            return None;
        }
        let id = self.next_id(now);
        let at = now.saturating_mul(1000);
        self.surveys.push(Survey { id: id.clone(), created_at: at, updated_at: at, draft });
        Some(id)
    }

    /// The id of something made in this second.
    pub(super) fn next_id(&mut self, seconds: i64) -> String {
        self.count = self.count.wrapping_add(1);
        ids::id(seconds, self.count)
    }
}

impl Survey {
    pub(super) fn json(&self) -> Value {
        let draft = &self.draft;
        let question =
            |question: &Question| json!({ "id": question.id, "text": question.text, "type": question.kind });
        let mut object = json!({
            "id": self.id,
            "title": draft.title,
            "kind": draft.kind,
            "customerId": draft.customer_id,
        });
        if let Value::Object(members) = &mut object {
            // Absent, not null, where the survey follows no appointment.
            if let Some(appointment) = &draft.appointment_id {
                members.insert("appointmentId".to_owned(), json!(appointment));
            }
            members.insert("questions".to_owned(), draft.questions.iter().map(question).collect());
            members.insert("active".to_owned(), json!(draft.active));
            members.insert("createdAt".to_owned(), json!(self.created_at));
            members.insert("updatedAt".to_owned(), json!(self.updated_at));
        }
        object
    }
}

impl Answered {
    fn json(&self) -> Value {
        let answer = |(id, value): &(String, Value)| json!({ "questionId": id, "value": value });
        json!({
            "id": self.id,
            "surveyId": self.survey_id,
            "customerId": self.customer_id,
            "submittedAt": self.submitted_at,
            "answers": self.answers.iter().map(answer).collect::<Vec<_>>(),
        })
    }
}

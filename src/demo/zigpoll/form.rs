//! The form of a new survey: what is required, how long it may be, and all that is wrong at once. A member that the
//! partner does not know is passed over.

use serde_json::Value;

use super::refusal::{Problem, Refusal};
use super::store::{Draft, Question};

/// What a question may ask for: 1 to 5, a text, or yes and no.
pub(super) const TYPES: [&str; 3] = ["rating", "text", "yes_no"];
pub(super) const KINDS: [&str; 2] = ["post_service", "standing"];
/// In characters.
const LONGEST_TITLE: usize = 200;
const LONGEST_TEXT: usize = 500;
const LONGEST_ID: usize = 64;
const MOST_QUESTIONS: usize = 20;

/// The survey that a form describes.
pub(super) fn draft(form: &Value) -> Result<Draft, Refusal> {
    let mut problems = Vec::new();
    if !form.is_object() {
        let message = "The body must be an object.".to_owned();
        return Err(Refusal::Invalid(vec![Problem { code: "invalid_type", message, field: None }]));
    }
    let title = text(form, "title", "title", LONGEST_TITLE, &mut problems);
    let kind = choice(form, "kind", "kind", &KINDS, &mut problems);
    let customer_id = text(form, "customerId", "customerId", LONGEST_ID, &mut problems);
    let appointment_id = appointment(form, &kind, &mut problems);
    let questions = questions(form, &mut problems);
    let active = match form.get("active") {
        None => true,
        Some(Value::Bool(active)) => *active,
        Some(_) => {
            problems.push(Problem::of("active", "invalid_type", "active must be true or false."));
            false
        }
    };
    if problems.is_empty() {
        Ok(Draft { title, kind, customer_id, appointment_id, questions, active })
    } else {
        Err(Refusal::Invalid(problems))
    }
}

/// A survey after a service names its appointment, and no other does.
fn appointment(form: &Value, kind: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let given = form.get("appointmentId").filter(|given| !given.is_null());
    match (kind, given) {
        ("standing", Some(_)) => {
            let message = "A standing survey belongs to no appointment.";
            problems.push(Problem::of("appointmentId", "not_allowed", message));
            None
        }
        ("post_service", _) | (_, Some(_)) => {
            Some(text(form, "appointmentId", "appointmentId", LONGEST_ID, problems))
        }
        _ => None,
    }
}

fn questions(form: &Value, problems: &mut Vec<Problem>) -> Vec<Question> {
    let given = match form.get("questions") {
        Some(Value::Array(given)) if (1..=MOST_QUESTIONS).contains(&given.len()) => given,
        None | Some(Value::Null) => {
            problems.push(Problem::of("questions", "required", "questions is required."));
            return Vec::new();
        }
        Some(_) => {
            let message = format!("questions must be an array of 1 to {MOST_QUESTIONS} questions.");
            problems.push(Problem::of("questions", "invalid_length", message));
            return Vec::new();
        }
    };
    let mut questions: Vec<Question> = Vec::new();
    for (at, question) in given.iter().enumerate() {
        let place = |member: &str| format!("questions[{at}].{member}");
        let id = match question.get("id") {
            None | Some(Value::Null) => format!("q{}", at + 1),
            Some(_) => text(question, "id", &place("id"), LONGEST_ID, problems),
        };
        if questions.iter().any(|known| known.id == id && !id.is_empty()) {
            problems.push(Problem::of(place("id"), "duplicate", format!("There are two questions {id}.")));
        }
        let text = text(question, "text", &place("text"), LONGEST_TEXT, problems);
        let kind = choice(question, "type", &place("type"), &TYPES, problems);
        questions.push(Question { id, text, kind });
    }
    questions
}

/// A text that is not blank; an empty one, and a problem, where it is.
fn text(of: &Value, name: &str, field: &str, longest: usize, problems: &mut Vec<Problem>) -> String {
    let problem = match of.get(name) {
        None | Some(Value::Null) => Problem::of(field, "required", format!("{field} is required.")),
        Some(Value::String(text)) if text.trim().is_empty() => {
            Problem::of(field, "required", format!("{field} must not be blank."))
        }
        Some(Value::String(text)) if text.chars().count() > longest => {
            let message = format!("{field} must not be longer than {longest} characters.");
            Problem::of(field, "too_long", message)
        }
        Some(Value::String(text)) => return text.clone(),
        Some(_) => Problem::of(field, "invalid_type", format!("{field} must be a string.")),
    };
    problems.push(problem);
    String::new()
}

fn choice(of: &Value, name: &str, field: &str, words: &[&str], problems: &mut Vec<Problem>) -> String {
    match of.get(name) {
        None | Some(Value::Null) => {
            problems.push(Problem::of(field, "required", format!("{field} is required.")));
        }
        Some(Value::String(word)) if words.contains(&word.as_str()) => return word.clone(),
        Some(_) => {
            let message = format!("{field} must be one of: {}.", words.join(", "));
            problems.push(Problem::of(field, "invalid_value", message));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Refusal, draft};

    fn form() -> Value {
        json!({
            "title": "How was it?", "kind": "post_service", "customerId": "66", "appointmentId": "7",
            "questions": [{"text": "Stars?", "type": "rating"}],
        })
    }

    /// The fields and codes that a form with this change is refused for.
    fn check(member: &str, value: Value, expected: &[(&str, &str)]) {
        let mut form = form();
        form[member] = value;
        let found = match draft(&form) {
            Ok(_) => Vec::new(),
            Err(Refusal::Invalid(problems)) => problems,
            Err(other) => panic!("{other:?}"),
        };
        let found: Vec<(&str, &str)> =
            found.iter().map(|problem| (problem.field.as_deref().unwrap_or("-"), problem.code)).collect();
        assert_eq!(found, expected, "{form}");
    }

    #[test]
    fn a_form_becomes_a_draft() {
        let draft = draft(&form()).unwrap();
        assert_eq!((draft.questions[0].id.as_str(), draft.active), ("q1", true));
        assert_eq!(draft.appointment_id.as_deref(), Some("7"));
        check("unknown", json!({}), &[]);
        check("active", json!(false), &[]);
    }

    #[test]
    fn each_member_has_its_rules() {
        check("title", json!(" "), &[("title", "required")]);
        check("title", json!(5), &[("title", "invalid_type")]);
        check("title", json!("x".repeat(201)), &[("title", "too_long")]);
        check("kind", json!("yearly"), &[("kind", "invalid_value")]);
        check("kind", json!("standing"), &[("appointmentId", "not_allowed")]);
        check("appointmentId", json!(null), &[("appointmentId", "required")]);
        check("customerId", json!(66), &[("customerId", "invalid_type")]);
        check("active", json!("yes"), &[("active", "invalid_type")]);
        check("questions", json!(null), &[("questions", "required")]);
        check("questions", json!([]), &[("questions", "invalid_length")]);
        check("questions", json!({}), &[("questions", "invalid_length")]);
        let two = json!([{"id": "a", "text": "?", "type": "text"}, {"id": "a", "type": "essay"}]);
        check(
            "questions",
            two,
            &[
                ("questions[1].id", "duplicate"),
                ("questions[1].text", "required"),
                ("questions[1].type", "invalid_value"),
            ],
        );
        check(
            "questions",
            json!(["?"]),
            &[("questions[0].text", "required"), ("questions[0].type", "required")],
        );
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let Err(Refusal::Invalid(problems)) = draft(&json!({})) else { panic!("the form is empty") };
        let fields: Vec<_> = problems.iter().filter_map(|problem| problem.field.as_deref()).collect();
        assert_eq!(fields, ["title", "kind", "customerId", "questions"]);
        assert!(draft(&json!([])).is_err());
    }
}

//! The bodies that apps send to `/auth/...`: JSON objects of texts, read strictly, with all that is wrong told at once.
//! Values are never put into a message: they may be somebody's password.

use crate::{
    fault::{Code, Fault, Violation, code, nearest},
    value::{Brief, Value, card, json::read},
};

/// An object while it is read: what is taken out of it, and what was wrong.
#[derive(Default)]
pub struct Body {
    members: Vec<(Brief, Value)>,
    known: Vec<String>,
    pub violations: Vec<Violation>,
}

/// No member here is longer.
const LONGEST: usize = 4096;

impl Body {
    /// Reads a body. Refuses with F435, F436, F432 and F449.
    pub fn read(media: Option<&str>, bytes: &[u8]) -> Result<Self, Fault> {
        let media = media.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Fault::new(&code::BAD_MEDIA_TYPE, "Send `Content-Type: application/json`."));
        }
        if bytes.is_empty() {
            return Err(Fault::plain(&code::NO_BODY));
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Err(Fault::plain(&code::BAD_JSON)) };
        match read::read(text) {
            // No card number is taken anywhere, nor repeated.
            Ok(Value::Object(members)) if card::stands_in(text) => {
                let named = members.iter().filter(|(name, value)| {
                    card::stands_in(name) || value.scalar().is_none_or(card::stands_in)
                });
                let at = named.map(|(name, _)| name).find(|name| !card::stands_in(name));
                let pointer = at.map_or_else(String::new, |name| format!("/{name}"));
                let violation = Violation::pointer(pointer, &code::CARD_NUMBER, code::CARD_NUMBER.sentence);
                Err(Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::CARD_NUMBER)))
            }
            Ok(Value::Object(members)) => Ok(Self { members, ..Self::default() }),
            Ok(_) => Err(Fault::new(&code::BAD_JSON, "The body is a JSON object.")),
            Err(read::Refusal::Duplicate { pointer, name }) => {
                let message = format!("The name `{name}` stands twice in one object.");
                let violation = Violation::pointer(pointer, &code::DUPLICATE_MEMBER, message);
                Err(Fault::of_violations(vec![violation])
                    .unwrap_or_else(|| Fault::plain(&code::DUPLICATE_MEMBER)))
            }
            Err(_) => Err(Fault::plain(&code::BAD_JSON)),
        }
    }

    /// A form's values, in the place of a body's.
    pub fn of_form(pairs: Vec<(String, String)>) -> Self {
        let members =
            pairs.into_iter().map(|(name, value)| (name.into(), Value::Text(value.into()))).collect();
        Self { members, ..Self::default() }
    }

    pub fn wrong(&mut self, name: &str, code: &'static Code, message: impl Into<String>) {
        self.violations.push(Violation::pointer(format!("/{name}"), code, message));
    }

    /// A member that has to be there; an empty text where it is not, which has then been told.
    pub fn required(&mut self, name: &str) -> String {
        match self.optional(name) {
            Some(text) if !text.is_empty() => text,
            Some(_) => {
                self.wrong(name, &code::OUT_OF_BOUNDS, format!("`{name}` cannot be empty."));
                String::new()
            }
            None => {
                let told = self.violations.iter().any(|known| known.place == pointer(name));
                if !told {
                    self.wrong(name, &code::MISSING_MEMBER, format!("`{name}` is missing."));
                }
                String::new()
            }
        }
    }

    /// A member that may be there.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        self.known.push(name.to_owned());
        let found = self.members.iter().position(|(known, _)| known == name)?;
        match self.members.swap_remove(found).1 {
            Value::Text(text) if text.len() <= LONGEST => Some(text.into()),
            Value::Text(_) => {
                self.wrong(name, &code::OUT_OF_BOUNDS, format!("`{name}` is too long."));
                None
            }
            Value::Null => None,
            _ => {
                self.wrong(name, &code::WRONG_TYPE, format!("`{name}` is a text."));
                None
            }
        }
    }

    /// Refuses with all that was wrong; what nobody asked for is wrong, too.
    pub fn done(mut self) -> Result<(), Fault> {
        for (name, _) in std::mem::take(&mut self.members) {
            let near = nearest::nearest(&name, self.known.iter().map(String::as_str));
            let message = near.map_or_else(
                || format!("There is no member `{name}` here."),
                |near| format!("There is no member `{name}` here; did you mean `{near}`?"),
            );
            self.wrong(&name, &code::UNKNOWN_MEMBER, message);
        }
        Fault::of_violations(self.violations).map_or(Ok(()), Err)
    }
}

fn pointer(name: &str) -> crate::fault::Place {
    crate::fault::Place::Pointer(format!("/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Body, &'static str> {
        Body::read(Some("application/json; charset=utf-8"), text.as_bytes()).map_err(|fault| fault.code.id)
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let mut body = read(r#"{"email": 5, "pasword": "x", "empty": ""}"#).unwrap();
        for name in ["email", "password", "empty"] {
            assert_eq!(body.required(name), "");
        }
        let fault = body.done().unwrap_err();
        let told: Vec<&str> = fault.violations.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "`email` is a text.",
                "`password` is missing.",
                "`empty` cannot be empty.",
                "There is no member `pasword` here; did you mean `password`?"
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(read("[]").err(), Some("F432"));
        assert_eq!(read("{").err(), Some("F432"));
        assert_eq!(read("").err(), Some("F436"));
        assert_eq!(read(r#"{"a":"b","a":"c"}"#).err(), Some("F449"));
        assert_eq!(Body::read(Some("text/plain"), b"{}").err().map(|f| f.code.id), Some("F435"));
        assert_eq!(Body::read(None, b"\xff").err().map(|f| f.code.id), Some("F432"));
    }
}

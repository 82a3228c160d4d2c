//! The fields of the site's content types, how they are stored, and which values a form takes. No field is required:
//! the editors never ticked that box. A member of a body that names no field is passed over, as Drupal does.

use serde_json::{Map, Value, json};

use super::store::{Store, TAGS_VID};
use crate::demo::seed::{BREEDS_VID, SPECIES_VID};

/// The width of the column `name` of a term.
const LONGEST_TERM: usize = 255;
/// In place of the `tid` of a term that is made when the node is saved.
pub(super) const AUTOCREATE: &str = "autocreate";

/// A field of a content type.
pub(super) struct Field {
    pub(super) name: &'static str,
    label: &'static str,
    /// So many items at most.
    most: usize,
    pub(super) of: Of,
    /// What a new node gets when its form says nothing.
    initial: &'static [&'static str],
}

/// What a field holds.
pub(super) enum Of {
    /// A term reference: `tid`.
    Term(u64),
    /// As `Term`, but the form may also hold names, and a new name becomes a term: "free tagging".
    Tags(u64),
    /// An entity reference to a term of a vocabulary: `target_id`.
    TermEntity(u64),
    /// An entity reference to a node of a type: `target_id`.
    NodeEntity(&'static str),
    /// A list of allowed words.
    Choice(&'static [&'static str]),
    /// Two decimals.
    Decimal,
    /// A day and time without a zone.
    Moment,
    /// One line of at most so many characters.
    Line(usize),
    /// As `Line`, but an empty one is stored as `""` instead of nothing.
    BlankLine(usize),
    /// Several lines with a text format.
    Text,
    /// A managed file: `fid`.
    File,
}

const FLAG: Of = Of::Choice(&["0", "1"]);

const fn field(
    name: &'static str,
    label: &'static str,
    most: usize,
    of: Of,
    initial: &'static [&'static str],
) -> Field {
    Field { name, label, most, of, initial }
}

/// The content type `pet`.
pub(super) const PET: &[Field] = &[
    field("field_species", "Species", 1, Of::Term(SPECIES_VID), &[]),
    field("field_tags", "Tags", 20, Of::Tags(TAGS_VID), &[]),
    field("field_breed_primary", "Primary breed", 1, Of::TermEntity(BREEDS_VID), &[]),
    field("field_breed_secondary", "Secondary breed", 1, Of::TermEntity(BREEDS_VID), &[]),
    field("field_breed_mix", "Mix", 1, FLAG, &["0"]),
    field("field_gender", "Gender", 1, Of::Choice(&["Male", "Female"]), &[]),
    field("field_altered", "Neutered or spayed", 1, Of::Choice(&["Yes", "No"]), &[]),
    field("field_birthday", "Birthday", 1, Of::Moment, &[]),
    field("field_birthday_estimated", "Birthday is estimated", 1, FLAG, &["0"]),
    field("field_weight_value", "Weight", 1, Of::Decimal, &[]),
    field("field_weight_unit", "Weight unit", 1, Of::Choice(&["lb", "kg"]), &[]),
    field("field_colors", "Colors", 3, Of::Line(60), &[]),
    field("field_microchip", "Microchip", 1, Of::BlankLine(15), &[]),
    field("field_behavior_notes", "Behavior notes", 1, Of::Text, &[]),
    field("field_photos", "Photos", 20, Of::File, &[]),
    field("field_visibility", "Show", 4, Of::Choice(SECTIONS), &["profile", "emergencyContacts"]),
    field(
        "field_pet_status",
        "Status",
        1,
        Of::Choice(&["active", "lost", "deceased", "inactive"]),
        &["active"],
    ),
];

const SECTIONS: &[&str] = &["profile", "contact", "emergencyContacts", "medical"];

/// The content type `lost_pet_poster`.
pub(super) const POSTER: &[Field] = &[
    field("body", "Body", 1, Of::Text, &[]),
    field("field_pet", "Pet", 1, Of::NodeEntity("pet"), &[]),
    field("field_date_lost", "Lost on", 1, Of::Moment, &[]),
    field("field_place", "Last seen", 1, Of::Line(120), &[]),
    field("field_contact", "Contact", 1, Of::Line(255), &[]),
    field("field_poster_status", "Status", 1, Of::Choice(&["open", "found", "withdrawn"]), &["open"]),
];

/// The fields of a content type, if there is such a type.
pub(super) fn of_type(kind: &str) -> Option<&'static [Field]> {
    match kind {
        "pet" => Some(PET),
        "lost_pet_poster" => Some(POSTER),
        _ => None,
    }
}

/// Items as Services prints a field: **an empty one is `[]`**, a full one an object with the language in between.
pub(super) fn stored(field: &Field, items: Vec<Value>) -> Value {
    match field.of {
        Of::BlankLine(_) if items.is_empty() => json!({ "und": [field.of.item("")] }),
        _ if items.is_empty() => json!([]),
        _ => Value::Object(Map::from_iter([("und".to_owned(), Value::Array(items))])),
    }
}

/// What a new node has in a field that its form does not mention.
pub(super) fn initial(field: &Field) -> Value {
    stored(field, field.initial.iter().map(|word| field.of.item(word)).collect())
}

/// A field of a form, checked and brought into the stored shape; otherwise the sentence for `form_errors`.
pub(super) fn accept(field: &Field, given: &Value, store: &Store) -> Result<Value, String> {
    let given = match given {
        Value::Object(languages) => languages.get("und").unwrap_or(&Value::Null),
        Value::Array(none) if none.is_empty() => &Value::Null,
        Value::Null => &Value::Null,
        _ => return Err(illegal_choice()),
    };
    // PHP does not tell a list from a map; a widget with one value sends it bare.
    let given: Vec<&Value> = match given {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) if map.contains_key(field.of.key()) => vec![given],
        Value::Object(map) => map.values().collect(),
        // The text field of free tagging: all names in one line.
        Value::String(line) if matches!(field.of, Of::Tags(_)) => {
            return Ok(stored(field, tags(field, &typed(line), store)?));
        }
        bare => vec![bare],
    };
    let words = given.into_iter().map(|item| word(field, item)).filter(|word| word.as_deref() != Ok(""));
    let words = words.collect::<Result<Vec<String>, String>>()?;
    room(field, words.len())?;
    let items =
        words.iter().map(|word| checked(field, word, store)).collect::<Result<Vec<Value>, String>>()?;
    Ok(stored(field, items))
}

fn room(field: &Field, items: usize) -> Result<(), String> {
    if items > field.most {
        return Err(format!("{}: this field cannot hold more than {} values.", field.label, field.most));
    }
    Ok(())
}

/// The names of a typed line, each once: `senior, "loves kids, cats"`, as `drupal_explode_tags` takes it apart.
fn typed(line: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (name, behind) = rest.strip_prefix('"').and_then(enclosed).map_or_else(
            || {
                let (name, behind) = rest.split_once(',').unwrap_or((rest, ""));
                (name.trim().to_owned(), behind)
            },
            |(name, behind)| (name, behind.split_once(',').map_or("", |(_, behind)| behind)),
        );
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
        rest = behind.trim_start();
    }
    names
}

/// A name up to its closing quote, and what is behind it; `""` is a quote in the name.
fn enclosed(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if letters.peek().is_some_and(|(_, next)| *next == '"') => {
                letters.next();
                name.push('"');
            }
            '"' => return Some((name.trim().to_owned(), text.get(at + 1..)?)),
            _ => name.push(letter),
        }
    }
    None
}

/// Items of names. A new one stays a name until the node is saved: `tid` says `autocreate`, as Drupal itself has it.
fn tags(field: &Field, names: &[String], store: &Store) -> Result<Vec<Value>, String> {
    room(field, names.len())?;
    let Of::Tags(vid) = field.of else { return Ok(Vec::new()) };
    let item = |name: &String| {
        if name.chars().count() > LONGEST_TERM {
            return Err(format!("{}: a term cannot be longer than {LONGEST_TERM} characters.", field.label));
        }
        Ok(match store.term_named(vid, name) {
            Some(tid) => field.of.item(&tid.to_string()),
            None => json!({ "tid": AUTOCREATE, "vid": vid.to_string(), "name": name }),
        })
    };
    names.iter().map(item).collect()
}

fn illegal_choice() -> String {
    "An illegal choice has been detected. Please contact the site administrator.".to_owned()
}

/// The value of an item, as PHP turns it into a string; nothing is the empty one.
fn word(field: &Field, item: &Value) -> Result<String, String> {
    let value = match item {
        Value::Object(map) => map.get(field.of.key()).unwrap_or(&Value::Null),
        bare => bare,
    };
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(flag) => Ok(if *flag { "1" } else { "0" }.to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        Value::Array(_) | Value::Object(_) => Err(illegal_choice()),
    }
}

/// An item of a word that the field takes.
fn checked(field: &Field, word: &str, store: &Store) -> Result<Value, String> {
    let label = field.label;
    let id = word.parse::<u64>().ok();
    let term_of = |vid: u64| id.and_then(|id| store.terms.get(&id)).is_some_and(|term| term.vid == vid);
    match field.of {
        Of::Term(vid) | Of::Tags(vid) if !term_of(vid) => Err(format!("{label}: illegal value.")),
        Of::TermEntity(vid) if !term_of(vid) => {
            Err(format!("The referenced entity (taxonomy_term: {word}) does not exist."))
        }
        Of::NodeEntity(kind)
            if id.and_then(|id| store.nodes.get(&id)).is_none_or(|node| node.kind != kind) =>
        {
            Err(format!("The referenced entity (node: {word}) does not exist."))
        }
        Of::Choice(words) if !words.contains(&word) => Err(illegal_choice()),
        Of::Decimal => match decimal(word) {
            Some(decimal) => Ok(field.of.item(&decimal)),
            None => Err(format!("{label}: Only numbers and the decimal separator (.) allowed.")),
        },
        Of::Moment => match moment(word) {
            Some(moment) => Ok(field.of.item(&moment)),
            None => Err(format!("{label}: The date is invalid.")),
        },
        Of::Line(most) | Of::BlankLine(most) if word.chars().count() > most => {
            Err(format!("{label}: the text may not be longer than {most} characters."))
        }
        Of::File => match id.and_then(|id| Some(store.files.get(&id)?.item(id))) {
            Some(item) => Ok(item),
            None => Err(format!("The file used in the {label} field may not be referenced.")),
        },
        _ => Ok(field.of.item(word)),
    }
}

/// Digits with an optional sign and point, rounded to two decimals, half away from zero, as the column does it.
fn decimal(word: &str) -> Option<String> {
    let (sign, digits) = word.strip_prefix('-').map_or(("", word), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // DECIMAL(10, 2) holds eight digits before the point.
    if whole.is_empty() || whole.len() > 8 || !numeric(whole) || !numeric(part) {
        return None;
    }
    let kept: u64 = format!("{whole}{part:0<2}").get(..whole.len() + 2)?.parse().ok()?;
    let up = part.as_bytes().get(2).is_some_and(|digit| *digit >= b'5');
    let hundredths = kept + u64::from(up);
    Some(format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100))
}

/// A day, or a day and time with a blank or a `T` between them.
fn moment(word: &str) -> Option<String> {
    let moment = word.parse::<jiff::civil::DateTime>().ok()?;
    Some(moment.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

impl Of {
    /// The member of an item that says what it is.
    fn key(&self) -> &'static str {
        match self {
            Of::Term(_) | Of::Tags(_) => "tid",
            Of::TermEntity(_) | Of::NodeEntity(_) => "target_id",
            Of::File => "fid",
            _ => "value",
        }
    }

    /// An item with this value, with whatever else Drupal prints beside it.
    pub(super) fn item(&self, word: &str) -> Value {
        let mut item = Map::new();
        item.insert(self.key().to_owned(), json!(word));
        let beside: &[(&str, Value)] = match self {
            Of::Moment => {
                &[("timezone", json!("UTC")), ("timezone_db", json!("UTC")), ("date_type", json!("datetime"))]
            }
            Of::Text => &[("format", json!("plain_text")), ("safe_value", json!(safe(word)))],
            _ => &[],
        };
        item.extend(beside.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(item)
    }
}

/// The text as it goes into a page: markup escaped, lines broken.
fn safe(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = text.replace('"', "&quot;").replace('\'', "&#039;");
    format!("<p>{}</p>\n", text.replace('\n', "<br />\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::store::Store;
    use super::{PET, accept, decimal, moment, typed};

    fn check(name: &str, given: &Value, expected: Result<Value, &str>) {
        let store = Store::new(&crate::demo::seed::seed());
        let field = PET.iter().find(|field| field.name == name).unwrap();
        assert_eq!(accept(field, given, &store), expected.map_err(str::to_owned), "{name}: {given}");
    }

    #[test]
    fn forms_are_brought_into_the_stored_shape() {
        let und = |item: Value| Ok(json!({ "und": [item] }));
        check("field_species", &json!({"und": [{"tid": 3031}]}), und(json!({"tid": "3031"})));
        check("field_gender", &json!({"und": [{"value": "Male"}]}), und(json!({"value": "Male"})));
        check("field_gender", &json!({"und": "Male"}), und(json!({"value": "Male"})));
        check("field_weight_value", &json!({"und": [{"value": 4.2}]}), und(json!({"value": "4.20"})));
        check("field_breed_mix", &json!({"und": {"0": {"value": true}}}), und(json!({"value": "1"})));
        check(
            "field_photos",
            &json!({"und": [{"fid": "9"}]}),
            Err("The file used in the Photos field may not be referenced."),
        );
    }

    #[test]
    fn tags_are_typed_or_chosen() {
        let dot = json!({"tid": "3101"});
        check("field_tags", &json!({"und": [{"tid": "3101"}]}), Ok(json!({"und": [dot]})));
        let new = json!({"tid": "autocreate", "vid": "5", "name": "likes snow, rain"});
        let given = json!({"und": r#" senior ,"likes snow, rain", senior,,"#});
        check("field_tags", &given, Ok(json!({"und": [dot, new]})));
        check("field_tags", &json!({"und": " , "}), Ok(json!([])));
        check("field_tags", &json!({"und": [{"tid": "3031"}]}), Err("Tags: illegal value."));
        let many: Vec<String> = (0..21).map(|at| at.to_string()).collect();
        let most = "Tags: this field cannot hold more than 20 values.";
        check("field_tags", &json!({"und": many.join(",")}), Err(most));
        let long = "Tags: a term cannot be longer than 255 characters.";
        check("field_tags", &json!({"und": "x".repeat(256)}), Err(long));
        assert_eq!(typed(r#""a ""b"" c" d, e, "f"#), [r#"a "b" c"#, "e", "\"f"]);
    }

    #[test]
    fn nothing_empties_a_field() {
        for nothing in [json!([]), json!(null), json!({"und": []}), json!({"und": [{"value": ""}]})] {
            check("field_gender", &nothing, Ok(json!([])));
            check("field_microchip", &nothing, Ok(json!({"und": [{"value": ""}]})));
        }
    }

    #[test]
    fn what_a_field_does_not_take_is_a_form_error() {
        let illegal = "An illegal choice has been detected. Please contact the site administrator.";
        check("field_gender", &json!({"und": [{"value": "male"}]}), Err(illegal));
        check("field_gender", &json!("Male"), Err(illegal));
        check("field_species", &json!({"und": [{"tid": "3041"}]}), Err("Species: illegal value."));
        check(
            "field_breed_primary",
            &json!({"und": [{"target_id": "3031"}]}),
            Err("The referenced entity (taxonomy_term: 3031) does not exist."),
        );
        check(
            "field_colors",
            &json!({"und": ["a", "b", "c", "d"]}),
            Err("Colors: this field cannot hold more than 3 values."),
        );
        check(
            "field_weight_value",
            &json!({"und": [{"value": "4,2"}]}),
            Err("Weight: Only numbers and the decimal separator (.) allowed."),
        );
    }

    #[test]
    fn decimals_have_two_places() {
        for (word, expected) in [
            ("4.2", Some("4.20")),
            ("12", Some("12.00")),
            ("0.995", Some("1.00")),
            ("-1.5", Some("-1.50")),
            ("", None),
            (".5", None),
            ("1e3", None),
            ("123456789", None),
        ] {
            assert_eq!(decimal(word).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn moments_lose_their_zone_mark() {
        assert_eq!(moment("2013-11-16").as_deref(), Some("2013-11-16 00:00:00"));
        assert_eq!(moment("2013-11-16T00:00:00").as_deref(), Some("2013-11-16 00:00:00"));
        assert_eq!(moment("2013-11-31 00:00:00"), None);
        assert_eq!(moment("16/11/2013"), None);
    }
}

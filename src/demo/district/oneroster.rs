//! `OneRoster` 1.1 over REST, read only: orgs and users, each list and each record (the chapter on REST of
//! its specification). Lists come with `limit` and `offset`; the total stands in the header `X-Total-Count`
//! alone, beside a `Link`. Records that are gone stay for a while with the status `tobedeleted`, in lists and
//! alone: who wants the others has to filter. There are no classes, courses or enrolments.

mod filter;
mod status;

use std::cmp::Ordering;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, Response, StatusCode, header};
use serde_json::{Map, Value};

use self::filter::{Filter, leaves};
use self::status::Failure;
use super::query::Query;
use super::{ROSTER, reply, tokens};

/// One record as it is printed, but for `href`, which lacks the host.
pub(super) type Record = Map<String, Value>;

/// Orgs and users in the order of their `sourcedId`, which is the order of lists unless told.
pub(super) struct Roster {
    pub(super) orgs: Vec<Record>,
    pub(super) users: Vec<Record>,
}

/// A kind of record: its names around one and many, and its members.
pub(super) struct Class {
    one: &'static str,
    many: &'static str,
    /// Members that hold a text or texts.
    plain: &'static [&'static str],
    /// Members that hold objects, with the members of those; `*` stands for any.
    nested: &'static [(&'static str, &'static [&'static str])],
}

const REFERENCE: &[&str] = &["href", "sourcedId", "type"];

const ORG: Class = Class {
    one: "org",
    many: "orgs",
    plain: &["sourcedId", "status", "dateLastModified", "name", "type", "identifier"],
    nested: &[("metadata", &["*"]), ("parent", REFERENCE), ("children", REFERENCE)],
};

const USER: Class = Class {
    one: "user",
    many: "users",
    plain: &[
        "sourcedId",
        "status",
        "dateLastModified",
        "username",
        "enabledUser",
        "givenName",
        "familyName",
        "middleName",
        "role",
        "identifier",
        "email",
        "sms",
        "phone",
        "grades",
    ],
    nested: &[
        ("metadata", &["*"]),
        ("userIds", &["type", "identifier"]),
        ("orgs", REFERENCE),
        ("agents", REFERENCE),
    ],
};

impl Class {
    fn has(&self, member: &str) -> bool {
        self.plain.contains(&member) || self.nested.iter().any(|(name, _)| *name == member)
    }

    /// Whether a dotted path ends at texts.
    fn reaches(&self, path: &str) -> bool {
        match path.split_once('.') {
            None => self.plain.contains(&path),
            Some((member, rest)) => {
                let nested = self.nested.iter().find(|(name, _)| *name == member);
                nested.is_some_and(|(_, members)| members.contains(&rest) || members.contains(&"*"))
            }
        }
    }
}

/// Answers a request below the prefix; `scopes` are those of its token, if that is any good.
pub(super) fn answer(
    roster: &Roster,
    head: &Parts,
    path: &[String],
    scopes: Option<&[&str]>,
) -> Response<Bytes> {
    let answered = match scopes {
        None => Err(Failure::Unauthorised),
        Some(scopes) if !scopes.iter().any(|scope| [tokens::CORE, tokens::FULL].contains(scope)) => {
            Err(Failure::Forbidden)
        }
        Some(_) if head.method != Method::GET => Err(Failure::ReadOnly),
        Some(_) => route(roster, head, path),
    };
    answered.unwrap_or_else(Failure::response)
}

fn route(roster: &Roster, head: &Parts, path: &[String]) -> Result<Response<Bytes>, Failure> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let role = |role| move |user: &&Record| has(user, "role", role);
    let school = |org: &&Record| has(org, "type", "school");
    match path.as_slice() {
        ["orgs"] => list(&ORG, roster.orgs.iter(), head),
        ["schools"] => list(&ORG, roster.orgs.iter().filter(school), head),
        ["users"] => list(&USER, roster.users.iter(), head),
        ["students"] => list(&USER, roster.users.iter().filter(role("student")), head),
        ["teachers"] => list(&USER, roster.users.iter().filter(role("teacher")), head),
        ["orgs", id] => one(&ORG, roster.orgs.iter(), id, head),
        ["schools", id] => one(&ORG, roster.orgs.iter().filter(school), id, head),
        ["users", id] => one(&USER, roster.users.iter(), id, head),
        ["students", id] => one(&USER, roster.users.iter().filter(role("student")), id, head),
        ["teachers", id] => one(&USER, roster.users.iter().filter(role("teacher")), id, head),
        ["schools", id, kind @ ("students" | "teachers")] => {
            find(roster.orgs.iter().filter(school), id)?;
            let there = |user: &&Record| leaves(user, "orgs.sourcedId").contains(id);
            let role = role(kind.trim_end_matches('s'));
            list(&USER, roster.users.iter().filter(role).filter(there), head)
        }
        _ => Err(Failure::NoEndpoint),
    }
}

fn has(record: &Record, member: &str, value: &str) -> bool {
    record.get(member).and_then(Value::as_str) == Some(value)
}

fn find<'r>(mut records: impl Iterator<Item = &'r Record>, id: &str) -> Result<&'r Record, Failure> {
    records.find(|record| has(record, "sourcedId", id)).ok_or_else(|| Failure::Unknown(id.to_owned()))
}

fn one<'r>(
    class: &Class,
    records: impl Iterator<Item = &'r Record>,
    id: &str,
    head: &Parts,
) -> Result<Response<Bytes>, Failure> {
    let record = find(records, id)?;
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let fields = fields(class, &query)?;
    let document = Map::from_iter([(class.one.to_owned(), printed(record, fields.as_deref(), &base(head)))]);
    Ok(reply::json(StatusCode::OK, &Value::Object(document)))
}

fn list<'r>(
    class: &Class,
    records: impl Iterator<Item = &'r Record>,
    head: &Parts,
) -> Result<Response<Bytes>, Failure> {
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let limit = count(&query, "limit", 100)?;
    if limit == 0 {
        return Err(Failure::Data("limit must be a whole number from 1 on.".to_owned()));
    }
    let offset = count(&query, "offset", 0)?;
    let fields = fields(class, &query)?;
    let filter = query
        .get("filter")
        .map(|text| Filter::parse(text, |path| class.reaches(path)))
        .transpose()
        .map_err(Failure::Filter)?;
    let mut rows: Vec<&Record> =
        records.filter(|record| filter.as_ref().is_none_or(|filter| filter.accepts(record))).collect();
    order(class, &query, &mut rows)?;
    let base = base(head);
    let page = rows.iter().skip(offset).take(limit).map(|row| printed(row, fields.as_deref(), &base));
    let document = Map::from_iter([(class.many.to_owned(), Value::Array(page.collect()))]);
    let response = reply::json(StatusCode::OK, &Value::Object(document));
    let total = HeaderName::from_static("x-total-count");
    let response = reply::with(response, total, &rows.len().to_string());
    let link = links(&format!("{base}{}", head.uri.path()), &query, limit, offset, rows.len());
    Ok(reply::with(response, header::LINK, &link))
}

fn count(query: &Query, name: &str, default: usize) -> Result<usize, Failure> {
    let Some(text) = query.get(name) else { return Ok(default) };
    // Ten digits are more records than any district has, and fewer than overflow.
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| Failure::Data(format!("{name} must be a whole number.")))
}

/// The members asked for. As the specification has it (field selection): one that does not exist gives whole
/// records, a blank one is refused.
fn fields(class: &Class, query: &Query) -> Result<Option<Vec<String>>, Failure> {
    let Some(text) = query.get("fields") else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(Failure::Selection);
    }
    Ok(names.iter().all(|name| class.has(name)).then_some(names))
}

/// Sorts by one member, letters without their case. As the specification has it (sorting): a member that does
/// not exist leaves the order as it is.
fn order(class: &Class, query: &Query, rows: &mut [&Record]) -> Result<(), Failure> {
    let descending = match query.get("orderBy") {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Failure::Data("orderBy must be asc or desc.".to_owned())),
    };
    let Some(path) = query.filled("sort").filter(|path| class.reaches(path)) else { return Ok(()) };
    let key = |row: &Record| leaves(row, path).first().map(|text| text.to_lowercase());
    rows.sort_by(|a, b| {
        let ordering: Ordering = key(a).cmp(&key(b));
        if descending { ordering.reverse() } else { ordering }
    });
    Ok(())
}

/// `Link` as RFC 8288 has it: `first` and `last` always, `prev` and `next` where there are such pages.
fn links(address: &str, query: &Query, limit: usize, offset: usize, total: usize) -> String {
    let last = total.saturating_sub(1) / limit * limit;
    let mut links = vec![("first", 0), ("last", last)];
    if offset > 0 {
        links.push(("prev", offset.saturating_sub(limit)));
    }
    if offset.saturating_add(limit) < total {
        links.push(("next", offset + limit));
    }
    let links = links.into_iter().map(|(rel, at)| {
        let query = query.at(limit, at);
        format!("<{address}?{query}>; rel=\"{rel}\"")
    });
    links.collect::<Vec<_>>().join(", ")
}

fn printed(record: &Record, fields: Option<&[String]>, base: &str) -> Value {
    let kept = record.iter().filter(|(name, _)| fields.is_none_or(|fields| fields.contains(name)));
    let record = kept.map(|(name, value)| (name.clone(), at_home(value, base))).collect();
    Value::Object(record)
}

/// A value with the host before every `href`.
fn at_home(value: &Value, base: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| at_home(item, base)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| match value.as_str() {
                Some(path) if name == "href" => (name.clone(), Value::from(format!("{base}{path}"))),
                _ => (name.clone(), at_home(value, base)),
            });
            Value::Object(members.collect())
        }
        plain => plain.clone(),
    }
}

fn base(head: &Parts) -> String {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// The path of a record, for `href`.
pub(super) fn href(kind: &str, id: &str) -> String {
    format!("{ROSTER}/{kind}/{id}")
}

//! `GET /audit`: lines of the audit trail, the newest first, page after page. What is sealed stays sealed here.

use super::text;
use crate::{
    control::audit::{Looker, json, moment, search},
    edge,
    ledger::audit::{Search, Trail},
    pipeline::Body,
};
use http::{Response, StatusCode, request::Parts};
use percent_encoding::percent_decode_str;

pub(super) async fn answer(trail: Option<&Trail>, head: &Parts) -> Response<Body> {
    let plain = |status, sentence: String| text(status, "text/plain; charset=utf-8", sentence + "\n");
    let Some(trail) = trail else {
        let sentence = "No audit trail is kept: the configuration has no `audit`, and no `identity`.";
        return plain(StatusCode::NOT_FOUND, sentence.into());
    };
    let asked = match read(head.uri.query().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(sentence) => return plain(StatusCode::BAD_REQUEST, sentence),
    };
    let address = head.extensions.get::<edge::Peer>().map(|peer| peer.address.ip());
    match search(trail, &asked, &Looker { user: None, address }).await {
        Ok(lines) => text(StatusCode::OK, "application/json", format!("{:#}\n", json(&asked, &lines))),
        Err(fault) => {
            tracing::error!(detail = fault.detail.as_deref(), "the audit trail cannot be searched");
            plain(StatusCode::INTERNAL_SERVER_ERROR, fault.message)
        }
    }
}

/// Reads what is looked for. Refuses with a sentence that names the parameter and the cure.
fn read(query: &str) -> Result<Search, String> {
    let mut asked = Search::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(value).decode_utf8().map_err(|_| format!("`{name}` is not UTF-8."))?;
        let value = value.into_owned();
        match name {
            "subject" => asked.subject = Some(value),
            "client" => asked.client = Some(value),
            "resource" => asked.resource = Some(value),
            "record" => asked.record = Some(value),
            "action" => asked.action = Some(value),
            "outcome" => asked.outcome = Some(value),
            "from" => asked.from = Some(moment(&value).map_err(|cure| format!("`{name}`: {cure}."))?),
            "until" => asked.until = Some(moment(&value).map_err(|cure| format!("`{name}`: {cure}."))?),
            "before" => asked.before = Some(value.parse().map_err(|_| number(name))?),
            "limit" => asked.limit = value.parse().map_err(|_| number(name))?,
            _ => {
                let known =
                    "subject, client, resource, record, action, outcome, from, until, before and limit";
                return Err(format!("There is no parameter `{name}`. There are {known}."));
            }
        }
    }
    Ok(asked)
}

fn number(name: &str) -> String {
    format!("`{name}` is a whole number.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_or_refused() {
        let asked = read("subject=a%20b&record=66&from=2026-11-21&limit=5&before=17").unwrap();
        assert_eq!((asked.subject.as_deref(), asked.record.as_deref()), (Some("a b"), Some("66")));
        assert_eq!((asked.limit, asked.before), (5, Some(17)));
        assert_eq!(asked.from.unwrap().to_string(), "2026-11-21T00:00:00Z");
        for wrong in ["limit=x", "from=yesterday", "who=me", "subject=%ff"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

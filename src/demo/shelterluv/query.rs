//! The query of a list. Numbers that are none are ignored, as the vendor's own framework does; words that it does not
//! know are refused, in the document.

use percent_encoding::percent_decode_str;

use super::content::Status;

/// The most rows of a page, and how many there are when nobody says.
const MOST: usize = 100;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) offset: usize,
    pub(super) status: Option<StatusType>,
    /// Rows changed at this second or later.
    pub(super) since: Option<i64>,
    pub(super) sort: Sort,
}

/// `status_type`, by which a shelter groups the statuses that it has named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusType {
    InCustody,
    Publishable,
}

impl StatusType {
    pub(super) fn admits(self, status: Status) -> bool {
        match self {
            Self::InCustody => status.in_custody,
            Self::Publishable => status.publishable,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// By `Internal-ID`, as a number.
    Id,
    /// `sort=updated_at`: by `LastUpdatedUnixTime`, oldest first, for whoever reads on with `since`.
    Updated,
}

impl Query {
    /// The last of two equal names wins. An error is the `error_message`.
    pub(super) fn parse(raw: &str) -> Result<Self, &'static str> {
        let mut query = Self { limit: MOST, offset: 0, status: None, since: None, sort: Sort::Id };
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            match name.as_str() {
                "limit" => {
                    query.limit = value.parse().ok().filter(|limit| *limit > 0).unwrap_or(MOST).min(MOST);
                }
                "offset" => query.offset = value.parse().unwrap_or_default(),
                "status_type" => {
                    query.status = match value.as_str() {
                        "" => None,
                        "in custody" => Some(StatusType::InCustody),
                        "publishable" => Some(StatusType::Publishable),
                        _ => return Err("Invalid status_type"),
                    };
                }
                "since" => {
                    let since = value.parse().map_err(|_| "since must be a unix time stamp")?;
                    query.since = Some(since);
                }
                "sort" => {
                    query.sort = match value.as_str() {
                        "" => Sort::Id,
                        "updated_at" => Sort::Updated,
                        _ => return Err("Invalid sort"),
                    };
                }
                _ => {}
            }
        }
        Ok(query)
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Query, Sort, StatusType};

    #[test]
    fn a_limit_is_at_most_a_hundred_and_nonsense_is_the_default() {
        for (raw, limit) in
            [("", 100), ("limit=7", 7), ("limit=500", 100), ("limit=0", 100), ("limit=x", 100)]
        {
            assert_eq!(Query::parse(raw).unwrap().limit, limit, "{raw}");
        }
        assert_eq!(Query::parse("offset=-1").unwrap().offset, 0);
    }

    #[test]
    fn words_are_known_or_refused() {
        let query = Query::parse("status_type=in%20custody&since=12&sort=updated_at&x=1").unwrap();
        assert_eq!(query.status, Some(StatusType::InCustody));
        assert_eq!((query.since, query.sort), (Some(12), Sort::Updated));
        assert_eq!(Query::parse("status_type=in+custody").unwrap().status, query.status);
        assert_eq!(Query::parse("status_type=all"), Err("Invalid status_type"));
        assert_eq!(Query::parse("since=yesterday"), Err("since must be a unix time stamp"));
        assert_eq!(Query::parse("sort=name"), Err("Invalid sort"));
    }
}

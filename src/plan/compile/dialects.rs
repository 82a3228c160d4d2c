//! Dialects: one style of pages, of order and of filters each, and what answers mean.

mod access;

use super::{
    Compiler,
    calls::{Plain, Site},
};
use crate::{
    fault::{mapping as m, nearest::cure},
    plan::{
        http::{
            Dialect, Errors, Filters, Format, Limits, Meaning, Next, Pages, Paging, Size, Sorting,
            dialect::{FilterStyle, ResetUnit, Several, SortStyle, TimeLeft},
            rules::Rule,
        },
        reading::Empties,
        resource::Operator,
    },
    spec::{
        Doc,
        words::{
            self,
            dialect::{self as said, Nothing},
        },
    },
    value::Value,
};
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn dialects(&mut self) {
        let files = self.files;
        for doc in &files.dialects {
            let words = &doc.words;
            let mut site = Site { doc, out: self.out };
            let Some(dialect) = site.dialect() else {
                self.blamed.insert(words.dialect.clone());
                continue;
            };
            if self.dialects.insert(words.dialect.clone(), Arc::new(dialect)).is_some() {
                let message = format!("another file says the dialect `{}` already", words.dialect);
                let hint = Some("give one of them another name, or join the two files".into());
                doc.error(self.out, m::SAID_TWICE, &["dialect"], message, hint);
            }
        }
    }

    pub(super) fn dialect(&mut self, doc: &Doc<words::Binding>) -> Option<Arc<Dialect>> {
        let Some(name) = &doc.words.dialect else {
            let hint = Some("add `dialect: <name>`, with a file in `mappings/dialects`".into());
            doc.error(self.out, m::NO_DIALECT, &["binds"], "a binding of HTTP calls says its dialect", hint);
            return None;
        };
        let found = self.dialects.get(name).cloned();
        if found.is_none() && !self.is_broken(name) {
            let hint = Some(cure(name, self.dialects.keys().map(String::as_str)));
            doc.error(self.out, m::NO_DIALECT, &["dialect"], format!("there is no dialect `{name}`"), hint);
        }
        found
    }
}

/// Where a parameter of this format goes that does not say it.
pub(super) fn plain(format: &Format) -> Plain {
    match format {
        Format::Json | Format::Xml { .. } => Plain::Query,
        Format::Soap | Format::XmlRpc => Plain::Body,
    }
}

impl Site<'_, words::Dialect> {
    fn dialect(&mut self) -> Option<Dialect> {
        let words = &self.doc.words;
        let before = self.out.errors();
        let format = self.format();
        let plain = plain(&format);
        let pages = self.pages(plain);
        let sorting = self.sorting(plain);
        let filters = self.filters(plain);
        let always = self.always();
        let auth = self.auth();
        let login = words.login.as_ref().and_then(|login| self.login(login));
        let errors = self.errors();
        let limits = words.limits.as_ref().map(limits);
        let time_left = words.time_left.as_ref().map(|time| self.time_left(time));
        let reads = |nothing| words.empty.read.contains(&nothing);
        let empty = Empties {
            null: reads(Nothing::Null),
            text: reads(Nothing::EmptyText),
            list: reads(Nothing::EmptyList),
            object: reads(Nothing::EmptyObject),
            one_or_many: words.one_or_many,
        };
        if self.out.errors() > before {
            return None;
        }
        Some(Dialect {
            name: words.dialect.clone(),
            format,
            pages: pages?,
            sorting: sorting?,
            filters: filters?,
            empty,
            empty_write: words.empty.write.as_ref().map(Value::from).unwrap_or_default(),
            always: always?,
            auth: auth?,
            login,
            errors: errors?,
            limits,
            time_left,
        })
    }

    fn time_left(&mut self, said: &said::TimeLeft) -> TimeLeft {
        if http::HeaderName::try_from(&said.header).is_err() {
            let hint = Some("write for example `X-Request-Timeout-Ms`".into());
            let message = format!("`{}` is no name of a header", said.header);
            self.doc.error(self.out, m::BAD_PLACE, &["timeLeft", "header"], message, hint);
        }
        TimeLeft { header: said.header.to_lowercase(), seconds: said.unit == said::TimeUnit::Seconds }
    }

    fn format(&mut self) -> Format {
        let words = &self.doc.words;
        let stray = |site: &mut Self, key: &str, format: &str| {
            let message = format!("`{key}` belongs to `format: {format}`");
            let hint = Some(format!("remove it, or write `format: {format}`"));
            site.doc.error_at_key(site.out, m::CONVERTER_MISFIT, &[key], message, hint);
        };
        if words.xml.is_some() && words.format != said::Format::Xml {
            stray(self, "xml", "xml");
        }
        if words.soap.is_some() && words.format != said::Format::Soap {
            stray(self, "soap", "soap");
        }
        match (words.format, &words.xml) {
            (said::Format::Json, _) => Format::Json,
            (said::Format::Soap, _) => Format::Soap,
            (said::Format::XmlRpc, _) => Format::XmlRpc,
            (said::Format::Xml, Some(xml)) => {
                Format::Xml { root: xml.root.clone(), namespace: xml.namespace.clone() }
            }
            (said::Format::Xml, None) => Format::Xml { root: "request".into(), namespace: None },
        }
    }

    fn pages(&mut self, plain: Plain) -> Option<Pages> {
        let words = self.doc.words.paging.clone();
        let said = [
            ("page", words.page.is_some()),
            ("offset", words.offset.is_some()),
            ("first", words.first.is_some() || words.last.is_some()),
            ("cursor", words.cursor.is_some()),
        ];
        let said: Vec<&str> = said.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
        if said.len() > 1 {
            let message = format!("pages come in one way, and `{}` say several", said.join("`, `"));
            let hint = Some("keep one of `page`, `offset`, `first` with `last`, and `cursor`".into());
            self.doc.error_at_key(self.out, m::SAID_TWICE, &["paging"], message, hint);
            return None;
        }
        let from = words.from.unwrap_or(0);
        let style = match said.first() {
            None => Paging::Whole,
            Some(&"page") => {
                let page = self.target(&["paging", "page"], words.page.as_deref()?, plain)?;
                Paging::Number { page, first: from }
            }
            Some(&"offset") => {
                let offset = self.target(&["paging", "offset"], words.offset.as_deref()?, plain)?;
                Paging::Offset { offset, from }
            }
            Some(&"first") => {
                let (Some(first), Some(last)) = (&words.first, &words.last) else {
                    let hint = Some("add the other one, for example `last: end`".into());
                    let message = "a range has `first` and `last`";
                    self.doc.error_at_key(self.out, m::INPUT_MISSING, &["paging"], message, hint);
                    return None;
                };
                let first = self.target(&["paging", "first"], first, plain)?;
                let last = self.target(&["paging", "last"], last, plain)?;
                Paging::Range { first, last, from }
            }
            Some(_) => self.cursor(words.cursor.as_ref()?, plain)?,
        };
        let size = self.size(&words.size, &style)?;
        let sent = words.size.send.unwrap_or(true);
        let size_parameter = match words.size.parameter.as_deref().filter(|_| sent) {
            None => None,
            Some(text) => Some(self.target(&["paging", "size", "parameter"], text, plain)?),
        };
        let more = match &words.more {
            None => None,
            Some(text) => Some(self.path(&["paging", "more"], text)?),
        };
        Some(Pages { style, size, size_parameter, more, repeats: words.repeats, short: words.short })
    }

    fn cursor(&mut self, words: &said::Cursor, plain: Plain) -> Option<Paging> {
        let parameter = match &words.parameter {
            None => None,
            Some(text) => Some(self.target(&["paging", "cursor", "parameter"], text, plain)?),
        };
        let next = match (&words.next, words.last_key, &words.link, words.link_header) {
            (Some(text), false, None, false) => Next::At(self.path(&["paging", "cursor", "next"], text)?),
            (None, true, None, false) => Next::LastKey,
            (None, false, Some(text), false) => Next::Link(self.path(&["paging", "cursor", "link"], text)?),
            (None, false, None, true) => Next::LinkHeader,
            _ => {
                let message = "a cursor is said in exactly one of `next`, `lastKey`, `link` and `linkHeader`";
                let hint = Some("write for example `next: endCursor`".into());
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["paging", "cursor"], message, hint);
                return None;
            }
        };
        if parameter.is_none() && matches!(next, Next::At(_) | Next::LastKey) {
            let message = "nothing says where the cursor is sent";
            let hint = Some("add `parameter: <name>`".into());
            self.doc.error_at_key(self.out, m::INPUT_MISSING, &["paging", "cursor"], message, hint);
            return None;
        }
        Some(Paging::Cursor { parameter, next })
    }

    fn size(&mut self, words: &said::PageSize, style: &Paging) -> Option<Size> {
        let size = match (words.fixed, words.maximum, &words.sizes) {
            (Some(size), None, None) => Size::Fixed(size),
            (None, Some(most), None) => Size::UpTo(most),
            (None, None, Some(sizes)) if sizes.iter().any(|size| *size > 0) => {
                Size::OneOf(sizes.iter().copied().filter(|size| *size > 0).collect())
            }
            (None, None, None) if *style == Paging::Whole => Size::UpTo(u32::MAX),
            _ => {
                let hint = Some("write `fixed: 20`, `maximum: 100` or `sizes: [10, 50]`".into());
                let message = "a page's size is `fixed`, has a `maximum`, or is one of `sizes`";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["paging", "size"], message, hint);
                return None;
            }
        };
        let chosen = matches!(size, Size::UpTo(_) | Size::OneOf(_));
        let ranged = matches!(style, Paging::Whole | Paging::Range { .. });
        if chosen && words.parameter.is_none() && !ranged {
            let message = "a size that can be chosen needs the `parameter` that says it";
            let hint = Some("add `parameter: <name>`".into());
            self.doc.error_at_key(self.out, m::INPUT_MISSING, &["paging", "size"], message, hint);
        }
        Some(size)
    }

    fn sorting(&mut self, plain: Plain) -> Option<Sorting> {
        let words = self.doc.words.sorting.clone();
        let style = match (&words.parameter, &words.directions, &words.term) {
            (None, None, None) => SortStyle::Each,
            (Some(fields), Some(directions), None) => SortStyle::Apart {
                fields: self.target(&["sorting", "in"], fields, plain)?,
                directions: self.target(&["sorting", "directions"], directions, plain)?,
                join: words.join.clone(),
            },
            (Some(parameter), None, term) => {
                let target = self.target(&["sorting", "in"], parameter, plain)?;
                match term {
                    None => SortStyle::Joined { target, term: "{field}".into(), join: words.join.clone() },
                    Some(serde_json::Value::String(term)) => {
                        SortStyle::Joined { target, term: term.clone(), join: words.join.clone() }
                    }
                    Some(term) => SortStyle::Listed { target, term: Value::from(term) },
                }
            }
            _ => {
                let hint = Some("add `in: <parameter>`".into());
                let message = "`term` and `directions` stand beside `in`";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["sorting"], message, hint);
                return None;
            }
        };
        let (ascending, descending) = (words.ascending, words.descending);
        Some(Sorting { ascending, descending, style, most: words.most, ties: words.ties })
    }

    fn filters(&mut self, plain: Plain) -> Option<Filters> {
        let words = self.doc.words.filters.clone();
        let operators = words.operators.clone().unwrap_or_default();
        let said = [
            (Operator::Equal, operators.eq),
            (Operator::NotEqual, operators.ne),
            (Operator::Less, operators.lt),
            (Operator::LessOrEqual, operators.lte),
            (Operator::Greater, operators.gt),
            (Operator::GreaterOrEqual, operators.gte),
        ];
        let mut operators: Vec<(Operator, String)> =
            said.into_iter().filter_map(|(operator, text)| Some((operator, text?))).collect();
        let expression = |site: &mut Self, parameter: &str| {
            let target = site.target(&["filters", "in"], parameter, plain)?;
            Some(match &words.term {
                Some(term) if !term.is_string() => {
                    FilterStyle::Terms { target, term: Value::from(term), several: words.several.clone() }
                }
                term => FilterStyle::Expression {
                    target,
                    term: term
                        .as_ref()
                        .and_then(|t| t.as_str())
                        .unwrap_or("{field}{operator}{value}")
                        .to_owned(),
                    and: words.and.clone().unwrap_or_else(|| " AND ".into()),
                    or: words.or.clone(),
                    group: words.group.clone().unwrap_or_else(|| "{}".into()),
                    quote: words.quote.first().map(|(from, to)| (from.clone(), to.clone())),
                },
            })
        };
        let style = match (&words.parameter, words.objects) {
            (Some(parameter), false) => {
                if operators.is_empty() {
                    operators.push((Operator::Equal, "=".into()));
                }
                expression(self, parameter)?
            }
            (None, true) => FilterStyle::Objects { several: words.several.clone() },
            (None, false) => {
                if operators.is_empty() {
                    operators.push((Operator::Equal, "{field}".into()));
                }
                let several = match words.several.as_deref() {
                    None => Several::No,
                    Some("repeat") => Several::Repeated,
                    Some(join) => Several::Joined(join.to_owned()),
                };
                FilterStyle::Parameters { several }
            }
            (Some(_), true) => {
                let hint = Some("keep one of the two".into());
                let message = "`objects` gives each field a parameter, and `in` has one for all";
                self.doc.error_at_key(self.out, m::SAID_TWICE, &["filters", "objects"], message, hint);
                return None;
            }
        };
        Some(Filters { style, operators, most: words.most })
    }

    fn errors(&mut self) -> Option<Errors> {
        let words = self.doc.words.errors.clone();
        let optional = |site: &mut Self, key: &str, text: Option<&String>| match text {
            None => Some(None),
            Some(text) => site.path(&["errors", key], text).map(Some),
        };
        let message = optional(self, "message", words.message.as_ref())?;
        let mut fields = Vec::new();
        for text in &words.fields {
            fields.push(self.path(&["errors", "fields"], text)?);
        }
        let list = match &words.list {
            None => None,
            Some(list) => Some((
                self.path(&["errors", "list", "at"], &list.at)?,
                self.path(&["errors", "list", "field"], &list.field)?,
            )),
        };
        let named = match &words.named {
            None => None,
            Some(named) => {
                let at = self.path(&["errors", "named", "at"], &named.at)?;
                Some((at, named.after.clone(), named.before.clone()))
            }
        };
        let mut rules = Vec::new();
        for (at, rule) in words.rules.iter().enumerate() {
            let at = at.to_string();
            let when = self.conditions(&["errors", "rules", &at, "when"], &rule.when);
            rules.push(Rule { when, means: meaning(rule.means) });
        }
        Some(Errors { rules, message, fields, list, named })
    }
}

fn limits(words: &said::Limits) -> Limits {
    let lower = |name: &Option<String>| name.as_ref().map(|n| n.to_ascii_lowercase());
    Limits {
        remaining: lower(&words.remaining),
        reset: lower(&words.reset),
        unit: match words.reset_in {
            None | Some(said::ResetIn::Seconds) => ResetUnit::Seconds,
            Some(said::ResetIn::Epoch) => ResetUnit::Epoch,
            Some(said::ResetIn::EpochMilliseconds) => ResetUnit::EpochMilliseconds,
        },
        busy: words.busy.clone(),
    }
}

fn meaning(words: words::answer::Meaning) -> Meaning {
    use words::answer::Meaning as Said;
    match words {
        Said::Good => Meaning::Good,
        Said::Absent => Meaning::Absent,
        Said::Refused => Meaning::Refused,
        Said::LostRace => Meaning::LostRace,
        Said::Login => Meaning::Login,
        Said::Busy => Meaning::Busy,
        Said::Failed => Meaning::Failed,
    }
}

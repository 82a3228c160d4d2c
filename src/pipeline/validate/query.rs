//! The parameters of a query: reserved words, filters with operators, and nothing unknown.

use super::Asked;
use crate::{
    fault::{Violation, code, nearest::nearest},
    pipeline::route::{Routed, To},
    plan::{
        Api, Kind, MemberId, Resource, Selection,
        contract::{Format, Member},
        resource::{Operation, Required, SortKey},
    },
    translate::compare::{Filter, Operator},
    value::{decimal::Decimal, time},
};

/// More filters than this in one request are refused: each costs a comparison for every record.
const MAX_FILTERS: usize = 100;

const OPERATORS: &[Operator] =
    &[Operator::NotEqual, Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual];

/// Reads all parameters; what is wrong with them goes to `violations`.
pub fn read(routed: &Routed<'_>, violations: &mut Vec<Violation>) -> Asked {
    let mut reader = Reader {
        routed,
        violations,
        filters: Vec::new(),
        order: None,
        fields: None,
        limit: None,
        offset: None,
        count: true,
        through: Vec::new(),
    };
    reader.all();
    reader.required();
    let Reader { filters, order, fields, limit, offset, count, through, .. } = reader;
    match (routed.operation, routed.to) {
        (Operation::List, To::Resource(resource, _)) => Asked::List {
            fields,
            filters,
            through,
            order: order.unwrap_or_else(|| resource.order.clone()),
            limit: limit.unwrap_or(routed.api.default_limit),
            offset: offset.unwrap_or(0),
            count: count && resource.total,
        },
        _ => Asked::Record { fields },
    }
}

struct Reader<'r, 'p> {
    routed: &'r Routed<'p>,
    violations: &'r mut Vec<Violation>,
    filters: Vec<Filter>,
    order: Option<Vec<SortKey>>,
    fields: Option<String>,
    limit: Option<u32>,
    offset: Option<u64>,
    count: bool,
    through: Vec<(usize, String)>,
}

impl Reader<'_, '_> {
    fn refuse(&mut self, name: &str, code: &'static crate::fault::Code, message: impl Into<String>) {
        let shown: String = name.chars().take(80).collect();
        self.violations.push(Violation::parameter(&shown, code, message));
    }

    fn all(&mut self) {
        let list = self.routed.operation == Operation::List;
        let mut seen: Vec<&str> = Vec::new();
        let routed = self.routed;
        for (name, value) in &routed.arrived.query {
            let single = !seen.contains(&name.as_str());
            let first = single;
            seen.push(name);
            match name.as_str() {
                "fields" | "limit" | "offset" | "sort" | "count" | "suppress_response_codes" | "method"
                    if !first =>
                {
                    if seen.iter().filter(|s| *s == name).count() == 2 {
                        self.refuse(
                            name,
                            &code::REPEATED_PARAMETER,
                            format!("`{name}` can be given once only."),
                        );
                    }
                }
                "fields" => self.fields(value),
                "suppress_response_codes" => drop(self.flag(name, value)),
                // Where it may stand and what it may be has been seen by `route`.
                "method" => {}
                "limit" if list => self.limit(routed.api, value),
                "offset" if list => self.offset(value),
                "sort" if list => self.sort(value),
                "count" if list => self.count = self.flag(name, value).unwrap_or(true),
                _ => self.filter(name, value),
            }
        }
    }

    /// A selection is read here, so that what is wrong with it stands among the rest; `select` makes it.
    fn fields(&mut self, value: &str) {
        let contract = match self.routed.to {
            To::Resource(resource, _) => &resource.contract,
            To::Shortcut(shortcut) => &shortcut.contract,
        };
        if let Err(violation) = crate::pipeline::select::parse(contract, &self.routed.permit.view, value) {
            self.violations.push(violation);
        }
        self.fields = Some(value.to_owned());
    }

    fn flag(&mut self, name: &str, value: &str) -> Option<bool> {
        match value {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.refuse(name, &code::BAD_FLAG, format!("`{name}` is `true` or `false`."));
                None
            }
        }
    }

    fn limit(&mut self, api: &Api, value: &str) {
        let number = plain_number(value).and_then(|n| u32::try_from(n).ok());
        if let Some(number) = number.filter(|n| (1..=api.maximum_limit).contains(n)) {
            self.limit = Some(number);
        } else {
            let message = format!("`limit` is a whole number from 1 to {}.", api.maximum_limit);
            self.refuse("limit", &code::BAD_LIMIT, message);
        }
    }

    fn offset(&mut self, value: &str) {
        // Beyond this no list reaches, and sums of offset and limit stay in bounds.
        match plain_number(value).filter(|n| *n <= 1 << 53) {
            Some(number) => {
                let furthest = self.resource().and_then(|resource| resource.max_offset);
                if let Some(furthest) = furthest.filter(|furthest| number > *furthest) {
                    let message = format!(
                        "`offset` goes to {furthest} at most here. Narrow the list with a filter, or walk it in another order."
                    );
                    return self.refuse("offset", &code::OFFSET_TOO_FAR, message);
                }
                self.offset = Some(number);
            }
            None => self.refuse("offset", &code::BAD_OFFSET, "`offset` is a whole number from 0."),
        }
    }

    fn resource(&self) -> Option<&Resource> {
        match self.routed.to {
            To::Resource(resource, _) => Some(resource),
            To::Shortcut(_) => None,
        }
    }

    fn sort(&mut self, value: &str) {
        let Some(resource) = self.resource() else { return };
        let view = &self.routed.permit.view;
        let names: Vec<&str> = names(resource, &resource.sorts, view);
        let mut order: Vec<SortKey> = Vec::new();
        let mut wrong = Vec::new();
        for part in value.split(',') {
            let (descending, name) = part.strip_prefix('-').map_or((false, part), |n| (true, n));
            let found =
                resource.contract.find(name).filter(|m| resource.sorts.contains(&m.id) && view.has(m.id));
            match found {
                Some(member) if order.iter().any(|k| k.member == member.id) => {
                    wrong.push(format!("`sort` names `{name}` twice."));
                }
                Some(member) => order.push(SortKey { member: member.id, descending }),
                None => {
                    let shown: String = name.chars().take(60).collect();
                    wrong.push(match nearest(name, names.iter().copied()) {
                        Some(near) => format!("It cannot be sorted by `{shown}`. Did you mean `{near}`?"),
                        None => format!(
                            "It cannot be sorted by `{shown}`. It can be sorted by: {}.",
                            names.join(", ")
                        ),
                    });
                }
            }
        }
        if wrong.is_empty() {
            // Ties are broken by the key, so that every order is total.
            // Where records have no key the default order tells them apart.
            let ties: Vec<SortKey> = if resource.keyed {
                vec![SortKey { member: resource.key, descending: false }]
            } else {
                resource.order.clone()
            };
            let named: Vec<MemberId> = order.iter().map(|k| k.member).collect();
            order.extend(ties.into_iter().filter(|tie| !named.contains(&tie.member)));
            self.order = Some(order);
        }
        for message in wrong {
            self.refuse("sort", &code::BAD_SORT, message);
        }
    }

    /// `ownerId=66`, `birthDate.gte=2020-01-01`, `weight.value.lt=5`.
    fn filter(&mut self, name: &str, value: &str) {
        let list = self.routed.operation == Operation::List;
        let Some(resource) = self.resource().filter(|_| list) else { return self.unknown(name) };
        if let Some(number) = resource.through.iter().position(|through| through.name == name) {
            return self.through(number, name, value);
        }
        let known = |path: &str| {
            resource
                .contract
                .find(path)
                .filter(|m| resource.filters.contains(&m.id) && self.routed.permit.view.has(m.id))
                .map(|m| (m.id, m.clone()))
        };
        let split =
            OPERATORS.iter().find_map(|o| Some((name.strip_suffix(o.word())?.strip_suffix('.')?, *o)));
        let found = known(name)
            .map(|m| (m, Operator::Equal))
            .or_else(|| split.and_then(|(path, o)| Some((known(path)?, o))));
        let Some(((id, member), operator)) = found else { return self.unknown(name) };
        let required = resource.required.contains(&Required::Member(id));
        if required && operator != Operator::Equal {
            let message = format!("This list is asked for one value of `{0}`: use `{0}`.", member.path);
            return self.refuse(name, &code::BAD_OPERATOR, message);
        }
        if required && self.filters.iter().any(|f| f.member == id) {
            return self.refuse(name, &code::REPEATED_PARAMETER, format!("`{name}` can be given once only."));
        }
        let ordered = !matches!(member.kind, Kind::Enum(_) | Kind::Boolean);
        if !ordered && !matches!(operator, Operator::Equal | Operator::NotEqual) {
            let message =
                format!("`{}` has no order: use `{}` or `{}.ne`.", member.path, member.path, member.path);
            return self.refuse(name, &code::BAD_OPERATOR, message);
        }
        let Some(value) = canonical(&member, value) else {
            let shown: String = value.chars().take(40).collect();
            let message = match &member.kind {
                Kind::Enum(texts) => {
                    let near = nearest(value, texts.iter().map(|t| &**t));
                    let cure = near.map_or_else(
                        || format!("It is one of: {}.", texts.join(", ")),
                        |n| format!("Did you mean `{n}`?"),
                    );
                    format!("`{shown}` is no value of `{}`. {cure}", member.path)
                }
                kind => format!("`{shown}` is no value of `{}`, which is {}.", member.path, kind.noun()),
            };
            return self.refuse(name, &code::BAD_FILTER_VALUE, message);
        };
        if let Some(known) = self.filters.iter_mut().find(|f| f.member == id && f.operator == operator) {
            known.values.push(value);
        } else {
            self.filters.push(Filter { member: id, operator, values: vec![value] });
        }
        if self.filters.iter().map(|f| f.values.len()).sum::<usize>() > MAX_FILTERS {
            self.filters.clear();
            self.refuse(
                name,
                &code::BAD_FILTER_VALUE,
                format!("More than {MAX_FILTERS} filter values are not taken."),
            );
        }
    }

    /// A value that says which records of another resource are meant; they are looked for later.
    fn through(&mut self, number: usize, name: &str, value: &str) {
        if self.through.iter().any(|(known, _)| *known == number) {
            return self.refuse(name, &code::REPEATED_PARAMETER, format!("`{name}` can be given once only."));
        }
        self.through.push((number, value.to_owned()));
    }

    /// What a list has to be asked with. Who said it wrongly was told so, and is not told that it is missing.
    fn required(&mut self) {
        let Some(resource) = self.resource().filter(|_| self.routed.operation == Operation::List) else {
            return;
        };
        let routed = self.routed;
        let said = |name: &str| {
            let is_it = |(known, _): &(String, String)| {
                known == name || known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
            };
            routed.arrived.query.iter().any(is_it)
        };
        let names = resource.required.iter().filter_map(|required| match required {
            Required::Member(member) => resource.contract.get(*member).map(|member| &*member.path),
            Required::Through(number) => resource.through.get(*number).map(|through| through.name.as_str()),
        });
        let missing: Vec<String> = names.filter(|name| !said(name)).map(str::to_owned).collect();
        for name in missing {
            self.refuse(
                &name,
                &code::MISSING_PARAMETER,
                format!("This list is asked with `{name}`: add it."),
            );
        }
    }

    fn unknown(&mut self, name: &str) {
        let list = self.routed.operation == Operation::List;
        let mut known: Vec<String> = vec!["fields".into(), "suppress_response_codes".into()];
        if list {
            known.extend(["limit", "offset", "sort", "count"].map(str::to_owned));
            if let Some(resource) = self.resource() {
                known.extend(
                    names(resource, &resource.filters, &self.routed.permit.view)
                        .into_iter()
                        .map(str::to_owned),
                );
                known.extend(resource.through.iter().map(|through| through.name.clone()));
            }
        }
        let stem =
            OPERATORS.iter().find_map(|o| name.strip_suffix(o.word())?.strip_suffix('.')).unwrap_or(name);
        let shown: String = name.chars().take(60).collect();
        let message = match nearest(stem, known.iter().map(String::as_str)) {
            Some(near) => format!("The parameter `{shown}` is not known here. Did you mean `{near}`?"),
            None => format!("The parameter `{shown}` is not known here. Known ones: {}.", known.join(", ")),
        };
        self.refuse(name, &code::UNKNOWN_PARAMETER, message);
    }
}

fn names<'r>(resource: &'r Resource, ids: &[MemberId], view: &Selection) -> Vec<&'r str> {
    ids.iter()
        .filter(|id| view.has(**id))
        .filter_map(|id| resource.contract.get(*id))
        .map(|m| &*m.path)
        .collect()
}

/// Digits alone: no sign, no space, no exponent.
fn plain_number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A filter's value in the contract's own spelling, so that it can be compared as text.
pub(crate) fn canonical(member: &Member, text: &str) -> Option<String> {
    match &member.kind {
        Kind::Text(Format::Plain) => (text.len() <= 4096).then(|| text.to_owned()),
        Kind::Text(Format::Date) => time::Date::parse(text).map(|_| text.to_owned()),
        Kind::Text(Format::DateTime) => {
            // A date alone is its first moment. The plus of an offset may have come as a space.
            let dated = time::Date::parse(text).map(|_| format!("{text}T00:00:00Z"));
            let text = dated.unwrap_or_else(|| text.replace(' ', "+"));
            time::Moment::parse(&text).map(|m| m.to_string())
        }
        Kind::Number(_) => Decimal::parse(text)?.to_text(None),
        Kind::Integer => Decimal::parse(text).filter(Decimal::is_integer)?.to_text(Some(0)),
        Kind::Boolean => matches!(text, "true" | "false").then(|| text.to_owned()),
        Kind::Enum(texts) => texts.iter().any(|t| **t == *text).then(|| text.to_owned()),
        Kind::Object | Kind::List(_) | Kind::Free => None,
    }
}

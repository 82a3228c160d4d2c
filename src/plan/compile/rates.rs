//! How much callers may ask for: the words of the configuration, the tiers and the APIs become policies.

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::rates::{Entrance, Kind, Period, Policy, PolicyId, Rates, Row, place},
    spec::{
        Doc, Files,
        words::{self, rates as said},
    },
};
use std::time::Duration;

/// How many callers each policy keeps in mind, where nothing is said.
const KEYS: u32 = 100_000;
const MINUTE: Duration = Duration::from_mins(1);

/// The policies while they are found.
struct Found {
    policies: Vec<Policy>,
}

impl Found {
    fn add(&mut self, name: String, kind: Kind, count: u32) -> PolicyId {
        self.policies.push(Policy { name: name.into(), kind, count });
        self.policies.len() - 1
    }
}

impl Compiler<'_> {
    pub(super) fn rates(&mut self, config: &Doc<words::Config>) -> Rates {
        let mut found = Found { policies: Vec::new() };
        let words = config.words.rates.clone().unwrap_or_default();
        let all = match &words.all {
            Some(all) => self.row(config, &["rates", "all"], all, "all", &mut found),
            None => Row::default(),
        };
        let mut tiers: Vec<(String, Row)> = Vec::new();
        if let Some(identity) = &config.words.identity {
            for (name, tier) in &identity.tiers {
                let place = ["identity", "tiers", name.as_str(), "rate"];
                let row = match &tier.rate {
                    Some(rate) => {
                        if rate.per_address.is_some() {
                            let hint = Some(
                                "say it in `rates: { all: { perAddress } }` of the configuration".into(),
                            );
                            let message = "an address is counted before the tier is known";
                            let place = [&place[..], &["perAddress"]].concat();
                            config.error_at_key(self.out, m::BAD_RATE, &place, message, hint);
                        }
                        self.row(config, &place, rate, name, &mut found)
                    }
                    None => Row::default(),
                };
                tiers.push((name.clone(), row));
            }
        }
        let mut rows = Vec::new();
        let ids: Vec<String> = self.apis.iter().map(|api| api.id.clone()).collect();
        for id in ids {
            let files: &Files = self.files;
            let doc =
                files.apis.iter().find(|(_, doc)| format!("{}/{}", doc.words.api, doc.words.version) == id);
            let own = match doc.and_then(|(_, doc)| doc.words.rate.as_ref().map(|rate| (doc, rate))) {
                Some((doc, rate)) => self.row(doc, &["rate"], rate, &id, &mut found),
                None => Row::default(),
            };
            let own = own.over(&all);
            let mut row: Vec<Row> = tiers.iter().map(|(_, tier)| tier.over(&own)).collect();
            row.push(own);
            rows.push(row);
        }
        let login = self.entrance(config, "login", words.login.as_ref(), (30, 10), &mut found);
        let token = self.entrance(config, "token", words.token.as_ref(), (600, 120), &mut found);
        Rates {
            policies: found.policies,
            rows,
            tiers: tiers.into_iter().map(|(name, _)| name).collect(),
            login,
            token,
            keys: words.keys.unwrap_or(KEYS) as usize,
        }
    }

    fn entrance(
        &mut self,
        config: &Doc<words::Config>,
        name: &str,
        words: Option<&said::Entrance>,
        (address, named): (u32, u32),
        found: &mut Found,
    ) -> Entrance {
        let mut one = |word: &str, said: Option<&said::Allowance>, usual: u32| {
            let kind = said.and_then(|said| self.allowance(config, &["rates", name, word], said));
            let (count, kind) = kind.unwrap_or((usual, Kind::Rate { window: MINUTE, burst: usual }));
            let by = if word == "perAddress" { "address" } else { "name" };
            found.add(format!("{name}-{by}"), kind, count)
        };
        Entrance {
            address: one("perAddress", words.and_then(|words| words.per_address.as_ref()), address),
            name: one("perName", words.and_then(|words| words.per_name.as_ref()), named),
        }
    }

    fn row<T>(
        &mut self,
        doc: &Doc<T>,
        path: &[&str],
        words: &said::Rates,
        scope: &str,
        found: &mut Found,
    ) -> Row {
        let mut row = Row::default();
        let mut one = |compiler: &mut Self, word: &[&str], said: Option<&said::Allowance>, by: &str| {
            let (count, kind) = compiler.allowance(doc, &[path, word].concat(), said?)?;
            Some(found.add(format!("{scope}-{by}"), kind, count))
        };
        row.address = one(self, &["perAddress"], words.per_address.as_ref(), "address");
        row.client = one(self, &["perClient"], words.per_client.as_ref(), "client");
        row.subject = one(self, &["perSubject"], words.per_subject.as_ref(), "subject");
        for (operation, allowance) in &words.operations {
            let name = operation.name();
            let id = one(self, &["operations", name], Some(allowance), name);
            if let Some(slot) = row.operations.get_mut(place(*operation)) {
                *slot = id;
            }
        }
        let smallest = self.smallest(&row, found);
        for (operation, cost) in &words.costs {
            let name = operation.name();
            let wrong = if *cost == 0 {
                Some("a request counts for 1 or more".to_owned())
            } else {
                smallest
                    .filter(|most| cost > most)
                    .map(|most| format!("no more than {most} may come at once: this never could"))
            };
            if let Some(message) = wrong {
                let hint = Some("write a smaller cost, or a larger `burst`".into());
                doc.error(self.out, m::BAD_RATE, &[path, &["costs", name]].concat(), message, hint);
            }
            if let Some(slot) = row.costs.get_mut(place(*operation)) {
                *slot = Some(*cost);
            }
        }
        row.at_once = words.at_once.map(|count| found.add(format!("{scope}-at-once"), Kind::AtOnce, count));
        row.quota = words.quota.as_ref().and_then(|text| {
            let read = text.split_once('/').and_then(|(count, period)| {
                let period = match period {
                    "day" => Period::Day,
                    "month" => Period::Month,
                    _ => return None,
                };
                Some((count.parse::<u32>().ok().filter(|count| *count > 0)?, period))
            });
            let Some((count, period)) = read else {
                let hint = Some("write for example `100000/day` or `1000000/month`".into());
                let message = format!("`{text}` is no quota");
                doc.error(self.out, m::BAD_RATE, &[path, &["quota"]].concat(), message, hint);
                return None;
            };
            Some(found.add(format!("{scope}-quota"), Kind::Quota(period), count))
        });
        row
    }

    /// The smallest burst of a row's own limits.
    #[expect(clippy::unused_self, reason = "one of the questions of a row")]
    fn smallest(&self, row: &Row, found: &Found) -> Option<u32> {
        // Addresses and single operations are counted by one.
        [row.client, row.subject]
            .into_iter()
            .flatten()
            .filter_map(|id| match found.policies.get(id)?.kind {
                Kind::Rate { burst, .. } => Some(burst),
                _ => None,
            })
            .min()
    }

    /// A rate as count and kind.
    fn allowance<T>(&mut self, doc: &Doc<T>, path: &[&str], words: &said::Allowance) -> Option<(u32, Kind)> {
        let (text, burst) = match words {
            said::Allowance::Rate(text) => (text, None),
            said::Allowance::Full(full) => (&full.rate, full.burst),
        };
        let read = text.split_once('/').and_then(|(count, unit)| {
            let window = match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                "d" => 86_400,
                _ => return None,
            };
            let count = count.parse::<u32>().ok().filter(|count| (1..=10_000_000).contains(count))?;
            Some((count, Duration::from_secs(window)))
        });
        let Some((count, window)) = read else {
            let hint = Some("write for example `10/s`, `1000/m`, `5000/h` or `100000/d`".into());
            doc.error(self.out, m::BAD_RATE, path, format!("`{text}` is no rate"), hint);
            return None;
        };
        Some((count, Kind::Rate { window, burst: burst.unwrap_or(count).max(1) }))
    }
}

//! Which columns of a table are sealed at rest, and that they can be: each has its place, its words fit, and there
//! is a key to seal with.

use super::{Compiler, tables::is_word};
use crate::{
    fault::mapping as m,
    plan::{
        Contract, MemberId, SourceKind,
        sql::{BlindIndex, Column, ColumnKind, Sealed},
    },
    spec::{
        Bound, Doc,
        words::{
            self,
            binding::{Field, NewKey, Plain, Rule},
        },
    },
};
use indexmap::IndexMap;

/// What the rules of a table say of its columns' seals.
pub(super) struct Table<'t> {
    pub alias: &'t str,
    /// The aliases of its children.
    pub children: Vec<&'t str>,
    /// The column of the key, with its alias.
    pub key: String,
}

impl Compiler<'_> {
    /// How the table's columns are sealed; nothing where none is, or where it cannot be.
    pub(super) fn seals(&mut self, bound: &Bound, table: &Table<'_>) -> Option<Sealed> {
        let doc = &bound.doc;
        let mut any = false;
        self.sealed_fields(doc, &["fields"], &doc.words.fields, table, false, &mut any);
        let Some(sealed) = &doc.words.sealed else { return None };
        if !any {
            let hint = Some("say `seal: true` on a member, or remove it".into());
            doc.error_at_key(self.out, m::BAD_SEAL, &["sealed"], "no member of this table is sealed", hint);
        }
        if doc.words.new_key == Some(NewKey::Database) {
            let hint = Some("write `newKey: uuid`, or leave it out".into());
            let message = "a record is sealed for its key, which has to be known before it is written";
            doc.error(self.out, m::BAD_SEAL, &["newKey"], message, hint);
        }
        for name in doc.words.fixed.keys() {
            if sealing(&doc.words.fields, name).is_some() {
                let hint = Some("take `seal` from its rule, or pick the rows by another column".into());
                let message = format!("rows are picked by `{name}`, which is sealed");
                doc.error_at_key(self.out, m::BAD_SEAL, &["fixed", name], message, hint);
            }
        }
        let key = self.own_column(doc, &["sealed", "key"], table, &sealed.key)?;
        let configured = self.files.config.as_ref().is_some_and(|config| config.words.sealing.is_some());
        if !configured && self.is_chosen(bound) {
            let hint = Some("add `sealing: { key: { file: ... } }` to the configuration".into());
            let message = "this table is sealed, and the configuration has no keys";
            doc.error_at_key(self.out, m::NO_SEALING, &["sealed"], message, hint);
        }
        Some(Sealed { key, reads_plain: sealed.plain == Plain::Read })
    }

    /// In a binding without a table nothing can be sealed.
    pub(super) fn no_seals(&mut self, doc: &Doc<words::Binding>, kind: &SourceKind) {
        if matches!(kind, SourceKind::Sql(_)) {
            return;
        }
        let hint = || Some("remove it: what another system keeps is its own to protect".to_owned());
        if doc.words.sealed.is_some() {
            let message = "only the tables of a `sql` source are sealed";
            doc.error_at_key(self.out, m::BAD_SEAL, &["sealed"], message, hint());
        }
        for (names, field) in &doc.words.fields {
            if let Field::Rule(rule) = field
                && (rule.seal.is_some() || rule.index.is_some() || rule.ignore_case.is_some())
            {
                let message = "only columns of a `sql` source are sealed";
                doc.error_at_key(self.out, m::BAD_SEAL, &["fields", names], message, hint());
            }
        }
    }

    /// Members that are filtered by, for equality alone.
    pub(super) fn exact(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        filters: &[MemberId],
    ) -> Vec<MemberId> {
        let mut found = Vec::new();
        for (at, name) in doc.words.exact.iter().enumerate() {
            let place = ["exact", &at.to_string()];
            let Some(member) = self.member(doc, contract, &place, name) else { continue };
            if !filters.contains(&member) {
                let hint = Some("add it to `filter`, or remove it here".into());
                doc.error(self.out, m::NO_MEMBER, &place, format!("`{name}` is not filtered by"), hint);
            }
            found.push(member);
        }
        found
    }

    fn sealed_fields(
        &mut self,
        doc: &Doc<words::Binding>,
        place: &[&str],
        fields: &IndexMap<String, Field>,
        table: &Table<'_>,
        within: bool,
        any: &mut bool,
    ) {
        for (names, field) in fields {
            let Field::Rule(rule) = field else { continue };
            let here = [place, &[names]].concat();
            if !rule.fields.is_empty() {
                let inner = [&here[..], &["fields"]].concat();
                self.sealed_fields(doc, &inner, &rule.fields, table, true, any);
            }
            let seals = rule.seal == Some(true);
            *any |= seals;
            self.sealed_rule(doc, &here, rule, table, within || rule.each.is_some());
        }
    }

    fn sealed_rule(
        &mut self,
        doc: &Doc<words::Binding>,
        here: &[&str],
        rule: &Rule,
        table: &Table<'_>,
        within: bool,
    ) {
        let mut wrong = |word: &str, message: String, hint: &str| {
            let place = [here, &[word]].concat();
            doc.error_at_key(self.out, m::BAD_SEAL, &place, message, Some(hint.into()));
        };
        if rule.seal != Some(true) {
            for (word, said) in [("index", rule.index.is_some()), ("ignoreCase", rule.ignore_case.is_some())]
            {
                if said {
                    let message = format!("`{word}` is for a column that is sealed");
                    wrong(word, message, "add `seal: true`, or remove it");
                }
            }
            return;
        }
        let Some(from) = rule.from.as_deref() else {
            return wrong(
                "seal",
                "a column is sealed, and this rule names none".into(),
                "say `from`, or remove `seal`",
            );
        };
        let alias = from.split_once('.').map_or("", |(alias, _)| alias);
        if doc.words.sealed.is_none() {
            let hint = format!("add `sealed: {{ key: {}.data_key }}` to the binding", table.alias);
            wrong("seal", "there is no column for the records' data keys".into(), &hint);
        }
        if alias != table.alias && !table.children.contains(&alias) {
            let message =
                format!("`{from}` is a joined table's, and is sealed by the resource that writes it");
            wrong("seal", message, "take the member from a table of this binding");
        }
        if from == table.key {
            let message = format!("`{from}` is the key, by which records are found");
            wrong("seal", message, "remove `seal`");
        }
        if rule.stamp.is_some() {
            wrong("seal", "a time that is stamped is not sealed".into(), "remove `seal`");
        }
        let holds_texts = rule.sql_type.as_deref().is_none_or(|own| {
            Column { sql_type: Some(own.to_owned()), ..Column::plain("", "", ColumnKind::Text) }.is_text()
        });
        if !holds_texts {
            wrong(
                "type",
                "a sealed column holds texts".into(),
                "remove `type`, and make it a column of texts",
            );
        }
        if rule.ignore_case.is_some() && rule.index.is_none() {
            wrong("ignoreCase", "there is no `index` that could tell cases apart".into(), "remove it");
        }
        let Some(index) = &rule.index else { return };
        if within {
            let message = "a member of a list is not found by an index".to_owned();
            return wrong("index", message, "remove it");
        }
        let place = [here, &["index"]].concat();
        let configured = |words: &words::Config| words.sealing.as_ref().is_some_and(|s| s.index.is_some());
        let has_key = self
            .files
            .config
            .as_ref()
            .is_none_or(|config| config.words.sealing.is_none() || configured(&config.words));
        if !has_key {
            let hint = Some("add `index: { file: ... }` to `sealing` in the configuration".into());
            let message = "the configuration has no key for blind indexes";
            doc.error(self.out, m::NO_SEALING, &place, message, hint);
        }
        self.own_column(doc, &place, table, index);
    }

    /// The name of a column of the table itself.
    fn own_column(
        &mut self,
        doc: &Doc<words::Binding>,
        place: &[&str],
        table: &Table<'_>,
        text: &str,
    ) -> Option<String> {
        match text.split_once('.') {
            Some((alias, name)) if alias == table.alias && is_word(name) => Some(name.to_owned()),
            _ => {
                let hint = Some(format!("write for example `{}.data_key`", table.alias));
                let message = format!("`{text}` is no column of this table");
                doc.error(self.out, m::BAD_PLACE, place, message, hint);
                None
            }
        }
    }
}

/// What the rule of a sealed column says of it.
pub(super) struct Said {
    pub index: Option<BlindIndex>,
}

/// What the rule of a column says of its seal; nothing where it is not sealed.
pub(super) fn sealing(fields: &IndexMap<String, Field>, place: &str) -> Option<Said> {
    fields.values().find_map(|field| {
        let Field::Rule(rule) = field else { return None };
        if rule.seal == Some(true) && rule.from.as_deref() == Some(place) {
            let name = rule.index.as_deref().and_then(|index| Some(index.split_once('.')?.1.to_owned()));
            let ignore_case = rule.ignore_case == Some(true);
            return Some(Said { index: name.map(|name| BlindIndex { name, ignore_case }) });
        }
        sealing(&rule.fields, place)
    })
}

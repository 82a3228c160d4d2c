//! What the site keeps, in memory: nodes, accounts, terms and files, filled from the seed data once. It validates
//! nothing (`fields` does) and knows no HTTP.

mod content;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::demo::seed::{BREEDS_VID, Customer, SPECIES_VID, Seed};

/// New nodes get ids from here on, behind the last pet.
const FIRST_NEW: u64 = 501;
/// So many nodes at most: the site lives in memory.
const MOST_NODES: usize = 50_000;
/// So many terms at most, since whoever tags a node makes them.
const MOST_TERMS: usize = 10_000;
/// The vocabulary of free tags.
pub(super) const TAGS_VID: u64 = 5;

#[derive(Debug)]
pub(super) struct Store {
    pub(super) nodes: BTreeMap<u64, Node>,
    pub(super) users: BTreeMap<u64, User>,
    pub(super) terms: BTreeMap<u64, Term>,
    pub(super) vocabularies: BTreeMap<u64, Vocabulary>,
    pub(super) files: BTreeMap<u64, File>,
    next_nid: u64,
    next_vid: u64,
}

/// Base columns, and fields as Services prints them: `[]` or `{"und": [...]}`.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) nid: u64,
    /// The revision's id; not the node's, and no vocabulary's.
    pub(super) vid: u64,
    pub(super) uid: u64,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) status: u8,
    pub(super) created: i64,
    pub(super) changed: i64,
    pub(super) promote: u8,
    pub(super) sticky: u8,
    pub(super) comment: u8,
    pub(super) fields: Map<String, Value>,
}

/// An account of a person; that of the administrator, `uid` 1, is hidden from the service.
#[derive(Debug)]
pub(super) struct User {
    pub(super) uid: u64,
    /// The name to log in with, unique.
    pub(super) name: String,
    pub(super) person: Customer,
}

#[derive(Debug)]
pub(super) struct Term {
    pub(super) tid: u64,
    pub(super) vid: u64,
    pub(super) name: String,
    /// The editors keep a species' code here, and for a breed the tid of its species.
    pub(super) description: String,
    pub(super) weight: i64,
    pub(super) kind: TermKind,
}

#[derive(Debug)]
pub(super) enum TermKind {
    Species { code: &'static str },
    Breed { species: u64 },
    Tag,
}

#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) vid: u64,
    pub(super) name: &'static str,
    pub(super) machine_name: &'static str,
}

/// A managed file. Photos lie on another host (the module `remote_stream_wrapper`), so their `uri` is an address.
#[derive(Debug)]
pub(super) struct File {
    pub(super) uri: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

impl Store {
    pub(super) fn new(seed: &Seed) -> Self {
        let vocabularies = [
            (SPECIES_VID, "Species", "species"),
            (BREEDS_VID, "Breeds", "breeds"),
            (TAGS_VID, "Tags", "tags"),
        ]
        .map(|(vid, name, machine_name)| (vid, Vocabulary { vid, name, machine_name }));
        let mut store = Self {
            nodes: BTreeMap::new(),
            users: content::users(seed),
            terms: content::terms(seed),
            vocabularies: vocabularies.into(),
            files: BTreeMap::new(),
            next_nid: FIRST_NEW,
            next_vid: 0,
        };
        store.fill(seed);
        store.next_vid = store.nodes.values().map(|node| node.vid).max().unwrap_or_default() + 1;
        store
    }

    /// Gives a node its ids and keeps it; `None` when the site is full.
    pub(super) fn add(&mut self, mut node: Node) -> Option<u64> {
        if self.nodes.len() >= MOST_NODES {
            return None;
        }
        (node.nid, node.vid) = (self.next_nid, self.next_vid);
        self.next_nid += 1;
        self.next_vid += 1;
        let nid = node.nid;
        self.nodes.insert(nid, node);
        Some(nid)
    }

    /// The term of a vocabulary with exactly this name; the first where editors made two.
    pub(super) fn term_named(&self, vid: u64, name: &str) -> Option<u64> {
        self.terms.values().find(|term| term.vid == vid && term.name == name).map(|term| term.tid)
    }

    /// The tag with this name, made if it is not there; `None` when the site is full.
    pub(super) fn add_tag(&mut self, vid: u64, name: &str) -> Option<u64> {
        if let Some(tid) = self.term_named(vid, name) {
            return Some(tid);
        }
        if self.terms.len() >= MOST_TERMS {
            return None;
        }
        let tid = self.terms.keys().next_back()? + 1;
        self.terms.insert(tid, Term::tag(tid, vid, name));
        Some(tid)
    }
}

impl Term {
    fn tag(tid: u64, vid: u64, name: &str) -> Self {
        let (name, description) = (name.to_owned(), String::new());
        Self { tid, vid, name, description, weight: 0, kind: TermKind::Tag }
    }
}

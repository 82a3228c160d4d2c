//! How a source is used to write its documents: the names of members as they stood before, in their order. Systems write
//! the same members in the same order each time; a name that stands where it is expected is compared and not read.
//! It is an expectation and no more: whoever reads finds the same without it.

use super::Trie;
use arc_swap::{ArcSwapOption, Guard};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// A source whose documents differ again and again has no habit: what is known of it is not given up more often than this.
const MOST: u32 = 32;
/// Bytes of a name; longer ones are read each time.
const LONGEST: u32 = 256;

/// What is learnt of one source's documents. A copy of it knows nothing yet.
#[derive(Default)]
pub struct Habit {
    known: ArcSwapOption<Order>,
    given_up: AtomicU32,
}

/// The names of one document, by the node of the trie that their object stands at.
#[derive(Debug, Default)]
pub struct Order {
    /// All of them, one behind the other.
    text: Box<str>,
    nodes: Vec<Vec<Name>>,
    ways: Vec<Option<Way>>,
}

/// What stands around a value that is alone in all that is around it, as in `{"und":[{"value":1}]}`: one comparison before it
/// and one behind it are all that there is to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub before: Box<str>,
    pub behind: Box<str>,
    /// The node of the value.
    pub leaf: usize,
}

/// Objects and lists around one value; more are read one by one.
const DEEPEST: usize = 16;

/// A member's name from its quote to its colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub start: u32,
    pub end: u32,
    pub leads: Leads,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To this node.
    To(u32),
    /// Nowhere; so many bytes stand between its quotes.
    Nowhere(u32),
}

// === impl Habit ===

impl Habit {
    /// What is expected of the next document; nothing as long as none was read.
    pub fn known(&self) -> Guard<Option<Arc<Order>>> {
        self.known.load()
    }

    /// Whether a document may be learnt from.
    pub fn learns(&self) -> bool {
        self.given_up.load(Relaxed) < MOST
    }

    /// Learns from a document; the places of the names are in it. One without names teaches nothing.
    pub fn learn(&self, document: &str, nodes: &[Vec<Name>], trie: &Trie) {
        if !self.learns() || nodes.iter().all(Vec::is_empty) {
            return;
        }
        let mut text = String::new();
        let mut moved = |name: &Name| {
            let start = text.len() as u32;
            text.push_str(document.get(name.start as usize..name.end as usize).unwrap_or_default());
            Name { start, end: text.len() as u32, ..*name }
        };
        let is_short = |name: &&Name| name.end - name.start <= LONGEST;
        let nodes =
            nodes.iter().map(|names| names.iter().filter(is_short).map(&mut moved).collect()).collect();
        let ways = (0..trie.nodes.len()).map(|node| Way::from(trie, node)).collect();
        self.known.store(Some(Arc::new(Order { text: text.into(), nodes, ways })));
    }

    /// Another document was otherwise: the next one is learnt from.
    pub fn forget(&self) {
        // Whoever reads at the same time may have found it, too: it is given up once.
        if self.known.swap(None).is_some() {
            self.given_up.fetch_add(1, Relaxed);
        }
    }
}

impl Clone for Habit {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Habit")
    }
}

// === impl Order ===

impl Order {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of a node's objects; none where there was no such object.
    pub fn names(&self, node: usize) -> &[Name] {
        self.nodes.get(node).map(Vec::as_slice).unwrap_or_default()
    }

    /// The way from an object or a list to the one value that is wanted of it.
    #[inline]
    pub fn way(&self, node: usize) -> Option<&Way> {
        self.ways.get(node)?.as_ref()
    }
}

// === impl Way ===

impl Way {
    fn from(trie: &Trie, node: usize) -> Option<Self> {
        let (mut before, mut behind) = (String::new(), Vec::new());
        let mut leaf = node;
        for _ in 0..=DEEPEST {
            let at = trie.nodes.get(leaf)?;
            match (at.keys.as_slice(), at.indexes.as_slice()) {
                _ if at.each.is_some() => return None,
                ([], []) if behind.is_empty() => return None,
                ([], []) => {
                    let behind: String = behind.into_iter().rev().collect();
                    return Some(Self { before: before.into(), behind: behind.into(), leaf });
                }
                // What is wanted as a whole, too, is read as one.
                _ if at.slot.is_some() => return None,
                ([key], []) => {
                    before.extend(["{", &key.token]);
                    behind.push('}');
                    leaf = key.next;
                }
                ([], [(0, next)]) => {
                    before.push('[');
                    behind.push(']');
                    leaf = *next;
                }
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::path::Path;

    #[test]
    fn what_differs_again_and_again_is_no_habit() {
        let habit = Habit::default();
        let document = r#"{"a":1}"#;
        let name = Name { start: 1, end: 5, leads: Leads::To(1) };
        let learn = || habit.learn(document, &[vec![name]], &Trie::new());
        for _ in 0..MOST {
            // However many read at the same time.
            (0..40).for_each(|_| learn());
            let known = habit.known();
            let order = known.as_deref().unwrap();
            assert_eq!((order.text(), order.names(0).len(), order.names(7).len()), (r#""a":"#, 1, 0));
            assert!(habit.learns());
            (0..40).for_each(|_| habit.forget());
            assert!(habit.known().is_none());
        }
        assert!(!habit.learns());
        learn();
        assert!(habit.known().is_none());
    }

    #[test]
    fn neither_nothing_nor_long_names_are_learnt() {
        let habit = Habit::default();
        habit.learn("[]", &[Vec::new(), Vec::new()], &Trie::new());
        assert!(habit.known().is_none());
        let document = format!("{{\"{}\":1,\"a\":2}}", "x".repeat(300));
        let long = Name { start: 1, end: 304, leads: Leads::Nowhere(300) };
        let short = Name { start: 306, end: 310, leads: Leads::To(1) };
        habit.learn(&document, &[vec![long, short]], &Trie::new());
        assert_eq!(habit.known().as_deref().unwrap().text(), r#""a":"#);
    }

    #[test]
    fn a_way_leads_to_what_is_alone() {
        let mut reading = super::super::Reading::default();
        reading.levels.push(super::super::Level::default());
        reading.trie = Trie::new();
        for path in ["a.und[0].value", "b.und[0]", "b.und[1]", "c", "d.e", "d", "f[0].g", "f[0].h"] {
            reading.slot(0, 0, &Path::parse(path).unwrap());
        }
        let way = |name: &str| {
            let key = reading.trie.nodes[0].keys.iter().find(|key| *key.name == *name).unwrap();
            Way::from(&reading.trie, key.next).map(|way| (way.before.to_string(), way.behind.to_string()))
        };
        assert_eq!(way("a"), Some((r#"{"und":[{"value":"#.into(), "}]}".into())));
        for other in ["b", "c", "d", "f"] {
            assert_eq!(way(other), None, "{other}");
        }
    }
}

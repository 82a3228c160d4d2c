//! How a source is used to write its documents: the names of members as they stood before, in their order. Systems write
//! the same members in the same order each time; a name that stands where it is expected is compared and not read.
//! It is an expectation and no more: whoever reads finds the same without it.

use arc_swap::{ArcSwapOption, Guard};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// A source whose documents differ again and again has no habit: it is not learnt anew more often than this.
const MOST: u32 = 32;

/// What is learnt of one source's documents. A copy of it knows nothing yet.
#[derive(Default)]
pub struct Habit {
    known: ArcSwapOption<Order>,
    learnt: AtomicU32,
}

/// The names of one document, by the node of the trie that their object stands at.
#[derive(Debug, Default)]
pub struct Order {
    /// All of them, one behind the other.
    text: Box<str>,
    nodes: Vec<Vec<Name>>,
}

/// A member's name from its quote to its colon, and the node that it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub start: u32,
    pub end: u32,
    /// How many bytes stand between its quotes, where it leads nowhere.
    pub inside: u32,
    pub next: Option<usize>,
}

// === impl Habit ===

impl Habit {
    /// What is expected of the next document; nothing as long as none was read.
    pub fn known(&self) -> Guard<Option<Arc<Order>>> {
        self.known.load()
    }

    /// Whether a document may be learnt from.
    pub fn learns(&self) -> bool {
        self.learnt.load(Relaxed) < MOST
    }

    /// Learns from a document; the places of the names are in it.
    pub fn learn(&self, document: &str, nodes: &[Vec<Name>]) {
        if self.learnt.fetch_add(1, Relaxed) >= MOST {
            return self.known.store(None);
        }
        let mut text = String::new();
        let mut moved = |name: &Name| {
            let start = text.len() as u32;
            text.push_str(document.get(name.start as usize..name.end as usize).unwrap_or_default());
            Name { start, end: text.len() as u32, ..*name }
        };
        let nodes = nodes.iter().map(|names| names.iter().map(&mut moved).collect()).collect();
        self.known.store(Some(Arc::new(Order { text: text.into(), nodes })));
    }

    /// Another document was otherwise: the next one is learnt from.
    pub fn forget(&self) {
        self.known.store(None);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_again_and_again_is_no_habit() {
        let habit = Habit::default();
        let document = r#"{"a":1}"#;
        let name = Name { start: 1, end: 5, inside: 0, next: Some(1) };
        for _ in 0..MOST {
            assert!(habit.learns());
            habit.learn(document, &[vec![name]]);
            let known = habit.known();
            let order = known.as_deref().unwrap();
            assert_eq!((order.text(), order.names(0).len(), order.names(7).len()), (r#""a":"#, 1, 0));
            habit.forget();
            assert!(habit.known().is_none());
        }
        assert!(!habit.learns());
        habit.learn(document, &[vec![name]]);
        assert!(habit.known().is_none());
    }
}

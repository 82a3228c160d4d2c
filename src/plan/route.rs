//! Paths to resources: one tree for all APIs, walked once a request. It decides no method.

use super::ResourceId;
use std::collections::HashMap;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A collection, by the number of the resource's path.
    Collection(ResourceId, usize),
    /// One record.
    Record(ResourceId, usize),
    Shortcut(usize),
}

#[derive(Debug, Default)]
pub struct Routes {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    words: HashMap<Box<str>, Node>,
    parameter: Option<Box<Node>>,
    target: Option<Target>,
    /// Whether an API begins here, and which.
    api: Option<usize>,
}

/// A path that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'p> {
    pub target: Target,
    /// The path's parameters, in order.
    pub parameters: Vec<&'p str>,
}

impl Routes {
    fn reach(&mut self, path: &str) -> &mut Node {
        let mut node = &mut self.root;
        for segment in path.split('/').filter(|s| !s.is_empty()) {
            node = if segment.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.words.entry(segment.into()).or_default()
            };
        }
        node
    }

    /// Puts a target at a path such as `/v1/pets/{petId}`; what stood there already is handed back.
    pub fn add(&mut self, path: &str, target: Target) -> Option<Target> {
        self.reach(path).target.replace(target)
    }

    pub fn add_api(&mut self, base: &str, api: usize) {
        self.reach(base).api = Some(api);
    }

    /// Finds what stands at these segments. Words go before parameters.
    pub fn find<'p>(&self, segments: &[&'p str]) -> Option<Match<'p>> {
        let mut node = &self.root;
        let mut parameters = Vec::new();
        for segment in segments {
            node = if let Some(next) = node.words.get(*segment) {
                next
            } else {
                parameters.push(*segment);
                node.parameter.as_deref()?
            };
        }
        node.target.map(|target| Match { target, parameters })
    }

    /// The API that a path begins with.
    pub fn api(&self, segments: &[&str]) -> Option<usize> {
        let mut node = &self.root;
        for segment in segments {
            node = node.words.get(*segment)?;
            if node.api.is_some() {
                return node.api;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_words_before_parameters() {
        let mut routes = Routes::default();
        routes.add("/v1/pets", Target::Collection(0, 0));
        routes.add("/v1/pets/{petId}", Target::Record(0, 0));
        routes.add("/v1/pets/{petId}/publicProfile", Target::Shortcut(0));
        routes.add("/v1/pets/{petId}/medical-records", Target::Collection(1, 0));
        assert_eq!(routes.find(&["v1", "pets"]).unwrap().target, Target::Collection(0, 0));
        let found = routes.find(&["v1", "pets", "12", "publicProfile"]).unwrap();
        assert_eq!((found.target, found.parameters), (Target::Shortcut(0), vec!["12"]));
        assert_eq!(routes.find(&["v1", "pets", "12", "nothing"]), None);
        assert_eq!(routes.find(&["v2"]), None);
        assert_eq!(routes.add("/v1/pets/{id}", Target::Shortcut(1)), Some(Target::Record(0, 0)));
    }
}

//! All values of one member of a record, for conditions: one that is a list has several, and so has one that stands in the
//! items of a list. It writes nothing.

use super::Shown;
use crate::{
    plan::reading::{Item, LevelId, ListNode, Node},
    translate::Problem,
};

impl<'a> Shown<'a> {
    /// All public values of a member as texts: more than one, or none, where it is a list or stands in the items of one.
    pub fn values(&self, row: u32, member: u16) -> Result<Vec<String>, Problem> {
        if self.reading.leaf(member).is_some() {
            return Ok(self.value(row, member)?.into_iter().map(String::from).collect());
        }
        let mut found = Vec::new();
        if !self.gather(&self.reading.top, 0, row, member, &mut found)? {
            found.extend(self.value(row, member)?.map(String::from));
        }
        Ok(found)
    }

    /// Gathers a member's values below these nodes; whether it stands there at all.
    fn gather(
        &self,
        nodes: &'a [Node],
        level: LevelId,
        row: u32,
        member: u16,
        found: &mut Vec<String>,
    ) -> Result<bool, Problem> {
        for node in nodes {
            let here = match node {
                Node::Leaf(leaf) if leaf.member == member => {
                    found.extend(self.leaf_value(leaf, level, row)?.map(String::from));
                    true
                }
                Node::Leaf(_) => false,
                Node::Object(object) => self.gather(&object.children, level, row, member, found)?,
                Node::List(ListNode { slot, condition, item, member: list }) => {
                    let Some(inner) = self.reading.inner(level, *slot) else { continue };
                    let held = self.contract.get(*list).is_some_and(|l| (l.id..l.end).contains(&member));
                    for row in self.rows(level, row, *slot, condition).filter(|_| held) {
                        match item {
                            Item::Object(nodes) => _ = self.gather(nodes, inner, row, member, found)?,
                            Item::Scalar(leaf) => {
                                found.extend(self.leaf_value(leaf, inner, row)?.map(String::from));
                            }
                        }
                    }
                    held
                }
            };
            if here {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

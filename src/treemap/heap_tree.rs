//! The trees of a heap that are laid out: by dominators, or by package, file and class.

use super::layout::Tree;
use crate::analysis::Heap;
use crate::graph::NodeIndex;

/// Objects below what dominates them, by retained size. Nodes are positions in the dominator tree, the root's is 0.
#[derive(Debug, Clone, Copy)]
pub struct DominatorTreeMap<'a>(pub &'a Heap);

impl DominatorTreeMap<'_> {
    /// The object at a position.
    pub fn object(&self, node: u32) -> NodeIndex {
        self.0.dominator_tree().nodes[node as usize]
    }
}

impl Tree for DominatorTreeMap<'_> {
    fn size(&self, node: u32) -> u64 {
        self.0.retained_size(self.object(node))
    }

    fn children(&self, node: u32, least: u64, found: &mut Vec<u32>) {
        let tree = self.0.dominator_tree();
        let mut below = tree.subtree(node as usize);
        below.start += 1;
        while below.start < below.end {
            let at = below.start;
            if self.0.retained_size(tree.nodes[at]) >= least {
                found.push(at as u32);
            }
            below.start = tree.subtree(at).end;
        }
    }
}

/// A tree of names.
#[derive(Debug, Clone, Default)]
pub struct NamedTree {
    /// The nodes; the first is the top.
    pub nodes: Vec<NamedNode>,
}

/// A node of a tree of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedNode {
    /// What it is called.
    pub name: String,
    /// Its size, with all below it.
    pub size: u64,
    /// The nodes below it.
    pub children: Vec<u32>,
    /// The node just below the top that it belongs to.
    pub branch: u32,
    /// The text after `owned-by:` that filters objects to it.
    pub filter: Option<String>,
}

impl NamedTree {
    /// A tree with nothing below its top.
    pub fn new(name: &str) -> Self {
        Self { nodes: vec![NamedNode { name: name.to_owned(), ..NamedNode::default() }] }
    }

    /// The node just below the top that `node` belongs to; the top's own for itself.
    pub fn branch_of(&self, node: u32) -> u32 {
        self.nodes[node as usize].branch
    }

    /// Adds `size` along `path` from the top, making what is not there.
    pub fn add(&mut self, path: &[(&str, Option<&str>)], size: u64) {
        let mut at = 0usize;
        self.nodes[0].size += size;
        for (name, filter) in path {
            let found = self.nodes[at].children.iter().copied().find(|&c| self.nodes[c as usize].name == *name);
            at = match found {
                Some(child) => child as usize,
                None => {
                    let child = self.nodes.len();
                    let filter = filter.map(str::to_owned);
                    let branch = if at == 0 { child as u32 } else { self.nodes[at].branch };
                    self.nodes.push(NamedNode { name: (*name).to_owned(), branch, filter, ..NamedNode::default() });
                    self.nodes[at].children.push(child as u32);
                    child
                }
            };
            self.nodes[at].size += size;
        }
    }
}

impl Tree for NamedTree {
    fn size(&self, node: u32) -> u64 {
        self.nodes[node as usize].size
    }

    fn children(&self, node: u32, least: u64, found: &mut Vec<u32>) {
        found.extend(self.nodes[node as usize].children.iter().filter(|&&c| self.size(c) >= least));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_add_up_along_paths() {
        let mut tree = NamedTree::new("all");
        tree.add(&[("express", None), ("router.js", None)], 5);
        tree.add(&[("express", None), ("view.js", None)], 3);
        tree.add(&[("(node)", None)], 2);
        let sizes: Vec<_> = tree.nodes.iter().map(|n| (n.name.as_str(), n.size)).collect();
        assert_eq!(sizes, [("all", 10), ("express", 8), ("router.js", 5), ("view.js", 3), ("(node)", 2)]);
    }
}

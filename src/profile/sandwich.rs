//! Sandwich: one function, all its callers above it and all it called below.

use super::builder::TreeBuilder;
use super::frames::FunctionIndex;
use super::tree::{Profile, StackIndex};

/// Two trees whose only top node is the function, of the same total.
#[derive(Debug, Clone)]
pub struct Sandwich {
    /// From the function outwards to those that called it.
    pub callers: Profile,
    /// From the function inwards to what it called.
    pub callees: Profile,
}

impl Profile {
    /// The nodes of a function that are not below another of its nodes.
    pub fn outermost(&self, function: FunctionIndex) -> Vec<StackIndex> {
        let mut open_until = StackIndex::ROOT;
        let mut outermost = Vec::new();
        for n in self.nodes().skip(1) {
            if n >= open_until && self.function(n) == function {
                open_until = self.end(n);
                outermost.push(n);
            }
        }
        outermost
    }

    /// What called a function and what it called, each allocation counted once.
    pub fn sandwich(&self, function: FunctionIndex) -> Sandwich {
        let tops = self.outermost(function);
        let root = self.frame_index(StackIndex::ROOT);
        let key = |n: StackIndex| self.function(n).0;
        let mut callers = TreeBuilder::new(root, 1);
        let mut callees = TreeBuilder::new(root, 1);
        // A tree has no more nodes than stacks, but for callers: there a number may run out, and what is then farther out
        // is left out.
        for &top in &tops {
            let mut at = 0;
            for n in self.stack(top) {
                let Some(next) = callers.child(at, key(n), self.frame_index(n)) else { break };
                at = next;
            }
            callers.add(at, 0, self.total_size(top));
            let mut places: Vec<(StackIndex, u32)> = Vec::new();
            for n in (top.0..self.end(top).0).map(StackIndex) {
                while places.last().is_some_and(|(open, _)| self.end(*open) <= n) {
                    places.pop();
                }
                let above = places.last().map_or(0, |p| p.1);
                let here = callees.child(above, key(n), self.frame_index(n)).unwrap_or(above);
                callees.add(here, 0, self.self_size(n));
                places.push((n, here));
            }
        }
        let finish = |builder: TreeBuilder| {
            let totals = builder.totals(0);
            let columns = builder.finish(Some(&totals));
            let own = &columns.values[0];
            Self::from_nodes(self.frames.clone(), self.kind, &columns.parents, &columns.frame_of, |n| own[n])
        };
        Sandwich { callers: finish(callers), callees: finish(callees) }
    }
}

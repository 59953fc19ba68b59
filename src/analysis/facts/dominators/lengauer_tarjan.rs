//! Immediate dominators by the simple version of T. Lengauer and R. E. Tarjan, *A Fast Algorithm
//! for Finding Dominators in a Flowgraph* (1979): never worse than edges × log nodes.

use super::depth_first::Numbering;
use crate::graph::Retainers;
use crate::progress::{Cancelled, Stage};

const NONE: u32 = u32::MAX;

/// The immediate dominator of each number.
pub(super) fn immediate_dominators(
    numbering: &Numbering,
    retainers: &Retainers,
    stage: &Stage,
) -> Result<Vec<u32>, Cancelled> {
    let Numbering { number, vertex, parent, .. } = numbering;
    let count = vertex.len();
    let mut forest = Forest {
        semi: (0..count as u32).collect(),
        ancestor: vec![NONE; count],
        label: (0..count as u32).collect(),
        path: Vec::new(),
    };
    // The bucket of a number: those that have it as semidominator and wait for their dominators.
    let mut first_in_bucket = vec![NONE; count];
    let mut next_in_bucket = vec![NONE; count];
    let mut dominators = vec![0; count];
    for w in (1..count as u32).rev() {
        if w.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        let at = w as usize;
        let mut semi = parent[at];
        for r in retainers.of(vertex[at]) {
            let v = number[r.source().at()];
            if r.is_essential() && v != 0 {
                let u = forest.evaluate(v - 1);
                semi = semi.min(forest.semi[u as usize]);
            }
        }
        forest.semi[at] = semi;
        next_in_bucket[at] = std::mem::replace(&mut first_in_bucket[semi as usize], w);
        forest.ancestor[at] = parent[at];
        let mut v = std::mem::replace(&mut first_in_bucket[parent[at] as usize], NONE);
        while v != NONE {
            let u = forest.evaluate(v);
            let is_less = forest.semi[u as usize] < forest.semi[v as usize];
            dominators[v as usize] = if is_less { u } else { parent[at] };
            v = next_in_bucket[v as usize];
        }
    }
    for w in 1..count {
        if dominators[w] != forest.semi[w] {
            dominators[w] = dominators[dominators[w] as usize];
        }
    }
    Ok(dominators)
}

/// The search tree's edges linked so far, with paths shortened as they are walked.
struct Forest {
    semi: Vec<u32>,
    ancestor: Vec<u32>,
    /// Among those between a number and its `ancestor`, the one with the least semidominator.
    label: Vec<u32>,
    path: Vec<u32>,
}

impl Forest {
    /// The number with the least semidominator from `v` to below the top of its tree.
    fn evaluate(&mut self, v: u32) -> u32 {
        if self.ancestor[v as usize] == NONE {
            return v;
        }
        let mut top = v;
        while self.ancestor[self.ancestor[top as usize] as usize] != NONE {
            self.path.push(top);
            top = self.ancestor[top as usize];
        }
        let mut label = self.label[top as usize];
        let ancestor = self.ancestor[top as usize];
        while let Some(v) = self.path.pop() {
            let own = self.label[v as usize];
            if self.semi[own as usize] <= self.semi[label as usize] {
                label = own;
            }
            self.label[v as usize] = label;
            self.ancestor[v as usize] = ancestor;
        }
        label
    }
}

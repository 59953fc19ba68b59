//! The rows of Sources: packages, the files of each, the functions of each. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::source::source_owners::SourceOwners;
use crate::code::Library;
use crate::code::memory::{Level, SourceRow, memory_by};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    /// 0 for packages, 1 for files, 2 for functions.
    pub(super) level: u8,
    pub(super) objects: u64,
    pub(super) own_size: u64,
    pub(super) size: u64,
    /// The text after `owned-by:` that filters objects to it.
    pub(super) filter: String,
    parent: Option<usize>,
}

/// All rows, each before those below it.
#[derive(Debug, Default)]
pub(super) struct SourceLines {
    lines: Vec<Line>,
    open: BTreeSet<usize>,
    /// The sizes of all rows by their paths, for another snapshot to be compared with.
    pub(super) sizes: Arc<BTreeMap<Vec<String>, u64>>,
}

impl SourceLines {
    pub(super) fn new(heap: &Heap, owners: &SourceOwners, library: &Library) -> Self {
        let of = |level| memory_by(level, heap, owners, library);
        let mut files: BTreeMap<(String, Option<String>), Vec<SourceRow>> = BTreeMap::new();
        for row in of(Level::File).into_iter().filter(|row| row.file.is_some()) {
            files.entry((row.package.clone(), row.version.clone())).or_default().push(row);
        }
        let mut functions: BTreeMap<(String, Option<String>, Option<String>), Vec<SourceRow>> = BTreeMap::new();
        for row in of(Level::Function).into_iter().filter(|row| row.function.is_some()) {
            functions.entry((row.package.clone(), row.file.clone(), row.script.clone())).or_default().push(row);
        }
        let mut all = Self::default();
        for package in of(Level::Package) {
            let version = package.version.as_ref().map_or(String::new(), |v| format!(" {v}"));
            let at = all.push(format!("{}{version}", package.package), 0, &package, None);
            for file in files.remove(&(package.package.clone(), package.version.clone())).unwrap_or_default() {
                let key = (file.package.clone(), file.file.clone(), file.script.clone());
                let in_file = all.push(file.file.clone().unwrap_or_default(), 1, &file, Some(at));
                for function in functions.remove(&key).unwrap_or_default() {
                    all.push(function.function.clone().unwrap_or_default(), 2, &function, Some(in_file));
                }
            }
        }
        all.sizes = Arc::new((0..all.lines.len()).map(|at| (all.path(at), all.lines[at].size)).collect());
        all
    }

    fn push(&mut self, name: String, level: u8, row: &SourceRow, parent: Option<usize>) -> usize {
        let (objects, own_size, size) = (row.objects, row.own_size, row.size);
        self.lines.push(Line { name, level, objects, own_size, size, filter: row.filter(), parent });
        self.lines.len() - 1
    }

    pub(super) fn line(&self, at: usize) -> &Line {
        &self.lines[at]
    }

    pub(super) fn has_children(&self, at: usize) -> bool {
        self.lines.get(at + 1).is_some_and(|next| next.parent == Some(at))
    }

    pub(super) fn is_open(&self, at: usize) -> bool {
        self.open.contains(&at)
    }

    pub(super) fn toggle(&mut self, at: usize) {
        if !self.open.remove(&at) && self.has_children(at) {
            self.open.insert(at);
        }
    }

    /// The names from the package down to a row.
    pub(super) fn path(&self, at: usize) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            path.push(self.lines[at].name.clone());
            next = self.lines[at].parent;
        }
        path.reverse();
        path
    }

    /// The rows that are shown: those in open ones, or with `filter` those that hold the text and all around them.
    pub(super) fn shown(&self, filter: &str) -> Vec<usize> {
        let filter = filter.to_lowercase();
        if filter.is_empty() {
            let is_shown = |at: &usize| {
                let mut next = self.lines[*at].parent;
                while let Some(parent) = next {
                    if !self.is_open(parent) {
                        return false;
                    }
                    next = self.lines[parent].parent;
                }
                true
            };
            return (0..self.lines.len()).filter(is_shown).collect();
        }
        let mut shown = BTreeSet::new();
        for (at, _) in self.lines.iter().enumerate().filter(|(_, line)| line.name.to_lowercase().contains(&filter)) {
            let mut next = Some(at);
            while let Some(at) = next {
                shown.insert(at);
                next = self.lines[at].parent;
            }
        }
        shown.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> SourceLines {
        let mut all = SourceLines::default();
        let row = SourceRow { package: "a".to_owned(), size: 3, ..SourceRow::default() };
        let package = all.push("express".to_owned(), 0, &row, None);
        let file = all.push("router.js".to_owned(), 1, &row, Some(package));
        all.push("handle 3:4".to_owned(), 2, &row, Some(file));
        all.push("(node)".to_owned(), 0, &row, None);
        all
    }

    #[test]
    fn rows_show_in_what_is_open_or_where_the_filter_finds_them() {
        let mut all = lines();
        assert_eq!(all.shown(""), [0, 3]);
        all.toggle(0);
        assert_eq!(all.shown(""), [0, 1, 3]);
        all.toggle(3);
        assert!(!all.is_open(3));
        assert_eq!(all.shown("HANDLE"), [0, 1, 2]);
        assert_eq!(all.path(2), ["express", "router.js", "handle 3:4"]);
    }
}

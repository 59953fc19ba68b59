//! The rows of Summary: classes, their objects, and the references of these. Knows no egui.

use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::order::sort;
use crate::analysis::tables::filters::NodeFilter;
use crate::analysis::tables::summary::{ClassFilter, Totals, sort_classes, sort_objects, totals};
use crate::analysis::tables::tree::{Level, has_edges};
use crate::graph::{EdgeIndex, NodeId, NodeIndex, NodeSet};
use crate::progress::{CancelToken, Cancelled, Stage};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::panels::objects_table::{Group, ObjectRows, Side};
use crate::ui::rows::{self, cells, fields, object_columns, object_sort};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, TreeSource};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The classes of the objects that a filter lets through.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: Vec<ConstructorGroup>,
    /// For each class of the heap the position of its group plus one.
    of_class: Vec<u32>,
    /// The objects of each group, in file order; looked for when it is first opened.
    members: Vec<OnceLock<Vec<NodeIndex>>>,
    /// What the filter lets through; `None` for everything.
    nodes: Option<Arc<NodeSet>>,
    filter: NodeFilter,
}

impl Groups {
    /// Groups what `filter` lets through.
    pub(super) fn new(snapshot: &Snapshot, filter: &NodeFilter, stage: &Stage) -> Result<Self, Cancelled> {
        let heap = &snapshot.heap;
        let nodes = filter.nodes(heap, stage)?.map(Arc::new);
        let groups = match &nodes {
            None => heap.facts.constructors.clone(),
            Some(nodes) => heap.constructors(|n| nodes.contains(n), stage)?,
        };
        let mut of_class = vec![0; heap.facts.classes.classes.len()];
        for (i, group) in groups.iter().enumerate() {
            of_class[group.class.at()] = i as u32 + 1;
        }
        let members = groups.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { groups, of_class, members, nodes, filter: filter.clone() })
    }

    fn members(&self, snapshot: &Snapshot, group: u32) -> &[NodeIndex] {
        self.members[group as usize].get_or_init(|| {
            let class = self.groups[group as usize].class;
            snapshot.heap.members(class, self.nodes.as_deref())
        })
    }
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The class of this group.
    Class(u32),
    /// An object of a class.
    Object(NodeIndex),
    /// Something an object refers to.
    Reference(EdgeIndex),
}

/// The rows of Summary.
#[derive(Debug, Clone)]
pub(super) struct SummaryRows {
    snapshot: Arc<Snapshot>,
    groups: Arc<Groups>,
    class_filter: ClassFilter,
}

impl SummaryRows {
    /// All classes of `groups`.
    pub(super) fn new(snapshot: Arc<Snapshot>, groups: Arc<Groups>) -> Self {
        Self { snapshot, groups, class_filter: ClassFilter::All }
    }

    /// The same rows less the classes that `class_filter` refuses.
    pub(super) fn filtered(&self, class_filter: ClassFilter) -> Self {
        Self { class_filter, ..self.clone() }
    }

    /// What all rows together hold.
    pub(super) fn totals(&self) -> Totals {
        totals(self.shown())
    }

    /// What the filter of objects lets through; `None` for everything.
    pub(super) fn counted_nodes(&self) -> Option<Arc<NodeSet>> {
        self.groups.nodes.clone()
    }

    fn shown(&self) -> impl Iterator<Item = &ConstructorGroup> {
        let heap = &self.snapshot.heap;
        self.groups.groups.iter().filter(|g| self.class_filter.accepts(heap.class(g.class).name.as_text()))
    }

    fn node(&self, item: Item) -> Option<NodeIndex> {
        match item {
            Item::Class(_) => None,
            Item::Object(n) => Some(n),
            Item::Reference(e) => Some(self.snapshot.heap.graph.edge(e).target),
        }
    }

    /// Where `n` stands: its class, then its position among the objects of it. `None` for objects
    /// that are not counted here.
    pub(super) fn path_to(&self, n: NodeIndex) -> Option<[u32; 2]> {
        let class = self.snapshot.heap.class_of(n);
        let group = self.groups.of_class[class.at()].checked_sub(1)?;
        let position = self.groups.members(&self.snapshot, group).binary_search(&n).ok()?;
        Some([group, position as u32])
    }

    /// Whether the class of `n` is among those shown.
    pub(super) fn is_class_shown(&self, n: NodeIndex) -> bool {
        self.class_filter.accepts(self.snapshot.heap.class_name(n))
    }

    fn is_cycle(&self, e: EdgeIndex, ancestors: Ancestors<'_, Item>) -> bool {
        // Rows of objects themselves do not count, only what was reached through a reference.
        let above = ancestors.filter_map(|item| match item {
            Item::Reference(e) => Some(self.snapshot.heap.graph.edge(*e).target),
            _ => None,
        });
        fields::is_cycle(self.snapshot.heap.graph.edge(e).target, above)
    }
}

impl TreeSource for SummaryRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        object_columns(Column::tree("Constructor", terms::column::CONSTRUCTOR))
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        match parent {
            None => self.groups.groups.len() as u32,
            Some(Item::Class(group)) => self.groups.groups[*group as usize].count,
            Some(&item) => self.node(item).map_or(0, |n| fields::count(&self.snapshot.heap, n)),
        }
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        match parent {
            None => Item::Class(position),
            Some(Item::Class(group)) => Item::Object(self.groups.members(&self.snapshot, *group)[position as usize]),
            Some(Item::Object(n)) => Item::Reference(fields::reference(&self.snapshot.heap, *n, position).index),
            Some(Item::Reference(e)) => {
                let heap = &self.snapshot.heap;
                Item::Reference(fields::reference(heap, heap.graph.edge(*e).target, position).index)
            }
        }
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let heap = &self.snapshot.heap;
        let sort = sort.map_or(sort::Sort::BY_RETAINED, object_sort);
        match parent {
            None => {
                let mut shown: Vec<ConstructorGroup> = self.shown().copied().collect();
                sort_classes(heap, &mut shown, sort);
                Ok(shown.iter().map(|g| self.groups.of_class[g.class.at()] - 1).collect())
            }
            Some(Item::Class(group)) => {
                let members = self.groups.members(&self.snapshot, *group);
                let sorted = sort_objects(heap, members.to_vec(), sort, &Stage::cancelled_by(cancel))?;
                Ok(sort::places(&sorted, members))
            }
            Some(Item::Object(n)) => fields::order(heap, *n, Level::UnderObject, sort, cancel),
            Some(Item::Reference(e)) => fields::order(heap, heap.graph.edge(*e).target, Level::Deeper, sort, cancel),
        }
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let group = |item| match item {
            Item::Class(group) => Some(self.groups.groups[group as usize]),
            Item::Object(_) | Item::Reference(_) => None,
        };
        let groups = tree.top_level().into_iter().filter_map(group).collect();
        let heap = SharedHeap(Arc::clone(&self.snapshot));
        tables::classes::summary(heap, groups, &self.groups.filter.to_string())
    }

    fn is_expandable(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        let heap = &self.snapshot.heap;
        match *item {
            Item::Class(_) => true,
            Item::Object(n) => has_edges(heap, n),
            Item::Reference(e) => has_edges(heap, heap.graph.edge(e).target) && !self.is_cycle(e, ancestors),
        }
    }

    fn row(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> RowView {
        let heap = &self.snapshot.heap;
        match *item {
            Item::Class(group) => {
                let group = &self.groups.groups[group as usize];
                let name = heap.class(group.class).name.as_text();
                RowView::new(vec![
                    Cell::Text(cells::class(name, group.count.into())),
                    cells::distance(group.distance),
                    cells::size(heap, group.shallow_size),
                    cells::size(heap, group.retained_size),
                ])
            }
            Item::Object(n) => cells::object_row(heap, cells::object(heap, n), n),
            Item::Reference(e) => fields::row(heap, &heap.graph.edge(e), self.is_cycle(e, ancestors)),
        }
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        let heap = &self.snapshot.heap;
        Some(match *item {
            Item::Class(group) => rows::class_row_name(heap.class(self.groups.groups[group as usize].class)),
            Item::Object(n) => RowName::Object(heap.id(n).0),
            Item::Reference(e) => {
                let edge = heap.graph.edge(e);
                fields::row_name(heap, &edge, edge.target, false)
            }
        })
    }

    fn find(&self, parent: Option<&Item>, name: &RowName) -> Option<u32> {
        let heap = &self.snapshot.heap;
        match parent {
            None => rows::find_class(self.groups.groups.iter().map(|g| Cow::Borrowed(heap.class(g.class))), name),
            Some(Item::Class(group)) => {
                let RowName::Object(id) = name else { return None };
                let n = heap.find(NodeId(*id))?;
                self.groups.members(&self.snapshot, *group).binary_search(&n).ok().map(|at| at as u32)
            }
            Some(&item) => fields::find(heap, self.node(item)?, name),
        }
    }

    fn tooltip(&self, item: &Item, _: Ancestors<'_, Item>, column: usize) -> Option<String> {
        let heap = &self.snapshot.heap;
        let Item::Class(group) = *item else {
            return self.node(*item).and_then(|n| cells::object_tooltip(heap, n, column));
        };
        let group = &self.groups.groups[group as usize];
        match column {
            0 => terms::class(&heap.class(group.class).name.as_text().lossy()).map(ToOwned::to_owned),
            rows::SHALLOW_SIZE => Some(cells::exact_size(group.shallow_size)),
            rows::RETAINED_SIZE => Some(cells::exact_size(group.retained_size)),
            _ => None,
        }
    }
}

impl ObjectRows for SummaryRows {
    fn object(&self, &item: &Item) -> Option<(Side, NodeIndex)> {
        Some((Side::Current, self.node(item)?))
    }

    fn group(&self, item: &Item) -> Option<Group> {
        let &Item::Class(group) = item else { return None };
        let members = self.groups.members(&self.snapshot, group).iter().copied();
        let objects = NodeSet::of(self.snapshot.heap.graph.node_count(), members);
        Some(Group { side: Side::Current, title: self.class_name(item)?, objects })
    }

    fn class_name(&self, &item: &Item) -> Option<String> {
        let Item::Class(group) = item else { return None };
        let class = self.groups.groups[group as usize].class;
        Some(self.snapshot.heap.class(class).name.as_text().lossy().into_owned())
    }
}

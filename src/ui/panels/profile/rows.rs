//! The rows of the tables of a profile: functions, files or packages; functions and their callers; the tree of calls.
//! Knows no egui.

use super::view::Shown;
use crate::profile::{
    By, CallerRow, GroupRow, Groups, Profile, SizeColumn, StackIndex, group_rows, package_of, sort_caller_rows,
    sort_group_rows, sort_nodes,
};
use crate::progress::{CancelToken, Cancelled};
use crate::relation::tables::profile::{ProfileFacts, ProfileRow, help};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::text::Text;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Span, Tone, TreeSource};
use crate::units;
use std::sync::{Arc, OnceLock};

pub(super) use crate::ui::rows::cells::one_line;

/// The column of sizes that tables are sorted by at first.
pub(super) const SELF: usize = 1;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Functions, files or packages.
    Groups(By),
    /// Functions, and below each its callers.
    Heavy,
    /// What was called from where.
    Tree,
}

/// A row.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Group(GroupRow),
    /// A function or a caller, and its callers once they are asked for.
    Caller(Arc<CallerRow>, Arc<OnceLock<Vec<Item>>>),
    Node(StackIndex),
}

impl Item {
    fn caller(row: CallerRow) -> Self {
        Self::Caller(Arc::new(row), Arc::default())
    }

    /// A stack whose innermost function it shows.
    pub(super) fn at(&self) -> StackIndex {
        match self {
            Self::Group(row) => row.first,
            Self::Caller(row, _) => row.first,
            Self::Node(at) => *at,
        }
    }

    fn sizes(&self, profile: &Profile) -> (f64, f64) {
        match self {
            Self::Group(row) => (row.self_size, row.total_size),
            Self::Caller(row, _) => (row.self_size, row.total_size),
            Self::Node(at) => (profile.self_size(*at), profile.total_size(*at)),
        }
    }
}

/// The rows of one table.
#[derive(Debug)]
pub(super) struct ProfileRows {
    shown: Arc<Shown>,
    shape: Shape,
    groups: Groups,
    top: Vec<Item>,
    /// Self and total size before, by group, where two profiles are compared.
    before: Vec<(f64, f64)>,
    /// What is written beside the rows when they are exported.
    facts: ProfileFacts,
}

impl ProfileRows {
    /// All rows of a shape; of them only those whose name or URL holds `search`, at the top level.
    pub(super) fn new(shown: Arc<Shown>, shape: Shape, search: &str, facts: ProfileFacts) -> Self {
        let profile = &shown.profile;
        let groups = Groups::new(&profile.frames, if let Shape::Groups(by) = shape { by } else { By::Function });
        let mut top: Vec<Item> = match shape {
            Shape::Groups(_) => group_rows(profile, &groups).into_iter().map(Item::Group).collect(),
            Shape::Heavy => shown.bottom_up.tops(profile).into_iter().map(Item::caller).collect(),
            Shape::Tree => profile.children(StackIndex::ROOT).map(Item::Node).collect(),
        };
        if shape != Shape::Tree {
            top.retain(|item| matches(profile, item.at(), search));
        }
        let mut before = Vec::new();
        if let (Some(base), Shape::Groups(_)) = (&shown.base, shape) {
            before.resize(groups.len(), (0.0, 0.0));
            for row in group_rows(base, &groups) {
                before[row.group as usize] = (row.self_size, row.total_size);
            }
        }
        Self { shown, shape, groups, top, before, facts }
    }

    fn below<'a>(&'a self, item: &'a Item) -> std::borrow::Cow<'a, [Item]> {
        let profile = &self.shown.profile;
        match item {
            Item::Group(_) => (&[]).into(),
            Item::Caller(row, below) => below
                .get_or_init(|| self.shown.bottom_up.callers(profile, row).into_iter().map(Item::caller).collect())
                .into(),
            Item::Node(at) => profile.children(*at).map(Item::Node).collect(),
        }
    }

    /// Self and total size before, where that is known.
    fn before(&self, item: &Item) -> Option<(f64, f64)> {
        let base = self.shown.base.as_ref()?;
        match item {
            Item::Group(row) => self.before.get(row.group as usize).copied(),
            Item::Node(at) => Some((base.self_size(*at), base.total_size(*at))),
            Item::Caller(..) => None,
        }
    }

    /// What is compared has columns for it, but for callers.
    fn is_compared(&self) -> bool {
        self.shown.base.is_some() && self.shape != Shape::Heavy
    }

    /// Which rows they are.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// The profile that rows are about.
    pub(super) fn profile(&self) -> &Profile {
        &self.shown.profile
    }

    fn size(&self, size: f64) -> String {
        size_text(self.profile(), size)
    }
}

/// A size as text: bytes or objects.
pub(super) fn size_text(profile: &Profile, size: f64) -> String {
    if profile.kind.is_bytes() { units::size(size) } else { units::count(size.max(0.0).round() as u64) }
}

/// A difference as text.
pub(super) fn delta_text(profile: &Profile, delta: f64) -> String {
    if profile.kind.is_bytes() { units::size_delta(delta) } else { units::signed(delta.round() as i64, units::count) }
}

/// Whether the name or URL of a node's function holds `search`, capitals or not. Nothing is held by all.
pub(super) fn matches(profile: &Profile, at: StackIndex, search: &str) -> bool {
    let search = search.trim().to_lowercase();
    let frame = profile.frame(at);
    let holds = |text: Text<'_>| text.lossy().to_lowercase().contains(&search);
    search.is_empty() || holds(frame.shown_name()) || holds(frame.url)
}

fn size_column(column: usize) -> SizeColumn {
    match column {
        0 => SizeColumn::Name,
        2 => SizeColumn::TotalSize,
        _ => SizeColumn::SelfSize,
    }
}

impl TreeSource for ProfileRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        let (first, what) = match self.shape {
            Shape::Groups(By::File) => ("File", "The URL of the file"),
            Shape::Groups(By::Package) => ("Package", "The package; in parentheses what is none"),
            _ => ("Function", "The function, and where it begins"),
        };
        let mut columns = vec![
            Column::tree(first, what).remembered_as("Function"),
            Column::figures("Self size", help::SELF_SIZE, 150.0),
            Column::figures("Total size", help::TOTAL_SIZE, 150.0),
        ];
        if self.is_compared() {
            columns.push(Column::figures("Self delta", "How much more was allocated there itself", 100.0));
            columns.push(Column::figures("Total delta", "How much more with everything called from there", 100.0));
        }
        columns
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        match parent {
            None => self.top.len() as u32,
            Some(Item::Node(at)) => self.profile().children(*at).count() as u32,
            Some(item) => self.below(item).len() as u32,
        }
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        match parent {
            None => self.top[position as usize].clone(),
            Some(item) => self.below(item)[position as usize].clone(),
        }
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let profile = self.profile();
        let rows = parent.map_or((&self.top[..]).into(), |item| self.below(item));
        let sort = sort.unwrap_or(Sort::descending(SELF));
        cancel.check()?;
        if sort.column > 2 {
            let delta = |item: &Item| {
                let (own, total) = item.sizes(profile);
                self.before(item).map_or(0.0, |(s, t)| if sort.column == 3 { own - s } else { total - t })
            };
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by(|&a, &b| sort.direction.apply(delta(&rows[a as usize]).total_cmp(&delta(&rows[b as usize]))));
            return Ok(order);
        }
        let (column, is_descending) = (size_column(sort.column), sort.is_descending());
        // Each is found again by the node that stands for it, of which rows of a level have different ones.
        let position: std::collections::BTreeMap<StackIndex, u32> =
            rows.iter().zip(0u32..).map(|(item, at)| (item.at(), at)).collect();
        let order: Vec<StackIndex> = match rows.first() {
            None => Vec::new(),
            Some(Item::Group(_)) => {
                let mut sorted: Vec<GroupRow> =
                    rows.iter().filter_map(|i| if let Item::Group(row) = i { Some(*row) } else { None }).collect();
                sort_group_rows(profile, &self.groups, &mut sorted, column, is_descending);
                sorted.iter().map(|row| row.first).collect()
            }
            Some(Item::Caller(..)) => {
                let of = |i: &Item| if let Item::Caller(row, _) = i { Some(CallerRow::clone(row)) } else { None };
                let mut sorted: Vec<CallerRow> = rows.iter().filter_map(of).collect();
                sort_caller_rows(profile, &mut sorted, column, is_descending);
                sorted.iter().map(|row| row.first).collect()
            }
            Some(Item::Node(_)) => {
                let mut sorted: Vec<StackIndex> = rows.iter().map(Item::at).collect();
                sort_nodes(profile, &mut sorted, column, is_descending);
                sorted
            }
        };
        cancel.check()?;
        Ok(order.iter().filter_map(|at| position.get(at).copied()).collect())
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let profile = self.profile();
        let row = |(item, ancestors): (Item, Ancestors<'_, Item>)| {
            let (self_size, total_size) = item.sizes(profile);
            let base = self.before(&item);
            ProfileRow { at: item.at(), depth: ancestors.level(), self_size, total_size, base }
        };
        let shape = match self.shape {
            Shape::Groups(by) => tables::profile::Shape::Groups(by),
            Shape::Heavy => tables::profile::Shape::BottomUp,
            Shape::Tree => tables::profile::Shape::Tree,
        };
        let rows = tree.visible().map(row).collect();
        let is_compared = self.is_compared();
        let profile = Arc::clone(&self.shown.profile);
        tables::profile::profile_or_comparison(profile, self.facts.clone(), shape, rows, is_compared)
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        let frame = self.profile().frame(item.at());
        Some(RowName::Part(format!("{} {}", one_line(frame.shown_name()), frame.place())))
    }

    fn is_expandable(&self, item: &Item, _: Ancestors<'_, Item>) -> bool {
        match item {
            Item::Group(_) => false,
            Item::Caller(row, _) => row.has_callers,
            Item::Node(at) => self.profile().has_children(*at),
        }
    }

    fn row(&self, item: &Item, _: Ancestors<'_, Item>) -> RowView {
        let profile = self.profile();
        let frame = profile.frame(item.at());
        let (own, total) = item.sizes(profile);
        let whole = profile.total();
        let name = match self.shape {
            Shape::Groups(By::File) => {
                vec![Span::code(one_line(Text::from(&*Groups::file_title(&frame))), Tone::Normal)]
            }
            Shape::Groups(By::Package) => {
                vec![Span::code(one_line(Text::from(&*package_of(&frame).title())), Tone::Normal)]
            }
            _ => {
                let mut name = vec![Span::code(one_line(frame.shown_name()), Tone::Function)];
                let place = frame.short_place();
                if !place.is_empty() {
                    name.push(Span::code(format!("  {}", one_line(Text::from(&*place))), Tone::Quiet));
                }
                name
            }
        };
        let figure = |size: f64| Cell::Figure {
            text: self.size(size),
            percent: units::share(size, whole),
            bar: if whole > 0.0 { (size / whole).clamp(0.0, 1.0) as f32 } else { 0.0 },
            tone: Tone::Normal,
        };
        let mut cells = vec![Cell::Text(name), figure(own), figure(total)];
        if self.is_compared() {
            let (own_before, total_before) = self.before(item).unwrap_or_default();
            for delta in [own - own_before, total - total_before] {
                let tone = match delta {
                    d if d > 0.0 => Tone::Growth,
                    d if d < 0.0 => Tone::Shrinkage,
                    _ => Tone::Normal,
                };
                cells.push(Cell::Figure { text: delta_text(profile, delta), percent: String::new(), bar: 0.0, tone });
            }
        }
        RowView::new(cells)
    }

    fn tooltip(&self, item: &Item, _: Ancestors<'_, Item>, column: usize) -> Option<String> {
        let frame = self.profile().frame(item.at());
        (column == 0 && !frame.url.is_empty()).then(|| one_line(Text::from(&*frame.place())))
    }
}

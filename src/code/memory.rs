//! How much memory belongs to each package, file and function of the program.
//!
//! [`source_owners`](crate::analysis::source::source_owners) says whose every object is; this sums it up, with the
//! files that a bundle was made from where a source map tells them. The sums are the heap's total to the byte.

use super::changes;
use super::library::Library;
use super::lines::{Lines, Position};
use super::source_map::Map;
use super::workspaces::Workspaces;
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::analysis::source::packages::path_in_package;
use crate::analysis::source::scripts::{is_scope, scope_around};
use crate::analysis::source::source_owners::{NODE, Part, SourceOwners, Whose};
use crate::graph::{ClassIndex, EdgeKind, NodeIndex, NodeKind};
use crate::treemap::NamedTree;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What memory is summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// By package and version.
    #[default]
    Package,
    /// By file.
    File,
    /// By function, and scope.
    Function,
}

/// A package, file, function or group with what it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceRow {
    /// The package, or a group in parentheses.
    pub package: String,
    /// Its version, where it is known.
    pub version: Option<String>,
    /// The file; of what is shared, who shares it.
    pub file: Option<String>,
    /// The function or scope, with its place.
    pub function: Option<String>,
    /// The script in the heap that the file is, or was bundled into.
    pub script: Option<String>,
    /// Its objects.
    pub objects: u64,
    /// Bytes of the functions, scopes and modules themselves.
    pub own_size: u64,
    /// Bytes of everything that is attributed to it.
    pub size: u64,
}

/// The groups that are nobody's package.
pub const GROUPS: [&str; 5] = ["(engine)", "(node)", "(native)", "(shared)", "(unreachable)"];

impl SourceRow {
    /// Whether it is one of [`GROUPS`].
    pub fn is_group(&self) -> bool {
        GROUPS.contains(&self.package.as_str())
    }

    /// What to filter objects by to see those of the row: the text after `owned-by:`.
    pub fn filter(&self) -> String {
        match (&self.script, &self.version) {
            _ if self.is_group() => self.package.clone(),
            (Some(script), _) if self.file.is_some() => script.clone(),
            (_, Some(version)) => format!("{}@{version}", self.package),
            _ => self.package.clone(),
        }
    }
}

/// Where a part of a script stands, and the first of its objects.
#[derive(Debug, Clone, Copy)]
struct Stand {
    at: Option<Position>,
    example: NodeIndex,
}

/// A row for each owner, by number.
fn rows_of_owners(level: Level, heap: &Heap, owners: &SourceOwners, library: &Library) -> Vec<SourceRow> {
    let mut rows = Vec::with_capacity(owners.owners().len());
    let (stands, inside) = stands(heap, owners);
    let variables = variables_in_bundles(heap, owners, &inside, library);
    let mut workspaces = Workspaces::new(&library.places);
    let mut maps: Vec<Option<Option<Arc<Map>>>> = vec![None; owners.scripts().len()];
    let mut packages: FxHashMap<String, (String, Option<String>, String)> = FxHashMap::default();
    let short = |script: u32| match script {
        NODE => "(node)".to_owned(),
        script => owners.scripts()[script as usize].name.clone(),
    };
    for (number, owner) in owners.owners().iter().enumerate() {
        let mut row = SourceRow::default();
        let group = |row: &mut SourceRow, name: &str| row.package = name.to_owned();
        match owner.whose {
            Whose::Engine => group(&mut row, "(engine)"),
            Whose::Native => group(&mut row, "(native)"),
            Whose::Unreachable => group(&mut row, "(unreachable)"),
            Whose::Node => group(&mut row, "(node)"),
            Whose::Many => {
                group(&mut row, "(shared)");
                row.file = Some("many".to_owned());
            }
            Whose::Two(first, second) => {
                group(&mut row, "(shared)");
                let mut both = [short(first), short(second)];
                both.sort();
                row.file = Some(both.join(" and "));
            }
            Whose::Part(script, part) => {
                let name = &owners.scripts()[script as usize];
                let map = maps[script as usize]
                    .get_or_insert_with(|| library.find(heap, name.node, &name.name).map.clone())
                    .clone();
                let stand = stands.get(&(number as u32));
                let at = match part {
                    Part::Variable(..) => variables.get(&(number as u32)).copied(),
                    _ => stand.and_then(|s| s.at),
                };
                let original =
                    map.as_ref().zip(at).and_then(|(map, at)| Some((map.original(at)?, map.original_path(at)?)));
                let path = original.as_ref().map_or(&name.name, |(_, path)| path);
                let (package, version, file) = packages.entry(path.clone()).or_insert_with(|| {
                    let package = workspaces.package_of(path);
                    let file = path_in_package(path, &package).to_owned();
                    (package.name, package.version, file)
                });
                row.package.clone_from(package);
                row.version.clone_from(version);
                row.file = Some(file.clone());
                row.script = Some(name.name.clone());
                if level == Level::Function {
                    let place = original
                        .as_ref()
                        .map(|(o, _)| (o.line, o.column))
                        .or(at.map(|at| (at.line + 1, at.column + 1)));
                    let written = original.as_ref().and_then(|(o, _)| o.name.clone());
                    row.function = Some(function_text(heap, part, stand, place, written));
                }
            }
        }
        row.objects = owner.objects;
        row.own_size = owner.own_size;
        row.size = owner.size;
        rows.push(row);
    }
    rows
}

/// The memory of `heap` by `level`, the most first.
pub fn memory_by(level: Level, heap: &Heap, owners: &SourceOwners, library: &Library) -> Vec<SourceRow> {
    let mut rows: BTreeMap<[Option<String>; 5], SourceRow> = BTreeMap::new();
    for mut row in rows_of_owners(level, heap, owners, library).into_iter().filter(|row| row.objects > 0) {
        if level == Level::Package {
            row.file = None;
            row.script = None;
        }
        let key = [
            Some(row.package.clone()),
            row.version.clone(),
            row.file.clone(),
            row.function.clone(),
            row.script.clone().filter(|_| level != Level::Package),
        ];
        match rows.entry(key) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(row);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let sum = entry.get_mut();
                sum.objects += row.objects;
                sum.own_size += row.own_size;
                sum.size += row.size;
            }
        }
    }
    let mut rows: Vec<SourceRow> = rows.into_values().collect();
    let extra = heap.graph.extra_native_bytes;
    if extra > 0 {
        match rows.iter_mut().find(|row| row.package == "(native)") {
            Some(row) => row.size += extra,
            None => rows.push(SourceRow { package: "(native)".to_owned(), size: extra, ..SourceRow::default() }),
        }
    }
    rows.sort_by(|a, b| {
        b.size.cmp(&a.size).then_with(|| (&a.package, &a.file, &a.function).cmp(&(&b.package, &b.file, &b.function)))
    });
    rows
}

/// The memory of `heap` as a tree: package, file, class.
pub fn source_tree(heap: &Heap, owners: &SourceOwners, library: &Library) -> NamedTree {
    let rows = rows_of_owners(Level::File, heap, owners, library);
    let mut sums: FxHashMap<(u32, ClassIndex), u64> = FxHashMap::default();
    for n in heap.graph.node_indices() {
        let size = heap.shallow_size(n);
        if size > 0 {
            *sums.entry((owners.owner_of(n), heap.class_of(n))).or_default() += size;
        }
    }
    let mut sums: Vec<((u32, ClassIndex), u64)> = sums.into_iter().collect();
    sums.sort_unstable();
    let mut by_name: BTreeMap<[String; 3], (u64, Option<String>)> = BTreeMap::new();
    for ((owner, class), size) in sums {
        let row = &rows[owner as usize];
        let version = row.version.as_ref().map_or(String::new(), |v| format!(" {v}"));
        let file = row.file.clone().unwrap_or_default();
        let class = heap.class(class).name.as_text().lossy().into_owned();
        let sum = by_name.entry([format!("{}{version}", row.package), file, class]).or_default();
        sum.0 += size;
        sum.1.get_or_insert_with(|| row.filter());
    }
    let mut tree = NamedTree::new("All memory");
    for ([package, file, class], (size, filter)) in &by_name {
        let all = [(package.as_str(), None), (file.as_str(), filter.as_deref()), (class.as_str(), filter.as_deref())];
        let path: Vec<(&str, Option<&str>)> = all.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        tree.add(&path, *size);
    }
    if heap.graph.extra_native_bytes > 0 {
        tree.add(&[("(native)", Some("(native)")), ("outside the heap", None)], heap.graph.extra_native_bytes);
    }
    tree
}

fn function_text(
    heap: &Heap,
    part: Part,
    stand: Option<&Stand>,
    place: Option<(u32, u32)>,
    written: Option<String>,
) -> String {
    let name = match (part, stand) {
        (Part::Function(_), Some(stand)) if heap.kind(stand.example) == NodeKind::CLOSURE => {
            let name = written.unwrap_or_else(|| heap.graph.raw_name(stand.example).lossy().into_owned());
            if name.is_empty() { "(anonymous)".to_owned() } else { name }
        }
        (Part::Function(code), _) => {
            let name = heap.graph.raw_name(code).lossy().into_owned();
            if name.is_empty() { "(anonymous)".to_owned() } else { name }
        }
        (Part::Scope(_), Some(stand)) => scope_text(heap, stand.example),
        (Part::Scope(_), None) => "(scope)".to_owned(),
        (Part::Variable(_, name), _) => {
            format!("variable {}", written.unwrap_or_else(|| heap.graph.strings.get(name).lossy().into_owned()))
        }
        (Part::Module, _) => return "(module)".to_owned(),
        (Part::Whole, _) => return "(file)".to_owned(),
    };
    match place {
        Some((line, column)) => format!("{name} {line}:{column}"),
        None => name,
    }
}

/// A scope by its first variables.
fn scope_text(heap: &Heap, scope: NodeIndex) -> String {
    let variables = heap.edges(scope).filter(|e| e.kind == EdgeKind::Context);
    let mut names: Vec<String> =
        variables.filter_map(|e| heap.graph.edge_string(&e).map(|t| t.lossy().into_owned())).take(4).collect();
    if names.len() > 3 {
        names[3] = "…".to_owned();
    }
    format!("scope of {}", names.join(", "))
}

/// Where the parts of scripts stand: functions where they begin, scopes where a function within them does.
fn stands(heap: &Heap, owners: &SourceOwners) -> (FxHashMap<u32, Stand>, FxHashMap<NodeIndex, Position>) {
    let mut stands: FxHashMap<u32, Stand> = FxHashMap::default();
    let mut inside: FxHashMap<NodeIndex, Position> = FxHashMap::default();
    for n in heap.graph.node_indices() {
        let is_scope = match heap.kind(n) {
            NodeKind::CLOSURE => false,
            NodeKind::OBJECT => is_scope(heap, n),
            _ => continue,
        };
        let owner = owners.owner_of(n);
        let Whose::Part(_, part) = owners.owners()[owner as usize].whose else { continue };
        if is_scope {
            if matches!(part, Part::Scope(_)) {
                let stand = stands.entry(owner).or_insert(Stand { at: None, example: n });
                // What a function inside said of it may have come first.
                if heap.kind(stand.example) == NodeKind::CLOSURE {
                    stand.example = n;
                }
            }
            continue;
        }
        let place = heap.graph.location(n).and_then(|location| {
            Some(Position { line: u32::try_from(location.line).ok()?, column: u32::try_from(location.column).ok()? })
        });
        let is_its_code =
            matches!(part, Part::Function(code) if internal_target(&heap.graph, n, "shared") == Some(code));
        if is_its_code {
            let stand = stands.entry(owner).or_insert(Stand { at: place, example: n });
            stand.at = stand.at.or(place);
        }
        if let Some(scope) = scope_around(heap, n) {
            let of_scope = owners.owner_of(scope);
            if let Whose::Part(_, Part::Scope(description)) = owners.owners()[of_scope as usize].whose {
                if let Some(place) = place {
                    inside.entry(description).or_insert(place);
                }
                let stand = stands.entry(of_scope).or_insert(Stand { at: place, example: scope });
                stand.at = match (stand.at, place) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
    }
    (stands, inside)
}

/// Where the variables of bundled scripts are declared. Of other scripts nobody asks: all of it is in one file.
fn variables_in_bundles(
    heap: &Heap,
    owners: &SourceOwners,
    inside: &FxHashMap<NodeIndex, Position>,
    library: &Library,
) -> FxHashMap<u32, Position> {
    let mut of_script: BTreeMap<u32, Vec<(u32, changes::Variable)>> = BTreeMap::new();
    for (number, owner) in owners.owners().iter().enumerate() {
        if let Whose::Part(script, Part::Variable(scope, name)) = owner.whose {
            let name = heap.graph.strings.get(name).lossy().into_owned();
            let variable = changes::Variable { name, seen_from: inside.get(&scope).copied() };
            of_script.entry(script).or_default().push((number as u32, variable));
        }
    }
    let mut places = FxHashMap::default();
    for (script, variables) in of_script {
        let script = &owners.scripts()[script as usize];
        let found = library.find(heap, script.node, &script.name);
        let (Some(_), Ok(text)) = (&found.map, &found.text) else { continue };
        let (numbers, variables): (Vec<u32>, Vec<changes::Variable>) = variables.into_iter().unzip();
        // A text that cannot be read leaves its variables with the script.
        let declared = changes::declarations(&script.name, &text.text, &variables).unwrap_or_default();
        let lines = Lines::new(&text.text);
        for (number, offset) in numbers.into_iter().zip(declared) {
            if let Some(offset) = offset {
                places.insert(number, lines.position(&text.text, offset));
            }
        }
    }
    places
}

//! Which class every object belongs to: the rows of Summary.

use super::Spare;
use super::interfaces::{self, Interface, Matcher};
use super::interner::{Interner, hash_text};
use super::known_strings::KnownStrings;
use super::shapes::Shapes;
use crate::analysis::naming::names::{self, DETACHED_PREFIX};
use crate::graph::{ClassIndex, HeapGraph, Location, NarrowColumn, NodeFlags, NodeIndex, NodeKind, PerNode};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashMap;

/// A class: objects of one name and, for located objects, one constructor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The class name as shown: `Object`, `(string)`, `{a, b}`.
    pub name: TextBuf,
    /// Where the constructor stands, for objects the file has a location for.
    pub location: Option<Location>,
}

impl Class {
    /// DevTools' class key: `scriptId,line,column,name` or `,name`.
    pub fn key(&self) -> TextBuf {
        let mut key = TextBuf::default();
        if let Some(l) = self.location {
            key.push_str(&format!("{},{},{}", l.script_id, l.line, l.column));
        }
        key.push_str(",");
        key.push(self.name.as_text());
        key
    }
}

/// The class of every node. Classes with equal keys are one class (a deliberate difference from
/// DevTools, where one of them hides the other).
#[derive(Debug, Clone, Default)]
pub struct Classes {
    /// All classes, by first appearance in node order, zero-size nodes included.
    pub classes: Vec<Class>,
    of_node: NarrowColumn,
    /// The interfaces inferred from this snapshot's plain objects, most popular first.
    pub interfaces: Vec<Interface>,
}

impl Classes {
    /// The class of `n`.
    #[inline(always)]
    pub fn of_node(&self, n: NodeIndex) -> ClassIndex {
        ClassIndex(self.of_node.get(n))
    }

    /// Starts to fetch the class of `n`.
    #[inline(always)]
    pub fn prefetch(&self, n: NodeIndex) {
        self.of_node.prefetch(n);
    }

    /// The nodes of this class, in file order.
    pub fn find(&self, class: ClassIndex) -> Vec<NodeIndex> {
        self.of_node.find(class.0)
    }

    /// All nodes that have classes, in file order.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeIndex> + use<> {
        (0..self.of_node.len() as u32).map(NodeIndex)
    }
}

/// Classifies all nodes. Plain objects are told apart by the interfaces inferred from them, or by
/// `interfaces` where another snapshot's are to be used.
pub fn classify(
    graph: &HeapGraph,
    known: &KnownStrings,
    flags: &PerNode<NodeFlags>,
    interfaces: Option<&[Interface]>,
    spare: &Spare,
    stage: &Stage,
) -> Result<Classes, Cancelled> {
    let mut of_node = spare.filled(graph.node_count(), NO_SHAPE);
    let shapes = Shapes::find(graph, known, &mut of_node, stage)?;
    let interfaces = match interfaces {
        Some(interfaces) => interfaces.to_vec(),
        None => interfaces::infer(graph, &shapes, stage)?,
    };
    let mut names = ClassNames::new(graph, flags);
    let name_of_shape = names_of_shapes(graph, &shapes, &interfaces, &mut names, stage)?;
    drop(shapes);

    let mut table = ClassTable::default();
    let mut locations = graph.locations.iter();
    let mut next_located = locations.next();
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 14) {
            stage.reached(u64::from(n.0), graph.node_count() as u64)?;
        }
        let slot = &mut of_node[n.at()];
        let name = match *slot {
            NO_SHAPE => names.of_node(n),
            shape => name_of_shape[shape as usize],
        };
        let mut location = None;
        if next_located.is_some_and(|next| next.0 == n) {
            location = next_located.filter(|_| graph.kind(n) == NodeKind::OBJECT);
            next_located = locations.next();
        }
        *slot = match location {
            None => table.unlocated(name),
            Some((_, location)) => table.located(name, location),
        };
    }
    let classes = table.classes.into_iter();
    let classes = classes.map(|(name, location)| Class { name: names.texts[name as usize].clone(), location });
    let of_node = match NarrowColumn::narrow(&of_node) {
        Some(narrow) => {
            spare.keep(of_node);
            narrow
        }
        None => of_node.into(),
    };
    Ok(Classes { classes: classes.collect(), of_node, interfaces })
}

/// In place of a shape: the node is not a plain object.
const NO_SHAPE: u32 = u32::MAX;

/// The class name for the objects of each shape.
fn names_of_shapes(
    graph: &HeapGraph,
    shapes: &Shapes,
    interfaces: &[Interface],
    names: &mut ClassNames<'_>,
    stage: &Stage,
) -> Result<Vec<u32>, Cancelled> {
    let mut matcher = Matcher::new(graph, interfaces);
    let mut of_shape = Vec::with_capacity(shapes.iter().len());
    for (i, shape) in shapes.iter().enumerate() {
        if i.is_multiple_of(1 << 12) {
            stage.check()?;
        }
        let name = match matcher.best(shape.object) {
            Some(interface) => interfaces[interface].name.as_text(),
            None => Text::from(names::PLAIN_OBJECT),
        };
        of_shape.push(names.number(name));
    }
    Ok(of_shape)
}

/// Class names by number, each text once.
struct ClassNames<'a> {
    graph: &'a HeapGraph,
    flags: &'a PerNode<NodeFlags>,
    texts: Vec<TextBuf>,
    table: Interner,
    /// For each string the number plus one of the name of a class of objects so called.
    of_string: Vec<u32>,
    /// The same for strings that `Detached ` goes before.
    of_renamed: FxHashMap<u32, u32>,
    /// For each kind of nodes the number plus one of the class name they all have.
    of_kind: [u32; 256],
}

impl<'a> ClassNames<'a> {
    fn new(graph: &'a HeapGraph, flags: &'a PerNode<NodeFlags>) -> Self {
        Self {
            graph,
            flags,
            texts: Vec::new(),
            table: Interner::default(),
            of_string: vec![0; graph.strings.len()],
            of_renamed: FxHashMap::default(),
            of_kind: [0; 256],
        }
    }

    /// The number of a class name.
    fn number(&mut self, name: Text<'_>) -> u32 {
        let texts = &self.texts;
        let number = self.table.intern(hash_text(name), |other| texts[other as usize].as_text() == name);
        if number as usize == self.texts.len() {
            self.texts.push(name.to_owned());
        }
        number
    }

    /// The number of the class name of `n`, which is not a plain object.
    #[inline]
    fn of_node(&mut self, n: NodeIndex) -> u32 {
        let kind = self.graph.kind(n);
        let known = match kind {
            NodeKind::OBJECT | NodeKind::NATIVE if self.flags[n].has(NodeFlags::RENAMED) => {
                self.of_renamed.get(&self.graph.name_index(n).0).map_or(0, |number| *number)
            }
            NodeKind::OBJECT | NodeKind::NATIVE => self.of_string[self.graph.name_index(n).at()],
            NodeKind(kind) => self.of_kind[kind as usize],
        };
        if known == 0 { self.meet(n) } else { known - 1 }
    }

    /// Numbers the class name of the first node of its kind or of its name.
    #[cold]
    fn meet(&mut self, n: NodeIndex) -> u32 {
        let graph = self.graph;
        let kind = graph.kind(n);
        match kind {
            NodeKind::OBJECT | NodeKind::NATIVE => {
                let number = self.number(without_attributes(names::raw_name(graph, self.flags, n).as_text()).as_text());
                let string = graph.name_index(n);
                if self.flags[n].has(NodeFlags::RENAMED) {
                    self.of_renamed.insert(string.0, number + 1);
                } else {
                    self.of_string[string.at()] = number + 1;
                }
                number
            }
            _ => {
                let other;
                let name = match kind {
                    NodeKind::HIDDEN => "(system)",
                    NodeKind::CODE => "(compiled code)",
                    NodeKind::CLOSURE => "Function",
                    NodeKind::REGEXP => "RegExp",
                    _ => {
                        other = format!("({})", graph.node_kind_name(kind));
                        &other
                    }
                };
                let number = self.number(Text::from(name));
                self.of_kind[kind.0 as usize] = number + 1;
                number
            }
        }
    }
}

/// The class name for an object's name: of elements, `<div id="a">`, only the tag, `<div>`.
fn without_attributes(name: Text<'_>) -> TextBuf {
    let tag_from = match name {
        name if name.starts_with("<") => 0,
        name if name.starts_with("Detached <") => DETACHED_PREFIX.len() + 1,
        _ => return name.to_owned(),
    };
    match name.as_bytes()[tag_from..].iter().position(|&b| b == b' ') {
        Some(space) => {
            let mut tag = Text(&name.as_bytes()[..tag_from + space]).to_owned();
            tag.push_str(">");
            tag
        }
        None => name.to_owned(),
    }
}

/// Classes by name and place.
#[derive(Default)]
struct ClassTable {
    classes: Vec<(u32, Option<Location>)>,
    /// For each name the number plus one of the class without a place.
    unlocated: Vec<u32>,
    located: FxHashMap<(u32, Location), u32>,
}

impl ClassTable {
    /// The class of an object without a place.
    #[inline]
    fn unlocated(&mut self, name: u32) -> u32 {
        if self.unlocated.len() <= name as usize {
            self.unlocated.resize(name as usize + 1, 0);
        }
        let slot = &mut self.unlocated[name as usize];
        if *slot == 0 {
            self.classes.push((name, None));
            *slot = self.classes.len() as u32;
        }
        *slot - 1
    }

    /// The class of an object whose constructor stands at `location`.
    fn located(&mut self, name: u32, location: Location) -> u32 {
        let next = self.classes.len() as u32;
        let class = *self.located.entry((name, location)).or_insert(next);
        if class == next {
            self.classes.push((name, Some(location)));
        }
        class
    }
}

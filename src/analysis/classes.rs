//! Which class every object belongs to: the rows of Summary.

use crate::graph::{ClassIndex, Location, PerNode};
use crate::text::TextBuf;

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
    /// The class of each node.
    pub of_node: PerNode<ClassIndex>,
    /// The interfaces inferred from this snapshot's plain objects, most popular first.
    pub interfaces: Vec<Interface>,
}

/// An inferred interface: property names many plain objects share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its text, `{a, b}`: the class name of the objects that match.
    pub name: TextBuf,
    /// The property names, unformatted, in order of the text.
    pub properties: Vec<TextBuf>,
}

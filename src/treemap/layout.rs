//! Rectangles for the nodes of a tree, by their sizes.

/// A tree whose nodes have sizes. Nodes are numbers.
pub trait Tree {
    /// The size of a node: its own and that of all below it.
    fn size(&self, node: u32) -> u64;

    /// Adds the children of a node that are at least `least` in size, in any order.
    fn children(&self, node: u32, least: u64, found: &mut Vec<u32>);
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Rect {
    /// Whether a point is in it.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    fn area(&self) -> f64 {
        f64::from(self.width) * f64::from(self.height)
    }
}

/// A node in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The node.
    pub node: u32,
    /// How far below the top.
    pub depth: u32,
    /// Its place.
    pub rect: Rect,
    /// The position of the cell around it, or above it.
    pub parent: Option<u32>,
}

/// How sizes become areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Rectangles within rectangles.
    #[default]
    Treemap,
    /// Rows, each below what it is part of.
    Icicle,
}

/// The height of a row of an icicle, and of the title of a rectangle that has room for one.
pub const ROW: f32 = 18.0;

/// The smallest side that is laid out.
const SMALLEST: f32 = 1.5;

/// The smallest area that is laid out.
const LEAST_AREA: f64 = 9.0;

/// How deep a layout goes.
const MOST_LEVELS: u32 = 64;

/// How many rectangles a layout has at most.
const MOST_CELLS: usize = 60_000;

/// Lays out the tree below `root` in `room`. Parents come before their children, larger ones before smaller ones.
pub fn layout(tree: &dyn Tree, root: u32, room: Rect, form: Form) -> Vec<Cell> {
    let mut cells = vec![Cell { node: root, depth: 0, rect: room, parent: None }];
    if form == Form::Icicle {
        cells[0].rect.height = ROW;
    }
    let mut at = 0;
    let mut children = Vec::new();
    while at < cells.len() && cells.len() < MOST_CELLS {
        let cell = cells[at];
        if cell.depth < MOST_LEVELS {
            children.clear();
            match form {
                Form::Treemap => open_treemap(tree, at, cell, &mut children, &mut cells),
                Form::Icicle => open_icicle(tree, at, cell, room, &mut children, &mut cells),
            }
        }
        at += 1;
    }
    cells
}

/// The room inside a rectangle: below its title if it has one.
fn inside(rect: Rect) -> Rect {
    let title = if rect.height > ROW * 2.0 && rect.width > 40.0 { ROW } else { 1.0 };
    let Rect { x, y, width, height } = rect;
    Rect { x: x + 1.0, y: y + title, width: (width - 2.0).max(0.0), height: (height - title - 1.0).max(0.0) }
}

fn sorted_children(tree: &dyn Tree, node: u32, least: u64, children: &mut Vec<u32>) {
    tree.children(node, least.max(1), children);
    children.sort_by_key(|&c| (std::cmp::Reverse(tree.size(c)), c));
}

fn open_treemap(tree: &dyn Tree, at: usize, cell: Cell, children: &mut Vec<u32>, cells: &mut Vec<Cell>) {
    let mut room = inside(cell.rect);
    let total = tree.size(cell.node);
    if room.area() < LEAST_AREA * 2.0 || total == 0 {
        return;
    }
    let bytes_per_area = total as f64 / room.area();
    sorted_children(tree, cell.node, (LEAST_AREA * bytes_per_area) as u64, children);
    let areas: Vec<f64> = children.iter().map(|&c| tree.size(c) as f64 / bytes_per_area).collect();
    // Squarified: rows along the shorter side, each ended where another rectangle would make its worst longer.
    let mut from = 0;
    while from < areas.len() {
        let side = f64::from(room.width.min(room.height));
        if side < f64::from(SMALLEST) {
            break;
        }
        let (mut to, mut sum, mut worst) = (from, 0.0, f64::INFINITY);
        while to < areas.len() {
            let with = sum + areas[to];
            let thickness = with / side;
            let ratio = |area: f64| {
                let length = area / thickness;
                (length / thickness).max(thickness / length)
            };
            let worst_with = ratio(areas[from]).max(ratio(areas[to]));
            if worst_with > worst {
                break;
            }
            (sum, worst) = (with, worst_with);
            to += 1;
        }
        let thickness = (sum / side) as f32;
        let is_wide = room.width >= room.height;
        let mut offset = 0.0;
        for i in from..to {
            let length = (areas[i] / sum * side) as f32;
            let rect = if is_wide {
                Rect { x: room.x, y: room.y + offset, width: thickness, height: length }
            } else {
                Rect { x: room.x + offset, y: room.y, width: length, height: thickness }
            };
            offset += length;
            if rect.width >= SMALLEST && rect.height >= SMALLEST {
                cells.push(Cell { node: children[i], depth: cell.depth + 1, rect, parent: Some(at as u32) });
            }
        }
        if is_wide {
            room.x += thickness;
            room.width -= thickness;
        } else {
            room.y += thickness;
            room.height -= thickness;
        }
        from = to;
    }
}

fn open_icicle(tree: &dyn Tree, at: usize, cell: Cell, room: Rect, children: &mut Vec<u32>, cells: &mut Vec<Cell>) {
    let y = cell.rect.y + ROW;
    let total = tree.size(cell.node);
    if y + ROW > room.y + room.height || total == 0 || cell.rect.width < SMALLEST {
        return;
    }
    let bytes_per_width = total as f64 / f64::from(cell.rect.width);
    sorted_children(tree, cell.node, (f64::from(SMALLEST) * bytes_per_width) as u64, children);
    let mut x = cell.rect.x;
    for &child in children.iter() {
        let width = (tree.size(child) as f64 / bytes_per_width) as f32;
        let rect = Rect { x, y, width, height: ROW };
        x += width;
        cells.push(Cell { node: child, depth: cell.depth + 1, rect, parent: Some(at as u32) });
    }
}

/// The innermost cell at a point.
pub fn cell_at(cells: &[Cell], x: f32, y: f32) -> Option<usize> {
    cells.iter().rposition(|cell| cell.rect.contains(x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Children of each node, and their own sizes.
    struct Listed(Vec<(Vec<u32>, u64)>);

    impl Tree for Listed {
        fn size(&self, node: u32) -> u64 {
            let (children, own) = &self.0[node as usize];
            own + children.iter().map(|&c| self.size(c)).sum::<u64>()
        }

        fn children(&self, node: u32, least: u64, found: &mut Vec<u32>) {
            found.extend(self.0[node as usize].0.iter().filter(|&&c| self.size(c) >= least));
        }
    }

    const ROOM: Rect = Rect { x: 0.0, y: 0.0, width: 400.0, height: 300.0 };

    fn tree() -> Listed {
        Listed(vec![(vec![1, 2, 3], 0), (vec![4, 5], 10), (vec![], 300), (vec![], 1), (vec![], 400), (vec![], 200)])
    }

    #[test]
    fn rectangles_lie_within_their_parents_and_apart_from_each_other() {
        for form in [Form::Treemap, Form::Icicle] {
            let cells = layout(&tree(), 0, ROOM, form);
            assert!(cells.len() >= 5, "{form:?}: {cells:?}");
            for (i, cell) in cells.iter().enumerate().skip(1) {
                let parent = &cells[cell.parent.unwrap() as usize];
                assert_eq!(cell.depth, parent.depth + 1);
                assert!(cell.rect.x >= parent.rect.x - 0.1);
                assert!(cell.rect.x + cell.rect.width <= parent.rect.x + parent.rect.width + 0.1, "{form:?} {cell:?}");
                for other in cells[i + 1..].iter().filter(|o| o.depth == cell.depth) {
                    let (a, b) = (cell.rect, other.rect);
                    let apart = a.x + a.width <= b.x + 0.1
                        || b.x + b.width <= a.x + 0.1
                        || a.y + a.height <= b.y + 0.1
                        || b.y + b.height <= a.y + 0.1;
                    assert!(apart, "{form:?}: {cell:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn areas_are_as_the_sizes() {
        let cells = layout(&tree(), 0, ROOM, Form::Treemap);
        let area = |node: u32| cells.iter().find(|c| c.node == node).unwrap().rect.area();
        assert!((area(1) / area(2) - 610.0 / 300.0).abs() < 0.1);
        assert!((area(4) / area(5) - 2.0).abs() < 0.1);
        assert!(cells.iter().all(|c| c.node != 3 || c.rect.area() > 8.0));
    }

    #[test]
    fn what_is_smaller_than_a_pixel_is_left_out() {
        let mut nodes = vec![((1..=100_000).collect(), 0)];
        nodes.extend((0..100_000).map(|_| (vec![], 1)));
        let cells = layout(&Listed(nodes), 0, Rect { width: 50.0, height: 50.0, ..ROOM }, Form::Treemap);
        assert_eq!(cells.len(), 1);
    }

    #[test]
    fn the_innermost_cell_is_found_at_a_point() {
        let cells = layout(&tree(), 0, ROOM, Form::Treemap);
        let four = cells.iter().find(|c| c.node == 4).unwrap().rect;
        let at = cell_at(&cells, four.x + four.width / 2.0, four.y + four.height / 2.0).unwrap();
        assert_eq!(cells[at].node, 4);
        assert_eq!(cell_at(&cells, -1.0, 0.0), None);
    }
}

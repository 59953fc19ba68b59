//! About how much memory opening a file takes, from what is known before it is read.
//!
//! The constants were fitted to the peak of the whole process, as `heapglass bench` measures it;
//! `tests/it/estimate.rs` holds them to that.

/// What the program needs whatever it opens, and the part of a mapped file that is not released yet.
const BASE: u64 = 14 << 20;
/// Bytes a node takes at the peak of opening: its columns, and what is computed about it.
const NODE_BYTES: u64 = 57;
/// Bytes an edge takes: its columns, and the retainers.
const EDGE_BYTES: u64 = 11;
/// Of these the columns, which are there while the text is read.
const NODE_COLUMNS: u64 = 21;
const EDGE_COLUMNS: u64 = 7;

/// How much smaller snapshots usually get when packed.
const PACKED: u64 = 8;
/// How much smaller gzip can make anything.
const PACKED_AT_MOST: u64 = 1032;

/// What is known of a file before it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Bytes of text.
    text: u64,
    /// Bytes that stay in memory while the text is read: of a mapped file nothing does.
    held: u64,
    /// Nodes and edges, as the header claims.
    counts: Option<(u64, u64)>,
}

impl Known {
    /// A file that is not packed.
    pub(super) fn mapped(text: u64, counts: Option<(u64, u64)>) -> Self {
        Self { text, held: 0, counts }
    }

    /// A packed file that was unpacked already.
    pub(super) fn unpacked(text: u64, counts: Option<(u64, u64)>) -> Self {
        Self { text, held: text, counts }
    }

    /// Text that is just arriving, and as long as what the header claims takes: its numbers are read on the
    /// way, and only what follows them is all there at once.
    pub(super) fn arriving(nodes: u64, edges: u64) -> Self {
        let numbers = text_of_numbers(nodes, edges);
        let text = numbers.saturating_add(numbers / 4);
        Self { text, held: text - numbers, counts: Some((nodes, edges)) }
    }

    /// About how many bytes the text has.
    pub(super) fn text(self) -> u64 {
        self.text
    }

    /// A packed file of `size` bytes, of text that has `text` bytes if it says so.
    pub(super) fn packed(size: u64, text: Option<u64>, counts: Option<(u64, u64)>) -> Self {
        let plausible = |&text: &u64| (size..=size.saturating_mul(PACKED_AT_MOST)).contains(&text);
        let usual = size.saturating_mul(PACKED);
        let text = text.filter(plausible).unwrap_or_else(|| {
            let numbers = counts.map_or(0, |(nodes, edges)| text_of_numbers(nodes, edges));
            usual.max(numbers.min(size.saturating_mul(PACKED_AT_MOST)))
        });
        // Its numbers are read while it is unpacked; only what follows them is all there at once.
        let numbers = counts.map_or(0, |(nodes, edges)| text_of_numbers(nodes.min(text / 12), edges.min(text / 6)));
        Self { text, held: text.saturating_sub(numbers).saturating_add(size), counts }
    }

    /// About how many bytes opening the file takes at most, with all facts about it. Without counts
    /// it is taken for one of the usual mixture.
    pub(super) fn memory(self) -> u64 {
        let Self { text, held, counts } = self;
        let Some((nodes, edges)) = counts else {
            return BASE.saturating_add(held).saturating_add(text.saturating_mul(3) / 2);
        };
        // Counts that cannot be true count for what the text could hold: six numbers a node, three an edge.
        let (nodes, edges) = (nodes.min(text / 12), edges.min(text / 6));
        let each = |node: u64, edge: u64| nodes.saturating_mul(node).saturating_add(edges.saturating_mul(edge));
        // While it is read, or once it is: then the text is gone.
        let numbers = each(NODE_BYTES, EDGE_BYTES).max(held.saturating_add(each(NODE_COLUMNS, EDGE_COLUMNS)));
        // What cannot be nodes and edges may be strings. They are kept as they are, with where each begins.
        let strings = text.saturating_sub(text_of_numbers(nodes, edges));
        BASE.saturating_add(numbers).saturating_add(strings).saturating_add(strings / 5)
    }
}

/// How much text this many nodes and edges take at least. Most numbers may have a single digit, but
/// ids are all different and edges point anywhere.
fn text_of_numbers(nodes: u64, edges: u64) -> u64 {
    let digits = |n: u64| u64::from(n.checked_ilog10().unwrap_or(0)) + 1;
    let (id, target) = (digits(nodes), digits(nodes.saturating_mul(5)));
    nodes.saturating_mul(8 + id).saturating_add(edges.saturating_mul(4 + target))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1 << 20;

    #[test]
    fn counts_that_the_file_is_too_small_for_are_not_believed() {
        let lies = Some((1 << 50, u64::MAX));
        assert!(Known::mapped(MEGABYTE, lies).memory() < 32 * MEGABYTE);
        assert!(Known::packed(MEGABYTE, None, lies).memory() < (10 << 30));
        assert_eq!(Known::packed(u64::MAX, None, Some((u64::MAX, u64::MAX))).memory(), u64::MAX);
    }

    #[test]
    fn what_are_no_numbers_may_be_strings() {
        let few = Some((1000, 1000));
        let memory = Known::mapped(100 * MEGABYTE, few).memory();
        assert!((100 * MEGABYTE..140 * MEGABYTE).contains(&memory), "{memory}");
        let packed = Known::packed(MEGABYTE, Some(100 * MEGABYTE), few).memory();
        assert!((200 * MEGABYTE..250 * MEGABYTE).contains(&packed), "{packed}");
    }

    #[test]
    fn a_packed_file_has_room_for_the_numbers_it_claims() {
        let counts = Some((100_000, 400_000));
        let guess = Known::packed(100_000, None, counts);
        assert_eq!(guess.text, text_of_numbers(100_000, 400_000));
        // What the file says of its text cannot be true.
        assert_eq!(Known::packed(100_000, Some(99), counts).text, guess.text);
        assert_eq!(Known::packed(100_000, Some(u64::MAX), counts).text, guess.text);
    }
}

//! Lines and columns of a text, as engines count them: from 0, columns in UTF-16 code units.

/// Where the lines of a text begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
}

/// A line and a column, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// UTF-16 code units before it on the line.
    pub column: u32,
}

impl Lines {
    /// The lines of `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && bytes.get(i + 1) != Some(&b'\n') {
                starts.push(i + 1);
            }
        }
        Self { starts }
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The text of line `line` without its end; nothing past the last.
    pub fn line<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let Some(&start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The position of the byte at `offset`.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let start = self.starts[line];
        let end = (start..=offset.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(start);
        let column = text[start..end].chars().map(char::len_utf16).sum::<usize>();
        Position { line: line as u32, column: column as u32 }
    }

    /// The byte at a position, or the end of its line; `None` past the last line.
    pub fn offset(&self, text: &str, at: Position) -> Option<usize> {
        let line = at.line as usize;
        let start = *self.starts.get(line)?;
        let mut left = at.column as usize;
        for (i, c) in self.line(text, line).char_indices() {
            if left == 0 {
                return Some(start + i);
            }
            left = left.saturating_sub(c.len_utf16());
        }
        Some(start + self.line(text, line).len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_offsets_are_each_others_opposite() {
        let text = "ab\r\nc😀d\n\rlast";
        let lines = Lines::new(text);
        assert_eq!(lines.count(), 4);
        assert_eq!((0..5).map(|i| lines.line(text, i)).collect::<Vec<_>>(), ["ab", "c😀d", "", "last", ""]);
        for (offset, _) in text.char_indices().filter(|&(_, c)| c != '\n' && c != '\r') {
            let at = lines.position(text, offset);
            assert_eq!(lines.offset(text, at), Some(offset), "{at:?}");
        }
        assert_eq!(lines.position(text, text.find('d').unwrap()), Position { line: 1, column: 3 });
        assert_eq!(lines.offset(text, Position { line: 0, column: 99 }), Some(2));
        assert_eq!(lines.offset(text, Position { line: 9, column: 0 }), None);
    }
}

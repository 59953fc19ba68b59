//! A table as text, as it is shown: the rows that are visible, in their order, under their
//! headers. Knows no egui.

use super::tree::TreeModel;
use std::fmt::Write as _;

/// So many rows are exported at most: more is for the command line.
pub const MOST_ROWS: u64 = 1_000_000;

/// The table as comma-separated values (RFC 4180), levels of the tree in a column of their own.
pub fn csv(model: &dyn TreeModel) -> String {
    let mut text = String::from("level");
    for column in model.columns() {
        text.push(',');
        push_csv(&mut text, &column.key());
    }
    text.push_str("\r\n");
    for row in (0..model.row_count().min(MOST_ROWS)).map_while(|row| model.row(row)) {
        let _ = write!(text, "{}", row.level);
        for at in 0..model.columns().len() {
            text.push(',');
            push_csv(&mut text, &row.cells.get(at).map(super::tree::Cell::text).unwrap_or_default());
        }
        text.push_str("\r\n");
    }
    text
}

fn push_csv(text: &mut String, value: &str) {
    if value.contains(['"', ',', '\n', '\r']) {
        let _ = write!(text, "\"{}\"", value.replace('"', "\"\""));
    } else {
        text.push_str(value);
    }
}

/// The table as a JSON list with an object for each row, its keys the columns' headers.
pub fn json(model: &dyn TreeModel) -> String {
    let keys: Vec<String> = model.columns().iter().map(super::tree::Column::key).collect();
    let rows = (0..model.row_count().min(MOST_ROWS)).map_while(|row| model.row(row)).map(|row| {
        let mut object = serde_json::Map::new();
        object.insert("level".to_owned(), row.level.into());
        for (key, cell) in keys.iter().zip(&row.cells) {
            object.insert(key.clone(), cell.text().into());
        }
        serde_json::Value::Object(object)
    });
    let rows: Vec<serde_json::Value> = rows.collect();
    serde_json::Value::Array(rows).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{CancelToken, Cancelled};
    use crate::session::job::Wake;
    use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Span, Tone, TreeSource};

    struct Names;

    impl TreeSource for Names {
        type Item = u32;
        fn columns(&self) -> Vec<Column> {
            vec![Column::tree("Name", ""), Column::figures("Size", "", 50.0).in_band("A")]
        }
        fn child_count(&self, parent: Option<&u32>) -> u32 {
            parent.map_or(2, |&n| n)
        }
        fn child(&self, _: Option<&u32>, position: u32) -> u32 {
            position
        }
        fn order(&self, parent: Option<&u32>, _: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
            Ok((0..self.child_count(parent)).collect())
        }
        fn is_expandable(&self, &n: &u32, _: Ancestors<'_, u32>) -> bool {
            n > 0
        }
        fn row(&self, n: &u32, _: Ancestors<'_, u32>) -> RowView {
            let name = ["plain", "a \"b\", c"][*n as usize];
            RowView::new(vec![Cell::Text(vec![Span::words(name, Tone::Normal)]), Cell::figure("1,000")])
        }
    }

    #[test]
    fn what_is_shown_is_exported_with_levels_and_quotes() {
        let mut tree = LazyTree::new(Names, None, &Wake::nobody());
        tree.set_expanded(1, true);
        assert_eq!(
            csv(&tree),
            "level,Name,A/Size\r\n0,plain,\"1,000\"\r\n0,\"a \"\"b\"\", c\",\"1,000\"\r\n1,plain,\"1,000\"\r\n"
        );
        let rows: serde_json::Value = serde_json::from_str(&json(&tree)).unwrap();
        assert_eq!(rows[1], serde_json::json!({ "level": 0, "Name": "a \"b\", c", "A/Size": "1,000" }));
        assert_eq!(rows[2]["level"], 1);
    }
}

//! What rows of tables are called, so that they are found again in a newer version of a file, by a
//! link, or in another run. Positions are none of it: they change with every file.

use serde::{Deserialize, Serialize};

/// What a row is called among those it stands with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowName {
    /// A class, by DevTools' class key: a constructor and, where it is known, its place.
    Class(String),
    /// An object of the snapshot that is shown, by its id.
    Object(u32),
    /// An object of the snapshot that is compared with, by its id.
    BaseObject(u32),
    /// A reference: its name, and the id of the object it leads to, or of the one it comes from in
    /// tables of retainers.
    Reference {
        /// The name of the property, variable or element.
        name: String,
        /// The object at the other end.
        id: u32,
        /// Whether it is in the snapshot that is compared with.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        in_base: bool,
    },
    /// Anything else, by a name that does not change.
    Part(String),
}

/// A row by the names from the top level down to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowPath(pub Vec<RowName>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_short_list_and_read_back() {
        let path = RowPath(vec![
            RowName::Class(",Point".to_owned()),
            RowName::Object(17),
            RowName::Reference { name: "x".to_owned(), id: 3, in_base: false },
        ]);
        let text = serde_json::to_string(&path).unwrap();
        assert_eq!(text, r#"[{"class":",Point"},{"object":17},{"reference":{"name":"x","id":3}}]"#);
        assert_eq!(serde_json::from_str::<RowPath>(&text).unwrap(), path);
    }
}

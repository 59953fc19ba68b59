//! The texts and maps of one snapshot's scripts, each looked for once.

use super::script::head_of;
use super::source_map::{Map, find_map};
use super::text::{SourcePlaces, SourceText};
use crate::analysis::Heap;
use crate::graph::NodeIndex;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was found of a script.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its text, or why there is none.
    pub text: Result<SourceText, String>,
    /// Its source map.
    pub map: Option<Arc<Map>>,
    /// Why a map that is there is not used.
    pub warning: Option<String>,
}

/// Finds texts and maps, and keeps what it found.
#[derive(Debug, Default)]
pub struct Library {
    /// Where it looks.
    pub places: SourcePlaces,
    found: Mutex<BTreeMap<String, Found>>,
}

impl Library {
    /// A library that looks in `places`.
    pub fn new(places: SourcePlaces) -> Self {
        Self { places, found: Mutex::default() }
    }

    /// The text and map of the script called `name`, which is `script` in `heap` if it is there.
    pub fn find(&self, heap: &Heap, script: Option<NodeIndex>, name: &str) -> Found {
        if let Some(found) = self.kept().get(name) {
            return found.clone();
        }
        let head = script.and_then(|script| head_of(heap, script));
        let text = self.places.find(name, head.as_ref()).map_err(|e| e.to_string());
        let (map, warning) = match text.as_ref().map(|text| find_map(name, text, &self.places)) {
            Ok(Ok(map)) => (map.map(Arc::new), None),
            Ok(Err(warning)) => (None, Some(warning)),
            Err(_) => (None, None),
        };
        let found = Found { text, map, warning };
        self.kept().insert(name.to_owned(), found.clone());
        found
    }

    /// Takes a text that the process was asked for in place of what was found.
    pub fn keep(&self, name: &str, text: SourceText) {
        let (map, warning) = match find_map(name, &text, &self.places) {
            Ok(map) => (map.map(Arc::new), None),
            Err(warning) => (None, Some(warning)),
        };
        self.kept().insert(name.to_owned(), Found { text: Ok(text), map, warning });
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What is remembered between runs, in one JSON file. A file that cannot be read is set aside,
//! never an error: the worst that can happen is that widths and recent files are forgotten.

use super::place::{LowerTab, PanelId};
use super::theme::ThemeChoice;
use super::widgets::tree_table::ColumnLayout;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Most recent files that are remembered.
const RECENT: usize = 12;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Size of the window in points, and where it is, if the system says so.
    pub window: WindowSettings,
    /// Light, dark or as the system has it.
    #[serde(deserialize_with = "known_or_default")]
    pub theme: ThemeChoice,
    /// Whether contrast is raised.
    pub is_high_contrast: bool,
    /// Size of everything, 1 being ordinary.
    pub zoom: f32,
    /// The name of the panel that was shown last.
    pub panel: String,
    /// The tab of the lower pane that was shown last.
    #[serde(deserialize_with = "known_or_default")]
    pub lower_tab: LowerTab,
    /// Whether the lower pane is unfolded.
    pub is_lower_open: bool,
    /// Height of the lower pane.
    pub lower_height: f32,
    pub sidebar_width: f32,
    /// Files opened lately, the last one first.
    pub recent: Vec<PathBuf>,
    /// Widths and order of columns, by table.
    pub columns: BTreeMap<String, ColumnLayout>,
}

/// A value of another version that this one does not know is no reason to forget all others.
fn known_or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(d: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(d)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Where the window was.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct WindowSettings {
    /// Width and height of its contents.
    pub size: Option<[f32; 2]>,
    /// Left and top edge.
    pub position: Option<[f32; 2]>,
    /// Whether it filled the screen.
    pub is_maximized: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: WindowSettings::default(),
            theme: ThemeChoice::System,
            is_high_contrast: false,
            zoom: 1.0,
            panel: PanelId::SUMMARY.0.to_owned(),
            lower_tab: LowerTab::default(),
            is_lower_open: true,
            lower_height: 260.0,
            sidebar_width: super::theme::Theme::SIDEBAR_WIDTH,
            recent: Vec::new(),
            columns: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Smallest and largest zoom.
    pub const ZOOM: std::ops::RangeInclusive<f32> = 0.5..=3.0;

    /// Reads the settings at `path`; those of a first start where there is none. A file that is
    /// broken is renamed, so that it can be looked at.
    pub fn load(path: &Path) -> Self {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(e) => {
                log::warn!("cannot read the settings: {e}");
                return Self::default();
            }
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(settings) => settings.within_reason(),
            Err(e) => {
                let aside = path.with_extension("broken.json");
                log::warn!("the settings are broken and were set aside as {}: {e}", aside.display());
                if let Err(e) = std::fs::rename(path, &aside) {
                    log::warn!("cannot set the broken settings aside: {e}");
                }
                Self::default()
            }
        }
    }

    /// Figures that would make the window unusable become ordinary ones.
    fn within_reason(mut self) -> Self {
        let or = |value: f32, range: std::ops::RangeInclusive<f32>, ordinary: f32| {
            if range.contains(&value) { value } else { ordinary }
        };
        let ordinary = Self::default();
        self.zoom = or(self.zoom, Self::ZOOM, 1.0);
        self.lower_height = or(self.lower_height, 60.0..=4000.0, ordinary.lower_height);
        self.sidebar_width = or(self.sidebar_width, 120.0..=1200.0, ordinary.sidebar_width);
        self.window.size = self.window.size.filter(|s| s.iter().all(|v| (200.0..=20_000.0).contains(v)));
        self.window.position = self.window.position.filter(|p| p.iter().all(|v| v.abs() <= 20_000.0));
        self.recent.truncate(RECENT);
        self
    }

    /// Writes the settings to `path`: all of them, or none.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        // A name of its own, because another Heapglass may be saving at this moment.
        static DRAFTS: AtomicU32 = AtomicU32::new(0);
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{number}.new.json", std::process::id()));
        let written = std::fs::write(&draft, serde_json::to_vec_pretty(self)?);
        let written = written.and_then(|()| std::fs::rename(&draft, path));
        if written.is_err() {
            // On a full disk half a draft would be in the way of everybody.
            let _ = std::fs::remove_file(&draft);
        }
        written
    }

    /// Remembers a file as the one opened last.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|p| p != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    /// Where nothing was saved yet.
    fn path(folder: &Folder) -> PathBuf {
        folder.join("deeper").join("settings.json")
    }

    #[test]
    fn what_is_saved_is_what_is_loaded() {
        let folder = Folder::new();
        let path = path(&folder);
        assert_eq!(Settings::load(&path), Settings::default());
        let mut settings = Settings { zoom: 1.5, theme: ThemeChoice::Dark, ..Settings::default() };
        settings.remember(Path::new("/a"));
        settings.remember(Path::new("/b"));
        settings.remember(Path::new("/a"));
        assert_eq!(settings.recent, [Path::new("/a"), Path::new("/b")]);
        let layout = ColumnLayout { widths: [("Distance".to_owned(), 99.0)].into(), ..ColumnLayout::default() };
        settings.columns.insert("Summary".to_owned(), layout);
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
    }

    #[test]
    fn several_instances_that_save_at_once_leave_the_settings_of_one_of_them() {
        let folder = Folder::new();
        let path = path(&folder);
        Settings::default().save(&path).unwrap();
        std::thread::scope(|scope| {
            for i in 1..=4 {
                let path = &path;
                scope.spawn(move || {
                    let settings = Settings { sidebar_width: 200.0 + i as f32, ..Settings::default() };
                    (0..50).for_each(|_| settings.save(path).unwrap());
                });
            }
            for _ in 0..200 {
                let width = Settings::load(&path).sidebar_width;
                assert!(width == Settings::default().sidebar_width || (201.0..=204.0).contains(&width), "{width}");
            }
        });
        let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "drafts are left, or something was set aside");
    }

    #[test]
    fn settings_that_cannot_be_written_are_an_error_and_leave_nothing_behind() {
        let folder = Folder::new();
        let path = path(&folder);
        let dir = path.parent().unwrap().to_owned();
        std::fs::create_dir_all(&path).unwrap();
        assert!(Settings::default().save(&path).is_err(), "a folder is in the way");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        assert!(
            Settings::default().save(Path::new("/proc/heapglass/settings.json")).is_err(),
            "nothing can be made there"
        );
    }

    #[test]
    fn a_broken_file_is_set_aside_and_a_later_or_earlier_one_is_read_as_far_as_it_goes() {
        let folder = Folder::new();
        let path = path(&folder);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "{\"zoom\": ").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
        assert!(!path.exists() && path.with_extension("broken.json").exists());
        std::fs::write(&path, r#"{"zoom": 2.0, "theme": "Crystal", "lower_tab": 7, "more": [1, 2]}"#).unwrap();
        assert_eq!(Settings::load(&path), Settings { zoom: 2.0, ..Settings::default() });
        std::fs::write(&path, r#"{"zoom": 1e9, "lower_height": -3, "window": {"size": [0, 0]}}"#).unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
    }
}

//! The files that come from targets: readable by their owner alone, visible under their name only once they are whole,
//! and never in the place of another file.

use super::error::LiveError;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into this folder, under a name that is made up.
    Folder(PathBuf),
    /// Under this name.
    File(PathBuf),
}

/// How many names are tried beside those that are taken.
const TRIES: u32 = 1_000;

impl Destination {
    /// What `path` means: a folder if it is one, or ends as one.
    pub fn of(path: &Path) -> Self {
        let ends_as_folder = path.as_os_str().to_string_lossy().ends_with(std::path::MAIN_SEPARATOR);
        if ends_as_folder || path.is_dir() { Self::Folder(path.to_owned()) } else { Self::File(path.to_owned()) }
    }

    /// The names to try, in turn: `app-4711-20261128T175942.heapsnapshot`, `…-2.heapsnapshot`, …
    fn names(&self, app: &str, pid: Option<u32>, ending: &str) -> impl Iterator<Item = PathBuf> {
        let (folder, stem, ending) = match self {
            Self::Folder(folder) => {
                let pid = pid.map(|pid| format!("-{pid}")).unwrap_or_default();
                (folder.clone(), format!("{}{pid}-{}", tame(app), timestamp(SystemTime::now())), format!(".{ending}"))
            }
            Self::File(file) => {
                let folder = file.parent().map(Path::to_owned).unwrap_or_default();
                let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                // The ending is what stands behind the first dot, so that `a.heapsnapshot.zst` keeps both.
                match name.find('.').filter(|&at| at > 0) {
                    Some(at) => (folder, name[..at].to_owned(), name[at..].to_owned()),
                    None => (folder, name, String::new()),
                }
            }
        };
        (1..TRIES).map(move |i| {
            let number = if i == 1 { String::new() } else { format!("-{i}") };
            folder.join(format!("{stem}{number}{ending}"))
        })
    }

    /// Begins a file there.
    pub(super) fn begin(&self, app: &str, pid: Option<u32>, ending: &str) -> Result<Part, LiveError> {
        if let Self::Folder(folder) = self {
            fs::create_dir_all(folder).map_err(LiveError::file("create", folder))?;
        }
        for whole in self.names(app, pid, ending) {
            if whole.symlink_metadata().is_ok() {
                continue;
            }
            let mut part = whole.clone().into_os_string();
            part.push(".part");
            let part = PathBuf::from(part);
            match create(&part) {
                Ok(file) => return Ok(Part { file: Some(file), part, whole, is_kept: false }),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(LiveError::file("create", part)(e)),
            }
        }
        let folder = match self {
            Self::Folder(path) | Self::File(path) => path,
        };
        Err(LiveError::file("find a free name for", folder)(ErrorKind::AlreadyExists.into()))
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is being written. Dropped, it is gone, unless it was finished or kept.
#[derive(Debug)]
pub(super) struct Part {
    file: Option<File>,
    pub(super) part: PathBuf,
    whole: PathBuf,
    is_kept: bool,
}

impl Part {
    /// The file to write to. Once.
    pub(super) fn take_file(&mut self) -> Option<File> {
        self.file.take()
    }

    /// Gives the whole file its name; another one if somebody took that meanwhile.
    pub(super) fn finish(mut self) -> Result<PathBuf, LiveError> {
        for whole in Destination::File(self.whole.clone()).names("", None, "") {
            match rename_to_free(&self.part, &whole) {
                Ok(()) => {
                    self.is_kept = true;
                    return Ok(whole);
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(LiveError::file("name", whole)(e)),
            }
        }
        Err(LiveError::file("name", self.whole.clone())(ErrorKind::AlreadyExists.into()))
    }

    /// Leaves what there is.
    pub(super) fn keep(mut self) -> PathBuf {
        self.is_kept = true;
        self.part.clone()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nothing more can be done about one that cannot be removed.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Renames without replacing anything: a second link to the file fails where a name is taken.
fn rename_to_free(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(e),
        // A file system without links.
        Err(_) if to.symlink_metadata().is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// A name from a target as part of a file's name: letters, digits, `.`, `_` and `-`, and not too many.
fn tame(name: &str) -> String {
    let mut tamed: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    while tamed.contains("--") {
        tamed = tamed.replace("--", "-");
    }
    let tamed: String = tamed.trim_matches(['-', '.']).chars().take(60).collect();
    if tamed.is_empty() { "target".to_owned() } else { tamed.trim_end_matches(['-', '.']).to_owned() }
}

/// A time as it stands in names of files: `20261128T175942`, in universal time.
fn timestamp(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
}

/// Year, month and day of a day counted from 1970, by counting in years that begin with March.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::time::Duration;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("heapglass-files-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn times_and_names_are_fit_for_files() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "19700101T000000");
        assert_eq!(at(951_782_400), "20000229T000000");
        assert_eq!(at(1_795_888_782), "20261128T175942");
        assert_eq!(tame("shop (server.js)"), "shop-server.js");
        assert_eq!(tame("../../etc/passwd"), "etc-passwd");
        assert_eq!(tame("\u{1b}[31m\n"), "31m");
        assert_eq!(tame("…"), "target");
    }

    #[test]
    fn a_file_has_its_name_once_it_is_whole_and_takes_nobody_elses() {
        let folder = folder("names");
        let taken = folder.join("a.heapsnapshot.zst");
        let mut part = Destination::File(taken.clone()).begin("", None, "").unwrap();
        part.take_file().unwrap().write_all(b"ours").unwrap();
        assert!(!taken.exists());
        fs::write(&taken, "theirs").unwrap();
        let named = part.finish().unwrap();
        assert_eq!(named, folder.join("a-2.heapsnapshot.zst"));
        assert_eq!(fs::read_to_string(&taken).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(&named).unwrap(), "ours");
        drop(Destination::Folder(folder.clone()).begin("app", Some(7), "heapsnapshot").unwrap());
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert_eq!(left.len(), 2, "a part that was given up is gone: {left:?}");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&named.metadata().unwrap()) & 0o777, 0o600);
        fs::remove_dir_all(&folder).unwrap();
    }
}

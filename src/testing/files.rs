//! Files for tests: folders of their own, gone at the end, and the repository's fixtures.

use std::io::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A new folder, removed with all its files when it is dropped.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    #[allow(clippy::new_without_default, reason = "making a folder is more than a default value")]
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// A folder in memory, where the system has such a place: for millions of small files.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory) } else { Self::new() }
    }

    fn below(parent: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("heapglass-test-{}-{number}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Self { path },
                // Left behind by a process that was killed.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }

    /// Leaves the folder there, for whoever looks into a failure.
    pub fn keep(self) -> PathBuf {
        std::mem::ManuallyDrop::new(self).path.clone()
    }

    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        std::fs::write(&path, contents).unwrap();
        path
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A file in a [`Folder`] of its own.
pub struct TempFile {
    path: PathBuf,
    _folder: Folder,
}

impl TempFile {
    pub fn new(name: &str, contents: impl AsRef<[u8]>) -> Self {
        let folder = Folder::new();
        Self { path: folder.file(name, contents), _folder: folder }
    }
}

impl Deref for TempFile {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for TempFile {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl AsRef<std::ffi::OsStr> for TempFile {
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.path.as_os_str()
    }
}

/// `bytes` packed with gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_at(flate2::Compression::fast(), bytes)
}

pub fn gzip_at(level: flate2::Compression, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file or folder below `fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

//! Files that commands write: never half of one, and never over one that is there unless that was asked for.

use super::CliError;
use clap::Args;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where to write.
#[derive(Debug, Clone, Args)]
pub(super) struct OutArgs {
    /// The file to write; - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    overwrite: bool,
}

impl OutArgs {
    /// Has `write` fill the file. What could not be written whole is taken away again.
    pub(super) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        if self.out.as_os_str() == "-" {
            let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            write(&mut out)?;
            out.flush()?;
            return Ok(());
        }
        let cannot = |e: &io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                CliError::Usage(format!("{} is there already; --overwrite replaces it", self.out.display()))
            }
            _ => CliError::Failed(format!("cannot write {}: {e}", self.out.display())),
        };
        if !self.overwrite && self.out.exists() {
            return Err(cannot(&io::ErrorKind::AlreadyExists.into()));
        }
        // Written beside its place, so that the file that was there stays until the new one is whole.
        let beside = beside(&self.out);
        let written = File::create(&beside).and_then(|file| {
            let mut out = BufWriter::with_capacity(1 << 16, file);
            write(&mut out)?;
            out.flush()?;
            drop(out);
            if self.overwrite {
                return std::fs::rename(&beside, &self.out);
            }
            // Unlike a rename this refuses to replace a file that came meanwhile.
            match std::fs::hard_link(&beside, &self.out) {
                Ok(()) => std::fs::remove_file(&beside),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
                // Some systems have no links.
                Err(_) => std::fs::rename(&beside, &self.out),
            }
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(|e| cannot(&e))
    }
}

/// A name beside `path` that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

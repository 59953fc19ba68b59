//! The program: a command is answered by the command line, files without one by the application.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    heapglass::cli::run(std::env::args_os(), open_app)
}

/// Opens the application with `files`.
#[cfg(feature = "app")]
fn open_app(files: Vec<PathBuf>) -> ExitCode {
    match heapglass::ui::run(files, heapglass::ui::Options::default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("heapglass: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says that this build has no application.
#[cfg(not(feature = "app"))]
fn open_app(_files: Vec<PathBuf>) -> ExitCode {
    eprintln!(
        "heapglass: this build is without the application (feature `app`); \
         its command line works: try 'heapglass summary FILE' or 'heapglass --help'"
    );
    ExitCode::from(2)
}

//! The program: a command is answered by the command line, files without one by the application.

use heapglass::cli::AppArgs;
use std::process::ExitCode;

fn main() -> ExitCode {
    heapglass::memory::share_memory_between_threads();
    heapglass::cli::run(std::env::args_os(), open_app)
}

/// Opens the application.
#[cfg(feature = "app")]
fn open_app(args: AppArgs) -> ExitCode {
    if args.measure_frames {
        return measure_frames(&args);
    }
    let options = heapglass::ui::Options { wayland: args.wayland };
    match heapglass::ui::run(args.files, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("heapglass: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what frames cost.
#[cfg(feature = "app")]
fn measure_frames(args: &AppArgs) -> ExitCode {
    let report = heapglass::ui::frames::measure(&args.files).and_then(|report| {
        Ok(if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.to_string() })
    });
    match report {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("heapglass: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says that this build has no application.
#[cfg(not(feature = "app"))]
fn open_app(_: AppArgs) -> ExitCode {
    eprintln!(
        "heapglass: this build is without the application (feature `app`); \
         its command line works: try 'heapglass summary FILE' or 'heapglass --help'"
    );
    ExitCode::from(2)
}

//! Running programs: finding them, watching their memory, taking their snapshots.
//!
//! Knows the inspector protocol and files, knows no front end. Nothing here connects, evaluates or signals unless it is
//! called to; everything that waits has a limit ([`limits`]) and can be given up; the end of a connection is a sentence
//! ([`Ended`]).

pub mod limits;

mod address;
mod attach;
mod capture;
mod connection;
mod cost;
mod error;
mod files;
mod http;
mod isolate;
mod list;
mod measure;
mod message;
mod processes;
mod queue;
pub mod series;
mod series_file;
mod stream;
mod targets;
mod to_disk;
mod wait;
mod warm;

pub use address::{Address, SocketUrl};
pub use attach::{Attached, can_open_inspector, open_inspector};
pub use capture::{CaptureOptions, CaptureStep, CaptureWatch, Captured, Captures};
pub use connection::{Connection, Route};
pub use cost::{Cost, Room, room};
pub use error::{Ended, LiveError};
pub use files::Destination;
pub use isolate::{HeapUsage, Isolate};
pub use list::{Engine, Headers, Kind};
pub use measure::{EVALUATE_EVERY, Meter, now_ms};
pub use message::{Event, Worker};
pub use processes::{Process, find as find_process};
pub use series_file::{SeriesFormat, columns_of, csv_header, csv_row, json_line};
pub use targets::{Target, at, find, local, of_pid};
pub use warm::{COLLECT_EVERY, Warm, WarmUp, wait_warm};

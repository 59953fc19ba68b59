//! What the machine does to the program: memory that is refused, disks that are full, folders that
//! cannot be written. Each ends in a sentence.
#![cfg(target_os = "linux")]

use heapglass::testing::SnapshotBuilder;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Scratch(PathBuf);

impl Scratch {
    fn file(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("heapglass-machine-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn small() -> String {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let thing = b.node("object", "Thing", 24);
    b.edge(root, "property", "thing", thing);
    b.to_json()
}

fn heapglass() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heapglass"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}

/// Runs a command about `file` that may have so many kilobytes of address space.
fn limited(kilobytes: u32, file: &Path) -> Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"")])
        .args([env!("CARGO_BIN_EXE_heapglass"), "summary", "--force"])
        .arg(file)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn memory_that_is_refused_is_an_error_of_the_file() {
    let long = small().replace("\"Thing\"", &format!("\"{}\"", "x".repeat(256 << 20)));
    let file = Scratch::file("long.heapsnapshot", long.as_bytes());
    // Enough to map the file, but not for its strings; and not even that.
    for (kilobytes, sentence) in [(400_000, "not enough memory"), (200_000, "map the file into memory")] {
        let output = limited(kilobytes, &file.0);
        let errors = said(&output);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(sentence) && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn a_full_disk_is_a_sentence() {
    let file = Scratch::file("full.heapsnapshot", small().as_bytes());
    for format in ["table", "json", "csv"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = heapglass()
            .args(["nodes", "--format", format])
            .arg(&file.0)
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let errors = said(&output);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.starts_with("heapglass: cannot write the answer: ") && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn commands_need_no_home() {
    let file = Scratch::file("home.heapsnapshot", small().as_bytes());
    for home in [None, Some("/proc"), Some("/no/such/folder")] {
        let mut command = heapglass();
        command.env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env_remove("HOME");
        home.map(|home| command.env("HOME", home));
        let output = command.arg("summary").arg(&file.0).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
    }
}

#[test]
#[cfg(feature = "app")]
fn without_a_display_a_sentence_names_the_command_line() {
    let output = heapglass().output().unwrap();
    let errors = said(&output);
    assert!(output.status.code().is_some_and(|code| code > 0), "{errors}");
    assert!(errors.contains("no display") && errors.contains("--help"), "{errors}");
}

#[test]
fn a_packed_file_that_unpacks_to_too_much_names_the_way_to_open_it() {
    use std::io::Write as _;
    let text = small();
    let (begin, end) = text.split_at(1);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(begin.as_bytes()).unwrap();
    let blanks = vec![b' '; 1 << 20];
    (0..1100).for_each(|_| encoder.write_all(&blanks).unwrap());
    encoder.write_all(end.as_bytes()).unwrap();
    let file = Scratch::file("bomb.heapsnapshot.gz", &encoder.finish().unwrap());
    let output = heapglass().arg("summary").arg(&file.0).output().unwrap();
    let errors = said(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("unpack to more than 1073741824 bytes") && errors.contains("--force opens it"), "{errors}");
    let output = heapglass().args(["summary", "--force"]).arg(&file.0).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Thing"));
}

#[test]
fn a_file_may_go_away_once_it_is_open() {
    let file = Scratch::file("gone.heapsnapshot", small().as_bytes());
    let snapshot = heapglass::session::open(&file.0, &heapglass::progress::Progress::new()).unwrap();
    std::fs::write(&file.0, "overwritten").unwrap();
    std::fs::remove_file(&file.0).unwrap();
    let heap = &snapshot.heap;
    let names: Vec<_> = heap.graph.node_indices().map(|n| heap.name(n).into_owned().to_string()).collect();
    assert_eq!(names, ["", "Thing"]);
}

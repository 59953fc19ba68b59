//! What the machine does to the program: memory that is refused, disks that are full, folders that
//! cannot be written. Each ends in a sentence.
#![cfg(target_os = "linux")]

use crate::program::heapglass;
use heapglass::generate::{Recipe, Shape, write_snapshot};
use heapglass::progress::Progress;
use heapglass::reader::{ReadError, read_file};
use heapglass::testing::{Folder, SnapshotBuilder, TempFile, fixture};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

fn small() -> String {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let thing = b.node("object", "Thing", 24);
    b.edge(root, "property", "thing", thing);
    b.to_json()
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
    let file = TempFile::new("long.heapsnapshot", long.as_bytes());
    // Enough to map the file, but not for its strings; and not even that.
    for (kilobytes, sentence) in [(400_000, "not enough memory"), (200_000, "map the file into memory")] {
        let output = limited(kilobytes, &file);
        let errors = said(&output);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(sentence) && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn more_strings_than_there_is_memory_for_are_an_error_of_the_file() {
    let list = "\"\",".repeat(40_000_000);
    let file = TempFile::new(
        "empty-strings.heapsnapshot",
        small().replace("\"strings\":[", &format!("\"strings\":[{list}")).as_bytes(),
    );
    // Enough to map the file and to copy it, but not for where 40 million strings begin.
    let output = limited(380_000, &file);
    let errors = said(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("not enough memory for more than ") && errors.lines().count() == 1, "{errors}");
}

#[test]
fn a_full_disk_is_a_sentence() {
    let file = TempFile::new("full.heapsnapshot", small().as_bytes());
    for format in ["table", "json", "csv"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = heapglass()
            .args(["nodes", "--format", format])
            .arg(&*file)
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
    let file = TempFile::new("home.heapsnapshot", small().as_bytes());
    for home in [None, Some("/proc"), Some("/no/such/folder")] {
        let mut command = heapglass();
        command.env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env_remove("HOME");
        home.map(|home| command.env("HOME", home));
        let output = command.arg("summary").arg(&*file).output().unwrap();
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
    let text = small();
    let (begin, end) = text.split_at(1);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(begin.as_bytes()).unwrap();
    let blanks = vec![b' '; 1 << 20];
    (0..1100).for_each(|_| encoder.write_all(&blanks).unwrap());
    encoder.write_all(end.as_bytes()).unwrap();
    let file = TempFile::new("bomb.heapsnapshot.gz", encoder.finish().unwrap());
    let output = heapglass().arg("summary").arg(&*file).output().unwrap();
    let errors = said(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("unpack to more than 1073741824 bytes") && errors.contains("--force opens it"), "{errors}");
    let output = heapglass().args(["summary", "--force"]).arg(&*file).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Thing"));
}

#[test]
fn a_file_may_go_away_once_it_is_open() {
    let file = TempFile::new("gone.heapsnapshot", small().as_bytes());
    let snapshot = heapglass::session::open(&file, &Progress::new()).unwrap();
    fs::write(&file, "overwritten").unwrap();
    fs::remove_file(&file).unwrap();
    let heap = &snapshot.heap;
    let names: Vec<_> = heap.graph.node_indices().map(|n| heap.name(n).into_owned().to_string()).collect();
    assert_eq!(names, ["", "Thing"]);
}

#[test]
fn strings_that_are_only_claimed_take_no_memory() {
    let text = small().replace("\"nodes\":[9,1,", "\"nodes\":[9,4294967295,");
    let file = TempFile::new("claimed.heapsnapshot", text.as_bytes());
    let output = limited(300_000, &file);
    let errors = said(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let told = "nodes: expected the index of one of the 4 strings, found the number `4294967295` at byte";
    assert!(errors.contains(told) && errors.lines().count() == 1, "{errors}");
}

/// The text of a snapshot that takes some time to read.
fn long() -> Vec<u8> {
    let mut text = Vec::new();
    write_snapshot(Recipe { shape: Shape::Mixed, nodes: 100_000, seed: 1 }, &mut text).unwrap();
    text
}

/// Does `change` to a file again and again while `work` is under way.
fn meanwhile<T>(mut change: impl FnMut() + Send, work: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                change();
            }
        });
        let result = work();
        is_done.store(true, Ordering::Relaxed);
        result
    })
}

/// What is said of a file that had fewer bytes at first than at the end.
#[track_caller]
fn assert_called_growing(said: &str) {
    let (begin, rest) = said.split_once("the file changed while it was being read: it had ").expect(said);
    let (first, rest) = rest.split_once(" bytes at first and ").expect(said);
    let (last, rest) = rest.split_once(" at the end; wait until all of it is written, and open it again").expect(said);
    assert!(first.parse::<u64>().unwrap() < last.parse::<u64>().unwrap(), "{said}");
    assert!(rest.trim().is_empty() && begin.lines().count() <= 1, "{said}");
}

#[test]
fn a_file_that_is_still_being_written_is_called_so() {
    let text = long();
    let (begin, rest) = text.split_at(text.len() * 3 / 4);
    // Whole already with only blanks to come, or in the middle of its edges.
    for (name, begin, mut rest) in [("blanks", &text[..], &[][..]), ("edges", begin, rest)] {
        let file = TempFile::new(&format!("growing-{name}.heapsnapshot"), begin);
        let mut writer = File::options().append(true).open(&file).unwrap();
        let mut write = || {
            let (now, later) = rest.split_at(rest.len().min(4096));
            rest = later;
            writer.write_all(if now.is_empty() { b" " } else { now }).unwrap();
        };
        // Whether something is written while it is read is for the scheduler to decide.
        let mut tries = (0..1_000).map(|_| match meanwhile(&mut write, || read_file(&file, &Progress::new())) {
            Err(e @ ReadError::Changed(_)) => Some(e.to_string()),
            _ => None,
        });
        assert_called_growing(&tries.find_map(|told| told).unwrap());
        let mut tries = (0..1_000).map(|_| {
            let output = meanwhile(&mut write, || heapglass().arg("summary").arg(&*file).output().unwrap());
            (output.status.code() == Some(1) && output.stdout.is_empty()).then(|| said(&output))
        });
        let told = tries.find_map(|told| told.filter(|told| told.contains("changed")));
        assert_called_growing(&told.unwrap());
    }
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_the_one_that_was_opened() {
    let (text, file) = (long(), TempFile::new("replaced.heapsnapshot", b""));
    let other = TempFile::new("replacement.heapsnapshot", small().as_bytes());
    for _ in 0..10 {
        fs::remove_file(&file).unwrap();
        fs::write(&file, &text).unwrap();
        let progress = Progress::new();
        let replace = || {
            if progress.fraction() > 0.0 {
                // Under another name, and then at once in the place of the first.
                fs::copy(&other, file.with_extension("new")).unwrap();
                fs::rename(file.with_extension("new"), &file).unwrap();
            }
        };
        let read = meanwhile(replace, || read_file(&file, &progress)).unwrap();
        assert!(read.graph.node_count() > 50_000 && read.warnings.is_empty());
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error_of_that_file() {
    let text = long();
    let file = TempFile::new("shrinking.heapsnapshot", &text);
    // Whether the end is gone before it was read is for the scheduler to decide.
    let mut told = String::new();
    for _ in 0..1_000 {
        fs::write(&file, &text).unwrap();
        let progress = Progress::new();
        let shrink = || {
            if progress.fraction() > 0.0 {
                File::options().write(true).open(&file).unwrap().set_len(50_000).unwrap();
            }
        };
        match meanwhile(shrink, || read_file(&file, &progress)) {
            Err(e @ ReadError::Changed(_)) => told = e.to_string(),
            Err(e) => panic!("{e}"),
            Ok(read) => assert!(read.graph.node_count() > 50_000),
        }
        if told.contains("nothing could be read from byte ") {
            break;
        }
    }
    assert!(told.ends_with("on; it was cut short or its disk failed"), "{told}");
}

#[test]
fn several_programs_read_the_same_files_at_the_same_time() {
    let snapshots = fixture("snapshots");
    let files = [0, 1, 2].map(|i| snapshots.join(format!("map-cache.{i}.heapsnapshot.gz")));
    let findings = heapglass().args(["leaks", "--format", "json"]).args(&files).output().unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&findings.stdout).unwrap();
    let fingerprint = findings["findings"][0]["fingerprint"].as_str().unwrap();
    let known = TempFile::new("known", format!("{fingerprint}  by design\n").as_bytes());
    let start = || {
        let mut command = heapglass();
        command.args(["leaks", "--format", "json", "--known"]).arg(&known).args(&files);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all: Vec<_> = (0..6).map(|_| start()).collect();
    let all: Vec<Output> = all.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in &all {
        assert!(output.status.success() && output.stderr.is_empty(), "{}", said(output));
        assert_eq!(output.stdout, all[0].stdout);
    }
    let answer: serde_json::Value = serde_json::from_slice(&all[0].stdout).unwrap();
    assert!(answer["findings"].as_array().unwrap().iter().any(|f| f["fingerprint"] == fingerprint));
    assert!(all[0].stdout.windows(9).any(|w| w == b"by design"));
    assert_eq!(fs::read_to_string(&known).unwrap(), format!("{fingerprint}  by design\n"));
}

#[test]
fn commands_write_nothing_but_their_answer() {
    let folder = Folder::new();
    let file = TempFile::new("untouched.heapsnapshot", small().as_bytes());
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    for command in ["info", "summary", "statistics", "containment", "dominators", "duplicates", "nodes", "object @3"] {
        let mut words = command.split(' ');
        let output = heapglass()
            .arg(words.next().unwrap())
            .arg(&*file)
            .args(words)
            .current_dir(&folder)
            .envs(["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TMPDIR"].map(|name| (name, &*folder)))
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", said(&output));
    }
    let written: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert!(written.is_empty(), "{written:?}");
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
}

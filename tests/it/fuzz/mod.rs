//! Damaged files by the thousand: none may bring the program down, hang it, or make it take memory
//! by what a file claims.
//!
//! The work is done in a process of its own, since what is looked for may end a process. Each input
//! follows from the seed and its number, so a finding is told by these two and written to a file.
//! A short run belongs to the ordinary tests; a long one is
//!
//! ```sh
//! HEAPGLASS_FUZZ=1000000 HEAPGLASS_FUZZ_SEED=1 \
//!     cargo test --profile fuzz --no-default-features --test it fuzz::a_long_run -- --ignored --nocapture
//! ```
#![cfg(unix)]

mod exercise;
mod mutate;

use heapglass::analysis::Heap;
use heapglass::progress::Progress;
use heapglass::reader::{ReadOptions, read_bytes_with};
use heapglass::testing::{Folder, Random};
use heapglass::visible::one_line;
use mutate::{Corpus, Damage};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Kilobytes of address space that the process may have. Threads and allocator take a good part of
/// it before anything is read; the inputs have some kilobytes.
const ADDRESS_SPACE: u64 = 2 << 20;

/// No input of some kilobytes takes a hundredth of this, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn thousands_of_damaged_files_do_no_harm() {
    let count = std::env::var("HEAPGLASS_FUZZ_SHORT").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    run(7, 0, count);
}

#[test]
#[ignore = "as long as HEAPGLASS_FUZZ says"]
fn a_long_run() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let count = number("HEAPGLASS_FUZZ").unwrap_or(100_000);
    run(number("HEAPGLASS_FUZZ_SEED").unwrap_or(1), number("HEAPGLASS_FUZZ_FROM").unwrap_or(0), count);
}

/// Runs a worker over some inputs and fails with what it found.
fn run(seed: u64, from: u64, count: u64) {
    let folder = Folder::in_memory();
    let program = std::env::current_exe().unwrap();
    let limited = format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$@\"");
    let mut worker = Command::new("sh")
        .args(["-c", &limited])
        .arg(program)
        .args(["fuzz::worker", "--exact", "--ignored", "--nocapture"])
        .env("HEAPGLASS_FUZZ_WORK", format!("{seed} {from} {count}"))
        .env("HEAPGLASS_FUZZ_FOLDER", &*folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let number = || std::fs::read_to_string(folder.join("number")).unwrap_or_default();
    let (mut last, mut since) = (number(), Instant::now());
    let status = loop {
        if let Some(status) = worker.try_wait().unwrap() {
            break Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
        let now = number();
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            worker.kill().unwrap();
            worker.wait().unwrap();
            break None;
        }
    };
    let report = std::fs::read_to_string(folder.join("report")).unwrap_or_default();
    if status.is_some_and(|s| s.success()) {
        println!("{report}");
        return;
    }
    let how = status.map_or("hung".to_owned(), |s| format!("ended with {s}"));
    let at: u64 = number().parse().unwrap_or(from);
    let input = folder.keep().join("input");
    if !input.exists() {
        std::fs::write(&input, Corpus::new().input(&mut random(seed, at)).2).unwrap();
    }
    panic!("seed {seed}, input {at}, kept as {}: the process {how}\n{report}", input.display());
}

/// The numbers of one input.
fn random(seed: u64, number: u64) -> Random {
    Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD134_2543_DE82_EF95))
}

/// What the process does that [`run`] starts.
#[test]
#[ignore = "started by the others"]
fn worker() -> ExitCode {
    let Ok(work) = std::env::var("HEAPGLASS_FUZZ_WORK") else { return ExitCode::SUCCESS };
    let folder = PathBuf::from(std::env::var_os("HEAPGLASS_FUZZ_FOLDER").unwrap());
    let work: Vec<u64> = work.split(' ').map(|n| n.parse().unwrap()).collect();
    let &[seed, from, count] = &work[..] else { unreachable!() };
    // The first one is reported; those that follow are of shorter inputs that fail too.
    let report = folder.join("report");
    let is_first = AtomicBool::new(true);
    std::panic::set_hook(Box::new({
        let report = report.clone();
        move |info| {
            if is_first.swap(false, Ordering::Relaxed) {
                let backtrace = std::backtrace::Backtrace::force_capture();
                let _ = std::fs::write(&report, format!("{info}\n{backtrace}\n"));
            }
        }
    }));
    let corpus = Corpus::new();
    // One of the files is refused; another one stands for it where snapshots are compared.
    let opened = |text: &Vec<u8>| open(text, &ReadOptions::default());
    let originals: Vec<Heap> =
        corpus.texts.iter().map(|t| opened(t).or_else(|_| opened(&corpus.texts[0])).unwrap()).collect();
    // In the pool itself, so that nobody waits for its threads to wake up; for every other seed there
    // is a second one.
    let threads = 1 + usize::try_from(seed % 2).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut tally: BTreeMap<Damage, (u64, u64)> = BTreeMap::new();
        let began = Instant::now();
        for number in from..from + count {
            std::fs::write(folder.join("number"), number.to_string()).unwrap();
            let mut random = random(seed, number);
            let (kind, base, input) = corpus.input(&mut random);
            let tried = catch_unwind(AssertUnwindSafe(|| tried(&input, &originals, base, &folder, &mut random)));
            match tried {
                Ok(is_open) => {
                    let of_kind = tally.entry(kind).or_default();
                    of_kind.0 += 1;
                    of_kind.1 += u64::from(is_open);
                }
                Err(_) => {
                    std::fs::write(folder.join("input"), minimal(&input, &originals, base, &folder, seed, number))
                        .unwrap();
                    return ExitCode::FAILURE;
                }
            }
            if number % 1000 == 999 || number + 1 == from + count {
                let mut text = format!("{} inputs from seed {seed} in {:?}:", number + 1 - from, began.elapsed());
                for (kind, (tried, opened)) in &tally {
                    text.push_str(&format!("\n  {kind:?}: {tried} tried, {opened} opened"));
                }
                std::fs::write(&report, text).unwrap();
            }
        }
        ExitCode::SUCCESS
    })
}

/// One execution: reads, analyzes, asks. Returns whether the file opened.
fn tried(input: &[u8], originals: &[Heap], base: usize, folder: &Path, random: &mut Random) -> bool {
    // Chunks and instructions by turns; that they do not show is the business of other tests.
    let options = ReadOptions {
        chunk_size: [16, 300, 128 << 10][mutate::pick(random, 3)],
        portable: random.below(4) == 0,
        unpacked_limit: Some(64 << 20),
        ..ReadOptions::default()
    };
    match open(input, &options) {
        Ok(heap) => {
            super::damaged::assert_is_sound(&heap.graph);
            let other = &originals[mutate::pick(random, originals.len())];
            exercise::everything(&heap, &originals[base], other, random);
            if random.below(4) == 0 {
                command(input, &heap, folder, random);
            }
            true
        }
        Err(message) => {
            assert!(!message.is_empty() && message.len() < 2_000, "{message}");
            assert_eq!(one_line(&message), message, "what a file says cannot act on a line");
            false
        }
    }
}

fn open(input: &[u8], options: &ReadOptions) -> Result<Heap, String> {
    let progress = Progress::new();
    let read = read_bytes_with(input, options, &progress).map_err(|e| e.to_string())?;
    for warning in &read.warnings {
        let text = warning.to_string();
        assert!(text.len() < 2_000, "{text}");
        assert_eq!(one_line(&text), text, "what a file says cannot act on a line");
    }
    Ok(Heap::analyze(read.graph, &progress).unwrap())
}

/// A command line about the file, with answers that go nowhere.
fn command(input: &[u8], heap: &Heap, folder: &Path, random: &mut Random) {
    let file = folder.join("file");
    std::fs::write(&file, input).unwrap();
    let file = file.to_str().unwrap();
    let node = heap.graph.node_indices().nth(mutate::pick(random, heap.graph.node_count())).unwrap();
    let id = heap.id(node).to_string();
    let format = ["table", "json", "csv"][mutate::pick(random, 3)];
    let element = format!("{id}[1]");
    let commands: [&[&str]; 38] = [
        &["summary", file],
        &["summary", file, "--filter", "retained-by-contexts", "--class", "/^./"],
        &["instances", file, "Object", "--sort", "constructor"],
        &["statistics", file],
        &["comparison", file, file],
        &["comparison", file, file, "--changed"],
        &["containment", file, "--depth", "3"],
        &["containment", file, &id, "--depth", "2"],
        &["object", file, &id],
        &["retainers", file, &id, "--depth", "4"],
        &["path", file, &id],
        &["path", file, &id, "--all"],
        &["dominators", file, "--depth", "3"],
        &["dominators", file, &id],
        &["search", file, "e"],
        &["search", file, "[a-z]+", "--regex", "--limit", "3"],
        &["duplicates", file],
        &["contexts", file],
        &["allocations", file, "--depth", "3"],
        &["allocations", file, "--samples"],
        &["nodes", file],
        &["info", file],
        &["growth", file, file, file],
        &["growth", file, file, "--every-step", "--reverse"],
        &["why", file, &id],
        &["what-if", file, "--cut", &id],
        &["what-if", file, "--cut", &id, "--cut", "@3"],
        &["what-if", file, "--cut-reference", &element],
        &["leaks", file, file],
        &["leaks", file],
        &["paths", file],
        &["paths", file, "--class", "Object", "--depth", "3"],
        &["paths", file, "--filter", "duplicated-strings", "--min-count", "2"],
        &["paths", file, "--new-since", file],
        &["summary", file, "--between", "-", file],
        &["containment", file, "--depth", "9", "--limit", "50"],
        &["allocations", file, "--depth", "100", "--limit", "50"],
        &["growth", file, file, "--sort", "retained_delta"],
    ];
    let arguments = commands[mutate::pick(random, commands.len())];
    let mut all = [&["heapglass"], arguments, &["--format", format]].concat();
    if random.below(12) == 0 {
        all = vec![
            "heapglass",
            "check",
            file,
            file,
            "--fail-on-leak",
            "--max-retained",
            "1kB",
            "--max-growth",
            "Object=0",
        ];
    }
    let _ = heapglass::cli::run(all.into_iter().map(Into::into), |_| unreachable!("these are commands"));
}

/// A shorter input that fails as well, found by leaving out parts as long as that helps.
fn minimal(input: &[u8], originals: &[Heap], base: usize, folder: &Path, seed: u64, number: u64) -> Vec<u8> {
    let fails = |bytes: &[u8]| {
        // The same numbers after the input was made, so that the same is asked.
        let mut random = random(seed, number);
        let _ = Corpus::new().input(&mut random);
        catch_unwind(AssertUnwindSafe(|| tried(bytes, originals, base, folder, &mut random))).is_err()
    };
    let until = Instant::now() + Duration::from_secs(20);
    let mut best = input.to_vec();
    let mut part = best.len() / 2;
    while part > 0 {
        let mut at = 0;
        while at + part <= best.len() && Instant::now() < until {
            let shorter = [&best[..at], &best[at + part..]].concat();
            if fails(&shorter) {
                best = shorter;
            } else {
                at += part;
            }
        }
        part /= 2;
    }
    best
}

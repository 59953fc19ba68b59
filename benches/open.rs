//! Opens generated snapshots of every shape and prints what each phase took.
//!
//!     cargo bench --bench open                       about a million nodes each
//!     HEAPGLASS_BENCH_NODES=7000000 cargo bench --bench open
//!
//! For files of your own, and for memory, there is `heapglass bench FILE…`.

use heapglass::generate::{Recipe, Shape, write_snapshot};
use heapglass::progress::Progress;
use heapglass::session;
use heapglass::testing::Folder;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

/// How often each file is opened; the fastest run is printed.
const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    let nodes = match std::env::var("HEAPGLASS_BENCH_NODES") {
        Ok(text) => text.parse()?,
        Err(_) => 1_000_000,
    };
    let folder = Folder::new();
    let path = folder.join("bench.heapsnapshot");
    for shape in [Shape::Mixed, Shape::Chain, Shape::Hub, Shape::Random] {
        let mut out = BufWriter::new(File::create(&path)?);
        let (nodes, edges) = write_snapshot(Recipe { shape, nodes, seed: 1 }, &mut out)?;
        out.flush()?;
        println!("{shape:?}: {nodes} nodes, {edges} edges, {} bytes", std::fs::metadata(&path)?.len());
        let mut best: Option<(f64, Progress)> = None;
        for _ in 0..RUNS {
            let progress = Progress::new();
            let began = Instant::now();
            let snapshot = session::open(&path, &progress)?;
            let seconds = began.elapsed().as_secs_f64();
            let graph = &snapshot.heap.graph;
            assert_eq!((graph.node_count() as u64, graph.edge_count() as u64), (nodes, edges));
            assert!(snapshot.heap.total_size() > 0);
            if best.as_ref().is_none_or(|(b, _)| seconds < *b) {
                best = Some((seconds, progress));
            }
        }
        if let Some((seconds, progress)) = best {
            for stage in progress.stage_times() {
                println!("  {:<32} {:>9.1} ms", stage.label, stage.wall.as_secs_f64() * 1e3);
            }
            println!(
                "  {:<32} {:>9.1} ms, {:.1} ns an edge",
                "everything",
                seconds * 1e3,
                seconds * 1e9 / edges as f64
            );
        }
    }
    Ok(())
}

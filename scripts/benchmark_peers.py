"""Other programs that load heap snapshots, for scripts/benchmarks: built and installed where that is possible, missing
otherwise."""
import subprocess, sys
from pathlib import Path

CARGO = """\
[package]
name = "peers"
version = "0.0.0"
edition = "2021"

[[bin]]
name = "v8-heap-parser"
path = "v8_heap_parser.rs"

[[bin]]
name = "sonic-rs"
path = "sonic_rs.rs"

[dependencies]
v8-heap-parser = "=1.1.0"
sonic-rs = "=0.5.10"

[profile.release]
opt-level = 3
lto = true

[workspace]
"""

# Each does what it has of our work and nothing else; giving back memory at the end is none of it.
V8_HEAP_PARSER = """\
fn main() {
    let file = std::env::args_os().nth(1).expect("a file");
    let graph = v8_heap_parser::decode_slice(&std::fs::read(file).expect("readable")).expect("a snapshot");
    println!("{} classes", graph.get_class_groups(false).len());
    std::process::exit(0);
}
"""

SONIC_RS = """\
use sonic_rs::JsonContainerTrait as _;

fn main() {
    let file = std::env::args_os().nth(1).expect("a file");
    let value: sonic_rs::Value = sonic_rs::from_slice(&std::fs::read(file).expect("readable")).expect("JSON");
    println!("{} sections", value.as_object().expect("an object").len());
    std::process::exit(0);
}
"""

MEMLAB = """\
const { getFullHeapFromFile } = require('@memlab/heap-analysis');
getFullHeapFromFile(process.argv[2]).then(
  heap => { console.log(heap.nodes.length); process.exit(0); },
  error => { console.error(error); process.exit(1); },
);
"""

MEMLAB_VERSION = "2.0.5"


class Peers:
    def __init__(self, folder, node):
        self.folder, self.node = folder and Path(folder).resolve(), node
        self.ready = {}

    def title(self, peer):
        return {"v8-heap-parser": "v8-heap-parser 1.1.0", "memlab": f"memlab {MEMLAB_VERSION}", "sonic-rs": "sonic-rs 0.5.10"}[peer]

    def command(self, peer, file):
        """What runs `peer` on `file`; nothing if it cannot be had."""
        if not self.folder:
            return None
        obtain = self.memlab if peer == "memlab" else self.crates
        if obtain not in self.ready:
            self.ready[obtain] = obtain()
        if not self.ready[obtain]:
            return None
        if peer == "memlab":
            return [self.node, "--max-old-space-size=8000", self.folder / "memlab.js", file]
        return [self.folder / "target/release" / peer, file]

    def crates(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("Cargo.toml", CARGO), ("v8_heap_parser.rs", V8_HEAP_PARSER), ("sonic_rs.rs", SONIC_RS)):
            self.write(name, text)
        return self.succeeds(["cargo", "build", "--release", "--quiet", "--target-dir", self.folder / "target"])

    def memlab(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write("memlab.js", MEMLAB)
        if (self.folder / "node_modules/memlab/package.json").exists():
            return True
        return self.succeeds(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"memlab@{MEMLAB_VERSION}"])

    def write(self, name, text):
        """Writes a file unless it is there already: what is built from it would be built again."""
        path = self.folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def succeeds(self, command):
        try:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        except OSError as error:
            print(f"{command[0]}: {error}", file=sys.stderr)
            return False
        if done.returncode != 0:
            print(f"{' '.join(map(str, command))}: {done.stderr.strip()}", file=sys.stderr)
        return done.returncode == 0

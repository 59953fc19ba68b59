//! The programs of this machine that run JavaScript, from `/proc` alone: nothing is sent to any of them.
//!
//! A process is known by the name of its executable (Node calls its main thread `MainThread`), its ports by the sockets it
//! holds. Processes of other users cannot be read and are left out.

use super::limits;
use super::list::Engine;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A process that runs JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// By the name of its executable.
    pub engine: Engine,
    /// For people: the package's name, else the script's file name, else the executable's.
    pub name: String,
    /// The script it was started with.
    pub script: Option<PathBuf>,
    /// TCP ports it listens on, where they can be reached from here.
    pub ports: Vec<SocketAddr>,
    /// How long it has been running.
    pub up: Option<Duration>,
    /// When it began, in ticks since the machine started: tells it from another one of the same number.
    pub start: u64,
    /// Whether it has a handler for SIGUSR1. One that has none is killed by it.
    pub takes_sigusr1: bool,
    /// Whether it is in the network of this program, so that its loopback ports are ours.
    is_in_our_network: bool,
}

/// All such processes, by number.
pub(super) fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut numbers: Vec<u32> = numbers.take(limits::PROCESSES).collect();
    numbers.sort_unstable();
    let mut sockets = Sockets::default();
    numbers.into_iter().filter_map(|pid| read(pid, &mut sockets)).collect()
}

/// The process of this number, if it runs JavaScript.
pub fn find(pid: u32) -> Option<Process> {
    read(pid, &mut Sockets::default())
}

/// Resident memory of a process, in bytes.
pub(super) fn resident_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// When a process began, in ticks since the machine started. `None` when there is none of this number.
pub(super) fn start_of(pid: u32) -> Option<u64> {
    stat_field(pid, 22)?.parse().ok()
}

fn read(pid: u32, sockets: &mut Sockets) -> Option<Process> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let exe = fs::read_link(folder.join("exe")).ok()?;
    let exe_name = exe.file_name()?.to_str()?.trim_end_matches(" (deleted)");
    let engine = engine_of(exe_name)?;
    let arguments = arguments(&folder);
    // Helpers of a browser have no inspector of their own.
    if engine == Engine::Chromium && arguments.iter().any(|a| a.starts_with("--type=")) {
        return None;
    }
    let cwd = fs::read_link(folder.join("cwd")).ok();
    let script = script(engine, &arguments).map(|script| match &cwd {
        Some(cwd) => cwd.join(script),
        None => PathBuf::from(script),
    });
    let name = match engine {
        Engine::Chromium => exe_name.to_owned(),
        _ => name(script.as_deref(), exe_name),
    };
    Some(Process {
        pid,
        engine,
        name: limits::name(&name),
        script,
        ports: sockets.of(&folder),
        up: up_time(pid),
        start: start_of(pid)?,
        takes_sigusr1: takes_sigusr1(&folder),
        is_in_our_network: fs::read_link(folder.join("ns/net")).ok() == fs::read_link("/proc/self/ns/net").ok(),
    })
}

impl Process {
    /// Ports that an inspector of this process may be at, as seen from here.
    pub(super) fn reachable_ports(&self) -> impl Iterator<Item = u16> + '_ {
        let reachable = self.ports.iter().filter(|_| self.is_in_our_network);
        reachable.filter(|at| at.ip().is_loopback() || at.ip().is_unspecified()).map(SocketAddr::port)
    }
}

fn engine_of(exe_name: &str) -> Option<Engine> {
    Some(match exe_name.trim_end_matches(".exe") {
        "node" | "nodejs" => Engine::Node,
        "deno" => Engine::Deno,
        "bun" => Engine::Bun,
        "electron" | "chrome" | "chromium" | "chromium-browser" | "chrome-headless-shell" | "headless_shell" => {
            Engine::Chromium
        }
        _ => return None,
    })
}

fn arguments(folder: &Path) -> Vec<String> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(folder.join("cmdline")) {
        // What cannot be read is as good as empty.
        let _ = file.take(limits::COMMAND_LINE as u64).read_to_end(&mut bytes);
    }
    bytes.split(|&b| b == 0).filter(|a| !a.is_empty()).map(|a| String::from_utf8_lossy(a).into_owned()).collect()
}

/// The first word that is not an option, behind the subcommand where there is one. Text that is evaluated is not a script.
fn script(engine: Engine, arguments: &[String]) -> Option<&str> {
    if engine == Engine::Chromium {
        return None;
    }
    let mut words = arguments.iter().skip(1).map(String::as_str);
    loop {
        match words.next()? {
            "-e" | "--eval" | "-p" | "--print" | "-pe" | "eval" => return None,
            // Options whose value is a word of its own.
            "-r" | "--require" | "--import" | "--loader" | "--experimental-loader" | "-C" | "--conditions" => {
                words.next();
            }
            "run" | "serve" if matches!(engine, Engine::Deno | Engine::Bun) => {}
            word if word.starts_with('-') => {}
            word => return Some(word),
        }
    }
}

/// The name in the nearest `package.json` above the script, else the script's own.
fn name(script: Option<&Path>, exe_name: &str) -> String {
    let Some(script) = script else { return exe_name.to_owned() };
    let file_name = script.file_name().map_or_else(|| exe_name.to_owned(), |n| n.to_string_lossy().into_owned());
    // Code of a package that is somebody's dependency has a name that says little.
    if script.components().any(|c| c.as_os_str() == "node_modules") {
        return file_name;
    }
    let package = script.ancestors().skip(1).find_map(|folder| {
        let file = fs::File::open(folder.join("package.json")).ok()?;
        let mut text = String::new();
        file.take(1 << 20).read_to_string(&mut text).ok()?;
        #[derive(serde::Deserialize)]
        struct Package {
            name: Option<String>,
        }
        Some(serde_json::from_str::<Package>(&text).ok()?.name)
    });
    match package.flatten().filter(|name| !name.is_empty()) {
        Some(package) => format!("{package} ({file_name})"),
        None => file_name,
    }
}

/// Field `n` of `/proc/PID/stat`, counted from 1; only those after the name.
fn stat_field(pid: u32, n: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(n - 3).map(str::to_owned)
}

fn up_time(pid: u32) -> Option<Duration> {
    let ticks = start_of(pid)?;
    let machine: f64 = fs::read_to_string("/proc/uptime").ok()?.split_whitespace().next()?.parse().ok()?;
    // Ticks are hundredths of a second on every Linux that runs these engines.
    #[allow(clippy::cast_precision_loss, reason = "ticks of years fit")]
    let up = machine - ticks as f64 / 100.0;
    Duration::try_from_secs_f64(up.max(0.0)).ok()
}

fn takes_sigusr1(folder: &Path) -> bool {
    let Ok(status) = fs::read_to_string(folder.join("status")) else { return false };
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 0x200 != 0)
}

/// The listening sockets of networks, read once for each.
#[derive(Default)]
struct Sockets {
    by_network: BTreeMap<PathBuf, BTreeMap<u64, SocketAddr>>,
}

impl Sockets {
    /// Where the process listens whose folder is given.
    fn of(&mut self, folder: &Path) -> Vec<SocketAddr> {
        let Ok(network) = fs::read_link(folder.join("ns/net")) else { return Vec::new() };
        let listening = self.by_network.entry(network).or_insert_with(|| listening(folder));
        if listening.is_empty() {
            return Vec::new();
        }
        let Ok(descriptors) = fs::read_dir(folder.join("fd")) else { return Vec::new() };
        let links = descriptors.flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
        let inodes =
            links.filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok());
        let mut found: Vec<SocketAddr> = inodes.filter_map(|inode| listening.get(&inode).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn listening(folder: &Path) -> BTreeMap<u64, SocketAddr> {
    let tables = ["net/tcp", "net/tcp6"].map(|table| fs::read_to_string(folder.join(table)).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(parse_socket).collect()
}

/// Inode and local address of a line of `/proc/PID/net/tcp`, if that socket listens.
fn parse_socket(line: &str) -> Option<(u64, SocketAddr)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if *fields.get(3)? != "0A" {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let inode = fields.get(9)?.parse().ok()?;
    // Words of 32 bits, each in the machine's order.
    let word = |i: usize| Some(u32::from_str_radix(address.get(8 * i..8 * i + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for i in 0..4 {
                bytes[4 * i..4 * i + 4].copy_from_slice(&word(i)?);
            }
            let ip = Ipv6Addr::from(bytes);
            ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
        }
        _ => return None,
    };
    Some((inode, SocketAddr::new(ip, port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn listening_sockets_are_read() {
        let line =
            "   0: 0100007F:240D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27135 1 x";
        assert_eq!(parse_socket(line), Some((27135, "127.0.0.1:9229".parse().unwrap())));
        let v6 =
            "   1: 00000000000000000000000001000000:240D 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 9 1 x";
        assert_eq!(parse_socket(v6), Some((9, "[::1]:9229".parse().unwrap())));
        assert_eq!(parse_socket(&line.replace(" 0A ", " 01 ")), None, "a connection");
        for broken in ["", "x", "0: 01:1 0 0A", "   0: ZZ00007F:240D 0 0A 0 0 0 0 0 1"] {
            assert_eq!(parse_socket(broken), None);
        }
    }

    #[test]
    fn the_script_is_the_first_word_that_is_no_option() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(script(Engine::Node, &words("node --inspect server.js --port 1")), Some("server.js"));
        assert_eq!(script(Engine::Deno, &words("deno run -A main.ts")), Some("main.ts"));
        assert_eq!(script(Engine::Node, &words("node -r ./hook.js server.js")), Some("server.js"));
        assert_eq!(script(Engine::Node, &words("node -e 1+1")), None);
        assert_eq!(script(Engine::Node, &words("node")), None);
        assert_eq!(engine_of("bun.exe"), Some(Engine::Bun));
        assert_eq!(engine_of("bash"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_runs_no_javascript_and_has_an_age() {
        let pid = std::process::id();
        assert_eq!(find(pid), None);
        assert!(start_of(pid).is_some() && up_time(pid).is_some() && resident_bytes(pid).is_some());
        assert_eq!(start_of(u32::MAX), None);
    }
}

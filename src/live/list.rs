//! What a port says of itself: `/json/version` and `/json/list`. No socket is opened for it: closing one would renew the
//! ids of objects under whoever takes snapshots there.

use super::address::{Address, SocketUrl};
use super::error::LiveError;
use super::http;
use super::limits;
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// The kinds of programs that can be attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// Node, and Electron's main process.
    Node,
    Deno,
    /// Bun, which speaks another protocol and hands out whole snapshots only.
    Bun,
    /// Chromium, Chrome, Electron's windows.
    Chromium,
    /// Something else that answers as an inspector does.
    Other,
}

/// What answers at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Which program.
    pub engine: Engine,
    /// As the program says it: `node.js/v24.21.0`.
    pub text: String,
}

/// What a list calls a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A whole program: Node, Deno, Bun.
    Program,
    Page,
    /// A frame that has a process of its own.
    Frame,
    /// A worker of a page.
    Worker,
    /// A worker thread of Node or Deno, below its program.
    WorkerThread,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub kind: Kind,
    /// Its name for people, as it gives it: anything may be in it.
    pub title: String,
    /// The script or page.
    pub url: String,
    pub socket: SocketUrl,
    /// The id of the page it belongs to.
    pub parent: Option<String>,
    /// Its own id.
    pub id: String,
}

impl Engine {
    fn of(browser: &str) -> Self {
        match browser {
            b if b.starts_with("node.js/") => Self::Node,
            b if b.starts_with("Deno/") => Self::Deno,
            b if b == "Bun" || b.starts_with("Bun/") => Self::Bun,
            b if ["Chrome/", "HeadlessChrome/", "Chromium/", "Edg/"].iter().any(|p| b.starts_with(p)) => Self::Chromium,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "Node",
            Self::Deno => "Deno",
            Self::Bun => "Bun",
            Self::Chromium => "Chromium",
            Self::Other => "inspector",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Program => "program",
            Self::Page => "page",
            Self::Frame => "frame",
            Self::Worker => "worker",
            Self::WorkerThread => "worker thread",
        })
    }
}

/// Extra lines for the head of a request, for a proxy in front of the target.
pub type Headers = [(String, String)];

/// What answers at `address`.
pub(super) fn version(address: &Address, headers: &Headers, limit: Duration) -> Result<Version, LiveError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "Browser")]
        browser: String,
        #[serde(rename = "User-Agent", default)]
        user_agent: String,
    }
    let answer: Answer = json(address, "/json/version", headers, limit)?;
    let engine = Engine::of(&answer.browser);
    // Bun says its version elsewhere.
    let text =
        if engine == Engine::Bun && answer.user_agent.starts_with("Bun/") { answer.user_agent } else { answer.browser };
    Ok(Version { engine, text: limits::name(&text) })
}

/// The targets at `address` that have a heap, in the order of the list.
pub(super) fn targets(address: &Address, headers: &Headers, limit: Duration) -> Result<Vec<Listed>, LiveError> {
    #[derive(Deserialize)]
    struct Entry {
        #[serde(rename = "type", default)]
        kind: String,
        #[serde(default)]
        title: String,
        #[serde(default)]
        url: String,
        #[serde(default)]
        id: String,
        #[serde(rename = "parentId")]
        parent_id: Option<String>,
        #[serde(rename = "webSocketDebuggerUrl")]
        socket: Option<String>,
    }
    let entries: Vec<Entry> = json(address, "/json/list", headers, limit)?;
    if entries.len() > limits::LISTED {
        let found = format!("it lists {} targets, and {} are read at most", entries.len(), limits::LISTED);
        return Err(LiveError::NoInspector { address: address.to_string(), found });
    }
    let listed = entries.into_iter().filter_map(|entry| {
        let kind = match entry.kind.as_str() {
            "node" | "deno" => Kind::Program,
            "page" | "webview" => Kind::Page,
            "iframe" => Kind::Frame,
            "worker" | "shared_worker" | "service_worker" => Kind::Worker,
            _ => return None,
        };
        Some(Listed {
            kind,
            title: limits::name(&entry.title),
            url: limits::name(&entry.url),
            // One that somebody else is attached to may have none.
            socket: SocketUrl::at(address, &entry.socket?).ok()?,
            parent: entry.parent_id.map(|id| limits::name(&id)),
            id: limits::name(&entry.id),
        })
    });
    Ok(listed.collect())
}

fn json<T: for<'d> Deserialize<'d>>(
    address: &Address,
    path: &str,
    headers: &Headers,
    limit: Duration,
) -> Result<T, LiveError> {
    let body = http::get(address, path, headers, limit)?;
    serde_json::from_slice(&body).map_err(|e| LiveError::NoInspector {
        address: address.to_string(),
        found: format!("its answer to {path} is not what an inspector says ({e})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_what_they_call_themselves() {
        for (text, engine) in [
            ("node.js/v24.21.0", Engine::Node),
            ("Deno/2.9.6", Engine::Deno),
            ("Bun", Engine::Bun),
            ("Chrome/156.0.1.2", Engine::Chromium),
            ("HeadlessChrome/156.0.1.2", Engine::Chromium),
            ("nginx", Engine::Other),
        ] {
            assert_eq!(Engine::of(text), engine, "{text}");
        }
    }
}

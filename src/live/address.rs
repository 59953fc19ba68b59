//! Where an inspector is: `9229`, `:9229`, `host:port`, `ws://host:port/path`.
//!
//! The address that a list of targets gives for a socket is never used as it stands: it repeats the `Host` header, and a
//! forwarded port has another number. Only its path is taken; host and port are those that were dialled.

use super::error::LiveError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};

/// Host and port of an inspector, and whether the way there is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A name, or an address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// `wss` and `https` rather than `ws` and `http`.
    pub is_encrypted: bool,
}

/// A whole address of a socket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketUrl {
    /// Where to dial.
    pub address: Address,
    /// Path and query, with the leading `/`.
    pub path: String,
}

impl Address {
    /// A port of this machine.
    pub fn loopback(port: u16) -> Self {
        Self { host: Ipv4Addr::LOCALHOST.to_string(), port, is_encrypted: false }
    }

    /// Reads `:9229` or `host:port`; a host may be `[::1]`.
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let refuse = |reason: &str| LiveError::Address { text: text.to_owned(), reason: reason.to_owned() };
        let (host, port) = text.rsplit_once(':').ok_or_else(|| refuse("expected HOST:PORT"))?;
        let port: u16 = port.parse().map_err(|_e| refuse("expected a port from 1 to 65535 after the last ':'"))?;
        if port == 0 {
            return Err(refuse("0 means any port to the one who listens; give the port it got"));
        }
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(|| refuse("expected ']' after the address"))?,
            None if host.contains(':') => return Err(refuse("put an IPv6 address in brackets: [::1]:9229")),
            None if host.is_empty() => "127.0.0.1",
            None => host,
        };
        if host.chars().any(|c| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c)) {
            return Err(refuse("expected a host name before ':'"));
        }
        Ok(Self { host: host.to_owned(), port, is_encrypted: false })
    }

    /// The addresses that the host's name stands for.
    pub(super) fn resolve(&self) -> Result<Vec<SocketAddr>, LiveError> {
        let refuse = |reason: String| LiveError::Connect { address: self.to_string(), reason };
        // "localhost" may name ::1 first, where an inspector that listens on 127.0.0.1 is not.
        let found = (self.host.as_str(), self.port).to_socket_addrs().map_err(|e| refuse(e.to_string()))?;
        let mut found: Vec<SocketAddr> = found.collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        if found.is_empty() { Err(refuse("the name stands for no address".to_owned())) } else { Ok(found) }
    }

    /// What to send as `Host`: engines refuse every name but `localhost`, so it is always an address.
    pub(super) fn host_header(&self, dialled: SocketAddr) -> String {
        if self.is_encrypted {
            // A proxy in front, which goes by the name.
            return if self.port == 443 { self.host.clone() } else { self.to_string() };
        }
        match dialled.ip() {
            IpAddr::V4(_) => dialled.to_string(),
            // Some engines refuse IPv6 there, and none looks at which address it is.
            IpAddr::V6(_) => format!("127.0.0.1:{}", dialled.port()),
        }
    }

    /// Whether this is the machine itself.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl SocketUrl {
    /// Reads `ws://host:port/path` or `wss://host/path`.
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let refuse = |reason: &str| LiveError::Address { text: text.to_owned(), reason: reason.to_owned() };
        let (is_encrypted, rest) = match (text.strip_prefix("ws://"), text.strip_prefix("wss://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(refuse("expected ws:// or wss://")),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(refuse("a user name has no place there; use --header 'Authorization: …'"));
        }
        if authority.is_empty() || authority.starts_with(':') {
            return Err(refuse("expected a host"));
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let with_port = if has_port {
            authority.to_owned()
        } else {
            format!("{authority}:{}", if is_encrypted { 443 } else { 80 })
        };
        let address = Address { is_encrypted, ..Address::parse(&with_port).map_err(|_e| refuse("expected a host"))? };
        let path = path.split('#').next().unwrap_or_default();
        if !path.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(refuse("expected a path without blanks, other characters as %XX"));
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { address, path })
    }

    /// The socket that a list at `address` calls `listed`: its path, at the address that was dialled.
    pub(super) fn at(address: &Address, listed: &str) -> Result<Self, LiveError> {
        Ok(Self { address: address.clone(), path: Self::parse(listed)?.path })
    }
}

impl fmt::Display for SocketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.address.is_encrypted { "wss" } else { "ws" }, self.address, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        assert_eq!(Address::parse(":9229").unwrap(), Address::loopback(9229));
        assert_eq!(Address::parse("[::1]:80").unwrap().host, "::1");
        assert_eq!(Address::parse("server.local:9229").unwrap().to_string(), "server.local:9229");
        for wrong in ["9229", ":0", ":70000", "a b:1", "::1:9229", "user@host:1", ":x", "[::1:9229"] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sockets_are_read_and_lists_give_paths_only() {
        let url = SocketUrl::parse("ws://127.0.0.1:9229/ab-cd").unwrap();
        assert_eq!(url.to_string(), "ws://127.0.0.1:9229/ab-cd");
        assert_eq!(
            SocketUrl::parse("wss://proxy.example/x?y=1#z").unwrap().to_string(),
            "wss://proxy.example:443/x?y=1"
        );
        assert_eq!(SocketUrl::parse("ws://h").unwrap().to_string(), "ws://h:80/");
        let forwarded = SocketUrl::at(&Address::loopback(9230), "ws://evil.example:1/ab").unwrap();
        assert_eq!(forwarded.to_string(), "ws://127.0.0.1:9230/ab");
        for wrong in ["http://h/", "ws://", "ws://u@h/", "ws://h/a b", "ws://h/\u{1b}"] {
            assert!(SocketUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_host_header_is_an_address() {
        let by_name = Address::parse("server.local:9229").unwrap();
        assert_eq!(by_name.host_header("10.0.0.7:9229".parse().unwrap()), "10.0.0.7:9229");
        assert_eq!(by_name.host_header("[::1]:9229".parse().unwrap()), "127.0.0.1:9229");
    }
}

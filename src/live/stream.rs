//! Bytes to and from a target: TCP, encrypted where the address says so, with a point in time by which everything that
//! blocks has to be done.

use super::address::Address;
use super::error::LiveError;
use super::limits;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection, plain or encrypted.
#[derive(Debug)]
pub(super) struct Stream {
    channel: Channel,
    /// Where it goes.
    pub(super) peer: SocketAddr,
    /// Blocking reads and writes end here.
    deadline: Option<Instant>,
}

#[derive(Debug)]
enum Channel {
    Plain(TcpStream),
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Dials `address`; everything until [`Stream::without_blocking`] has to be done within `limit`.
    pub(super) fn connect(address: &Address, limit: Duration) -> Result<Self, LiveError> {
        let deadline = Instant::now() + limit;
        let refuse = |reason: String| LiveError::Connect { address: address.to_string(), reason };
        let mut reason = String::new();
        for peer in address.resolve()? {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&peer, left.min(limits::CONNECT)) {
                Ok(tcp) => {
                    tcp.set_nodelay(true).map_err(|e| refuse(e.to_string()))?;
                    let channel = if address.is_encrypted {
                        Channel::Encrypted(Box::new(encrypt(&address.host, tcp).map_err(refuse)?))
                    } else {
                        Channel::Plain(tcp)
                    };
                    return Ok(Self { channel, peer, deadline: Some(deadline) });
                }
                Err(e) => reason = e.to_string(),
            }
        }
        Err(refuse(reason))
    }

    /// From now on what cannot be done at once is [`io::ErrorKind::WouldBlock`].
    pub(super) fn without_blocking(&mut self) -> io::Result<()> {
        self.deadline = None;
        self.tcp().set_nonblocking(true)
    }

    /// The socket itself.
    pub(super) fn tcp(&self) -> &TcpStream {
        match &self.channel {
            Channel::Plain(tcp) => tcp,
            Channel::Encrypted(tls) => tls.get_ref(),
        }
    }

    /// Makes the next read or write end in time.
    fn arm(&self) -> io::Result<()> {
        let Some(deadline) = self.deadline else { return Ok(()) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"));
        }
        self.tcp().set_read_timeout(Some(left))?;
        self.tcp().set_write_timeout(Some(left))
    }
}

/// A blocking call that ran into its deadline says "would block" on Unix.
fn timed_out(deadline: Option<Instant>, error: io::Error) -> io::Error {
    if deadline.is_some() && error.kind() == io::ErrorKind::WouldBlock {
        return io::Error::new(io::ErrorKind::TimedOut, "no answer in time");
    }
    error
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.arm()?;
        let read = match &mut self.channel {
            Channel::Plain(tcp) => tcp.read(buffer),
            Channel::Encrypted(tls) => tls.read(buffer),
        };
        read.map_err(|e| timed_out(self.deadline, e))
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.arm()?;
        let written = match &mut self.channel {
            Channel::Plain(tcp) => tcp.write(bytes),
            Channel::Encrypted(tls) => tls.write(bytes),
        };
        written.map_err(|e| timed_out(self.deadline, e))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.arm()?;
        let flushed = match &mut self.channel {
            Channel::Plain(tcp) => tcp.flush(),
            Channel::Encrypted(tls) => tls.flush(),
        };
        flushed.map_err(|e| timed_out(self.deadline, e))
    }
}

/// Begins an encrypted connection, trusting whom the system trusts.
fn encrypt(host: &str, tcp: TcpStream) -> Result<StreamOwned<ClientConnection, TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|e| e.to_string())?;
    let session = ClientConnection::new(Arc::new(config), name).map_err(|e| e.to_string())?;
    Ok(StreamOwned::new(session, tcp))
}

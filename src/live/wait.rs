//! Sleeping until a socket has something or another thread knocks. On Unix by `poll`; elsewhere by looking often.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// The side that sleeps.
pub(super) struct Sleeper {
    #[cfg(unix)]
    door: std::os::unix::net::UnixStream,
}

/// The side that knocks.
#[derive(Debug)]
pub(super) struct Knocker {
    #[cfg(unix)]
    door: std::os::unix::net::UnixStream,
}

/// Both sides.
pub(super) fn pair() -> io::Result<(Knocker, Sleeper)> {
    #[cfg(unix)]
    {
        let (knocker, sleeper) = std::os::unix::net::UnixStream::pair()?;
        knocker.set_nonblocking(true)?;
        sleeper.set_nonblocking(true)?;
        Ok((Knocker { door: knocker }, Sleeper { door: sleeper }))
    }
    #[cfg(not(unix))]
    Ok((Knocker {}, Sleeper {}))
}

impl Knocker {
    /// Wakes the sleeper.
    pub(super) fn knock(&self) {
        #[cfg(unix)]
        {
            use std::io::Write as _;
            // A full pipe means that knocks enough are waiting already.
            let _ = (&self.door).write(&[1]);
        }
    }
}

impl Sleeper {
    /// Sleeps until `socket` can be read, or written if `wants_to_write`, or somebody knocks, or `limit` is over.
    pub(super) fn sleep(&self, socket: &TcpStream, wants_to_write: bool, limit: Duration) -> io::Result<()> {
        #[cfg(unix)]
        {
            use rustix::event::{PollFd, PollFlags, poll};
            use std::io::Read as _;
            let wanted = if wants_to_write { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
            let mut watched = [PollFd::new(socket, wanted), PollFd::new(&self.door, PollFlags::IN)];
            let limit = limit.try_into().map_err(|_e| io::Error::from(io::ErrorKind::InvalidInput))?;
            match poll(&mut watched, Some(&limit)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
            let mut knocks = [0; 64];
            // Nothing there, or knocks that are answered by having been woken.
            let _ = (&self.door).read(&mut knocks);
            Ok(())
        }
        #[cfg(not(unix))]
        {
            let _ = (socket, wants_to_write);
            std::thread::sleep(limit.min(Duration::from_millis(10)));
            Ok(())
        }
    }
}

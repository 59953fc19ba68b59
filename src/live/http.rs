//! One question over HTTP, as an inspector's port answers it.
//!
//! Node answers `HTTP/1.0` with `Content-Length` and never closes the connection by itself, so the length is what counts.

use super::address::Address;
use super::error::LiveError;
use super::limits;
use super::stream::Stream;
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Duration;

/// The body of `GET path`, if the status is 200.
pub(super) fn get(
    address: &Address,
    path: &str,
    headers: &[(String, String)],
    limit: Duration,
) -> Result<Vec<u8>, LiveError> {
    let mut stream = Stream::connect(address, limit)?;
    let broken = |e: std::io::Error| {
        let found = match e.kind() {
            ErrorKind::TimedOut => "it did not answer in time".to_owned(),
            ErrorKind::UnexpectedEof => "it closed the connection before its answer was whole".to_owned(),
            _ => e.to_string(),
        };
        LiveError::NoInspector { address: address.to_string(), found }
    };
    let mut request =
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", address.host_header(stream.peer));
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).map_err(broken)?;

    let found = |found: String| LiveError::NoInspector { address: address.to_string(), found };
    let mut answer = Vec::new();
    let head_length = loop {
        if let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        if answer.len() > limits::HTTP_HEAD {
            return Err(found("the head of its answer does not end".to_owned()));
        }
        read_some(&mut stream, &mut answer).map_err(broken)?;
    };
    let head = Head::parse(&answer[..head_length]).map_err(found)?;
    if head.status != 200 {
        return Err(found(format!("it answered {path} with the status {}", head.status)));
    }
    let length = head.length.ok_or_else(|| found("its answer has no Content-Length".to_owned()))?;
    if length > limits::HTTP_BODY {
        return Err(found(format!("it announces an answer of {length} bytes")));
    }
    while answer.len() < head_length + length {
        read_some(&mut stream, &mut answer).map_err(broken)?;
    }
    answer.truncate(head_length + length);
    answer.drain(..head_length);
    Ok(answer)
}

fn read_some(stream: &mut Stream, answer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut buffer = [0; 16 << 10];
    match stream.read(&mut buffer) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(n) => {
            answer.extend_from_slice(&buffer[..n]);
            Ok(())
        }
        Err(e) if e.kind() == ErrorKind::Interrupted => Ok(()),
        Err(e) => Err(e),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    length: Option<usize>,
}

impl Head {
    fn parse(head: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok());
        let status = status.ok_or("it does not speak HTTP")?;
        let mut length = None;
        for line in lines {
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                let value = value.trim().parse().map_err(|_e| "its Content-Length is not a number")?;
                if length.is_some_and(|known| known != value) {
                    return Err("it gives two lengths for one answer".to_owned());
                }
                length = Some(value);
            }
        }
        Ok(Self { status, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_and_refused() {
        let head = Head::parse(b"HTTP/1.0 200 OK\r\ncontent-LENGTH: 12\r\nX: y\r\n\r\n");
        assert_eq!(head, Ok(Head { status: 200, length: Some(12) }));
        assert_eq!(Head::parse(b"HTTP/1.1 404 Not Found\r\n\r\n"), Ok(Head { status: 404, length: None }));
        for wrong in ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"] {
            assert!(Head::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n").is_err());
    }
}

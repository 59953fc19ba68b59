//! What arrives: answers and events, taken apart. Only what is known is looked at; the rest is passed over.

use super::limits;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// How V8 begins a chunk of a snapshot, to the byte.
const CHUNK: &str = r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":""#;
const CHUNK_END: &str = r#""}}"#;

/// A message of the target.
#[derive(Debug)]
pub(super) enum Incoming<'m> {
    /// To a request of ours.
    Answer { id: u64, result: Result<Box<RawValue>, Refusal> },
    /// On its own account.
    Event(Event),
    /// From a worker thread: another message inside.
    FromWorker { session: String, message: Cow<'m, str> },
    /// Something that is of no use here.
    Other,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) message: String,
}

/// What a target tells by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The next part of a snapshot's text.
    Chunk(Arc<Vec<u8>>),
    /// How far a snapshot is, in objects.
    Progress {
        /// Objects done.
        done: u64,
        /// Objects there are, an estimate.
        total: u64,
    },
    /// What lives of each interval of a timeline: interval, objects, bytes.
    HeapStats(Vec<[u64; 3]>),
    /// The highest id so far, and when, in milliseconds since 1970.
    LastSeen {
        id: u64,
        /// When.
        timestamp_ms: f64,
    },
    /// A worker thread is there.
    WorkerAttached(Worker),
    /// A worker thread is gone, by its session.
    WorkerDetached(String),
    /// The program has come to its end and waits only for us.
    ProgramEnded,
    /// The target went away, and why.
    Detached(String),
}

/// A worker thread of Node or Deno.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// How it is spoken to.
    pub session: String,
    /// As its program calls it.
    pub title: String,
    /// Its script.
    pub url: String,
}

/// Takes a message apart. An error is a sentence about what makes no sense.
pub(super) fn parse(text: &str) -> Result<Incoming<'_>, String> {
    if let Some(chunk) = plain_chunk(text) {
        return Ok(Incoming::Event(Event::Chunk(Arc::new(chunk))));
    }
    #[derive(Deserialize)]
    struct Envelope<'m> {
        id: Option<u64>,
        #[serde(borrow)]
        method: Option<Cow<'m, str>>,
        #[serde(borrow)]
        params: Option<&'m RawValue>,
        result: Option<Box<RawValue>>,
        error: Option<Refusal>,
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|e| format!("a message is no JSON ({e})"))?;
    match (envelope.id, envelope.method, envelope.params) {
        (Some(id), ..) => {
            let result = match (envelope.result, envelope.error) {
                (_, Some(refusal)) => Err(refusal),
                (Some(result), None) => Ok(result),
                (None, None) => return Err("an answer has neither a result nor an error".to_owned()),
            };
            Ok(Incoming::Answer { id, result })
        }
        (None, Some(method), params) => event(&method, params.map_or("{}", RawValue::get)),
        (None, None, _) => Err("a message is neither an answer nor an event".to_owned()),
    }
}

fn event<'m>(method: &str, params: &'m str) -> Result<Incoming<'m>, String> {
    fn read<'m, T: Deserialize<'m>>(method: &str, params: &'m str) -> Result<T, String> {
        serde_json::from_str(params).map_err(|e| format!("{method} is not what it should be ({e})"))
    }
    Ok(Incoming::Event(match method {
        "HeapProfiler.addHeapSnapshotChunk" => {
            #[derive(Deserialize)]
            struct Params {
                chunk: String,
            }
            Event::Chunk(Arc::new(read::<Params>(method, params)?.chunk.into_bytes()))
        }
        "HeapProfiler.reportHeapSnapshotProgress" => {
            #[derive(Deserialize)]
            struct Params {
                done: u64,
                total: u64,
            }
            let Params { done, total } = read(method, params)?;
            Event::Progress { done, total }
        }
        "HeapProfiler.heapStatsUpdate" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            struct Params {
                stats_update: Vec<u64>,
            }
            Event::HeapStats(read::<Params>(method, params)?.stats_update.as_chunks().0.to_vec())
        }
        "HeapProfiler.lastSeenObjectId" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            struct Params {
                last_seen_object_id: u64,
                timestamp: f64,
            }
            let Params { last_seen_object_id, timestamp } = read(method, params)?;
            Event::LastSeen { id: last_seen_object_id, timestamp_ms: timestamp }
        }
        "NodeWorker.attachedToWorker" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            struct Params {
                session_id: String,
                worker_info: Info,
            }
            #[derive(Deserialize)]
            struct Info {
                #[serde(default)]
                title: String,
                #[serde(default)]
                url: String,
            }
            let Params { session_id, worker_info } = read(method, params)?;
            Event::WorkerAttached(Worker {
                session: session_id,
                title: limits::name(&worker_info.title),
                url: limits::name(&worker_info.url),
            })
        }
        "NodeWorker.detachedFromWorker" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            struct Params {
                session_id: String,
            }
            Event::WorkerDetached(read::<Params>(method, params)?.session_id)
        }
        "NodeWorker.receivedMessageFromWorker" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            struct Params<'m> {
                session_id: String,
                #[serde(borrow)]
                message: Cow<'m, str>,
            }
            let Params { session_id, message } = read(method, params)?;
            return Ok(Incoming::FromWorker { session: session_id, message });
        }
        "NodeRuntime.waitingForDisconnect" => Event::ProgramEnded,
        "Inspector.detached" => {
            #[derive(Deserialize)]
            struct Params {
                #[serde(default)]
                reason: String,
            }
            Event::Detached(limits::name(&read::<Params>(method, params)?.reason))
        }
        "Inspector.targetCrashed" => Event::Detached("it crashed".to_owned()),
        _ => return Ok(Incoming::Other),
    }))
}

/// The text of a chunk that is written as V8 writes it, by a short cut: most bytes are copied as they are. `None` for
/// anything out of the ordinary, which the JSON parser then takes.
fn plain_chunk(text: &str) -> Option<Vec<u8>> {
    let escaped = text.strip_prefix(CHUNK)?.strip_suffix(CHUNK_END)?.as_bytes();
    let mut out = Vec::with_capacity(escaped.len());
    let mut from = 0;
    while let Some(found) = escaped[from..].iter().position(|b| matches!(b, b'\\' | b'"') || *b < 0x20) {
        let at = from + found;
        out.extend_from_slice(&escaped[from..at]);
        out.push(match (escaped[at], escaped.get(at + 1)?) {
            (b'\\', b'n') => b'\n',
            (b'\\', b'"') => b'"',
            (b'\\', b'\\') => b'\\',
            _ => return None,
        });
        from = at + 2;
    }
    out.extend_from_slice(&escaped[from..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str) -> Vec<u8> {
        match parse(text) {
            Ok(Incoming::Event(Event::Chunk(bytes))) => bytes.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn chunks_are_the_same_by_the_short_cut_and_by_the_parser() {
        for inner in ["", "plain", r#"a\"b"#, r"1,2,\n3", r"\\u00e9 \\ \\\\", r"tab\t \u0041", "ä"] {
            let text = format!("{CHUNK}{inner}{CHUNK_END}");
            let json: String = serde_json::from_str(&format!("\"{inner}\"")).unwrap();
            assert_eq!(chunk(&text), json.as_bytes(), "{inner}");
            assert_eq!(chunk(&text.replacen("{\"method\"", "{ \"method\"", 1)), json.as_bytes(), "{inner}");
        }
        assert!(plain_chunk(&format!("{CHUNK}a\"b{CHUNK_END}")).is_none(), "a quotation mark on its own");
        assert!(plain_chunk(&format!("{CHUNK}a\\{CHUNK_END}")).is_none(), "the escape would take the end along");
    }

    #[test]
    fn what_makes_no_sense_is_a_sentence() {
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"id":1}"#,
            r#"{"id":-1,"result":{}}"#,
            r#"{"method":"HeapProfiler.reportHeapSnapshotProgress","params":{"done":"x"}}"#,
            r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"\ud800"}}"#,
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(matches!(parse(r#"{"method":"Debugger.paused"}"#), Ok(Incoming::Other)));
    }

    #[test]
    fn messages_of_workers_are_messages_inside() {
        let text = r#"{"method":"NodeWorker.receivedMessageFromWorker","params":{"sessionId":"1","message":"{\"id\":7,\"result\":{}}"}}"#;
        let Ok(Incoming::FromWorker { session, message }) = parse(text) else { panic!() };
        assert_eq!(session, "1");
        assert!(matches!(parse(&message), Ok(Incoming::Answer { id: 7, result: Ok(_) })));
    }
}

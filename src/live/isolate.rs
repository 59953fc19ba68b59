//! One heap that is attached: a program's main thread, a worker thread, a page. What it can be asked, and how without
//! harm.
//!
//! Every expression that is ever evaluated in a target stands in [`Question`]: constants that change nothing and keep
//! nothing. What tells identity is evaluated with `throwOnSideEffect`; the figures need native functions that V8 does not
//! know to be pure.

use super::connection::{Connection, Route};
use super::error::LiveError;
use super::limits;
use super::list::Engine;
use crate::progress::CancelToken;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::time::Duration;

/// Handles that the engine gives us are in this group, and are released with it.
const GROUP: &str = "heapglass";

/// A heap that can be asked.
#[derive(Debug, Clone)]
pub struct Isolate {
    /// The way there.
    pub(super) connection: Connection,
    /// Whom at its end.
    pub(super) route: Route,
    /// What runs it.
    pub engine: Engine,
}

/// What is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// The number of the process.
    Pid,
    /// The global object, whose id tells whether ids were renewed.
    GlobalThis,
    /// `process.memoryUsage()`.
    MemoryUsage,
    /// Limits, contexts and spaces of the heap.
    HeapStatistics,
    /// What the container or the machine has left, and the limit.
    Room,
    /// Closes the inspector's port.
    CloseInspector,
}

impl Question {
    const fn expression(self) -> &'static str {
        match self {
            Self::Pid => "process.pid",
            Self::GlobalThis => "globalThis",
            Self::MemoryUsage => "process.memoryUsage()",
            Self::HeapStatistics => {
                "(v8 => ({ statistics: v8.getHeapStatistics(), spaces: v8.getHeapSpaceStatistics() }))\
                 (process.getBuiltinModule ? process.getBuiltinModule('v8') : require('v8'))"
            }
            Self::Room => {
                "({ limit: process.constrainedMemory ? process.constrainedMemory() : 0, \
                 left: process.availableMemory ? process.availableMemory() : 0, rss: process.memoryUsage.rss() })"
            }
            Self::CloseInspector => {
                "(process.getBuiltinModule ? process.getBuiltinModule('inspector') : require('inspector')).close()"
            }
        }
    }

    /// Whether V8 itself makes sure that nothing changes.
    const fn is_checked(self) -> bool {
        matches!(self, Self::Pid | Self::GlobalThis)
    }
}

/// What `Runtime.getHeapUsage` tells, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeapUsage {
    /// `heapUsed`: live objects, and garbage that is not collected yet.
    pub used_size: f64,
    /// `heapTotal`.
    pub total_size: f64,
    /// Objects of Blink and the like.
    pub embedder_heap_used_size: Option<f64>,
    /// `external`.
    pub backing_storage_size: Option<f64>,
}

impl Isolate {
    /// The heap of a target's own thread.
    pub fn main(connection: Connection, engine: Engine) -> Self {
        Self { connection, route: Route::Main, engine }
    }

    /// The heap of one of its worker threads.
    pub fn of_worker(&self, session: String) -> Self {
        Self { connection: self.connection.clone(), route: Route::Worker(session), engine: self.engine }
    }

    /// Whether this is a worker thread.
    pub fn is_worker(&self) -> bool {
        matches!(self.route, Route::Worker(_))
    }

    pub(super) fn call(
        &self,
        method: &str,
        params: serde_json::Value,
        limit: Duration,
        token: &CancelToken,
    ) -> Result<Box<RawValue>, LiveError> {
        self.connection.call(&self.route, method, &params, limit, token)
    }

    pub(super) fn call_for<T: for<'d> Deserialize<'d>>(
        &self,
        method: &str,
        params: serde_json::Value,
        limit: Duration,
        token: &CancelToken,
    ) -> Result<T, LiveError> {
        let answer = self.call(method, params, limit, token)?;
        serde_json::from_str(answer.get()).map_err(|_e| LiveError::Unexpected {
            method: method.to_owned(),
            expected: "the result that is documented",
        })
    }

    /// How much of the heap is used. No script runs for it.
    pub fn heap_usage(&self, token: &CancelToken) -> Result<HeapUsage, LiveError> {
        self.call_for("Runtime.getHeapUsage", json!({}), limits::READING, token)
    }

    /// Two full collections, by which the next reading is a floor.
    pub fn collect_garbage(&self, token: &CancelToken) -> Result<(), LiveError> {
        let method = if self.engine == Engine::Bun { "Heap.gc" } else { "HeapProfiler.collectGarbage" };
        self.call(method, json!({}), limits::WALK, token).map(drop)
    }

    /// The value of one of our expressions.
    pub(super) fn ask<T: for<'d> Deserialize<'d>>(
        &self,
        question: Question,
        limit: Duration,
        token: &CancelToken,
    ) -> Result<T, LiveError> {
        #[derive(Deserialize)]
        struct Remote<V> {
            value: V,
        }
        #[derive(Deserialize)]
        struct Answer<V> {
            result: Remote<V>,
        }
        let answer = self.evaluate(question, true, limit, token)?;
        let answer: Answer<T> =
            serde_json::from_str(answer.get()).map_err(|_e| unexpected("what it is documented to be"))?;
        Ok(answer.result.value)
    }

    fn evaluate(
        &self,
        question: Question,
        by_value: bool,
        limit: Duration,
        token: &CancelToken,
    ) -> Result<Box<RawValue>, LiveError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Failed {
            exception_details: Option<serde::de::IgnoredAny>,
            #[serde(default)]
            was_thrown: bool,
        }
        let mut params = json!({
            "expression": question.expression(),
            "returnByValue": by_value,
            "silent": true,
            "includeCommandLineAPI": question.expression().contains("require("),
            "objectGroup": GROUP,
        });
        if self.engine != Engine::Bun {
            params["throwOnSideEffect"] = question.is_checked().into();
            params["timeout"] = limits::EVALUATION_MS.into();
        }
        let answer = self.call("Runtime.evaluate", params, limit, token)?;
        let failed: Failed = serde_json::from_str(answer.get()).map_err(|_e| unexpected("a result"))?;
        if failed.exception_details.is_some() || failed.was_thrown {
            // The exception is kept alive by its handle.
            self.release(token);
            return Err(LiveError::Unsupported(format!("{} fails in the target", question.expression())));
        }
        Ok(answer)
    }

    /// Lets go of every handle that was given to us.
    pub(super) fn release(&self, token: &CancelToken) {
        // Should it fail, the end of the connection does the same.
        let _ = self.call("Runtime.releaseObjectGroup", json!({ "objectGroup": GROUP }), limits::ANSWER, token);
    }

    /// The number of the process, as it says itself.
    pub fn pid(&self, token: &CancelToken) -> Result<u32, LiveError> {
        self.ask(Question::Pid, limits::ANSWER, token)
    }

    /// Whether the engine has forgotten the ids of objects since the last snapshot, which happens when a session of
    /// anybody's closes: then the next snapshot numbers all objects anew, and must not be compared by id.
    pub fn has_forgotten_ids(&self, token: &CancelToken) -> Result<bool, LiveError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Object {
            object_id: String,
        }
        #[derive(Deserialize)]
        struct Answer {
            result: Object,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Id {
            heap_snapshot_object_id: String,
        }
        let answer = self.evaluate(Question::GlobalThis, false, limits::ANSWER, token)?;
        let answer: Answer = serde_json::from_str(answer.get()).map_err(|_e| unexpected("an object"))?;
        let params = json!({ "objectId": answer.result.object_id });
        let id = self.call_for::<Id>("HeapProfiler.getHeapObjectId", params, limits::ANSWER, token);
        self.release(token);
        Ok(id?.heap_snapshot_object_id == "0")
    }

    /// Closes the inspector's port from within, and this connection with it: no answer ever comes.
    pub fn close_inspector(&self) {
        let _ = self.ask::<serde::de::IgnoredAny>(
            Question::CloseInspector,
            Duration::from_secs(1),
            &CancelToken::default(),
        );
        self.connection.close();
    }

    /// The worker threads of this program, now. From the first time this is asked on they are attached to: leaving them
    /// in between would renew their ids.
    pub fn workers(&self, token: &CancelToken) -> Result<Vec<super::Worker>, LiveError> {
        if self.is_worker() || !matches!(self.engine, Engine::Node | Engine::Deno) {
            return Ok(Vec::new());
        }
        // Those that are there are told before the answer, later ones as they come; enabled already, it does nothing.
        self.call("NodeWorker.enable", json!({ "waitForDebuggerOnStart": false }), limits::ANSWER, token)?;
        Ok(self.connection.workers())
    }
}

fn unexpected(expected: &'static str) -> LiveError {
    LiveError::Unexpected { method: "Runtime.evaluate".to_owned(), expected }
}

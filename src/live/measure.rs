//! Readings of a heap that is attached: each second what costs nothing, each ten seconds what has to be evaluated.

use super::error::LiveError;
use super::isolate::{Isolate, Question};
use super::limits;
use super::list::Engine;
use super::processes;
use super::series::{Reading, Subject};
use crate::progress::CancelToken;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two readings of what has to be evaluated.
pub const EVALUATE_EVERY: Duration = Duration::from_secs(10);

/// Reads a heap again and again.
#[derive(Debug)]
pub struct Meter {
    isolate: Isolate,
    /// Where `/proc` tells the resident memory: of processes of this machine.
    pid: Option<u32>,
    evaluates: bool,
    evaluated: Option<Instant>,
    /// V8's own limit for the heap; asked for once.
    pub heap_limit: Option<f64>,
    has_page_metrics: Option<bool>,
}

impl Meter {
    /// A meter for `isolate`. Without `evaluates` no script ever runs for it.
    pub fn new(isolate: Isolate, pid: Option<u32>, evaluates: bool) -> Self {
        Self { isolate, pid, evaluates, evaluated: None, heap_limit: None, has_page_metrics: None }
    }

    /// What is known now.
    pub fn read(&mut self, token: &CancelToken) -> Result<Reading, LiveError> {
        let mut values = Vec::new();
        let is_bun = self.isolate.engine == Engine::Bun;
        if !is_bun {
            let usage = self.isolate.heap_usage(token)?;
            values.push((Subject::HeapTotal, usage.total_size));
            values.push((Subject::HeapUsed, usage.used_size));
            values.extend(usage.backing_storage_size.map(|bytes| (Subject::External, bytes)));
            let embedder = usage.embedder_heap_used_size.filter(|&bytes| bytes > 0.0);
            values.extend(embedder.map(|bytes| (Subject::Embedder, bytes)));
        }
        let time_ms = now_ms();
        #[allow(clippy::cast_precision_loss, reason = "bytes of memory fit")]
        values.extend(self.pid.and_then(processes::resident_bytes).map(|bytes| (Subject::Rss, bytes as f64)));
        let is_due = self.evaluated.is_none_or(|at| at.elapsed() >= EVALUATE_EVERY);
        if is_due || is_bun {
            self.evaluated = Some(Instant::now());
            self.read_more(&mut values, token)?;
        }
        Ok(Reading { time_ms, values })
    }

    fn read_more(&mut self, values: &mut Vec<(Subject, f64)>, token: &CancelToken) -> Result<(), LiveError> {
        if self.isolate.engine == Engine::Chromium {
            return self.read_page(values, token);
        }
        if !self.evaluates {
            return Ok(());
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct MemoryUsage {
            rss: f64,
            heap_total: f64,
            heap_used: f64,
            external: f64,
            array_buffers: Option<f64>,
        }
        let usage = self.isolate.ask::<MemoryUsage>(Question::MemoryUsage, limits::READING, token);
        if let Some(usage) = unless_lost(usage)? {
            let mut add = |subject, value| {
                if !values.iter().any(|(s, _)| *s == subject) {
                    values.push((subject, value));
                }
            };
            add(Subject::Rss, usage.rss);
            add(Subject::HeapTotal, usage.heap_total);
            add(Subject::HeapUsed, usage.heap_used);
            add(Subject::External, usage.external);
            // Deno has none and says 0.
            if let Some(bytes) = usage.array_buffers.filter(|_| self.isolate.engine != Engine::Deno) {
                add(Subject::ArrayBuffers, bytes);
            }
        }
        if self.isolate.engine == Engine::Bun {
            return Ok(());
        }
        #[derive(Deserialize)]
        struct Heap {
            statistics: Statistics,
            spaces: Vec<Space>,
        }
        #[derive(Deserialize)]
        struct Statistics {
            heap_size_limit: Option<f64>,
            number_of_native_contexts: Option<f64>,
            number_of_detached_contexts: Option<f64>,
        }
        #[derive(Deserialize)]
        struct Space {
            space_name: String,
            space_used_size: f64,
        }
        if let Some(heap) = unless_lost(self.isolate.ask::<Heap>(Question::HeapStatistics, limits::READING, token))? {
            self.heap_limit = self.heap_limit.or(heap.statistics.heap_size_limit);
            values.extend(heap.statistics.number_of_native_contexts.map(|n| (Subject::NativeContexts, n)));
            values.extend(heap.statistics.number_of_detached_contexts.map(|n| (Subject::DetachedContexts, n)));
            for space in heap.spaces.into_iter().take(limits::SPACES) {
                let name = limits::name(space.space_name.trim_end_matches("_space"));
                values.push((Subject::Space(name), space.space_used_size));
            }
        }
        Ok(())
    }

    fn read_page(&mut self, values: &mut Vec<(Subject, f64)>, token: &CancelToken) -> Result<(), LiveError> {
        if self.has_page_metrics.is_none() {
            let enabled = self.isolate.call("Performance.enable", json!({}), limits::READING, token);
            self.has_page_metrics = Some(unless_lost(enabled)?.is_some());
        }
        if self.has_page_metrics != Some(true) {
            return Ok(());
        }
        #[derive(Deserialize)]
        struct Metrics {
            metrics: Vec<Metric>,
        }
        #[derive(Deserialize)]
        struct Metric {
            name: String,
            value: f64,
        }
        let metrics = self.isolate.call_for::<Metrics>("Performance.getMetrics", json!({}), limits::READING, token);
        for Metric { name, value } in unless_lost(metrics)?.map(|m| m.metrics).unwrap_or_default() {
            values.push((
                match name.as_str() {
                    "Nodes" => Subject::DomNodes,
                    "JSEventListeners" => Subject::DomListeners,
                    "Documents" => Subject::Documents,
                    _ => continue,
                },
                value,
            ));
        }
        Ok(())
    }
}

/// What one engine refuses is left out; the end of the connection, or giving up, is told.
fn unless_lost<T>(result: Result<T, LiveError>) -> Result<Option<T>, LiveError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e @ (LiveError::Lost(_) | LiveError::Cancelled(_))) => Err(e),
        Err(e) => {
            log::debug!("a figure is left out: {e}");
            Ok(None)
        }
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

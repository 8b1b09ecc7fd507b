//! Log lines and figures: `tracing` to the standard error stream, Prometheus text for `/metrics`.
//!
//! Must never log personal data, secrets or the text of queries; a failure is logged once, where it is understood.

use crate::config::{LogFormat, LogSection};
use crate::operations::ready::Readiness;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the latency histogram in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging; a second call changes nothing (tests open several houses in one process).
pub fn start_log(section: &LogSection) {
    let filter = EnvFilter::try_new(&section.filter).unwrap_or_else(|_| EnvFilter::new("warn,yuelu=info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let already_started = match section.format {
        LogFormat::Human => lines.compact().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if already_started.is_err() {
        tracing::debug!("the log was started before");
    }
}

/// The recorder of this process, made and installed by the first call.
pub fn metrics() -> PrometheusHandle {
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            // The list of bounds is not empty, which is all that the builder asks of it.
            let recorder = builder.set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is installed; /metrics stays empty");
            }
            handle
        })
        .clone()
}

/// Sets the gauges that tell of the moment: whether it is ready, what the store and the disk take, how far followers are.
pub fn measure(readiness: &Readiness) {
    let flag = |name: &'static str, holds: bool| metrics::gauge!(name).set(f64::from(u8::from(holds)));
    flag("ready", readiness.ready);
    flag("store_writable", readiness.store_writable);
    flag("disk_takes_content", readiness.takes_content);
    if let Some(free) = readiness.free_bytes {
        metrics::gauge!("disk_free_bytes").set(free as f64);
    }
    for (name, follower) in &readiness.followers {
        metrics::gauge!("follower_lag_seconds", "follower" => name.clone()).set(follower.lag_ms as f64 / 1_000.0);
        metrics::gauge!("follower_failing", "follower" => name.clone()).set(f64::from(u8::from(follower.failing)));
    }
}

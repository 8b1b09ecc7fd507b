//! What comes due by the calendar: notices that run out, resources that end, reviewers to be reminded or replaced, desks that a
//! changed policy no longer needs, ends of ledger chains to be sealed, the day's sweep and the night's work on the event log.

use crate::operations::Operations;
use crate::vetting::Vetting;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(30);

/// Looks again and again until `stop`. A failure is logged and tried again at the next look.
pub async fn run(vetting: Vetting, operations: Operations, stop: CancellationToken) {
    loop {
        if let Err(problem) = operations.queue_daily().await {
            tracing::error!(%problem, "the day's jobs could not be queued");
        }
        let due = [
            ("notices", vetting.publish_due().await),
            ("ended", vetting.retire_due().await),
            ("desk", vetting.screen_waiting().await),
            ("reviewers", vetting.keep_time().await),
            ("ledger", vetting.seal().await),
            ("figures", vetting.fill_figures().await),
        ];
        for (what, done) in due {
            match done {
                Ok(0) => {}
                Ok(count) => tracing::info!(what, count, "moved by the calendar"),
                Err(problem) => tracing::error!(what, %problem, "the calendar could not be kept"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

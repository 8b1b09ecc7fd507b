//! Progress bars on the standard error stream, where a person watches.

use super::Out;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const BYTES: &str = "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const THINGS: &str = "{msg} [{bar:30}] {pos}/{len} {per_sec} {eta}";
const WAITING: &str = "{spinner} {msg} {elapsed}";

/// A bar over bytes.
pub fn of_bytes(out: &Out, total: u64, what: &str) -> ProgressBar {
    bar(out, Some(total), BYTES, what)
}

/// A bar over things that are counted.
pub fn of_things(out: &Out, total: u64, what: &str) -> ProgressBar {
    bar(out, Some(total), THINGS, what)
}

/// A sign that something goes on whose end is not known.
pub fn waiting(out: &Out, what: &str) -> ProgressBar {
    bar(out, None, WAITING, what)
}

fn bar(out: &Out, total: Option<u64>, template: &str, what: &str) -> ProgressBar {
    let target = if out.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(total, target);
    // The templates above are well formed; a bar without style would still count.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(what.to_owned());
    bar
}

/// A bar over the stages of a piece of upkeep; [`stage`] moves it.
pub fn of_stages(out: &Out) -> ProgressBar {
    bar(out, Some(0), "{msg} [{bar:30}] {pos}/{len} {elapsed}", "")
}

/// Shows how far a stage is; of an unknown whole, only how much is done.
pub fn stage(bar: &ProgressBar, stage: &'static str, done: u64, total: Option<u64>) {
    bar.set_message(stage);
    bar.set_length(total.unwrap_or(done));
    bar.set_position(done);
}

//! A log in a file, as `yuelu events import` takes it: one event a line, no site needed.

use super::super::state::seconds;
use super::Sample;
use crate::domain::event::{EventInput, Verb};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::io::{BufRead, Error};

/// Why a file of events cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The disk said no.
    #[error("{0}")]
    Disk(#[from] Error),
    /// A line is no event.
    #[error("line {line}: {error}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        error: serde_json::Error,
    },
}

/// Reads the positive events of a file, in the order of time.
///
/// # Errors
/// When the file cannot be read, or a line is no event.
pub fn read_file(lines: impl BufRead) -> Result<Sample, Unreadable> {
    let mut sample = Sample::default();
    for (line, text) in (1..).zip(lines.lines()) {
        let text = text?;
        if text.trim().is_empty() {
            continue;
        }
        let event: EventInput = serde_json::from_str(&text).map_err(|error| Unreadable::Line { line, error })?;
        // Of all verbs a rating alone says more by its value.
        let value = if event.verb == Verb::Rated { event.value.unwrap_or(0.0) * 1_000.0 } else { 0.0 };
        if event.verb.liking(value as i32) == Some(true) {
            let mut surrogate = SipHasher13::new();
            surrogate.write(event.learner.as_bytes());
            sample.add(surrogate.finish(), &event.resource, seconds(event.at.millis()));
        }
    }
    sample.sort();
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positive_events_are_read_and_wrong_lines_told() {
        let line = |id: u32, learner: &str, verb: &str, value: &str, at: &str| {
            format!(r#"{{"id":"{id}","learner":"{learner}","resource":"r{id}","verb":"{verb}","at":"{at}"{value}}}"#)
        };
        let lines = [
            line(1, "a", "viewed", "", "2026-01-02T00:00:00Z"),
            line(2, "a", "rated", r#","value":4.5"#, "2026-01-01T00:00:00Z"),
            line(3, "b", "rated", r#","value":1.5"#, "2026-01-03T00:00:00Z"),
            String::new(),
            line(4, "b", "dismissed", "", "2026-01-03T00:00:00Z"),
        ];
        let sample = read_file(lines.join("\n").as_bytes()).unwrap();
        let ids: Vec<&str> = sample.takings.iter().map(|taking| sample.ids[taking.resource as usize].as_str()).collect();
        assert_eq!(ids, ["r2", "r1"], "what was liked, in the order of time");
        assert_eq!((sample.takings[0].learner, sample.span()), (sample.takings[1].learner, 86_400));
        let wrong = read_file("\n{\"id\":1}".as_bytes()).unwrap_err();
        assert!(wrong.to_string().starts_with("line 2: "), "{wrong}");
    }
}

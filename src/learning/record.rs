//! Taking in events.

use super::{Learning, MOST_EVENTS, parse};
use crate::domain::access::Actor;
use crate::domain::event::{Event, EventInput, LONGEST_NAME, Verb, learner_of};
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recorded {
    /// Events that are new: durable, and part of the learners' next lists.
    pub accepted: u64,
    /// Events whose id this source had used before: counted once, then.
    pub duplicates: u64,
}

impl Learning {
    /// Records a body of JSON or NDJSON (see [`parse::events`]).
    ///
    /// # Errors
    /// As [`Learning::record`]; also 422 when rows cannot be read.
    pub async fn record_body(&self, actor: &Actor, source: &str, body: &[u8]) -> Result<Recorded, Problem> {
        require_some_right(actor)?;
        let events = parse::events(body)?;
        self.record(actor, source, events).await
    }

    /// Records events. `source` makes ids unique: two sources may use the same id. All are kept or none.
    ///
    /// A learner records its own events only, a platform those of learners in its scope, an administrator anybody's
    /// (`domain::event::learner_of`).
    ///
    /// # Errors
    /// 403 when the actor may not speak for one of the learners; 413 for more than [`MOST_EVENTS`]; 422 with every wrong
    /// row named; 503 when the log cannot be written.
    pub async fn record(&self, actor: &Actor, source: &str, events: Vec<EventInput>) -> Result<Recorded, Problem> {
        require_some_right(actor)?;
        if events.len() > MOST_EVENTS {
            return Err(too_many());
        }
        let mut learners: HashMap<String, u64> = HashMap::new();
        let mut wrong = Vec::new();
        let mut kept = Vec::with_capacity(events.len());
        for (place, input) in events.into_iter().enumerate() {
            if let Some(field) = check(place, &input) {
                wrong.push(field);
                continue;
            }
            let learner = match learners.get(&input.learner) {
                Some(surrogate) => *surrogate,
                None => {
                    let name = learner_of(actor, &input.learner).ok_or_else(Problem::forbidden)?;
                    *learners.entry(input.learner).or_insert(self.log.key().learner(&name))
                }
            };
            let value = whole(input.verb, input.value);
            let key = self.log.key().event(source, &input.id);
            kept.push(Event { key, learner, resource: input.resource, verb: input.verb, at: input.at, value });
        }
        if !wrong.is_empty() {
            return Err(parse::refused(wrong));
        }
        if kept.is_empty() {
            return Ok(Recorded::default());
        }
        let receipt = self.log.append(kept).await?;
        Ok(Recorded { accepted: receipt.accepted, duplicates: receipt.duplicates })
    }
}

fn require_some_right(actor: &Actor) -> Result<(), Problem> {
    let unknown = || Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录或提供访问令牌。", "Sign in or give a token first.");
    if actor.account.is_some() { Ok(()) } else { Err(unknown()) }
}

/// More events in one call than are taken.
pub(super) fn too_many() -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "too-many-events",
        format!("一次最多提交 {MOST_EVENTS} 条学习记录，请分批提交。"),
        format!("At most {MOST_EVENTS} events a call; send them in parts."),
    )
}

fn check(place: usize, input: &EventInput) -> Option<FieldProblem> {
    let long = |text: &str| text.is_empty() || text.len() > LONGEST_NAME && text.chars().count() > LONGEST_NAME || text.contains('\0');
    for (name, text) in [("id", &input.id), ("learner", &input.learner), ("resource", &input.resource)] {
        if long(text) {
            let zh = format!("{name} 须为 1 至 {LONGEST_NAME} 个字符。");
            return Some(parse::field(place, name, "bad-length", zh, format!("{name} must have 1 to {LONGEST_NAME} characters.")));
        }
    }
    let good = match (input.verb, input.value) {
        (Verb::Rated, Some(value)) => (1.0..=5.0).contains(&value),
        (Verb::Progressed, Some(value)) => (0.0..=1.0).contains(&value),
        (Verb::Rated | Verb::Progressed, None) => false,
        _ => true,
    };
    let zh = "评分 value 须在 1 至 5 之间，进度 value 须在 0 至 1 之间。";
    (!good).then(|| parse::field(place, "value", "bad-value", zh, "value must be 1 to 5 for rated, 0 to 1 for progressed."))
}

fn whole(verb: Verb, value: Option<f64>) -> i32 {
    match (verb, value) {
        (Verb::Rated | Verb::Progressed, Some(value)) => (value * 1000.0).round() as i32,
        _ => 0,
    }
}

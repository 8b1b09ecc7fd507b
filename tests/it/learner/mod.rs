//! The learner's record: what learners report, and what they and nobody else see of it, through the API.

mod classes;
mod events;
mod experiments;
mod forgotten;
mod gatherings;
mod hours;
mod keeping;
mod lists;
mod personal;
mod protection;
mod simulation;
mod xapi;

pub use lists::KINDS;

use crate::support::{Answer, TestApp};
use axum::http::Method;
use serde_json::{Value, json};
use yuelu::clock::Clock;

/// An instant so many seconds from now.
pub fn at(seconds: i64) -> String {
    Clock::system().now().plus_millis(seconds * 1000).to_string()
}

/// An event of the caller itself.
pub fn event(id: &str, resource: &str, verb: &str, seconds: i64, more: Value) -> Value {
    let mut event = json!({"id": id, "learner": "me", "resource": resource, "verb": verb, "at": at(seconds)});
    event.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    event
}

/// Reports events.
pub async fn report(app: &TestApp, token: &str, events: &[Value]) -> Answer {
    app.call(Method::POST, token, "/api/v1/events", json!(events)).await
}

/// The resources of a list of the record.
pub fn resources(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["resource"].as_str().unwrap()).collect()
}

//! Problems as RFC 9457 `application/problem+json`, and their description in the API's document.

use super::request_id;
use crate::domain::problem::{CurrentState, FieldProblem, Problem, ProblemKind};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, response::Response as Described};
use utoipa::{IntoResponses, ToSchema};

/// Media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which a caller may try again when a limit or a busy part turned it away.
const RETRY_SECONDS: &str = "5";

/// A problem as it is sent (RFC 9457 with the members `code`, `zh`, `en`, `fields` and `state`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:yuelu:problem:` and the code.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The class, in Chinese.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The sentence in Chinese; the same as `zh`.
    pub detail: String,
    /// Stable code in kebab case.
    pub code: String,
    /// Sentence in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What exactly is wrong, where that can be named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// Where the thing stands now, where a step was refused because of its state or because somebody else was faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CurrentState>,
    /// `urn:yuelu:request:` and the id of the request, to quote when asking for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        let Problem { kind, code, zh, en, fields, state } = problem;
        Self {
            type_uri: format!("urn:yuelu:problem:{code}"),
            title: kind.title().0.to_owned(),
            status: kind.status(),
            detail: zh.clone(),
            code: code.to_owned(),
            zh,
            en,
            fields,
            state: state.map(|state| *state),
            instance: request_id::current().map(|id| format!("urn:yuelu:request:{id}")),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.kind;
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A struct of strings and numbers always serialises.
        let body = serde_json::to_vec(&ProblemBody::from(self)).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match kind {
            ProblemKind::Unauthorized => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"yuelu\""));
            }
            ProblemKind::TooMany | ProblemKind::Unavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        response
    }
}

/// A panic in a handler: logged by the panic hook, told as an internal problem.
pub fn from_panic(_cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Problem::internal().into_response()
}

/// No such route.
pub fn no_route() -> Problem {
    Problem::new(ProblemKind::NotFound, "no-such-route", "没有这个地址。", "There is no such address.")
}

/// The route exists, but not with this method.
pub async fn no_method() -> Response {
    let problem =
        Problem::new(ProblemKind::Invalid, "method-not-allowed", "此地址不支持该请求方法。", "This address does not take that method.");
    let mut body = ProblemBody::from(problem);
    body.status = StatusCode::METHOD_NOT_ALLOWED.as_u16();
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    (StatusCode::METHOD_NOT_ALLOWED, [(CONTENT_TYPE, PROBLEM_JSON)], bytes).into_response()
}

fn described(kinds: &[ProblemKind]) -> BTreeMap<String, RefOr<Described>> {
    let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let one = |kind: &ProblemKind| {
        let (zh, en) = kind.title();
        let response = ResponseBuilder::new().description(format!("{zh} · {en}")).content(PROBLEM_JSON, content()).build();
        (kind.status().to_string(), RefOr::T(response))
    };
    kinds.iter().map(one).collect()
}

/// What any route may answer: used in every `responses(…)`.
pub struct Failures;

impl IntoResponses for Failures {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        use ProblemKind as K;
        described(&[K::Invalid, K::Unauthorized, K::Forbidden, K::NotFound, K::TooMany, K::Internal, K::Unavailable])
    }
}

/// What a route may answer that opens one resource or its files.
pub struct ReadFailures;

impl IntoResponses for ReadFailures {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let mut all = Failures::responses();
        all.extend(described(&[ProblemKind::Gone, ProblemKind::Range, ProblemKind::Precondition]));
        all
    }
}

/// What a route may answer that takes a body or changes something.
pub struct WriteFailures;

impl IntoResponses for WriteFailures {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        use ProblemKind as K;
        let mut all = Failures::responses();
        all.extend(described(&[K::Conflict, K::Gone, K::Precondition, K::TooLarge, K::Unsupported, K::Unprocessable]));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_carries_code_sentences_and_field() {
        let response = Problem::field("not-a-number", "limit", "limit 应为数字。", "limit must be a number.").into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        let bytes = axum::body::to_bytes(response.into_body(), 9999).await.unwrap();
        let body: ProblemBody = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((body.code.as_str(), body.status, body.fields[0].path.as_str()), ("not-a-number", 400, "limit"));
        assert_eq!(body.type_uri, "urn:yuelu:problem:not-a-number");
        assert_eq!(body.detail, body.zh);
    }

    #[test]
    fn a_conflict_carries_where_the_thing_stands_and_a_refusal_does_not() {
        let conflict = Problem::new(ProblemKind::Conflict, "no-seat", "名额已满。", "No seat.").at_state("final", "终审", Some(7));
        let body = serde_json::to_value(ProblemBody::from(conflict)).unwrap();
        assert_eq!(body["state"], serde_json::json!({"code": "final", "label": "终审", "version": 7}));
        let forbidden = serde_json::to_value(ProblemBody::from(Problem::forbidden().at_state("final", "终审", Some(7)))).unwrap();
        assert!(forbidden.get("state").is_none(), "who may not act is told nothing");
    }

    #[test]
    fn a_caller_without_credentials_is_told_how_to_bring_them() {
        let problem = Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Please sign in.");
        let response = problem.into_response();
        assert!(response.headers().contains_key(WWW_AUTHENTICATE));
    }
}

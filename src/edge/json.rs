//! JSON in and out: what cannot be read is told with the path of the field.

use super::problem::ProblemBody;
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error;

/// A JSON body, read or to be sent.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(value) = axum::Json::<T>::from_request(request, state).await.map_err(explain)?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Reads JSON that is already in memory, with the same problems as the extractor.
///
/// # Errors
/// 400 for what is not JSON, 422 for JSON of another shape, with the path of the field.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    axum::Json::<T>::from_bytes(bytes).map(|axum::Json(value)| value).map_err(explain)
}

/// Parts a message of the form `path: reason`; a field that serde names between backticks is added to the path.
pub(super) fn path_and_reason(message: &str) -> (String, String) {
    let (path, reason) = message.split_once(": ").filter(|(path, _)| !path.contains(' ')).unwrap_or(("", message));
    let about_a_field = reason.starts_with("missing field") || reason.starts_with("unknown field");
    let named = reason.split('`').nth(1).filter(|_| about_a_field);
    let parts = [Some(path).filter(|path| !path.is_empty() && *path != "."), named];
    (parts.into_iter().flatten().collect::<Vec<_>>().join("."), reason.to_owned())
}

fn explain(rejection: JsonRejection) -> Problem {
    let reason = rejection.source().map_or_else(|| rejection.body_text(), ToString::to_string);
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            let (zh, en) =
                ("请求体应为 JSON（Content-Type: application/json）。", "The body must be JSON (Content-Type: application/json).");
            Problem::new(ProblemKind::Unsupported, "not-json", zh, en)
        }
        JsonRejection::JsonDataError(_) => {
            let (path, reason) = path_and_reason(&reason);
            let (zh, en) = (format!("字段 {path} 的值不对：{reason}"), format!("Field {path} is wrong: {reason}"));
            let field = FieldProblem { path, row: None, code: "wrong-field".to_owned(), zh: zh.clone(), en: en.clone() };
            Problem::new(ProblemKind::Unprocessable, "wrong-field", zh, en).with_fields(vec![field])
        }
        JsonRejection::BytesRejection(bytes) => super::body::refused(bytes.status()),
        _ => {
            let (zh, en) = (format!("请求体不是合法的 JSON：{reason}"), format!("The body is not JSON: {reason}"));
            Problem::new(ProblemKind::Invalid, "not-json", zh, en)
        }
    }
}

impl ProblemBody {
    /// Reads a problem that a server sent; anything else becomes `None`.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Lesson {
        #[expect(dead_code, reason = "only its reading is looked at")]
        minutes: u32,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Course {
        #[expect(dead_code, reason = "only its reading is looked at")]
        lessons: Vec<Lesson>,
    }

    fn check(json: &str, status: u16, path: &str) {
        let problem = from_slice::<Course>(json.as_bytes()).unwrap_err();
        assert_eq!(problem.kind.status(), status, "{json}");
        assert_eq!(problem.fields.first().map_or("", |field| field.path.as_str()), path, "{json}: {problem:?}");
    }

    #[test]
    fn wrong_json_is_told_with_its_path() {
        check(r#"{"lessons":[{"minutes":1},{"minutes":"two"}]}"#, 422, "lessons[1].minutes");
        check(r#"{"lessons":[{"minutes":-1}]}"#, 422, "lessons[0].minutes");
        check(r#"{"lesson":[]}"#, 422, "lessons");
        check(r#"{"lessons":[{}]}"#, 422, "lessons[0].minutes");
        check(r#"{"lessons":["#, 400, "");
        check("", 400, "");
    }
}

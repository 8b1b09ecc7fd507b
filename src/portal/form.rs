//! Forms as browsers post them, and how a page leads on after one.

use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::body;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};

/// The fields of a form in their order; a field may come more than once.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(bytes: &[u8]) -> Self {
        // Browsers send line ends of text areas as CR LF.
        let fields = form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        Self(fields.collect())
    }

    /// As if these fields had been written.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A field without the white space around it; empty where it is missing.
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map_or("", |field| field.1.trim())
    }

    /// A field that says something.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.one(name)).filter(|value| !value.is_empty())
    }

    /// The version of what was read when the form was shown, so that nothing is decided on what somebody changed meanwhile.
    pub fn version(&self) -> Option<Position> {
        self.one("version").parse().ok().map(Position)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |field| field.0 == name).map(|field| field.1.as_str())
    }

    /// Fields whose names begin so, by the rest of their names.
    pub fn beginning<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(ProblemKind::Unsupported, "not-a-form", "这里只接收表单。", "This address takes forms."));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| body::refused(refused.status()))?;
        Ok(Self::read(&bytes))
    }
}

/// Leads on to a page after a form was taken (`303 See Other`), so that reading it again posts nothing again.
pub fn onward(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address.to_owned())]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_one_or_many() {
        let form = Form::read("text=%E5%A5%BD%0D%0A%E7%9A%84+&id=a&id=b&score.art=90".as_bytes());
        assert_eq!((form.one("text"), form.one("missing"), form.some("missing")), ("好\n的", "", None));
        assert_eq!(form.all("id").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(form.beginning("score.").collect::<Vec<_>>(), [("art", "90")]);
    }
}

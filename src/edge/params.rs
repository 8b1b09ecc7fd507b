//! Query strings and path parameters: a wrong value is answered with the name of the parameter.

use super::json::path_and_reason;
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::error::Error;

/// A query string read into `T`.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        refuse_nul(parts.uri.query().unwrap_or_default())?;
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|rejection| {
            let message = rejection.source().map_or_else(|| rejection.body_text(), ToString::to_string);
            let (path, reason) = path_and_reason(&message);
            wrong(path, &reason)
        })
    }
}

/// Path parameters read into `T`.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(|_| wrong("path".to_owned(), "not UTF-8"))?;
        for (name, value) in &raw {
            if value.contains('\0') {
                return Err(wrong(name.to_owned(), "U+0000"));
            }
        }
        let axum::extract::Path(value) = axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| wrong("path".to_owned(), &rejection.body_text()))?;
        Ok(Self(value))
    }
}

/// U+0000 parts the keys of the store and is never part of a text.
fn refuse_nul(query: &str) -> Result<(), Problem> {
    match query.split('&').find(|pair| pair.contains("%00")) {
        Some(pair) => Err(wrong(pair.split('=').next().unwrap_or_default().to_owned(), "U+0000")),
        None => Ok(()),
    }
}

fn wrong(path: String, reason: &str) -> Problem {
    let (zh, en) = (format!("参数 {path} 的值不对：{reason}"), format!("Parameter {path} is wrong: {reason}"));
    let field = FieldProblem { path, row: None, code: "wrong-parameter".to_owned(), zh: zh.clone(), en: en.clone() };
    Problem::new(ProblemKind::Invalid, "wrong-parameter", zh, en).with_fields(vec![field])
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[derive(Debug, serde::Deserialize)]
    struct Page {
        limit: Option<u32>,
        q: Option<String>,
    }

    async fn read(uri: &str) -> Result<Query<Page>, Problem> {
        let (mut parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
        Query::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_wrong_value_names_its_parameter() {
        assert_eq!(read("/?limit=many").await.unwrap_err().fields[0].path, "limit");
        assert_eq!(read("/?limit=-1").await.unwrap_err().fields[0].path, "limit");
        assert_eq!(read("/?q=a%00b").await.unwrap_err().fields[0].path, "q");
        let Query(page) = read("/?limit=3&q=%E5%B2%B3%E9%BA%93").await.unwrap();
        assert_eq!((page.limit, page.q.as_deref()), (Some(3), Some("岳麓")));
    }
}

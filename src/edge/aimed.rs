//! A step on one thing: who asks for it, on what, and which version was read.

use super::actor::SignedIn;
use super::params::Path;
use super::tags;
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Who is signed in, the one id in the path, and the version that `If-Match` names.
#[derive(Clone, Debug)]
pub struct Aimed {
    /// Whoever asks.
    pub actor: Actor,
    /// Of what.
    pub id: String,
    /// The version that was read; another one now is not changed.
    pub expected: Option<Position>,
}

impl<S: Send + Sync> FromRequestParts<S> for Aimed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let SignedIn(actor) = SignedIn::from_request_parts(parts, state).await?;
        let Path(id) = Path::<String>::from_request_parts(parts, state).await?;
        Ok(Self { actor, id, expected: tags::asked_version(&parts.headers) })
    }
}

//! Countersigns: the office's word, and the marks by which a work needs it.

use super::submissions::{Tagged, tagged};
use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::WriteFailures;
use crate::edge::tags;
use crate::http::house::House;
use crate::vetting::Vetting;
use crate::vetting::countersign::{GiveCountersign, MarkContent};
use crate::vetting::views::SubmissionView;
use axum::extract::State;
use axum::http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(countersign)).routes(routes!(mark))
}

/// 会签
///
/// By who acts for the office that the policy names. Without it nobody may pass the work; an objection takes it to the committee,
/// which passes it by two votes at least, each with a reason that answers the objection.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/countersign", tag = "reviews", request_body = GiveCountersign,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Said: the work goes to whoever decides it", body = SubmissionView), WriteFailures))]
async fn countersign(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(give): Json<GiveCountersign>,
) -> Result<Tagged, Problem> {
    vetting.countersign(&actor, &id, &give, tags::asked_version(&headers)).await.map(tagged)
}

/// 标记须会签的内容
///
/// By the desk, by a reviewer who has a seat, or by a member of the committee before the decision. The mark stays in later rounds.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/flags", tag = "reviews", request_body = MarkContent,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission"), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "Marked", body = SubmissionView), WriteFailures))]
async fn mark(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(mark): Json<MarkContent>,
) -> Result<Tagged, Problem> {
    vetting.mark_content(&actor, &id, &mark, tags::asked_version(&headers)).await.map(tagged)
}

//! The reviewer's week: drafts of opinions, the sheet of a month, workload and turnaround.

use crate::domain::problem::Problem;
use crate::domain::review::draft::OpinionDraft;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::{Path, Query};
use crate::edge::problem::{Failures, ReadFailures, WriteFailures};
use crate::http::house::House;
use crate::vetting::Vetting;
use crate::vetting::draft::SaveDraft;
use crate::vetting::sheet::Sheet;
use crate::vetting::workload::Workload;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(sheet)).routes(routes!(workload)).routes(routes!(draft, save_draft))
}

/// Which sheet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SheetQuery {
    /// `YYYY-MM`, in Asia/Shanghai.
    month: String,
    /// Id or sign-in name of a reviewer, for the desk; missing: the caller's own.
    account: Option<String>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// How a sheet is written.
#[derive(Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// JSON.
    #[default]
    Json,
    /// CSV.
    Csv,
}

/// 月度评审工作单（酬劳依据）
#[utoipa::path(get, path = "/api/v1/reviews/sheet", tag = "reviews", params(SheetQuery), security(("token" = []), ("session" = [])),
    responses((status = 200, description = "Opinions given in the month, without titles and names",
        content((Sheet = "application/json"), (String = "text/csv"))), ReadFailures))]
async fn sheet(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Query(SheetQuery { month, account, format }): Query<SheetQuery>,
) -> Result<Response, Problem> {
    let sheet = vetting.sheet(&actor, &month, account.as_deref()).await?;
    Ok(match format {
        Format::Json => Json(sheet).into_response(),
        Format::Csv => {
            let name = format!("attachment; filename=\"reviews-{}.csv\"", sheet.month);
            ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], sheet.csv()).into_response()
        }
    })
}

/// 评审工作量与用时
#[utoipa::path(get, path = "/api/v1/reviews/workload", tag = "reviews", security(("token" = []), ("session" = [])),
    responses((status = 200, description = "What each reviewer has before them, did within a year, and how long it took", body = [Workload]), Failures))]
async fn workload(State(vetting): State<Vetting>, SignedIn(actor): SignedIn) -> Result<Json<Vec<Workload>>, Problem> {
    vetting.workload(&actor).await.map(Json)
}

/// 本人的评审意见草稿
#[utoipa::path(get, path = "/api/v1/reviews/{id}/draft", tag = "reviews", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "As it was saved last, in whichever round", body = OpinionDraft), ReadFailures))]
async fn draft(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<OpinionDraft>, Problem> {
    vetting.draft(&actor, &id).await.map(Json)
}

/// 自动保存评审意见草稿
#[utoipa::path(put, path = "/api/v1/reviews/{id}/draft", tag = "reviews", request_body = SaveDraft,
    security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "Saved", body = OpinionDraft), WriteFailures))]
async fn save_draft(
    State(vetting): State<Vetting>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Json(save): Json<SaveDraft>,
) -> Result<Json<OpinionDraft>, Problem> {
    vetting.save_draft(&actor, &id, &save).await.map(Json)
}

//! 一资源一档: the record of all reviews of a resource, as data and as a page to print.

use crate::domain::problem::Problem;
use crate::edge::actor::SignedIn;
use crate::edge::json::Json;
use crate::edge::params::Path;
use crate::edge::problem::ReadFailures;
use crate::http::house::House;
use crate::http::printed;
use crate::operations::Operations;
use crate::vetting::Vetting;
use crate::vetting::dossier::Dossier;
use axum::extract::State;
use axum::response::Html;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(page))
}

/// 一资源一档（数据）
///
/// For editors, auditors and administrators of its owner: description, provenance, every round of every submission, the ledger,
/// objections and complaints.
#[utoipa::path(get, path = "/api/v1/resources/{id}/dossier", tag = "resources", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "All that was recorded", body = Dossier), ReadFailures))]
async fn read(State(vetting): State<Vetting>, SignedIn(actor): SignedIn, Path(id): Path<String>) -> Result<Json<Dossier>, Problem> {
    vetting.dossier(&actor, &id).await.map(Json)
}

/// 一资源一档（打印）
///
/// The same as a page for A4.
#[utoipa::path(get, path = "/api/v1/resources/{id}/dossier.html", tag = "resources", security(("token" = []), ("session" = [])),
    params(("id" = String, Path, description = "Id of the resource")),
    responses((status = 200, description = "The page", content_type = "text/html", body = String), ReadFailures))]
async fn page(
    State(vetting): State<Vetting>,
    State(operations): State<Operations>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, Problem> {
    let dossier = vetting.dossier(&actor, &id).await?;
    let (work, rules) = (&dossier.metadata, vetting.rules());
    let forms = (rules.criteria(&work.category, work.culture.is_some()), rules.vetoes());
    printed::dossier::page(&dossier, forms, &operations.code_lists()).map(Html)
}

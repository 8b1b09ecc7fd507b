//! The stylesheet, the scripts and a pointer: compiled in, kept by browsers for a year under names that change with their content.

use crate::domain::problem::Problem;
use crate::edge::problem::no_route;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const POINTER: &str = include_str!("assets/pointer.svg");
const SCRIPT: &str = include_str!("assets/script.js");
const SUGGEST: &str = include_str!("assets/suggest.js");

/// Bytes of the digest that stand in a name.
const DIGEST_BYTES: usize = 6;

static POINTER_ADDRESS: LazyLock<String> = LazyLock::new(|| named("pointer", POINTER, "svg"));
/// It names the pointer as it is served.
static STYLE: LazyLock<String> = LazyLock::new(|| include_str!("assets/style.css").replace("/assets/pointer.svg", &POINTER_ADDRESS));

/// Address of the stylesheet.
pub static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| named("style", &STYLE, "css"));
/// Address of the script.
pub static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| named("script", SCRIPT, "js"));
/// Address of the script of the search box.
pub static SUGGEST_ADDRESS: LazyLock<String> = LazyLock::new(|| named("suggest", SUGGEST, "js"));

fn named(name: &str, content: &str, ending: &str) -> String {
    let digest: String = Sha256::digest(content).iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/{name}-{digest}.{ending}")
}

/// `GET /assets/{name}`.
pub async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let asked = format!("/assets/{name}");
    let (media_type, content) = match &asked {
        asked if *asked == *STYLE_ADDRESS => ("text/css; charset=utf-8", STYLE.as_str()),
        asked if *asked == *POINTER_ADDRESS => ("image/svg+xml", POINTER),
        asked if *asked == *SCRIPT_ADDRESS => ("text/javascript; charset=utf-8", SCRIPT),
        asked if *asked == *SUGGEST_ADDRESS => ("text/javascript; charset=utf-8", SUGGEST),
        _ => return Err(no_route()),
    };
    Ok(([(CONTENT_TYPE, media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")], content).into_response())
}

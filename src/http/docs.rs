//! `/api/docs`: the API's document as one page, readable without script and without anything from elsewhere.

use super::html::escape;
use super::openapi::Published;
use axum::extract::State;
use axum::response::Html;
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::Arc;

const HEAD: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
<title>接口文档 · Yuelu API</title><style>body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1b1b1b;background:#fff}code,pre{font-family:ui-monospace,monospace}h2{border-bottom:2px solid #8a1f11;margin-top:2.5rem}\
summary{cursor:pointer;padding:.4rem 0}summary b{display:inline-block;min-width:4.5rem;color:#8a1f11}table{border-collapse:collapse;\
width:100%}td,th{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}</style>";

/// `GET /api/docs`.
pub async fn page(State(published): State<Arc<Published>>) -> Html<String> {
    Html(render(&published.value))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn render(document: &Value) -> String {
    let mut out = String::from(HEAD);
    let info = document.get("info").unwrap_or(&Value::Null);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<h1>{} <small>{}</small></h1><p>{}</p><p><a href=\"/api/v1/openapi.json\">openapi.json</a> · <a href=\"/\">首页</a></p>",
        escape(text(info, "title")),
        escape(text(info, "version")),
        escape(text(info, "description")).replace("\n\n", "</p><p>")
    );
    let mut operations: Vec<(String, String)> = Vec::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten().filter(|(_, operation)| operation.get("responses").is_some()) {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
            operations.push((tag.to_owned(), render_operation(method, path, operation)));
        }
    }
    operations.sort_by(|left, right| left.0.cmp(&right.0));
    let mut section = "";
    for (tag, html) in &operations {
        if tag != section {
            let _ = write!(out, "<h2>{}</h2>", escape(tag));
            section = tag;
        }
        out.push_str(html);
    }
    out.push_str("<h2>Schemas</h2>");
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ =
            write!(out, "<details id=\"{0}\"><summary><code>{0}</code></summary><pre>{1}</pre></details>", escape(name), escape(&pretty));
    }
    out.push_str("</html>");
    out
}

fn render_operation(method: &str, path: &str, operation: &Value) -> String {
    let summary = escape(text(operation, "summary"));
    let mut out = format!("<details><summary><b>{}</b> <code>{}</code> {summary}</summary>", method.to_uppercase(), escape(path));
    let description = text(operation, "description");
    if !description.is_empty() {
        let _ = write!(out, "<p>{}</p>", escape(description));
    }
    let parameters = operation.get("parameters").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        out.push_str("<table><tr><th>参数<th>位置<th>必填<th>类型<th>说明");
        for parameter in parameters {
            let required = if parameter.get("required") == Some(&Value::Bool(true)) { "是" } else { "" };
            let schema = parameter.get("schema").map(kind).unwrap_or_default();
            let (name, place, about) = (text(parameter, "name"), text(parameter, "in"), text(parameter, "description"));
            let _ =
                write!(out, "<tr><td><code>{}</code><td>{}<td>{required}<td>{schema}<td>{}", escape(name), escape(place), escape(about));
        }
        out.push_str("</table>");
    }
    let bodies = operation.pointer("/requestBody/content").and_then(Value::as_object);
    for (media, content) in bodies.into_iter().flatten() {
        let schema = content.get("schema").map(kind).unwrap_or_default();
        let _ = write!(out, "<p>请求体：<code>{}</code> {schema}</p>", escape(media));
    }
    out.push_str("<table><tr><th>状态<th>说明<th>内容");
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let contents = response.get("content").and_then(Value::as_object);
        let shown = contents.into_iter().flatten().map(|(media, content)| {
            let schema = content.get("schema").map(kind).unwrap_or_default();
            format!("<code>{}</code> {schema}", escape(media))
        });
        let shown = shown.collect::<Vec<_>>().join("<br>");
        let _ = write!(out, "<tr><td>{}<td>{}<td>{shown}", escape(status), escape(text(response, "description")));
    }
    out.push_str("</table></details>");
    out
}

/// A schema in a few words, with a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    let each = schema.get("items").map(|items| format!("[{}]", kind(items))).unwrap_or_default();
    let word = match schema.get("type") {
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        Some(Value::String(word)) => word.clone(),
        _ => String::new(),
    };
    format!("{}{each}", escape(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_document_says_is_shown_and_escaped() {
        let document = serde_json::json!({
            "info": {"title": "A <b>"},
            "paths": {"/x/{id}": {"get": {"tags": ["x"], "summary": "Reads", "responses": {"200": {"description": "Fine"}}}}},
            "components": {"schemas": {"Thing": {"type": "object"}}}
        });
        let html = render(&document);
        for want in ["A &lt;b&gt;", "<code>/x/{id}</code> Reads", "<td>200<td>Fine", "id=\"Thing\""] {
            assert!(html.contains(want), "{want} in {html}");
        }
        assert!(!html.contains("<script"));
    }
}

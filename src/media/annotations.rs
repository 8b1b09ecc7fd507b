//! Notes about parts of pictures in a file beside them: W3C Web Annotation (<https://www.w3.org/TR/annotation-model/>) as JSON, which
//! is also how IIIF 3 writes what was recognised or described on a page.
//!
//! Each note is a part of the text; its place is the target as it is written, since only the package knows the picture.

use super::reading::{Collector, Reading};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::Locator;
use serde_json::Value;

/// What the `@context` of such a file names.
const CONTEXTS: [&str; 2] = ["www.w3.org/ns/anno", "iiif.io/api/presentation"];
/// How far lists of lists are followed.
const DEPTH: usize = 8;

/// Reads a file of annotations; `None` when it is other JSON.
pub(super) fn read(bytes: &[u8]) -> Option<Reading> {
    let decoded = decode_text(bytes);
    let file: Value = serde_json::from_str(&decoded.text).ok()?;
    let context = file.get("@context").map(Value::to_string).unwrap_or_default();
    if !CONTEXTS.iter().any(|known| context.contains(known)) {
        return None;
    }
    let mut collector = Collector::default();
    notes(&file, DEPTH, &mut |target, text| {
        collector.part(Locator::Elsewhere { target: target.to_owned() }, text);
        !collector.is_full()
    });
    Some(collector.into_reading(Some(decoded.encoding)))
}

/// Visits each annotation in a page, a list or a manifest, until `visit` says that it is enough.
fn notes(value: &Value, depth: usize, visit: &mut impl FnMut(&str, &str) -> bool) -> bool {
    if let Some(list) = value.as_array() {
        return depth > 0 && list.iter().all(|one| notes(one, depth - 1, visit));
    }
    let has_body = value.get("body").or_else(|| value.get("bodyValue")).is_some();
    if let Some(target) = value.get("target").and_then(target).filter(|_| has_body) {
        let text = [value.get("body"), value.get("bodyValue")].into_iter().flatten().map(words).collect::<Vec<_>>().join("\n");
        return text.trim().is_empty() || visit(&target, &text);
    }
    let lists = ["items", "annotations", "resources", "first"].into_iter().filter_map(|name| value.get(name));
    let mut lists = lists.filter(|list| depth > 0 && (list.is_array() || list.is_object()));
    lists.all(|list| notes(list, depth.saturating_sub(1), visit))
}

/// The words of a body: a text, a textual body, or several.
fn words(body: &Value) -> String {
    match body {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        other => other.get("value").or_else(|| other.get("chars")).and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// The target as `picture#xywh=…`; the first where there are several.
fn target(target: &Value) -> Option<String> {
    match target {
        Value::String(whole) => Some(whole.clone()),
        Value::Array(all) => all.first().and_then(self::target),
        other => {
            let source = other.get("source").or_else(|| other.get("id"))?;
            let source = source.as_str().or_else(|| source.get("id").and_then(Value::as_str))?;
            let fragment = other.get("selector").and_then(fragment);
            Some(fragment.map_or_else(|| source.to_owned(), |fragment| format!("{source}#{fragment}")))
        }
    }
}

fn fragment(selector: &Value) -> Option<&str> {
    match selector {
        Value::Array(all) => all.iter().find_map(fragment),
        one => one.get("value").and_then(Value::as_str).map(|value| value.trim_start_matches('#')).filter(|value| value.contains("xywh=")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn found(file: &Value) -> Option<Vec<(String, String)>> {
        let parts = read(file.to_string().as_bytes())?.extracted.unwrap().parts;
        let target = |locator| if let Locator::Elsewhere { target } = locator { target } else { panic!("{locator:?}") };
        Some(parts.into_iter().map(|part| (target(part.locator), part.text)).collect())
    }

    #[test]
    fn notes_are_read_in_the_forms_that_the_model_allows() {
        let anno = "http://www.w3.org/ns/anno.jsonld";
        let selector = json!({"type": "FragmentSelector", "value": "xywh=percent:10,20,30,40"});
        let page = json!({"@context": anno, "type": "AnnotationPage", "items": [
            {"type": "Annotation", "body": {"type": "TextualBody", "value": "八勾纹"}, "target": {"source": "p/1.jpg", "selector": selector}},
            {"type": "Annotation", "body": [{"value": "上句"}, {"value": "下句"}], "target": "p/2.jpg#xywh=1,2,3,4"},
            {"type": "Annotation", "bodyValue": "全图", "target": [{"id": "p/3.jpg"}]},
            {"type": "Annotation", "body": {"id": "http://elsewhere"}, "target": "p/4.jpg"},
        ]});
        let wanted = [("p/1.jpg#xywh=percent:10,20,30,40", "八勾纹"), ("p/2.jpg#xywh=1,2,3,4", "上句\n下句"), ("p/3.jpg", "全图")];
        assert_eq!(found(&page).unwrap(), wanted.map(|(target, text)| (target.to_owned(), text.to_owned())));
        let one = json!({"@context": [anno], "type": "Annotation", "body": "字", "target": "a.png"});
        assert_eq!(found(&one).unwrap(), [("a.png".to_owned(), "字".to_owned())]);
        assert_eq!(found(&json!({"type": "Annotation", "body": "字", "target": "a.png"})), None, "other JSON");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes: Vec<u8>, text in any::<String>()) {
            let _ = read(&bytes);
            let file = json!({"@context": "http://www.w3.org/ns/anno.jsonld", "items": [{"body": text.clone(), "target": text}]});
            let _ = read(file.to_string().as_bytes());
        }
    }
}

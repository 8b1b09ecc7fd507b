//! Reading answers of the API loosely: a newer server may say more, an absent field is an empty text.

use super::Client;
use serde_json::Value;

/// The text at a JSON pointer (`/metadata/title/zh-CN`); empty where there is none. Numbers and truths are written out.
pub fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The whole number at a JSON pointer; 0 where there is none.
pub fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// The items of the list at a JSON pointer.
pub fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// A text for people: itself, or of a language map the Chinese one, else the first.
pub fn worded(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::Object(map)) => {
            let chinese = map.get("zh-CN").or_else(|| map.values().next());
            chinese.and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => text(value, pointer),
    }
}

/// The items of a list of the API, page by page, at most `most` of them.
///
/// # Errors
/// What the API refuses.
pub async fn all_pages(client: &Client, path: &str, query: &[(&str, &str)], most: usize) -> anyhow::Result<Vec<Value>> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    while found.len() < most {
        let mut asked = query.to_vec();
        let limit = (most - found.len()).min(100).to_string();
        asked.push(("limit", &limit));
        asked.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page: Value = client.get(path, &asked).await?;
        found.extend(items(&page, "/items").cloned());
        cursor = page.pointer("/next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_absent_is_empty() {
        let value = json!({"title": {"zh-CN": "书法", "en": "Calligraphy"}, "rows": 3, "name": "甲"});
        assert_eq!(worded(&value, "/title"), "书法");
        assert_eq!(worded(&value, "/name"), "甲");
        assert_eq!((text(&value, "/rows"), number(&value, "/rows")), ("3".to_owned(), 3));
        assert_eq!((text(&value, "/none/deep"), number(&value, "/none"), items(&value, "/none").count()), (String::new(), 0, 0));
    }
}

//! Reading single values of a row: catalogues from elsewhere write numbers as text and lists as sentences.

use crate::domain::codes::CodeList;
use crate::domain::text::LangMap;
use serde_json::{Map, Value};

/// What parts a list that was written as one text.
const SEPARATORS: [char; 6] = ['；', ';', '、', '|', ',', '，'];

/// Takes a key out of a row; null counts as missing.
pub fn take(row: &mut Map<String, Value>, key: &str) -> Option<Value> {
    row.remove(key).filter(|value| !value.is_null())
}

/// A text, also from a number; without U+0000 and white space around it.
pub fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().replace('\0', ""),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A text of the row.
pub fn take_text(row: &mut Map<String, Value>, key: &str) -> Option<String> {
    take(row, key).as_ref().and_then(text)
}

/// A list of texts, from a list or from one text with separators.
pub fn take_list(row: &mut Map<String, Value>, key: &str) -> Vec<String> {
    match take(row, key) {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Some(Value::String(all)) => {
            let parts = all.split(SEPARATORS).map(|part| part.trim().replace('\0', ""));
            parts.filter(|part| !part.is_empty()).collect()
        }
        Some(other) => text(&other).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A text in one or more languages.
pub fn take_lang(row: &mut Map<String, Value>, key: &str) -> LangMap {
    match take(row, key) {
        Some(Value::Object(map)) => LangMap(map.iter().filter_map(|(tag, value)| Some((tag.clone(), text(value)?))).collect()),
        Some(other) => text(&other).map(LangMap::zh).unwrap_or_default(),
        None => LangMap::default(),
    }
}

/// Codes of a list, by code, label or alias; what the list does not know stays as it is.
pub fn coded(list: &CodeList, names: Vec<String>) -> Vec<String> {
    let mut codes: Vec<String> = names.into_iter().map(|name| list.find(&name).map_or(name, |row| row.code.clone())).collect();
    let mut seen = std::collections::BTreeSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    codes
}

/// A value as records keep it: numbers with a fraction as text, no U+0000.
pub fn kept(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(items) => Value::Array(items.into_iter().map(kept).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key.replace('\0', ""), kept(value))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_come_in_many_forms() {
        let check = |value: Value, want: &[&str]| {
            let mut row = Map::from_iter([("k".to_owned(), value)]);
            assert_eq!(take_list(&mut row, "k"), want);
        };
        check(json!(["a", 2, "", null]), &["a", "2"]);
        check(json!("剪纸；刺绣、 织锦|女书"), &["剪纸", "刺绣", "织锦", "女书"]);
        check(json!(null), &[]);
        check(json!(7), &["7"]);
    }

    #[test]
    fn fractions_and_nul_are_not_kept_as_such() {
        assert_eq!(kept(json!({"a": [1.5, "x\0y", 3]})), json!({"a": ["1.5", "xy", 3]}));
    }
}

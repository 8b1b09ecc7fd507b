//! The file that stands for the outside, where the site is told to send nothing.

use serde_json::Value;
use std::path::Path;

/// Its messages so far.
pub fn outbox(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("outbox.jsonl")).unwrap_or_default();
    // The last line may just be written.
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The six digits of a message's text.
pub fn code_in(text: &str) -> String {
    let numbers = text.split(|sign: char| !sign.is_ascii_digit()).find(|digits| digits.len() == 6);
    numbers.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

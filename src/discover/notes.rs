//! What could not be understood in a query, in words.

use super::answer::QueryNote;
use crate::search::query::parse::{Misread, Note};

/// Says what was made of a part that could not be understood.
pub fn note(note: Note) -> QueryNote {
    let (code, zh, en) = match note.what {
        Misread::Field => ("field", "没有这个字段，已按普通文字检索。", "There is no such field; it was searched for as text."),
        Misread::Value => ("value", "该字段没有这个值，没有资源符合。", "The field has no such value; no resource has it."),
        Misread::Quotation => {
            ("quotation", "引号不成对，已按普通文字检索。", "A quotation mark lacks its other half; it was read as text.")
        }
        Misread::Wildcard => {
            ("wildcard", "星号只能用在字母词的末尾，已忽略。", "A star works at the end of a word of letters; it was left out.")
        }
        Misread::Or => ("or", "OR 两边须是同类的条件，已忽略。", "OR needs conditions of one kind on both sides; it was left out."),
        Misread::Exclusion => ("exclusion", "不能排除字段的值，已忽略。", "Values of this field cannot be excluded; it was left out."),
        Misread::Length => ("length", "检索式过长，后面的部分已忽略。", "The query is too long; its end was left out."),
    };
    QueryNote { code, text: note.text, zh, en }
}

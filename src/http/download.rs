//! A file made for the caller, as an answer to save, and how files are named to those who save them.

use crate::domain::address::escaped;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

/// The answer: bytes under a name.
pub fn answer(name: &str, media_type: &'static str, bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, named("attachment", name))], bytes).into_response()
}

/// `Content-Disposition` (RFC 6266): the name in UTF-8 (RFC 8187), before it one of ASCII letters for programs that know
/// only that. Nothing in a name can end the value: what is not plain becomes `_`.
pub fn named(kind: &str, name: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.' | '_' | ' ' | '(' | ')');
    let ascii: String = name.chars().map(|sign| if plain(sign) { sign } else { '_' }).collect();
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", escaped(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_for_new_and_old_programs() {
        let check = |name: &str, want: &str| assert_eq!(named("inline", name), format!("inline; {want}"), "{name}");
        check("text.txt", "filename=\"text.txt\"; filename*=UTF-8''text.txt");
        check("教案·一.pdf", "filename=\"____.pdf\"; filename*=UTF-8''%E6%95%99%E6%A1%88%C2%B7%E4%B8%80.pdf");
        check("a\"b\\c%d;e.txt", "filename=\"a_b_c_d_e.txt\"; filename*=UTF-8''a%22b%5Cc%25d%3Be.txt");
        check("𬱖\r\n.txt", "filename=\"___.txt\"; filename*=UTF-8''%F0%AC%B1%96%0D%0A.txt");
    }
}

//! Byte ranges of files (RFC 9110, section 14): one range, `If-Range`, 206 and 416.

use axum::http::header::{IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue};
use std::ops::Range;

/// What part of a file an answer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it (200).
    Whole,
    /// These bytes (206).
    Bytes(Range<u64>),
    /// No byte of it (416).
    Nothing,
}

/// The part that the headers ask for. Several ranges and units other than bytes are answered with the whole file, as the
/// norm allows; so is a range whose `If-Range` is not the present tag.
pub fn asked(headers: &HeaderMap, size: u64, etag: &HeaderValue) -> Part {
    let Some(range) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else { return Part::Whole };
    if headers.get(IF_RANGE).is_some_and(|tag| tag != etag || tag.as_bytes().starts_with(b"W/")) {
        return Part::Whole;
    }
    parse(range, size)
}

fn parse(range: &str, size: u64) -> Part {
    let Some(spec) = range.trim().strip_prefix("bytes=").map(str::trim) else { return Part::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Part::Whole };
    let (first, last) = (first.trim(), last.trim());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if spec.contains(',') || !digits(first) || !digits(last) || (first.is_empty() && last.is_empty()) {
        return Part::Whole;
    }
    // Numbers beyond 64 bits lie beyond any file.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let (start, end) = match (first.is_empty(), last.is_empty()) {
        (true, _) => (size.saturating_sub(number(last)), size),
        (false, true) => (number(first), size),
        (false, false) if number(last) < number(first) => return Part::Whole,
        (false, false) => (number(first), number(last).saturating_add(1).min(size)),
    };
    if start < end { Part::Bytes(start..end) } else { Part::Nothing }
}

/// `Content-Range` of a part; `None` for the whole.
pub fn content_range(part: &Part, size: u64) -> Option<HeaderValue> {
    let text = match part {
        Part::Whole => return None,
        Part::Bytes(range) => format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1)),
        Part::Nothing => format!("bytes */{size}"),
    };
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_the_norm() {
        let check = |range: &str, size: u64, want: Part| assert_eq!(parse(range, size), want, "{range} of {size}");
        check("bytes=0-499", 10_000, Part::Bytes(0..500));
        check("bytes=9500-", 10_000, Part::Bytes(9_500..10_000));
        check("bytes=-500", 10_000, Part::Bytes(9_500..10_000));
        check("bytes=-20000", 10_000, Part::Bytes(0..10_000));
        check("bytes=0-99999999999999999999999", 10, Part::Bytes(0..10));
        check("bytes=10-", 10, Part::Nothing);
        check("bytes=-0", 10, Part::Nothing);
        check("bytes=0-0", 0, Part::Nothing);
        check("bytes=5-2", 10, Part::Whole);
        check("bytes=0-1,3-4", 10, Part::Whole);
        check("lines=0-1", 10, Part::Whole);
        check("bytes=-", 10, Part::Whole);
        check("bytes=+1-2", 10, Part::Whole);
    }

    #[test]
    fn another_tag_gives_the_whole() {
        let tag = HeaderValue::from_static("\"new\"");
        let mut headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1"))]);
        assert_eq!(asked(&headers, 9, &tag), Part::Bytes(0..2));
        headers.insert(IF_RANGE, HeaderValue::from_static("\"old\""));
        assert_eq!(asked(&headers, 9, &tag), Part::Whole);
        headers.insert(IF_RANGE, tag.clone());
        assert_eq!(asked(&headers, 9, &tag), Part::Bytes(0..2));
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_file(range in "(bytes=)?[0-9]{0,22}-?[0-9]{0,22}|\\PC{0,20}", size in 0_u64..1_000_000) {
            if let Part::Bytes(part) = parse(&range, size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }

        #[test]
        fn what_is_asked_for_is_given(start in 0_u64..1000, length in 1_u64..1000, more in 0_u64..1000) {
            let size = start + length + more;
            let got = parse(&format!("bytes={start}-{}", start + length - 1), size);
            prop_assert_eq!(got, Part::Bytes(start..start + length));
        }
    }
}

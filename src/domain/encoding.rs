//! Finding out how a text file is encoded, and reading it.
//!
//! UTF-8 is told by validity, not by guessing; a file that is UTF-8 but for a few broken lines stays UTF-8, so that one
//! bad row does not turn the whole table into noise. Everything else is guessed by its byte pairs; GB18030 covers GBK
//! and GB 2312. A top-level-domain hint would turn Big5 into GBK, so only very short input gets one.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Input shorter than this gives the guesser too few pairs to decide on, so it is told that the text is Chinese.
const SHORT: usize = 32;
/// Bytes that the guesser looks at.
const GUESS_FROM: usize = 1 << 20;

/// A text and the encoding it was in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark and U+0000.
    pub text: String,
    /// Name of the encoding: `UTF-8`, `GB18030`, `Big5`, `UTF-16LE`, …
    pub encoding: &'static str,
    /// Whether some bytes could not be read and became U+FFFD.
    pub lossy: bool,
}

/// Reads bytes as text. Never fails: what cannot be read becomes U+FFFD and `lossy` says so.
pub fn decode_text(bytes: &[u8]) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(mark..).unwrap_or_default());
    }
    if std::str::from_utf8(bytes).is_ok() || mostly_utf8(bytes) {
        return decode_as(UTF_8, bytes);
    }
    if let Some(encoding) = bare_utf16(bytes) {
        return decode_as(encoding, bytes);
    }
    let guess = guess(bytes);
    if guess == BIG5 || guess == GBK || guess == GB18030 {
        return decode_as(if guess == BIG5 { BIG5 } else { GB18030 }, bytes);
    }
    let chinese = decode_as(GB18030, bytes);
    if chinese.lossy { decode_as(guess, bytes) } else { chinese }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..GUESS_FROM).unwrap_or(bytes), bytes.len() <= GUESS_FROM);
    let hint: Option<&[u8]> = (bytes.len() < SHORT).then_some(b"cn");
    detector.guess(hint, Utf8Detection::Deny)
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    let text = if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() };
    let name = if encoding == GBK || encoding == GB18030 { "GB18030" } else { encoding.name() };
    Decoded { text, encoding: name, lossy }
}

/// Whether nine of ten lines that are not plain ASCII are valid UTF-8. Lines of GBK text hardly ever are.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        match std::str::from_utf8(line) {
            Ok(_) => valid += 1,
            // A file that was cut in the middle of a character is broken only in its last bytes.
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => valid += 1,
            Err(_) => broken += 1,
        }
    }
    valid > broken.saturating_mul(9)
}

/// UTF-16 without a mark: every other byte of ASCII text is zero.
fn bare_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..512).unwrap_or(bytes);
    if head.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 4;
    match (even > most, odd > most) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], text: &str, encoding: &str) {
        let read = decode_text(bytes);
        assert_eq!((read.text.as_str(), read.encoding), (text, encoding));
    }

    #[test]
    fn chinese_encodings_are_told_apart() {
        let text = "标题,简介\n智能手机使用入门,教老年人使用智能手机\n";
        check(text.as_bytes(), text, "UTF-8");
        check(&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), text, "UTF-8");
        check(&GB18030.encode(text).0, text, "GB18030");
        let traditional = "標題,簡介\n智慧型手機入門課程,教導長者使用智慧型手機與網路\n";
        check(&BIG5.encode(traditional).0, traditional, "Big5");
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&[b"\xFF\xFE".as_slice(), &wide].concat(), text, "UTF-16LE");
    }

    #[test]
    fn one_broken_line_does_not_change_the_encoding() {
        let mut bytes = "土家族织锦\n".repeat(50).into_bytes();
        bytes.extend_from_slice(b"\xC4\xE3\xBA\n");
        let read = decode_text(&bytes);
        assert_eq!((read.encoding, read.lossy), ("UTF-8", true));
        assert!(read.text.starts_with("土家族织锦"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            let read = decode_text(&bytes);
            proptest::prop_assert!(!read.text.contains('\0'));
        }
    }
}

//! Names in ZIP files, which come in five encodings.
//!
//! Order of trust (APPNOTE D.2 and what archivers do): bit 11 says UTF-8; else the Info-ZIP Unicode Path field 0x7075 when
//! its CRC-32 is that of the raw name; else bytes that are valid UTF-8 (macOS forgets the flag); else GB18030; else CP437.
//! Decoding comes before `\` becomes `/`: trail bytes of GBK hold 0x5C (誠 is D5 5C).

use encoding_rs::GB18030;

/// Header id of the Info-ZIP Unicode Path extra field.
const UNICODE_PATH: u16 = 0x7075;

/// The upper half of code page 437.
const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Decodes the raw name of an entry. `extra` are the bytes of its extra fields.
pub fn decode_name(raw: &[u8], utf8_flag: bool, extra: &[u8]) -> String {
    if let (true, Ok(name)) = (utf8_flag, std::str::from_utf8(raw)) {
        return name.to_owned();
    }
    if let Some(name) = unicode_path(raw, extra) {
        return name;
    }
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let (name, broken) = GB18030.decode_without_bom_handling(raw);
    if broken { cp437(raw) } else { name.into_owned() }
}

/// The name in the extra field 0x7075, if it is there, of version 1, and belongs to this raw name.
fn unicode_path(raw: &[u8], mut extra: &[u8]) -> Option<String> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let id = u16::from_le_bytes([head[0], head[1]]);
        let size = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let field = rest.get(..size)?;
        extra = rest.get(size..)?;
        if id != UNICODE_PATH {
            continue;
        }
        let (version, field) = field.split_first()?;
        let (crc, name) = field.split_first_chunk::<4>()?;
        if *version == 1 && u32::from_le_bytes(*crc) == crc32fast::hash(raw) {
            return std::str::from_utf8(name).ok().map(str::to_owned);
        }
    }
    None
}

fn cp437(raw: &[u8]) -> String {
    let upper = |byte: u8| CP437.chars().nth(usize::from(byte - 128)).unwrap_or('\u{fffd}');
    raw.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { upper(*byte) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(raw: &[u8], name: &str) -> Vec<u8> {
        let mut body = vec![1];
        body.extend_from_slice(&crc32fast::hash(raw).to_le_bytes());
        body.extend_from_slice(name.as_bytes());
        let mut extra = UNICODE_PATH.to_le_bytes().to_vec();
        extra.extend_from_slice(&u16::try_from(body.len()).unwrap().to_le_bytes());
        extra.extend_from_slice(&body);
        extra
    }

    #[test]
    fn five_encodings_are_read() {
        let name = "课程/第一讲 謀·誠.mp4";
        let gbk = GB18030.encode(name).0;
        assert_eq!(decode_name(name.as_bytes(), true, &[]), name);
        assert_eq!(decode_name(name.as_bytes(), false, &[]), name);
        assert_eq!(decode_name(&gbk, false, &[]), name);
        assert_eq!(decode_name(b"caf\x82", false, &[]), "café");
        assert_eq!(decode_name(b"a.mp4", false, &field(b"a.mp4", "甲.mp4")), "甲.mp4");
    }

    #[test]
    fn a_unicode_path_of_another_name_is_not_believed() {
        assert_eq!(decode_name(b"b.mp4", false, &field(b"a.mp4", "甲.mp4")), "b.mp4");
    }

    #[test]
    fn the_upper_half_of_cp437_is_whole() {
        assert_eq!(CP437.chars().count(), 128);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_name(raw: Vec<u8>, flag: bool, extra: Vec<u8>) {
            let _ = decode_name(&raw, flag, &extra);
        }
    }
}

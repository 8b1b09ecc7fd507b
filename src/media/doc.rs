//! Text of Word 97 to 2003 (MS-DOC): the piece table says where in the main stream each stretch of text stands.

use super::ole::{LOCKED, Streams, UNREAD, long, place, short, wide};
use super::reading::{Collector, MOST_TEXT, Reading};
use crate::domain::inspection::Locator;

/// Mark of the main stream's head.
const MARK: u16 = 0xA5EC;
/// The oldest version whose head has its piece table where it is looked for (Word 97).
const OLDEST: u16 = 0x00C1;
/// Flags of the head: encrypted, and which of the two tables is in use.
const ENCRYPTED: u16 = 0x0100;
const FIRST_TABLE: u16 = 0x0200;
/// Where the head tells of the piece table: its place in the table stream, its length.
const TABLE_AT: usize = 0x01A2;
/// A piece whose characters are bytes of Windows-1252.
const COMPRESSED: u32 = 0x4000_0000;

/// Reads a document as one part: body, then notes, headers and text boxes, as they stand in it.
pub(super) fn read(streams: &mut Streams) -> Reading {
    let Some(main) = streams.read("/WordDocument") else { return Reading::unread(UNREAD) };
    if short(&main, 0) != Some(MARK) || short(&main, 2).is_none_or(|version| version < OLDEST) {
        return Reading::unread(UNREAD);
    }
    let flags = short(&main, 10).unwrap_or(0);
    if flags & ENCRYPTED != 0 {
        return Reading::locked(LOCKED);
    }
    let table = streams.read(if flags & FIRST_TABLE != 0 { "/1Table" } else { "/0Table" }).unwrap_or_default();
    let Some(text) = pieces(&main, &table) else { return Reading::unread(UNREAD) };
    let mut collector = Collector::default();
    collector.part(Locator::Whole, &shown(&text));
    collector.into_reading(None)
}

/// The text of all pieces in order; `None` where the table is broken.
fn pieces(main: &[u8], table: &[u8]) -> Option<String> {
    let (at, length) = (place(main, TABLE_AT)?, place(main, TABLE_AT + 4)?);
    let mut rest = table.get(at..at.checked_add(length)?)?;
    // Changes of form come first: a one, their length, themselves.
    while let Some((1, after)) = rest.split_first() {
        rest = after.get(2 + usize::from(short(after, 0)?)..)?;
    }
    let plan = rest.get(5..5_usize.checked_add(place(rest, 1)?)?).filter(|_| rest.first() == Some(&2))?;
    // One place more than there are pieces, four bytes each; then eight bytes a piece.
    let count = plan.len().checked_sub(4)? / 12;
    let mut text = String::new();
    for number in 0..count {
        if text.len() >= MOST_TEXT {
            break;
        }
        let characters = place(plan, number * 4 + 4)?.checked_sub(place(plan, number * 4)?)?;
        let from = long(plan, (count + 1) * 4 + number * 8 + 2)?;
        let start = usize::try_from(from & !COMPRESSED).ok()?;
        if from & COMPRESSED != 0 {
            let bytes = main.get(start / 2..(start / 2).checked_add(characters)?)?;
            text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0);
        } else {
            text.push_str(&wide(main.get(start..start.checked_add(characters.checked_mul(2)?)?)?));
        }
    }
    Some(text)
}

/// What a reader sees: marks of paragraphs and cells as line breaks, without instructions of fields and places of pictures.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut instructions = 0_u32;
    for sign in text.chars() {
        match sign {
            '\u{13}' => instructions += 1,
            '\u{14}' | '\u{15}' => instructions = instructions.saturating_sub(1),
            _ if instructions > 0 => {}
            '\r' | '\u{7}' | '\u{b}' | '\u{c}' | '\u{e}' => shown.push('\n'),
            '\u{1e}' => shown.push('-'),
            '\t' => shown.push(' '),
            sign if sign.is_control() => {}
            sign => shown.push(sign),
        }
    }
    shown
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Main and table stream of a document of two pieces, Chinese and Latin.
    pub fn streams(chinese: &str, latin: &str) -> (Vec<u8>, Vec<u8>) {
        let mut main = vec![0; 0x200];
        main[..2].copy_from_slice(&MARK.to_le_bytes());
        main[2..4].copy_from_slice(&OLDEST.to_le_bytes());
        main[10..12].copy_from_slice(&FIRST_TABLE.to_le_bytes());
        let wide: Vec<u8> = chinese.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (first, second) = (0x200_u32, u32::try_from(0x200 + wide.len()).unwrap());
        main.extend(&wide);
        main.extend(latin.as_bytes());
        let counts = [0, u32::try_from(wide.len() / 2).unwrap(), u32::try_from(wide.len() / 2 + latin.len()).unwrap()];
        let mut plan: Vec<u8> = counts.iter().flat_map(|count| count.to_le_bytes()).collect();
        for from in [first, (second * 2) | COMPRESSED] {
            plan.extend([0, 0]);
            plan.extend(from.to_le_bytes());
            plan.extend([0, 0]);
        }
        let table = [&[9; 4], &[1, 2, 0, 7, 7, 2][..], &u32::try_from(plan.len()).unwrap().to_le_bytes(), &plan].concat();
        main[TABLE_AT..TABLE_AT + 4].copy_from_slice(&4_u32.to_le_bytes());
        main[TABLE_AT + 4..TABLE_AT + 8].copy_from_slice(&u32::try_from(table.len() - 4).unwrap().to_le_bytes());
        (main, table)
    }

    #[test]
    fn pieces_are_joined_and_fields_show_their_result() {
        let (main, table) = streams("土家族织锦\r", "see \u{13}HYPERLINK x\u{14}here\u{15}\u{7}\u{1}");
        assert_eq!(shown(&pieces(&main, &table).unwrap()), "土家族织锦\nsee here\n");
    }

    proptest::proptest! {
        #[test]
        fn any_tables_are_read(at in 0_usize..700, byte: u8, in_table: bool, end in 0_usize..700) {
            let (mut main, mut table) = streams("土家族\r", "weaving");
            let bytes = if in_table { &mut table } else { &mut main };
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            main.truncate(end);
            let _ = pieces(&main, &table);
        }
    }
}

//! Text of PowerPoint 97 to 2003 (MS-PPT): the last edit tells where the parts stand, the document in which order slides are shown.

use super::ole::{LOCKED, Streams, UNREAD, long, place, short, wide};
use super::reading::{Collector, MOST_TEXT, Reading};
use crate::domain::inspection::Locator;
use std::collections::BTreeMap;

/// Kinds of records.
const DOCUMENT: u16 = 1000;
const SLIDE: u16 = 1006;
const SLIDE_PLACE: u16 = 1011;
const TEXT_WIDE: u16 = 4000;
const TEXT_BYTES: u16 = 4008;
const SLIDE_LIST: u16 = 4080;
const EDIT: u16 = 4085;
const PLACES: u16 = 6002;
/// Mark of a presentation that needs a password.
const ENCRYPTED: u32 = 0xF3D1_C4DF;
/// Most edits that are followed back: one a time it was saved without being packed.
const MOST_EDITS: usize = 1_000;
/// Deepest nesting of records.
const DEEPEST: u32 = 32;

/// Reads a presentation, a part a slide.
pub(super) fn read(streams: &mut Streams) -> Reading {
    let (Some(main), Some(user)) = (streams.read("/PowerPoint Document"), streams.read("/Current User")) else {
        return Reading::unread(UNREAD);
    };
    if long(&user, 12) == Some(ENCRYPTED) {
        return Reading::locked(LOCKED);
    }
    let Some(slides) = place(&user, 16).and_then(|edit| slides(&main, edit)) else { return Reading::unread(UNREAD) };
    let mut collector = Collector::default();
    for (slide, text) in (1_u32..).zip(slides) {
        collector.part(Locator::Slide { slide }, &text);
    }
    collector.into_reading(None)
}

/// One record: what it is, and what is in it.
#[derive(Clone, Copy)]
struct Record<'a> {
    kind: u16,
    instance: u16,
    /// It holds records.
    holds: bool,
    content: &'a [u8],
}

fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let head = short(bytes, at)?;
    let from = at.checked_add(8)?;
    let content = bytes.get(from..from.checked_add(place(bytes, at + 4)?)?)?;
    Some(Record { kind: short(bytes, at + 2)?, instance: head >> 4, holds: head & 15 == 15, content })
}

/// The records that lie side by side; it ends where one is longer than what is left.
fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = record(bytes, at)?;
        at += 8 + found.content.len();
        Some(found)
    })
}

/// The text of each slide in the order shown; `None` where the parts are not found.
fn slides(main: &[u8], edit: usize) -> Option<Vec<String>> {
    let (places, document) = parts(main, edit)?;
    let document = record(main, *places.get(&document)?).filter(|record| record.kind == DOCUMENT)?;
    let list = records(document.content).find(|record| record.kind == SLIDE_LIST && record.instance == 0);
    let mut slides: Vec<(String, String)> = Vec::new();
    let mut bytes = 0;
    for record in list.iter().flat_map(|list| records(list.content)) {
        if record.kind == SLIDE_PLACE {
            let drawn = long(record.content, 0).and_then(|number| places.get(&number));
            let mut text = String::new();
            // Many slides may name one place.
            if let Some(slide) = drawn.and_then(|at| self::record(main, *at)).filter(|record| record.kind == SLIDE && bytes < MOST_TEXT) {
                gather(&slide, 0, &mut text);
            }
            bytes += text.len();
            slides.push((String::new(), text));
        } else if let Some((listed, _)) = slides.last_mut() {
            // Titles and outlines stand in the list itself.
            gather(&record, 0, listed);
        }
    }
    Some(slides.into_iter().map(|(listed, drawn)| listed + &drawn).collect())
}

/// Where each part stands by its number, the newest edit first, and the number of the document.
fn parts(main: &[u8], mut edit: usize) -> Option<(BTreeMap<u32, usize>, u32)> {
    let mut places = BTreeMap::new();
    let mut document = None;
    for _ in 0..MOST_EDITS {
        let record = record(main, edit).filter(|record| record.kind == EDIT)?.content;
        document = document.or(long(record, 16));
        let listed = self::record(main, place(record, 12)?).filter(|record| record.kind == PLACES)?.content;
        note(listed, &mut places);
        edit = place(record, 8)?;
        if edit == 0 {
            break;
        }
    }
    Some((places, document?))
}

/// Reads a list of places: a first number and a count, then so many places.
fn note(listed: &[u8], places: &mut BTreeMap<u32, usize>) {
    let mut at = 0;
    while let Some(head) = long(listed, at) {
        at += 4;
        for number in 0..head >> 20 {
            let Some(found) = place(listed, at) else { return };
            places.entry((head & 0xF_FFFF) + number).or_insert(found);
            at += 4;
        }
    }
}

/// The texts in a record, each on lines of its own.
fn gather(record: &Record<'_>, depth: u32, text: &mut String) {
    match record.kind {
        TEXT_WIDE => push(&wide(record.content), text),
        TEXT_BYTES => push(&record.content.iter().map(|byte| char::from(*byte)).collect::<String>(), text),
        _ if record.holds && depth < DEEPEST => records(record.content).for_each(|inner| gather(&inner, depth + 1, text)),
        _ => {}
    }
}

fn push(words: &str, text: &mut String) {
    text.extend(
        words
            .chars()
            .map(|sign| if matches!(sign, '\r' | '\u{b}') { '\n' } else { sign })
            .filter(|sign| *sign == '\n' || !sign.is_control()),
    );
    text.push('\n');
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn written(kind: u16, head: u16, content: &[u8]) -> Vec<u8> {
        [&head.to_le_bytes(), &kind.to_le_bytes(), &u32::try_from(content.len()).unwrap().to_le_bytes()[..], content].concat()
    }

    fn longs(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Main stream and that of the user, of a presentation of two slides, of which the second is drawn first in the file.
    pub fn streams() -> (Vec<u8>, Vec<u8>) {
        let wide = |text: &str| written(TEXT_WIDE, 0, &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        let drawn = |text: &str| written(SLIDE, 15, &written(0xF00D, 15, &wide(text)));
        let second = drawn("第二张\r图");
        let first = drawn("第一张的框");
        let list = [
            written(SLIDE_PLACE, 0, &longs(&[3, 0])),
            wide("标题"),
            written(SLIDE_PLACE, 0, &longs(&[2, 0])),
            written(TEXT_BYTES, 0, b"abc"),
        ];
        let document = written(DOCUMENT, 15, &written(SLIDE_LIST, 15, &list.concat()));
        let starts = [0, second.len(), second.len() + first.len()].map(|at| u32::try_from(at).unwrap());
        let mut main = [second, first, document].concat();
        let places = u32::try_from(main.len()).unwrap();
        // Numbers 2 and 3 are the slides, 1 the document.
        main.extend(written(PLACES, 0, &longs(&[1 | (1 << 20), starts[2], 2 | (2 << 20), starts[0], starts[1]])));
        let edit = u32::try_from(main.len()).unwrap();
        main.extend(written(EDIT, 0, &longs(&[0, 0, 0, places, 1, 0])));
        (main, longs(&[0, 0, 20, 0xE391_C05F, edit]))
    }

    #[test]
    fn slides_are_read_in_the_order_shown() {
        let (main, user) = streams();
        let slides = slides(&main, place(&user, 16).unwrap()).unwrap();
        assert_eq!(slides, ["标题\n第一张的框\n", "abc\n第二张\n图\n"]);
    }

    proptest::proptest! {
        #[test]
        fn any_records_are_read(at in 0_usize..400, byte: u8, end in 0_usize..400, edit in 0_usize..400) {
            let (mut main, user) = streams();
            if let Some(place) = main.get_mut(at) {
                *place = byte;
            }
            main.truncate(end);
            let _ = slides(&main, edit);
            let _ = slides(&main, place(&user, 16).unwrap());
        }
    }
}

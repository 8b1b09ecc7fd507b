//! Text out of RTF (Microsoft's Rich Text Format 1.9.1): words and line breaks, nothing of its form.
//!
//! Chinese stands in it as `\'xx` in the code page of the file or of the font, or as `\uN` with a substitute after it for old
//! readers, which is left out.

use super::reading::{Collector, MOST_TEXT, Reading};
use crate::domain::inspection::Locator;
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use std::collections::BTreeMap;

/// Deepest nesting of groups.
const DEEPEST: usize = 1_000;
/// Groups that hold no text of the work.
const ASIDE: &[&[u8]] = &[
    b"fonttbl",
    b"colortbl",
    b"stylesheet",
    b"info",
    b"pict",
    b"object",
    b"themedata",
    b"colorschememapping",
    b"datastore",
    b"listtable",
    b"listoverridetable",
    b"generator",
    b"xmlnstbl",
    b"rsidtbl",
    b"latentstyles",
    b"fldinst",
    b"filetbl",
    b"revtbl",
    b"nonshppict",
    b"bkmkstart",
    b"bkmkend",
    b"atnid",
    b"atnauthor",
    b"annotation",
    b"pntext",
    b"panose",
    b"falt",
    b"fontemb",
    b"template",
    b"pgdsctbl",
    b"mmathPr",
    b"wgrffmtfilter",
    b"userprops",
    b"passwordhash",
];
/// Destinations marked as unknown to old readers that do hold text.
const TEXT_AFTER_STAR: &[&[u8]] = &[b"shppict", b"shptxt", b"footnote", b"ftnsep"];

/// Reads a file.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let mut reader = Reader::new(bytes);
    if let Err(fault) = reader.walk() {
        return Reading::fault(fault);
    }
    let mut collector = Collector::default();
    collector.part(Locator::Whole, &reader.text);
    let mut reading = collector.into_reading(None);
    if !reader.groups.is_empty() && reader.text.len() < MOST_TEXT {
        reading.fault = Some("RTF 文件不完整（缺少结尾），可能没有上传或导出完毕。".to_owned());
    }
    reading
}

/// What holds inside of a group.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// Its text is passed over.
    aside: bool,
    /// It is the table of fonts.
    fonts: bool,
    /// Signs that stand after `\uN` for old readers.
    substitutes: usize,
    encoding: &'static Encoding,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    text: String,
    groups: Vec<Group>,
    now: Group,
    /// Bytes of the code page that wait for those they belong to.
    raw: Vec<u8>,
    /// Substitutes that still come.
    skip: usize,
    /// The first half of a character of two.
    half: Option<u16>,
    fonts: BTreeMap<i32, &'static Encoding>,
    font: i32,
    /// `\*` stood before: what comes may be unknown.
    starred: bool,
    /// The next font is that for Chinese.
    double_byte: bool,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let now = Group { aside: false, fonts: false, substitutes: 1, encoding: GB18030 };
        Self {
            bytes,
            at: 0,
            text: String::new(),
            groups: Vec::new(),
            now,
            raw: Vec::new(),
            skip: 0,
            half: None,
            fonts: BTreeMap::new(),
            font: 0,
            starred: false,
            double_byte: false,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn walk(&mut self) -> Result<(), &'static str> {
        while let Some(byte) = self.next().filter(|_| self.text.len() < MOST_TEXT) {
            match byte {
                b'{' => {
                    self.flush();
                    if self.groups.len() >= DEEPEST {
                        return Err("RTF 文件的嵌套层级异常，已停止读取。");
                    }
                    self.groups.push(self.now);
                    (self.skip, self.starred) = (0, false);
                }
                b'}' => {
                    self.flush();
                    self.skip = 0;
                    let Some(above) = self.groups.pop() else { continue };
                    self.now = above;
                    // What follows the outermost group is none of the document.
                    if self.groups.is_empty() {
                        return Ok(());
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                byte => self.plain(byte),
            }
        }
        self.flush();
        Ok(())
    }

    /// A byte of text in the code page.
    fn plain(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.now.aside {
            self.raw.push(byte);
        }
    }

    fn flush(&mut self) {
        self.half = None;
        if !self.raw.is_empty() {
            let (words, _) = self.now.encoding.decode_without_bom_handling(&self.raw);
            self.text.push_str(&words);
            self.raw.clear();
        }
    }

    fn say(&mut self, sign: char) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.now.aside {
            self.flush();
            self.text.push(sign);
        }
    }

    /// What stands after a backslash: a sign, or a word with a number.
    fn control(&mut self) {
        match self.next() {
            Some(b'\'') => {
                let digits = self.bytes.get(self.at..self.at + 2).and_then(|pair| std::str::from_utf8(pair).ok());
                if let Some(byte) = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                    self.at += 2;
                    self.plain(byte);
                }
            }
            Some(b'*') => self.starred = true,
            Some(b'~') => self.say('\u{a0}'),
            Some(b'_') => self.say('-'),
            Some(b'\r' | b'\n') => self.say('\n'),
            Some(sign @ (b'\\' | b'{' | b'}')) => self.plain(sign),
            Some(letter) if letter.is_ascii_alphabetic() => self.word(),
            _ => {}
        }
    }

    fn word(&mut self) {
        let from = self.at - 1;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let signed = usize::from(after.first() == Some(&b'-'));
        let digits = after.iter().skip(signed).take_while(|byte| byte.is_ascii_digit()).count();
        let written = after.get(..if digits == 0 { 0 } else { signed + digits }).unwrap_or_default();
        let number = std::str::from_utf8(written).ok().and_then(|text| text.parse::<i32>().ok());
        self.at = from + length + written.len();
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.obey(word, number);
    }

    fn obey(&mut self, word: &[u8], number: Option<i32>) {
        let starred = std::mem::take(&mut self.starred);
        if ASIDE.contains(&word) || (starred && !TEXT_AFTER_STAR.contains(&word)) {
            self.flush();
            self.now.aside = true;
            self.now.fonts = word == b"fonttbl";
            return;
        }
        match (word, number) {
            (b"u", Some(number)) => self.unicode(number),
            (b"uc", Some(number)) => self.now.substitutes = usize::try_from(number).unwrap_or(0).min(16),
            (b"bin", Some(number)) => self.at = self.at.saturating_add(usize::try_from(number).unwrap_or(0)),
            (b"ansicpg", Some(page)) => self.now.encoding = code_page(page).unwrap_or(self.now.encoding),
            (b"f" | b"af", Some(font)) => self.choose(font, word == b"af"),
            (b"fcharset", Some(set)) if self.now.fonts => {
                self.fonts.extend(char_set(set).map(|encoding| (self.font, encoding)));
            }
            (b"dbch", _) => self.double_byte = true,
            (b"loch" | b"hich", _) => self.double_byte = false,
            (b"par" | b"line" | b"sect" | b"page" | b"row" | b"column", _) => self.say('\n'),
            (b"tab" | b"cell" | b"nestcell" | b"emspace" | b"enspace", _) => self.say(' '),
            (b"emdash", _) => self.say('—'),
            (b"endash", _) => self.say('–'),
            (b"lquote", _) => self.say('‘'),
            (b"rquote", _) => self.say('’'),
            (b"ldblquote", _) => self.say('“'),
            (b"rdblquote", _) => self.say('”'),
            (b"bullet", _) => self.say('•'),
            _ => {}
        }
    }

    /// A font decides how the bytes that follow are read; among associated ones only that for Chinese does.
    fn choose(&mut self, font: i32, associated: bool) {
        self.font = font;
        if self.now.fonts || (associated && !self.double_byte) {
            return;
        }
        if let Some(encoding) = self.fonts.get(&font).copied() {
            self.flush();
            self.now.encoding = encoding;
        }
    }

    /// A unit of UTF-16, written as a signed number.
    fn unicode(&mut self, number: i32) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        let before = self.half.take();
        let Ok(unit) = u16::try_from(number & 0xFFFF) else { return };
        if !self.now.aside {
            let units = before.into_iter().chain([unit]);
            match char::decode_utf16(units).last() {
                Some(Ok(sign)) => self.say(sign),
                // Half of a character: the other half comes next.
                _ => self.half = Some(unit),
            }
        }
        self.skip = self.now.substitutes;
    }
}

/// The encoding of a Windows code page.
fn code_page(page: i32) -> Option<&'static Encoding> {
    Some(match page {
        936 | 54936 => GB18030,
        950 => BIG5,
        932 => SHIFT_JIS,
        949 => EUC_KR,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1252 => WINDOWS_1252,
        65001 => UTF_8,
        _ => return None,
    })
}

/// The encoding of a font's character set; sets of symbols and Latin go by the file's code page.
fn char_set(set: i32) -> Option<&'static Encoding> {
    Some(match set {
        134 => GB18030,
        136 => BIG5,
        128 => SHIFT_JIS,
        129 => EUC_KR,
        204 => WINDOWS_1251,
        238 => WINDOWS_1250,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        let reading = read(source.as_bytes());
        assert_eq!(reading.fault, None);
        reading.extracted.unwrap().parts.into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn gbk_bytes_and_unicode_are_read_and_form_is_left_out() {
        let head = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}{\f1 Arial;}}{\colortbl;\red0;}{\info{\author X}}";
        // 女书 in GBK, then in Unicode with question marks for old readers.
        assert_eq!(
            text(&format!(r"{head}\pard\'c5\'ae\'ca\'e9\par A\'5cB\{{\}}{{\pict 00ff}}\u22899?\u20070?\par}}trailing")),
            "女书\nA\\B{}女书"
        );
        // No substitutes; a character of two halves (𬭼).
        assert_eq!(text(r"{\rtf1\uc0 \u-10158\u-8324 x}"), "𬭼x");
        assert_eq!(text(r"{\rtf1\ansi\ansicpg1252\uc2 \u22899\'c5\'ae!}"), "女!");
    }

    #[test]
    fn the_font_says_how_bytes_are_read() {
        let fonts = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Times;}{\f13\fcharset134 SimSun;}}";
        assert_eq!(text(&format!(r"{fonts}\f0 caf\'e9 {{\f13\'c5\'ae}} \'e9}}")), "café 女 é");
        assert_eq!(text(&format!(r"{fonts}\loch\af0\dbch\af13\'ca\'e9}}")), "书");
    }

    #[test]
    fn unknown_destinations_and_binary_are_passed_over() {
        assert_eq!(text("{\\rtf1{\\*\\unheard secret}{\\*\\shppict{\\pict\\bin4 }}{}}}b}"), "b");
        assert_eq!(text(r"{\rtf1 a{\footnote b}c}"), "abc");
        let cut = read(br"{\rtf1\ansi\ansicpg936 \'c5\'ae\'ca");
        assert!(cut.fault.unwrap().contains("不完整"));
        let deep = "{\\rtf1 ".to_owned() + &"{".repeat(5_000);
        assert!(read(deep.as_bytes()).fault.unwrap().contains("嵌套"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>, words in r"(\\[a-z]{1,6}-?[0-9]{0,7} ?|\\'[0-9a-g]{2}|[{}]|\\\*|\\u-?[0-9]{1,6}|.){0,80}") {
            let _ = read(&bytes);
            let _ = read(format!("{{\\rtf1{words}").as_bytes());
        }
    }
}

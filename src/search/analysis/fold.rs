//! Folding: what looks or means the same becomes the same, with the way back to the original kept.
//!
//! NFKC, the CJK radicals supplement, case, width, traditional to simplified and variant characters, all character by
//! character through one table, so that a part of a text folds as it does within the whole. Marks are composed with the
//! letter before them. Invisible characters go, and so does the dot inside a name between two ideographs.

use super::script::{is_ideograph, is_invisible, is_name_dot};
use crate::search::folder::{Folder, FolderError};
use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use std::collections::HashMap;
use std::iter::Peekable;
use std::str::CharIndices;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Code points below this are folded by table: all planes that hold assigned characters apart from private use.
const TABLE: u32 = 0x3_2400;
/// In the table: nothing remains of the character.
const DROPPED: u32 = 0x20_0000;
/// In the table: several characters come of it, found in `longer`.
const LONGER: u32 = 0x20_0001;
/// In the table: composes with what stands before it.
const MARK: u32 = 0x20_0002;

/// The table of folding.
pub struct FoldTable {
    single: Box<[u32]>,
    longer: HashMap<char, String>,
}

/// A folded text and where each of its characters came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// Byte offset in `text` of each of its characters, and at the end its length.
    pub at: Vec<u32>,
    /// For each character of `text` the bytes of the original it came from; empty unless asked for.
    pub from: Vec<(u32, u32)>,
}

impl Folded {
    /// Number of characters.
    pub fn len(&self) -> usize {
        self.at.len().saturating_sub(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part between two characters.
    pub fn part(&self, start: usize, end: usize) -> &str {
        let from = self.at.get(start).copied().unwrap_or_default() as usize;
        let to = self.at.get(end).copied().unwrap_or_default() as usize;
        self.text.get(from..to).unwrap_or_default()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.at.clear();
        self.from.clear();
    }

    fn push(&mut self, letter: char, origin: Option<(u32, u32)>) {
        self.at.push(self.text.len() as u32);
        self.text.push(letter);
        self.from.extend(origin);
    }
}

impl FoldTable {
    /// Builds the table: the Unicode part from its crates, variants from `variants.tsv`.
    ///
    /// # Errors
    /// When the file cannot be read or a line is not `character TAB characters`.
    pub fn load(folder: Folder<'_>) -> Result<Self, FolderError> {
        let variants = read_variants(folder)?;
        let simplified = simplify_all();
        let mut single = vec![0; TABLE as usize].into_boxed_slice();
        let mut longer = HashMap::new();
        for (code, slot) in single.iter_mut().enumerate() {
            let Some(letter) = u32::try_from(code).ok().and_then(char::from_u32) else {
                *slot = DROPPED;
                continue;
            };
            let folded = fold_alone(letter, &variants, &simplified);
            let mut letters = folded.chars();
            *slot = match (letters.next(), letters.next()) {
                _ if is_invisible(letter) => DROPPED,
                _ if is_combining_mark(letter) => MARK,
                (None, _) => DROPPED,
                (Some(only), None) => only as u32,
                (Some(_), Some(_)) => {
                    longer.insert(letter, folded);
                    LONGER
                }
            };
        }
        Ok(Self { single, longer })
    }

    /// Folds a text without keeping the way back.
    pub fn fold(&self, text: &str) -> Folded {
        let mut folded = Folded::default();
        self.fold_into(text, false, &mut folded);
        folded
    }

    /// Folds a text and keeps the way back.
    pub fn fold_with_origin(&self, text: &str) -> Folded {
        let mut folded = Folded::default();
        self.fold_into(text, true, &mut folded);
        folded
    }

    /// Folds into a buffer that is used again and again. Texts of 4 GiB and more are cut there.
    pub fn fold_into(&self, text: &str, keep_origin: bool, folded: &mut Folded) {
        folded.clear();
        folded.text.reserve(text.len());
        folded.at.reserve(text.len() / 3 + 1);
        folded.from.reserve(if keep_origin { text.len() / 3 + 1 } else { 0 });
        let mut letters = text.char_indices().peekable();
        let mut entry = letters.peek().map_or(DROPPED, |(_, letter)| self.entry(*letter));
        let mut last = ' ';
        while let Some((start, letter)) = letters.next() {
            let end = start + letter.len_utf8();
            if u32::try_from(end).is_err() {
                break;
            }
            let next = letters.peek().map_or(' ', |(_, letter)| *letter);
            let next_entry = self.entry(next);
            if next_entry == MARK && !is_invisible(letter) {
                self.compose(letter, start, keep_origin, &mut letters, folded);
                entry = letters.peek().map_or(DROPPED, |(_, letter)| self.entry(*letter));
            } else {
                if !(is_name_dot(letter) && is_ideograph(last) && is_ideograph(next)) {
                    self.emit(letter, entry, keep_origin.then_some((start as u32, end as u32)), folded);
                }
                entry = next_entry;
            }
            last = letter;
        }
        folded.at.push(folded.text.len() as u32);
    }

    /// Folds a letter together with the marks that follow it.
    fn compose(&self, letter: char, start: usize, keep_origin: bool, letters: &mut Peekable<CharIndices<'_>>, folded: &mut Folded) {
        let mut cluster = String::from(letter);
        while let Some((_, mark)) = letters.next_if(|(_, letter)| self.entry(*letter) == MARK) {
            cluster.push(mark);
        }
        let end = start + cluster.len();
        for composed in cluster.nfkc() {
            self.emit(composed, self.entry(composed), keep_origin.then_some((start as u32, end as u32)), folded);
        }
    }

    fn emit(&self, letter: char, entry: u32, origin: Option<(u32, u32)>, folded: &mut Folded) {
        match entry {
            DROPPED => {}
            LONGER => {
                for part in self.longer.get(&letter).map_or("", String::as_str).chars() {
                    folded.push(part, origin);
                }
            }
            MARK => folded.push(letter, origin),
            code => folded.push(char::from_u32(code).unwrap_or(letter), origin),
        }
    }

    fn entry(&self, letter: char) -> u32 {
        let code = letter as u32;
        match self.single.get(code as usize) {
            Some(entry) => *entry,
            None if is_invisible(letter) => DROPPED,
            None => code,
        }
    }
}

fn fold_alone(letter: char, variants: &HashMap<char, String>, simplified: &HashMap<char, char>) -> String {
    let one = |letter: char| -> String {
        let plain = variants.get(&letter).cloned().unwrap_or_else(|| letter.to_string());
        plain.chars().map(|part| simplified.get(&part).copied().unwrap_or(part)).collect()
    };
    let decided = variants.get(&letter).cloned().unwrap_or_else(|| letter.to_string());
    decided.nfkc().flat_map(char::to_lowercase).map(one).collect::<String>().nfkc().collect()
}

/// Traditional characters with their simplified ones: every ideograph sent through the converter, one to a line.
fn simplify_all() -> HashMap<char, char> {
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else { return HashMap::new() };
    let all: Vec<char> = ('\u{3400}'..='\u{9fff}').chain('\u{20000}'..='\u{2fa1f}').collect();
    let lines: String = all.iter().flat_map(|letter| [*letter, '\n']).collect();
    let converted = converter.convert(&lines);
    let pairs = all.iter().zip(converted.lines()).filter_map(|(letter, line)| Some((*letter, line.chars().next()?)));
    pairs.filter(|(letter, simple)| letter != simple).collect()
}

fn read_variants(folder: Folder<'_>) -> Result<HashMap<char, String>, FolderError> {
    const FILE: &str = "variants.tsv";
    let mut variants = HashMap::new();
    for (line, text) in folder.lines(FILE)? {
        let fault =
            || FolderError::Line { file: FILE.to_owned(), line, reason: "expected a character, a tab, what it is read as".to_owned() };
        let (left, right) = text.split_once('\t').ok_or_else(fault)?;
        let mut letters = left.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else { return Err(fault()) };
        variants.insert(letter, right.trim().to_owned());
    }
    Ok(variants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FOLDS: LazyLock<FoldTable> = LazyLock::new(|| FoldTable::load(Folder::default()).unwrap());

    fn fold(text: &str) -> String {
        FOLDS.fold(text).text
    }

    #[test]
    fn width_case_compatibility_and_radicals() {
        assert_eq!(fold("ＡＢＣ１２３"), "abc123");
        assert_eq!(fold("Ⅷ①㎡"), "viii1m2");
        assert_eq!(fold("⼟⻛"), "土风");
        assert_eq!(fold("Ｃ＋＋ ＭＯＯＣ"), "c++ mooc");
    }

    #[test]
    fn traditional_and_variant_characters() {
        assert_eq!(fold("機器學習與臺灣"), "机器学习与台湾");
        assert_eq!(fold("山峯羣衆裏"), "山峰群众里");
        assert_eq!(fold("繡花針"), "绣花针");
    }

    #[test]
    fn rare_characters_and_other_scripts_stay() {
        for text in ["\u{2b5ae}", "𬭼", "\u{1b170}\u{1b171}", "ꀀꀁ", "ئۇيغۇر", "བོད་ཡིག", "ᠮᠣᠩᠭᠣᠯ"] {
            assert_eq!(fold(text), text, "{text}");
        }
        assert_eq!(fold("鼟喹嗬"), "鼟喹嗬");
    }

    #[test]
    fn names_with_dots_are_one_run() {
        assert_eq!(fold("买买提·吐尔逊"), "买买提吐尔逊");
        assert_eq!(fold("买买提•吐尔逊"), fold("买买提・吐尔逊"));
        assert_eq!(fold("a·b"), "a·b");
    }

    #[test]
    fn marks_compose_and_invisible_characters_go() {
        assert_eq!(fold("cafe\u{301}"), "café");
        assert_eq!(fold("土\u{200b}家\u{fe0f}\u{e0100}族"), "土家族");
    }

    #[test]
    fn origins_lead_back() {
        let text = "《ＡＢ機㎡e\u{301}》";
        let folded = FOLDS.fold_with_origin(text);
        assert_eq!(folded.text, "《ab机m2é》");
        let back: Vec<&str> = folded.from.iter().map(|(start, end)| text.get(*start as usize..*end as usize).unwrap()).collect();
        assert_eq!(back, ["《", "Ａ", "Ｂ", "機", "㎡", "㎡", "e\u{301}", "》"]);
    }

    proptest! {
        #[test]
        fn any_text_folds_and_leads_back(text in any::<String>()) {
            let folded = FOLDS.fold_with_origin(&text);
            prop_assert_eq!(folded.from.len(), folded.len());
            prop_assert_eq!(folded.text.chars().count(), folded.len());
            for (start, end) in &folded.from {
                prop_assert!(text.get(*start as usize..*end as usize).is_some());
            }
            prop_assert!(folded.from.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1));
        }

        #[test]
        fn a_part_folds_as_within_the_whole(left in "[\u{4e00}-\u{9fff}]{1,8}", right in "[\u{4e00}-\u{9fff}]{1,8}") {
            prop_assert_eq!(fold(&format!("{left}{right}")), format!("{}{}", fold(&left), fold(&right)));
        }
    }
}

//! What kind of character this is, as far as cutting text is concerned.

/// The kinds of character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Written without spaces, a syllable or word each: Han with all its extensions, Nüshu, Yi, Tangut, kana, and the
    /// private use area, where older fonts of GB 18030 keep rare characters.
    Ideograph,
    /// Part of a word of letters or digits of any other script.
    Letter,
    /// Cuts: space, punctuation, symbols.
    Gap,
}

/// The kind of a folded character.
pub fn kind(letter: char) -> Kind {
    if is_ideograph(letter) {
        Kind::Ideograph
    } else if letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter) {
        Kind::Letter
    } else {
        Kind::Gap
    }
}

/// Whether the character is written without spaces around words.
pub fn is_ideograph(letter: char) -> bool {
    matches!(letter,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{a000}'..='\u{a48c}'
        | '\u{e000}'..='\u{faff}'
        | '\u{16fe0}'..='\u{18cff}'
        | '\u{1b170}'..='\u{1b2ff}'
        | '\u{20000}'..='\u{3fffd}'
        | '\u{f0000}'..='\u{10fffd}')
}

/// The dots written inside names: 买买提·吐尔逊.
pub fn is_name_dot(letter: char) -> bool {
    matches!(letter, '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{30fb}' | '\u{ff65}' | '\u{2e31}' | '\u{387}' | '\u{22c5}' | '\u{2219}')
}

/// Characters that are there and cannot be seen: soft hyphen, zero-width characters, variation selectors, direction marks.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{0}'..='\u{8}'
        | '\u{e}'..='\u{1f}'
        | '\u{7f}'..='\u{84}'
        | '\u{86}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0001}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_and_minority_scripts_are_told_apart() {
        for letter in ['土', '\u{20000}', '\u{2b5ae}', '\u{31350}', '\u{1b170}', '\u{a000}', '〇', 'の', '\u{e815}'] {
            assert_eq!(kind(letter), Kind::Ideograph, "{letter:?}");
        }
        for letter in ['a', '7', 'é', 'ༀ', 'ئ', 'ᠮ', 'ད', '\u{f72}'] {
            assert_eq!(kind(letter), Kind::Letter, "{letter:?}");
        }
        for letter in [' ', '，', '。', '\n', '་', '😀', '+', '·'] {
            assert_eq!(kind(letter), Kind::Gap, "{letter:?}");
        }
    }
}

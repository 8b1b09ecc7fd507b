//! Why something of a plan counts.

use serde::Serialize;

/// Why a part of a score counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The whole query is the whole title.
    WholeTitle,
    /// A piece of what was typed: two characters, a word of letters, a number.
    Typed,
    /// A word of the dictionary.
    Word,
    /// The whole query, as it was typed, beside each other.
    Phrase,
    /// A query of one character stands inside a word.
    Lone,
    /// Another word for something that was typed.
    Synonym,
    /// A number of the query, written otherwise.
    Number,
    /// A name that sounds as the letters spell.
    Sound,
    /// A name of these initials.
    Initials,
    /// A word that begins so.
    Beginning,
    /// The mark of its vetting.
    Quality,
    /// How new it is.
    Freshness,
    /// How much it is used.
    Use,
    /// It means about the same.
    Meaning,
}

impl Origin {
    /// In Chinese.
    pub const fn label(self) -> &'static str {
        match self {
            Self::WholeTitle => "整个标题",
            Self::Typed => "原文",
            Self::Word => "词语",
            Self::Phrase => "短语",
            Self::Lone => "单字",
            Self::Synonym => "同义词",
            Self::Number => "数字的另一种写法",
            Self::Sound => "拼音",
            Self::Initials => "拼音首字母",
            Self::Beginning => "词头",
            Self::Quality => "评审得分",
            Self::Freshness => "发布时间",
            Self::Use => "学习人数",
            Self::Meaning => "语义相近",
        }
    }
}

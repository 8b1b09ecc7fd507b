//! Code lists: stable English codes with Chinese labels. The lists themselves are data in `index/codes/`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a resource is. Behaviour hangs on it, so it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Several lessons in order.
    Course,
    /// One video.
    Video,
    /// Sound.
    Audio,
    /// A text document.
    Document,
    /// Slides.
    Slides,
    /// A book in EPUB.
    Ebook,
    /// Pictures.
    Image,
    /// A web page brought along.
    Page,
    /// A collection of items.
    Collection,
    /// A resource that stays elsewhere.
    Link,
}

impl Kind {
    /// All kinds with code and Chinese label.
    pub const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::Course, "course", "课程"),
        (Self::Video, "video", "视频"),
        (Self::Audio, "audio", "音频"),
        (Self::Document, "document", "文档"),
        (Self::Slides, "slides", "课件"),
        (Self::Ebook, "ebook", "电子书"),
        (Self::Image, "image", "图片"),
        (Self::Page, "page", "网页"),
        (Self::Collection, "collection", "合集"),
        (Self::Link, "link", "链接"),
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("document", |row| row.1)
    }

    /// The Chinese label.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Reads a code or a label.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == text || row.2 == text).map(|row| row.0)
    }
}

/// One row of a code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Code {
    /// Stable code.
    pub code: String,
    /// Chinese label.
    pub label: String,
    /// Other names it is read by (old names, letter codes).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The code above it, where the list is a tree.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A code list, read by code, label or alias.
#[derive(Clone, Debug, Default)]
pub struct CodeList {
    rows: Vec<Code>,
    by_name: BTreeMap<String, usize>,
}

impl CodeList {
    /// From its rows; the first of two equal names wins.
    pub fn new(rows: Vec<Code>) -> Self {
        let mut by_name = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            for name in [&row.code, &row.label].into_iter().chain(&row.aliases) {
                by_name.entry(name.clone()).or_insert(place);
            }
        }
        Self { rows, by_name }
    }

    /// The row of a code, label or alias.
    pub fn find(&self, name: &str) -> Option<&Code> {
        self.by_name.get(name.trim()).and_then(|place| self.rows.get(*place))
    }

    /// The label of a code, or the code itself.
    pub fn label<'a>(&'a self, code: &'a str) -> &'a str {
        self.find(code).map_or(code, |row| row.label.as_str())
    }

    /// All rows in order.
    pub fn rows(&self) -> &[Code] {
        &self.rows
    }

    /// The code with all codes above it, itself first.
    pub fn lineage(&self, code: &str) -> Vec<String> {
        let mut codes = Vec::new();
        let mut next = self.find(code);
        while let Some(row) = next {
            if codes.contains(&row.code) {
                break;
            }
            codes.push(row.code.clone());
            next = row.parent.as_deref().and_then(|parent| self.find(parent));
        }
        codes
    }
}

/// All code lists of the site.
#[derive(Clone, Debug, Default)]
pub struct CodeLists {
    /// Educational categories (职业技能, 老年, …).
    pub categories: CodeList,
    /// Subjects.
    pub subjects: CodeList,
    /// Audiences.
    pub audiences: CodeList,
    /// Ethnic groups, GB/T 3304.
    pub ethnic_groups: CodeList,
    /// The ten classes of intangible cultural heritage.
    pub heritage_classes: CodeList,
    /// Administrative divisions, GB/T 2260, as a tree.
    pub regions: CodeList,
    /// Licences.
    pub licences: CodeList,
}

//! Texts, slides and tables of OpenDocument (ODT, ODP, ODS; ISO/IEC 26300): one walk through `content.xml`.

use super::parts::{MOST_PART, Parts};
use super::reading::{Collector, Reading};
use super::xml::{Node, Tag, walk};
use crate::domain::inspection::Locator;
use std::path::Path;

/// Media type of them all, without the part that tells which.
pub(super) const OPEN_DOCUMENT: &str = "application/vnd.oasis.opendocument";
/// Elements whose text is no part of the work: comments, and what was deleted while changes were kept.
const ASIDE: [&str; 3] = ["annotation", "tracked-changes", "forms"];

/// Reads a document: slides and tables as parts, any other as a whole.
pub(super) fn read(path: &Path) -> Reading {
    let what = "OpenDocument 文档";
    let mut parts = match Parts::open(path) {
        Ok(parts) => parts,
        Err(fault) => return Reading::fault(fault.words(what)),
    };
    // Each encrypted part has its key described in the manifest (part 3 of the standard, 4.3).
    let manifest = parts.read("META-INF/manifest.xml", MOST_PART).unwrap_or_default();
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Reading::locked("文档设有打开密码，请去掉密码后重新提交。");
    }
    let content = match parts.read("content.xml", MOST_PART) {
        Ok(content) => content,
        Err(fault) => return Reading::fault(fault.words(what)),
    };
    let mut text = Text::default();
    if let Err(fault) = walk(&content, |node| text.meet(node)) {
        return Reading::fault(fault.words(what));
    }
    text.part();
    text.collector.into_reading(None)
}

#[derive(Default)]
struct Text {
    collector: Collector,
    place: Option<Locator>,
    slides: u32,
    words: String,
    notes: String,
    in_notes: bool,
    /// How deep inside of what is passed over.
    aside: u32,
    /// How deep inside of paragraphs.
    inside: u32,
    /// Tables may stand in tables; only the outer ones are sheets.
    tables: u32,
    is_sheets: bool,
}

impl Text {
    /// Whether to go on.
    fn meet(&mut self, node: Node<'_>) -> bool {
        match node {
            Node::Open(tag) if ASIDE.contains(&tag.name) => self.aside += 1,
            Node::Close(name) if ASIDE.contains(&name) => self.aside = self.aside.saturating_sub(1),
            _ if self.aside > 0 => {}
            Node::Open(tag) => self.open(tag),
            Node::Close(name) => self.close(name),
            Node::Text(words) if self.inside > 0 => self.line().push_str(words),
            Node::Text(_) => {}
        }
        !self.collector.is_full()
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "spreadsheet" => self.is_sheets = true,
            "page" => {
                self.part();
                self.slides += 1;
                self.place = Some(Locator::Slide { slide: self.slides });
            }
            "table" => {
                if self.is_sheets && self.tables == 0 {
                    self.part();
                    self.place = Some(Locator::Sheet { name: tag.attribute("table:name").unwrap_or_default() });
                }
                self.tables += 1;
            }
            "notes" => self.in_notes = true,
            "p" | "h" => self.inside += 1,
            "s" | "tab" if self.inside > 0 => self.line().push(' '),
            "line-break" if self.inside > 0 => self.line().push('\n'),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.inside = self.inside.saturating_sub(1);
                let end = if self.is_sheets { ' ' } else { '\n' };
                self.line().push(end);
            }
            "table-row" => self.line().push('\n'),
            "table" => self.tables = self.tables.saturating_sub(1),
            "notes" => self.in_notes = false,
            _ => {}
        }
    }

    fn line(&mut self) -> &mut String {
        if self.in_notes { &mut self.notes } else { &mut self.words }
    }

    /// Ends the part that was begun.
    fn part(&mut self) {
        let (words, notes) = (std::mem::take(&mut self.words), std::mem::take(&mut self.notes));
        match self.place.take() {
            Some(place) => {
                self.collector.part(place.clone(), &words);
                self.collector.aside(place, &notes);
            }
            // What stands before the first slide or table (settings, forms) is none.
            None if self.slides > 0 || self.is_sheets || words.trim().is_empty() => {}
            None => self.collector.part(Locator::Whole, &words),
        }
    }
}

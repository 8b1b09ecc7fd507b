//! Word documents and slides (OOXML): text with headers, footers and notes; slides by their number.

use super::parts::{MOST_PART, PartFault, Parts};
use super::reading::{Collector, Reading};
use super::xml::{Node, XmlFault, walk};
use crate::domain::inspection::Locator;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads a DOCX as one part: body first, then notes, headers and footers.
pub(super) fn read_document(path: &Path) -> Reading {
    let what = "Word 文档";
    let mut parts = match Parts::open(path) {
        Ok(parts) => parts,
        Err(fault) => return Reading::fault(fault.words(what)),
    };
    let main = main_part(&parts).unwrap_or_else(|| "word/document.xml".to_owned());
    let mut text = match part_text(&mut parts, &main, what) {
        Ok(text) => text,
        Err(fault) => return Reading::fault(fault),
    };
    let beside = |name: &String| {
        let stem = name.strip_prefix("word/").unwrap_or_default();
        ["footnotes", "endnotes", "header", "footer"].iter().any(|kind| stem.starts_with(kind))
            && stem.ends_with(".xml")
            && !stem.contains('/')
    };
    let mut names: Vec<String> = parts.names().into_iter().filter(beside).collect();
    names.sort();
    for name in names {
        if let Ok(more) = part_text(&mut parts, &name, what) {
            text.push('\n');
            text.push_str(&more);
        }
    }
    let mut collector = Collector::default();
    collector.part(Locator::Whole, &text);
    collector.into_reading(None)
}

/// The part with the text of a Word document, whose name Word on the web numbers (`word/document2.xml`).
pub(super) fn main_part(parts: &Parts) -> Option<String> {
    let is_main = |name: &String| {
        let number = name.strip_prefix("word/document").and_then(|rest| rest.strip_suffix(".xml"));
        number.is_some_and(|number| number.bytes().all(|sign| sign.is_ascii_digit()))
    };
    parts.names().into_iter().filter(is_main).min()
}

/// Reads a PPTX, a part a slide, its notes beside it.
pub(super) fn read_slides(path: &Path) -> Reading {
    let what = "演示文稿";
    let mut parts = match Parts::open(path) {
        Ok(parts) => parts,
        Err(fault) => return Reading::fault(fault.words(what)),
    };
    let slides = match slides_in_order(&mut parts, what) {
        Ok(slides) => slides,
        Err(fault) => return Reading::fault(fault),
    };
    let mut collector = Collector::default();
    for (number, slide) in (1_u32..).zip(slides) {
        let text = match part_text(&mut parts, &slide, what) {
            Ok(text) => text,
            Err(fault) => return Reading::fault(format!("第 {number} 页：{fault}")),
        };
        collector.part(Locator::Slide { slide: number }, &text);
        let notes = relations(&mut parts, &slide).into_values().find(|target| target.contains("notesSlide"));
        if let Some(Ok(notes)) = notes.map(|notes| part_text(&mut parts, &notes, what)) {
            collector.aside(Locator::Slide { slide: number }, &notes);
        }
    }
    collector.into_reading(None)
}

/// Paths of the slides in the order in which they are shown.
fn slides_in_order(parts: &mut Parts, what: &str) -> Result<Vec<String>, String> {
    let main = "ppt/presentation.xml";
    let bytes = parts.read(main, MOST_PART).map_err(|fault| fault.words(what))?;
    let targets = relations(parts, main);
    let mut slides = Vec::new();
    walk(&bytes, |node| {
        if let Node::Open(tag) = node
            && tag.name == "sldId"
            && let Some(target) = tag.attribute("r:id").and_then(|id| targets.get(&id).cloned())
        {
            slides.push(target);
        }
        true
    })
    .map_err(|fault| fault.words(what))?;
    Ok(slides)
}

/// The relations of a part: id → path in the archive.
fn relations(parts: &mut Parts, part: &str) -> BTreeMap<String, String> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let mut targets = BTreeMap::new();
    let Ok(bytes) = parts.read(&format!("{folder}/_rels/{name}.rels"), MOST_PART) else { return targets };
    let _ = walk(&bytes, |node| {
        if let Node::Open(tag) = node
            && let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target"))
            && tag.attribute("TargetMode").as_deref() != Some("External")
        {
            targets.insert(id, joined(folder, &target));
        }
        true
    });
    targets
}

/// A target relative to a folder of the archive, `..` resolved.
pub(super) fn joined(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> =
        if target.starts_with('/') { Vec::new() } else { folder.split('/').filter(|part| !part.is_empty()).collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

/// The text of a part: runs joined, paragraphs and cells on lines of their own, deleted text left out.
fn part_text(parts: &mut Parts, name: &str, what: &str) -> Result<String, String> {
    let bytes = parts.read(name, MOST_PART).map_err(|fault: PartFault| fault.words(what))?;
    let mut text = String::new();
    let mut inside = 0_u32;
    walk(&bytes, |node| {
        match node {
            Node::Open(tag) => match tag.name {
                "t" => inside += 1,
                "tab" => text.push('\t'),
                "br" | "cr" => text.push('\n'),
                _ => {}
            },
            Node::Close("t") => inside = inside.saturating_sub(1),
            Node::Close("p" | "tc") => text.push('\n'),
            Node::Close(_) => {}
            Node::Text(words) if inside > 0 => text.push_str(words),
            Node::Text(_) => {}
        }
        true
    })
    .map_err(|fault: XmlFault| fault.words(what))?;
    Ok(text)
}

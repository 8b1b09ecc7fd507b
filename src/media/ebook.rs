//! EPUB books, by chapter in reading order.

use super::office::joined;
use super::parts::{MOST_PART, PartFault, Parts};
use super::reading::{Collector, Reading};
use super::xml::{Node, walk};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::Locator;
use std::collections::BTreeMap;
use std::path::Path;

const WHAT: &str = "电子书";

/// Reads a book; a chapter that is missing or broken is a fault that names it.
pub(super) fn read(path: &Path) -> Reading {
    match chapters(path) {
        Ok(reading) => reading,
        Err(fault) => Reading::fault(fault),
    }
}

fn chapters(path: &Path) -> Result<Reading, String> {
    let words = |fault: PartFault| fault.words(WHAT);
    let mut parts = Parts::open(path).map_err(words)?;
    if parts.has("META-INF/encryption.xml") && parts.has("META-INF/rights.xml") {
        return Ok(Reading::locked("电子书有数字版权保护（DRM），请提交未加密的版本。"));
    }
    let book = root_file(&mut parts)?;
    let folder = book.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let bytes = parts.read(&book, MOST_PART).map_err(words)?;
    let order = spine(&bytes)?;
    if order.is_empty() {
        return Err("电子书没有阅读顺序（spine 为空），无法打开。".to_owned());
    }
    let mut collector = Collector::default();
    for (chapter, item) in (1_u32..).zip(order) {
        if collector.is_full() {
            break;
        }
        if !item.is_page() {
            // A picture without a page in its place is a page without text.
            collector.part(Locator::Chapter { chapter, title: None }, "");
            continue;
        }
        let name = joined(&folder, &unescaped(&item.target));
        let bytes = parts.read(&name, MOST_PART).map_err(|fault| format!("第 {chapter} 章（{name}）：{}", fault.words(WHAT)))?;
        let (text, title) = super::html::visible(&decode_text(&bytes).text);
        collector.part(Locator::Chapter { chapter, title }, &text);
    }
    Ok(collector.into_reading(None))
}

/// The path of the package document.
fn root_file(parts: &mut Parts) -> Result<String, String> {
    let bytes = parts.read("META-INF/container.xml", MOST_PART).map_err(|fault| fault.words(WHAT))?;
    let mut found = None;
    walk(&bytes, |node| {
        if let Node::Open(tag) = node
            && tag.name == "rootfile"
        {
            found = tag.attribute("full-path");
        }
        found.is_none()
    })
    .map_err(|fault| fault.words(WHAT))?;
    found.ok_or_else(|| PartFault::Missing.words(WHAT))
}

/// A file of the book.
#[derive(Clone, Debug, Default)]
struct Item {
    target: String,
    media_type: String,
    /// What stands in for it where a reader cannot show it.
    fallback: Option<String>,
}

impl Item {
    /// Whether it is a page of text. A type that is not told is taken for one.
    fn is_page(&self) -> bool {
        self.media_type.is_empty() || ["html", "dtbook", "svg"].iter().any(|part| self.media_type.contains(part))
    }
}

/// The chapters in reading order; what is no page by itself gives way to the page that stands in for it.
fn spine(bytes: &[u8]) -> Result<Vec<Item>, String> {
    let mut items: BTreeMap<String, Item> = BTreeMap::new();
    let mut order = Vec::new();
    walk(bytes, |node| {
        if let Node::Open(tag) = node {
            match tag.name {
                "item" => {
                    if let (Some(id), Some(target)) = (tag.attribute("id"), tag.attribute("href")) {
                        let media_type = tag.attribute("media-type").unwrap_or_default();
                        items.insert(id, Item { target, media_type, fallback: tag.attribute("fallback") });
                    }
                }
                "itemref" => order.extend(tag.attribute("idref")),
                _ => {}
            }
        }
        true
    })
    .map_err(|fault| fault.words(WHAT))?;
    let stand_in = |item: &Item| items.get(item.fallback.as_ref()?).filter(|other| other.is_page()).cloned();
    let shown = |item: &Item| if item.is_page() { item.clone() } else { stand_in(item).unwrap_or_else(|| item.clone()) };
    Ok(order.into_iter().filter_map(|id| items.get(&id).map(shown)).collect())
}

/// `%E7%AC%AC` → 第, without the fragment.
fn unescaped(target: &str) -> String {
    let target = target.split('#').next().unwrap_or(target);
    let mut bytes = Vec::with_capacity(target.len());
    let mut rest = target.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

//! HTML pages: the text that a reader sees.

use super::reading::{Collector, Reading};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::Locator;
use scraper::node::Element;
use scraper::{Html, Node};

/// Most addresses on other sites that are named.
const MOST_REMOTE: usize = 10;
/// Most bytes of one of them.
const MOST_ADDRESS: usize = 200;
/// Elements whose content nobody sees.
const UNSEEN: &[&str] = &["script", "style", "template", "noscript", "iframe", "object", "svg", "math"];
/// Elements that end a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

/// Reads a page as one part.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let decoded = decode_text(bytes);
    let page = Html::parse_document(&decoded.text);
    let mut collector = Collector::default();
    collector.part(Locator::Whole, &seen(&page).0);
    Reading { remote: remote(&page), ..collector.into_reading(Some(decoded.encoding)) }
}

/// Addresses on other sites from which a page takes what it shows or runs; links that a reader follows are none.
fn remote(page: &Html) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for element in page.tree.values().filter_map(Node::as_element) {
        let attribute = match element.name() {
            "img" | "script" | "iframe" | "video" | "audio" | "source" | "embed" | "track" => "src",
            "link" if element.attr("rel").is_some_and(|rel| rel.to_lowercase().contains("stylesheet")) => "href",
            "object" => "data",
            _ => continue,
        };
        let address = element.attr(attribute).unwrap_or_default().trim();
        let lower = address.get(..8).unwrap_or(address).to_lowercase();
        let away = ["http://", "https://", "//"].iter().any(|start| lower.starts_with(start));
        if away && found.len() < MOST_REMOTE && !found.iter().any(|known| known == address) {
            found.push(super::reading::cut(address, MOST_ADDRESS).to_owned());
        }
    }
    found
}

/// The visible text and the first heading of a page.
pub(super) fn visible(source: &str) -> (String, Option<String>) {
    seen(&Html::parse_document(source))
}

fn seen(page: &Html) -> (String, Option<String>) {
    let mut text = String::new();
    let mut heading = String::new();
    let (mut unseen, mut in_heading, mut had_heading) = (0_u32, false, false);
    let mut node = page.tree.root();
    'walk: loop {
        match node.value() {
            Node::Element(element) if is_unseen(element) => unseen += 1,
            Node::Element(element) => {
                in_heading |= !had_heading && is_heading(element);
                if element.name() == "img" && unseen == 0 {
                    text.push_str(element.attr("alt").unwrap_or_default());
                }
            }
            Node::Text(words) if unseen == 0 => {
                text.push_str(words);
                if in_heading {
                    heading.push_str(words);
                }
            }
            _ => {}
        }
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        // Up until there is a sibling; the root has none.
        loop {
            if let Node::Element(element) = node.value() {
                if is_unseen(element) {
                    unseen = unseen.saturating_sub(1);
                } else if BLOCKS.contains(&element.name()) {
                    text.push('\n');
                }
                if in_heading && is_heading(element) {
                    (in_heading, had_heading) = (false, true);
                }
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => break 'walk,
            }
        }
    }
    let heading = super::reading::fold(&heading);
    (text, Some(heading).filter(|heading| !heading.is_empty()))
}

fn is_unseen(element: &Element) -> bool {
    UNSEEN.contains(&element.name()) || element.attr("hidden").is_some()
}

fn is_heading(element: &Element) -> bool {
    matches!(element.name(), "h1" | "h2" | "h3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_is_read() {
        let page = "<html><head><title>养殖</title><style>p{}</style></head><body><script>alert(1)</script><h1>稻田<b>养鱼</b></h1>\
                    <p>第一步</p><p hidden>秘密</p><img alt=\"鱼苗\"><table><tr><td>甲<td>乙</table></body></html>";
        let (text, heading) = visible(page);
        assert_eq!(super::super::reading::fold(&text), "养殖\n稻田养鱼\n第一步\n鱼苗甲\n乙");
        assert_eq!(heading.as_deref(), Some("稻田养鱼"));
    }

    #[test]
    fn what_a_page_takes_from_other_sites_is_named() {
        let page = "<img src='a.png'><script src='HTTPS://cdn.example/x.js'></script><a href='https://example.cn'>看</a>\
                    <link rel=stylesheet href='//cdn.example/x.css'><img src='data:image/png;base64,'>";
        assert_eq!(read(page.as_bytes()).remote, ["HTTPS://cdn.example/x.js", "//cdn.example/x.css"]);
    }
}

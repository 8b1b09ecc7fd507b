//! A search as a feed: what is newest of what it finds, as Atom (RFC 4287) or RSS 2.0. An entry leads to the
//! resource's page for people; its id is its address in the API, which never changes.

use super::house::Site;
use crate::discover::answer::Hit;
use crate::domain::address;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The media type of Atom.
pub const ATOM: &str = "application/atom+xml; charset=utf-8";
/// The media type of RSS.
pub const RSS: &str = "application/rss+xml; charset=utf-8";

/// Writes the feed of a search: `own` is its address on this site, hits come newest first.
///
/// # Errors
/// Never: it is written into memory.
pub fn atom(site: &Site, words: &str, own: &str, hits: &[Hit]) -> io::Result<String> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let title = title_of(site, words);
    // A feed without entries has not changed since it began.
    let updated = hits.iter().map(|hit| hit.published).max().unwrap_or_default();
    let address = |path: &str| format!("{}{path}", site.base_url);
    let feed = writer.create_element("feed").with_attributes([("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "zh-CN")]);
    feed.write_inner_content(|writer| {
        text(writer, "title", &title)?;
        text(writer, "id", &id_of(site, own))?;
        text(writer, "updated", &updated.to_string())?;
        writer.create_element("link").with_attributes([("rel", "self"), ("href", address(own).as_str())]).write_empty()?;
        for hit in hits {
            writer.create_element("entry").write_inner_content(|writer| entry(writer, site, hit))?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

fn entry(writer: &mut Writer<Vec<u8>>, site: &Site, hit: &Hit) -> io::Result<()> {
    text(writer, "title", &hit.title)?;
    text(writer, "id", &id_of(site, &address::resource(&hit.id)))?;
    text(writer, "published", &hit.published.to_string())?;
    text(writer, "updated", &hit.published.to_string())?;
    let authors = if hit.people.is_empty() { std::slice::from_ref(&hit.institution) } else { &hit.people };
    for name in authors {
        writer.create_element("author").write_inner_content(|writer| text(writer, "name", name))?;
    }
    let address = format!("{}{}", site.base_url, address::page(&hit.id));
    writer
        .create_element("link")
        .with_attributes([("rel", "alternate"), ("type", "text/html"), ("href", address.as_str())])
        .write_empty()?;
    if !hit.description.is_empty() {
        text(writer, "summary", &hit.description)?;
    }
    Ok(())
}

/// Writes the feed of a search as RSS 2.0 (<https://www.rssboard.org/rss-specification>): `own` is its address on this site, `search`
/// that of the search's page for people, hits come newest first.
///
/// # Errors
/// Never: it is written into memory.
pub fn rss(site: &Site, words: &str, own: &str, search: &str, hits: &[Hit]) -> io::Result<String> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let title = title_of(site, words);
    let address = |path: &str| format!("{}{path}", site.base_url);
    let spaces = [("xmlns:atom", "http://www.w3.org/2005/Atom"), ("xmlns:dc", "http://purl.org/dc/elements/1.1/")];
    let feed = writer.create_element("rss").with_attributes([[("version", "2.0")].as_slice(), &spaces].concat());
    feed.write_inner_content(|writer| {
        writer.create_element("channel").write_inner_content(|writer| {
            text(writer, "title", &title)?;
            text(writer, "link", &address(search))?;
            text(writer, "description", &format!("{title}：最新入库的资源"))?;
            text(writer, "language", "zh-cn")?;
            if let Some(newest) = hits.iter().map(|hit| hit.published).max() {
                text(writer, "pubDate", &newest.rfc2822())?;
            }
            let own = address(own);
            let own = [("rel", "self"), ("type", "application/rss+xml"), ("href", own.as_str())];
            writer.create_element("atom:link").with_attributes(own).write_empty()?;
            for hit in hits {
                writer.create_element("item").write_inner_content(|writer| item(writer, site, hit))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

fn item(writer: &mut Writer<Vec<u8>>, site: &Site, hit: &Hit) -> io::Result<()> {
    text(writer, "title", &hit.title)?;
    text(writer, "link", &format!("{}{}", site.base_url, address::page(&hit.id)))?;
    let id = id_of(site, &address::resource(&hit.id));
    writer.create_element("guid").with_attribute(("isPermaLink", "false")).write_text_content(BytesText::new(&id))?;
    text(writer, "pubDate", &hit.published.rfc2822())?;
    let authors = if hit.people.is_empty() { std::slice::from_ref(&hit.institution) } else { &hit.people };
    authors.iter().try_for_each(|name| text(writer, "dc:creator", name))?;
    if !hit.description.is_empty() {
        text(writer, "description", &hit.description)?;
    }
    Ok(())
}

fn title_of(site: &Site, words: &str) -> String {
    if words.trim().is_empty() { site.name.clone() } else { format!("{words} · {}", site.name) }
}

/// An id that never changes: the address, and where the site does not know its own a name.
fn id_of(site: &Site, path: &str) -> String {
    if site.base_url.is_empty() { format!("urn:yuelu:{path}") } else { format!("{}{path}", site.base_url) }
}

/// XML knows no control characters but these.
fn text(writer: &mut Writer<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    let plain: String = content.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    writer.create_element(name).write_text_content(BytesText::new(&plain)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_feed_is_whole() {
        let site = Site { name: "岳麓".to_owned(), base_url: "https://library.example".to_owned(), logo: None };
        let written = atom(&site, "<织锦> & \u{1}", "/api/v1/search/feed?q=%E7%BB%87", &[]).unwrap();
        assert!(written.contains("<title>&lt;织锦&gt; &amp;  · 岳麓</title>"), "{written}");
        assert!(written.contains("<updated>1970-01-01T00:00:00"), "{written}");
        assert!(written.contains("href=\"https://library.example/api/v1/search/feed?q=%E7%BB%87\""), "{written}");
    }
}

//! A hit as the page shows it.

use crate::discover::answer::{Hit, Snippet};
use crate::domain::address;
use crate::domain::inspection::Locator;
use crate::portal::spot::{self, Spot};
use crate::portal::words;

/// Characters of a description that are shown where nothing in it was found.
const BEGINNING: usize = 90;

/// A hit.
pub(super) struct HitShown {
    /// The page of the work.
    pub address: String,
    /// Its title, with marks.
    pub title: Vec<Piece>,
    /// Kind, institution, how long it takes, when it came.
    pub about: Vec<String>,
    /// Passages of the description and of names, with what they are called where that is not plain.
    pub passages: Vec<(&'static str, Vec<Piece>)>,
    /// The best places inside.
    pub places: Vec<PlaceShown>,
    /// Why it was found, the weightiest first.
    pub reasons: Vec<String>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// It was found.
    pub marked: bool,
    /// The text.
    pub text: String,
}

/// A place inside a work.
pub(super) struct PlaceShown {
    /// Where, in words; empty for a text that is no file.
    pub told: String,
    /// The page of the work, at the place.
    pub address: String,
    /// What stands there.
    pub text: Vec<Piece>,
}

/// A hit with its passages and places.
pub(super) fn shown(hit: &Hit) -> HitShown {
    let minutes = hit.minutes.map(|minutes| format!("约 {minutes} 分钟"));
    let about = [Some(hit.kind.label().to_owned()), Some(hit.institution.clone()), minutes, Some(words::day(hit.published))];
    let marked = |field: &str| hit.snippets.iter().find(|snippet| snippet.field == field).map(|snippet| pieces(&snippet.html));
    let own_title = marked("title").filter(|title| text_of(title) == hit.title);
    let other_title = marked("title").filter(|title| text_of(title) != hit.title).map(|title| ("又名", title));
    let description = marked("description").or_else(|| beginning(&hit.description).map(plain)).map(|text| ("", text));
    let named = [("keywords", "关键词"), ("people", "责任者")].into_iter().filter_map(|(field, label)| Some((label, marked(field)?)));
    let inside = hit.snippets.iter().filter(|snippet| snippet.field == "body");
    HitShown {
        address: address::page(&hit.id),
        title: own_title.unwrap_or_else(|| plain(hit.title.clone())),
        about: about.into_iter().flatten().filter(|part| !part.is_empty()).collect(),
        passages: other_title.into_iter().chain(description).chain(named).collect(),
        places: inside.map(|snippet| place(&hit.id, snippet)).collect(),
        reasons: hit.reasons(),
    }
}

fn place(id: &str, snippet: &Snippet) -> PlaceShown {
    let text = pieces(&snippet.html);
    let at = snippet.locator.as_ref().and_then(|place| Some((place.file.as_deref()?, &place.locator)));
    match at {
        Some((file, locator)) => PlaceShown { told: told(file, locator), address: Spot::of(file, locator).address(id), text },
        None => PlaceShown { told: String::new(), address: address::page(id), text },
    }
}

/// The place, then the name of the file without its folders.
fn told(file: &str, locator: &Locator) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let place = spot::told(locator);
    if place.is_empty() { name.to_owned() } else { format!("{place} · {name}") }
}

fn beginning(text: &str) -> Option<String> {
    let short: String = text.chars().take(BEGINNING).collect();
    (!short.is_empty()).then(|| if short.len() < text.len() { format!("{short}…") } else { short })
}

fn plain(text: String) -> Vec<Piece> {
    vec![Piece { marked: false, text }]
}

fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// A passage as search writes it (escaped, `<mark>` around what was found) as texts, which the template escapes again.
fn pieces(html: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    for (place, part) in html.split("<mark>").enumerate() {
        let (marked, rest) = part.split_once("</mark>").filter(|_| place > 0).unwrap_or(("", part));
        all.extend([(true, marked), (false, rest)].map(|(marked, text)| Piece { marked, text: unescaped(text) }));
    }
    all.retain(|piece| !piece.text.is_empty());
    all
}

fn unescaped(html: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.into_iter().fold(html.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_texts_again() {
        let told = |html: &str| -> Vec<(bool, String)> { pieces(html).into_iter().map(|piece| (piece.marked, piece.text)).collect() };
        let piece = |marked: bool, text: &str| (marked, text.to_owned());
        assert_eq!(
            told("织&lt;<mark>西兰卡普</mark>&gt;&amp;lt;布"),
            [piece(false, "织<"), piece(true, "西兰卡普"), piece(false, ">&lt;布")]
        );
        assert_eq!(told("<mark>甲</mark><mark>乙</mark>"), [piece(true, "甲"), piece(true, "乙")]);
        assert_eq!(told("&lt;mark&gt;没有&lt;/mark&gt;"), [piece(false, "<mark>没有</mark>")]);
        assert_eq!(told(""), []);
    }

    #[test]
    fn long_descriptions_are_cut_at_a_character() {
        assert_eq!(beginning(""), None);
        assert_eq!(beginning("短").as_deref(), Some("短"));
        let cut = beginning(&"字".repeat(200)).unwrap();
        assert!(cut.ends_with('…') && cut.chars().count() == BEGINNING + 1);
    }
}

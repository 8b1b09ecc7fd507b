//! Pages of lists that are found by text.
//!
//! In the order of relevance the first part of a list passes both stages on the first page, which settles its order; behind it
//! the rest stays in the order of the candidates. Later pages find the first part by name (see [`Cursor`]).

use super::cursor::{Cursor, hash_of};
use super::explain::{Part, Scoring};
use super::run::Request;
use super::top::{Entry, score_of};
use std::collections::HashMap;
use tantivy::DocAddress;

/// What a page lists.
#[derive(Default)]
pub struct Listed {
    /// The hits with their scores.
    pub hits: Vec<(DocAddress, f32)>,
    /// What made the scores, where that was asked for.
    pub why: Option<Vec<Vec<Part>>>,
    /// Where the page ended, when there is more.
    pub next: Option<Cursor>,
    /// Those of all hits that were found by meaning alone.
    pub by_meaning: Vec<DocAddress>,
}

/// One page.
struct Page {
    entries: Vec<Entry>,
    /// So many of them, from the first on, passed both stages.
    rescored: usize,
    next: Option<Cursor>,
}

/// Lists the page that begins at a cursor, from what its first part still holds and the best candidates besides.
///
/// # Errors
/// When the index cannot be read.
pub fn by_text(
    scoring: &Scoring<'_>,
    request: &Request,
    begin: Cursor,
    ranked: bool,
    first: Vec<Entry>,
    rest: Vec<Entry>,
) -> tantivy::Result<Listed> {
    let page = match ranked {
        true => ranked_page(scoring, request, begin, first, rest)?,
        false => plain_page(request, begin, rest),
    };
    let why = if request.explain && ranked { Some(scoring.explain(&page.entries, page.rescored)?) } else { None };
    let score = |entry: &Entry| if ranked { score_of(entry.key) } else { 0.0 };
    let hits = page.entries.iter().map(|entry| (DocAddress::new(entry.segment, entry.doc), score(entry))).collect();
    Ok(Listed { hits, why, next: page.next, by_meaning: Vec::new() })
}

fn ranked_page(
    scoring: &Scoring<'_>,
    request: &Request,
    mut begin: Cursor,
    mut first: Vec<Entry>,
    mut rest: Vec<Entry>,
) -> tantivy::Result<Page> {
    if request.cursor.is_none() {
        first = begin.split_first(&mut rest, scoring.weights.rescored);
        scoring.again(&mut first)?;
    } else {
        first = in_order(&begin.left, first, |entry| entry.tie);
    }
    let left = first.split_off(first.len().min(request.limit));
    if request.cursor.is_some() {
        scoring.again(&mut first)?;
        first = in_order(&begin.left, first, |entry| entry.tie);
    }
    let room = request.limit - first.len();
    let more = !left.is_empty() || rest.len() > room;
    rest.truncate(room);
    // A list of text and meaning that goes on by text alone does so to its end.
    let begin = Cursor { fused: false, ..begin };
    let next = more.then(|| begin.turned(first.iter().map(|entry| entry.tie), &rest, left.iter().map(|entry| entry.tie)).fitted());
    let rescored = first.len();
    first.extend(rest);
    Ok(Page { entries: first, rescored, next })
}

fn plain_page(request: &Request, begin: Cursor, mut entries: Vec<Entry>) -> Page {
    let more = entries.len() > request.limit;
    entries.truncate(request.limit);
    let next = entries.last().filter(|_| more).map(|last| Cursor { passed: true, key: last.key, tie: last.tie, ..begin });
    Page { entries, rescored: 0, next }
}

/// Those that are known by name, in the order of the names.
pub fn in_order<T>(names: &[u32], found: Vec<T>, tie: impl Fn(&T) -> u64) -> Vec<T> {
    let places: HashMap<u32, usize> = names.iter().enumerate().map(|(place, hash)| (*hash, place)).collect();
    let placed = found.into_iter().filter_map(|one| Some((*places.get(&hash_of(tie(&one)))?, one)));
    let mut placed: Vec<(usize, T)> = placed.collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, one)| one).collect()
}

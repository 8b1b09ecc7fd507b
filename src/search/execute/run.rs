//! One request over one generation.

use super::cursor::Cursor;
use super::explain::{Part, Scoring};
use super::facets::Counts;
use super::filter::{facet as facet_filter, visible, within};
use super::matching::{any_of, phrase};
use super::priors::Priors;
use super::rescore::rescore;
use super::scoring::score;
use super::taking::{Gate, Keys, Taking};
use super::terms::{Terms, look_up};
use super::top::{Entry, Top, score_of};
use super::wholes::{wholes, worths};
use crate::search::generation::Generation;
use crate::search::measures::Span;
use crate::search::query::parse::Parsed;
use crate::search::query::plan::{Plan, plan};
use crate::search::schema::Facet;
use crate::search::synonyms::Tuning;
use crate::search::view::View;
use crate::search::weights::Weights;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tantivy::{DocAddress, Searcher, SegmentReader};

/// In what order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Best first; newest first where nothing ranks.
    #[default]
    Relevance,
    /// Newest first.
    Newest,
    /// By the pinyin of the title.
    Title,
}

/// A request as the index takes it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What was typed, read.
    pub query: Parsed,
    /// Tokens of the viewer.
    pub tokens: BTreeSet<String>,
    /// Values asked for, any of one facet, all facets together.
    pub filters: BTreeMap<Facet, BTreeSet<String>>,
    /// Ranges that all must be kept.
    pub ranges: Vec<Span>,
    /// Facets to count.
    pub facets: Vec<Facet>,
    /// Order.
    pub order: Order,
    /// Hits of one page.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Hash that cursors of this request carry.
    pub hash: u32,
    /// Numbers of ranking and synonyms; those of the language data where there are none.
    pub tuning: Option<Arc<Tuning>>,
    /// The day, counted from 1970, that age is counted from.
    pub today: i64,
    /// Tell what made each score.
    pub explain: bool,
}

/// What was found.
pub struct Outcome {
    /// The view it was found in: read stored documents from this one.
    pub view: Arc<View>,
    /// Number of hits in all.
    pub total: u64,
    /// The page, with scores where the order is by relevance.
    pub hits: Vec<(DocAddress, f32)>,
    /// What made the score of each hit, where that was asked for and scores order.
    pub why: Option<Vec<Vec<Part>>>,
    /// Counts of the facets asked for.
    pub facets: BTreeMap<Facet, Vec<(String, u64)>>,
    /// Where the page ended, when there is more.
    pub next: Option<Cursor>,
    /// The plan, with what to mark.
    pub plan: Plan,
}

impl Outcome {
    /// The ids of the page.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids(&self) -> tantivy::Result<Vec<String>> {
        let ids = self.hits.iter().map(|(address, _)| read_id(self.view.searcher(), *address));
        ids.filter_map(Result::transpose).collect()
    }
}

/// The id of a document, from its column: to read it with the stored document would cost the whole block of its text.
///
/// # Errors
/// When the column cannot be read.
pub fn read_id(searcher: &Searcher, address: DocAddress) -> tantivy::Result<Option<String>> {
    let Some(ids) = searcher.segment_reader(address.segment_ord).fast_fields().str("id")? else { return Ok(None) };
    let mut id = String::new();
    let Some(ord) = ids.ords().first(address.doc_id) else { return Ok(None) };
    Ok(ids.ord_to_str(ord, &mut id)?.then_some(id))
}

/// Runs a request.
///
/// # Errors
/// When the index cannot be read.
pub fn run(generation: &Generation, request: &Request) -> tantivy::Result<Outcome> {
    let view = generation.view();
    let searcher = view.searcher();
    let tuning = request.tuning.as_deref().unwrap_or(&generation.lexicon().tuning);
    let weights = &tuning.weights;
    let plan = plan(&request.query, generation.fields(), generation.lexicon(), tuning);
    let terms = look_up(&view, &plan.candidates)?;
    let worths = worths(&view, &plan, terms.possible)?;
    let ranked = request.order == Order::Relevance && !plan.is_browse();
    let after = request.cursor.filter(|cursor| !ranked || cursor.beyond).map(|cursor| (cursor.key, cursor.tie));
    let wanted = request.limit + 1 + if ranked && after.is_none() { weights.rescored } else { 0 };
    let mut filters = request.filters.clone();
    for (facet, values) in &plan.facets {
        filters.entry(*facet).or_default().extend(values.iter().cloned());
    }
    let mut pass = Pass {
        generation,
        request,
        plan: &plan,
        weights,
        view: &view,
        worths: &worths,
        terms: &terms,
        filters: &filters,
        ranked,
        floor: floor_of(&terms, &plan, ranked, weights),
        top: Top::new(wanted, after),
        total: 0,
        counts: request.facets.iter().map(|facet| (*facet, Counts::default())).collect(),
    };
    for (place, segment) in searcher.segment_readers().iter().enumerate() {
        pass.segment(searcher, place, segment)?;
    }
    let Pass { top, total, counts, .. } = pass;
    let entries = top.into_sorted();
    let priors = Priors::new(weights, terms.possible, request.today);
    let page = match ranked && after.is_none() {
        true => rescored_page(&view, &plan, request, &priors, entries, weights.rescored)?,
        false => plain_page(request, entries, ranked),
    };
    let why = match request.explain && ranked {
        true => {
            let scoring = Scoring { generation, view: &view, plan: &plan, worths: &worths, weights, priors };
            Some(scoring.explain(&page.entries, page.rescored)?)
        }
        false => None,
    };
    let score = |entry: &Entry| if ranked { score_of(entry.key) } else { 0.0 };
    let hits = page.entries.iter().map(|entry| (DocAddress::new(entry.segment, entry.doc), score(entry))).collect();
    let facets = counts.into_iter().map(|(facet, counts)| (facet, counts.into_sorted())).collect();
    Ok(Outcome { view, total, hits, why, facets, next: page.next, plan })
}

/// A document that holds one weak term of many is not a hit; where the order is not by relevance it must hold more, since
/// nothing else keeps weak hits behind.
fn floor_of(terms: &Terms, plan: &Plan, ranked: bool, weights: &Weights) -> f32 {
    match (&plan.lone, ranked) {
        (Some(_), _) => 0.0,
        (None, true) => terms.possible * weights.floor,
        (None, false) => terms.possible * weights.floor_unranked,
    }
}

/// One page.
struct Page {
    entries: Vec<Entry>,
    /// So many of them, from the first on, passed both stages.
    rescored: usize,
    next: Option<Cursor>,
}

/// The first of the candidates are rescored; behind them the rest stays in the order of the candidates.
fn rescored_page(
    view: &View,
    plan: &Plan,
    request: &Request,
    priors: &Priors,
    mut entries: Vec<Entry>,
    rescored: usize,
) -> tantivy::Result<Page> {
    let rest = entries.split_off(entries.len().min(rescored));
    let last_candidate = entries.last().copied();
    rescore(&mut entries, &look_up(view, &plan.rescore)?)?;
    priors.add(view, &mut entries)?;
    let comes_after = |entry: &Entry, cursor: Cursor| entry.order() > (std::cmp::Reverse(cursor.key), cursor.tie);
    let left: Vec<Entry> = entries.into_iter().filter(|entry| request.cursor.is_none_or(|cursor| comes_after(entry, cursor))).collect();
    let in_first = left.len().min(request.limit);
    let mut page: Vec<Entry> = left.iter().copied().take(in_first).collect();
    let from_rest: Vec<Entry> = rest.iter().copied().take(request.limit - in_first).collect();
    let more = left.len() > in_first || rest.len() > from_rest.len();
    let end = |beyond: bool, entry: &Entry| Cursor { beyond, key: entry.key, tie: entry.tie, of: request.hash };
    let next = match (from_rest.last(), page.last()) {
        (Some(entry), _) => Some(end(true, entry)),
        (None, _) if left.len() == in_first => last_candidate.map(|entry| end(true, &entry)),
        (None, Some(entry)) => Some(end(false, entry)),
        (None, None) => None,
    };
    page.extend(from_rest);
    Ok(Page { entries: page, rescored: in_first, next: next.filter(|_| more) })
}

fn plain_page(request: &Request, mut entries: Vec<Entry>, ranked: bool) -> Page {
    let more = entries.len() > request.limit;
    entries.truncate(request.limit);
    let end = |entry: &Entry| Cursor { beyond: ranked, key: entry.key, tie: entry.tie, of: request.hash };
    let next = entries.last().filter(|_| more).map(end);
    Page { entries, rescored: 0, next }
}

struct Pass<'a> {
    generation: &'a Generation,
    request: &'a Request,
    view: &'a View,
    plan: &'a Plan,
    weights: &'a Weights,
    /// What documents that score as a whole are given, in the order of the plan.
    worths: &'a [f32],
    terms: &'a Terms,
    filters: &'a BTreeMap<Facet, BTreeSet<String>>,
    ranked: bool,
    floor: f32,
    top: Top,
    total: u64,
    counts: Vec<(Facet, Counts)>,
}

impl Pass<'_> {
    fn segment(&mut self, searcher: &Searcher, place: usize, segment: &SegmentReader) -> tantivy::Result<()> {
        let gate = self.gate(searcher, segment)?;
        let wholes = wholes(self.generation, self.view, segment, self.plan, self.worths, self.weights)?;
        let mut taking = Taking {
            keys: Keys::open(self.view, place as u32, self.request.order, self.ranked)?,
            ties: self.view.column(place as u32, "tie")?,
            alive: segment.alive_bitset(),
            gate: &gate,
            floor: self.floor.max(f32::MIN_POSITIVE),
            place: place as u32,
            top: &mut self.top,
            total: 0,
            counting: !self.counts.is_empty(),
            hits: Vec::new(),
            near: gate.by_facet.iter().map(|(facet, _)| (*facet, Vec::new())).collect(),
        };
        if self.plan.is_browse() {
            (0..segment.max_doc()).for_each(|doc| taking.one(doc, f32::MAX));
        } else {
            score(segment, place, self.terms, &wholes, |start, sums| taking.window(start, sums))?;
        }
        let Taking { total, hits, near, .. } = taking;
        self.total += total;
        for (facet, counts) in &mut self.counts {
            counts.add(segment, *facet, &hits)?;
            if let Some((_, docs)) = near.iter().find(|(other, _)| other == facet) {
                counts.add(segment, *facet, docs)?;
            }
        }
        Ok(())
    }

    fn gate(&self, searcher: &Searcher, segment: &SegmentReader) -> tantivy::Result<Gate> {
        let mut gate = Gate::default();
        gate.passing.push(visible(self.generation, segment, &self.request.tokens)?);
        for range in &self.request.ranges {
            gate.passing.push(within(segment, range)?);
        }
        for (facet, values) in self.filters {
            gate.by_facet.push((*facet, facet_filter(self.generation, segment, *facet, values)?));
        }
        for any in &self.plan.required {
            gate.required.push(any_of(searcher, segment, any)?);
        }
        for unwanted in &self.plan.without {
            gate.without.push(phrase(searcher, segment, unwanted)?);
        }
        gate.passing.retain(Option::is_some);
        Ok(gate)
    }
}

//! One request over one generation.

use super::cursor::Cursor;
use super::explain::{Part, Scoring};
use super::facets::Counts;
use super::filter::{facet as facet_filter, visible};
use super::fuse::Fusion;
use super::matching::{any_of, phrase};
use super::nearby::{Near, Nearby};
use super::phrase::WholePhrase;
use super::priors::Priors;
use super::scoring::score;
use super::taking::{Gate, Keys, Taking};
use super::terms::{Terms, look_up};
use super::top::{Entry, Top, score_of};
use super::wholes::{wholes, worths};
use crate::search::generation::Generation;
use crate::search::meaning::Toward;
use crate::search::query::parse::Parsed;
use crate::search::query::plan::{Plan, plan};
use crate::search::schema::Facet;
use crate::search::synonyms::Tuning;
use crate::search::usage::Usage;
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
    /// How much resources are used.
    pub usage: Arc<Usage>,
    /// Tell what made each score.
    pub explain: bool,
    /// What the query means, where that is known. Only hits in the order of relevance are found by it, and a page that follows
    /// one found by text alone is not.
    pub toward: Option<Toward>,
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
    /// Those hits of all pages that were found by their meaning alone.
    pub by_meaning: Vec<DocAddress>,
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
    let nearby = nearby_of(request, ranked, weights);
    let first = if ranked && after.is_none() { weights.rescored } else { 0 };
    let wanted = request.limit + 1 + first + if nearby.is_some() { weights.meaning_most } else { 0 };
    let mut filters = request.filters.clone();
    for (facet, values) in &plan.facets {
        filters.entry(*facet).or_default().extend(values.iter().cloned());
    }
    let pass = Pass {
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
        nearby,
    };
    let Passed { entries, total, facets, near } = pass.through(searcher)?;
    let priors = Priors::new(weights, terms.possible, request.today, &request.usage);
    let phrase = WholePhrase::of(&view, generation.fields(), &plan, weights, terms.possible);
    let scoring = Scoring { generation, view: &view, plan: &plan, worths: &worths, weights, phrase, priors };
    let Listed { hits, why, next, by_meaning } = match &near {
        Some(near) => Fusion { scoring: &scoring, request, possible: terms.possible, near }.list(entries)?,
        None => by_text(&scoring, request, entries, ranked, after.is_none())?,
    };
    Ok(Outcome { view, total: total + by_meaning.len() as u64, hits, why, facets, next, plan, by_meaning })
}

/// Meaning is asked where hits come by relevance, and goes on on later pages where the first was found by it.
fn nearby_of<'a>(request: &'a Request, ranked: bool, weights: &Weights) -> Option<Nearby<'a>> {
    let goes_on = request.cursor.is_none_or(|cursor| cursor.fused);
    let toward = request.toward.as_ref().filter(|_| ranked && goes_on && weights.meaning > 0.0)?;
    Nearby::new(toward, weights.meaning_most)
}

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

fn by_text(scoring: &Scoring<'_>, request: &Request, entries: Vec<Entry>, ranked: bool, from_first: bool) -> tantivy::Result<Listed> {
    let page = match ranked && from_first {
        true => rescored_page(scoring, request, entries)?,
        false => plain_page(request, entries, ranked),
    };
    let why = if request.explain && ranked { Some(scoring.explain(&page.entries, page.rescored)?) } else { None };
    let score = |entry: &Entry| if ranked { score_of(entry.key) } else { 0.0 };
    let hits = page.entries.iter().map(|entry| (DocAddress::new(entry.segment, entry.doc), score(entry))).collect();
    Ok(Listed { hits, why, next: page.next, by_meaning: Vec::new() })
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
fn rescored_page(scoring: &Scoring<'_>, request: &Request, mut entries: Vec<Entry>) -> tantivy::Result<Page> {
    let rescored = scoring.weights.rescored;
    let rest = entries.split_off(entries.len().min(rescored));
    let last_candidate = entries.last().copied();
    scoring.again(&mut entries)?;
    let comes_after = |entry: &Entry, cursor: Cursor| entry.order() > (std::cmp::Reverse(cursor.key), cursor.tie);
    // A fused list whose meaning cannot be had any more goes on by text, from about the same place.
    let fused_before = request.cursor.filter(|cursor| cursor.fused).map_or(0, |cursor| usize::try_from(cursor.key).unwrap_or(usize::MAX));
    let is_left = |entry: &Entry| request.cursor.is_none_or(|cursor| cursor.fused || comes_after(entry, cursor));
    let left: Vec<Entry> = entries.into_iter().skip(fused_before).filter(is_left).collect();
    let in_first = left.len().min(request.limit);
    let mut page: Vec<Entry> = left.iter().copied().take(in_first).collect();
    let from_rest: Vec<Entry> = rest.iter().copied().take(request.limit - in_first).collect();
    let more = left.len() > in_first || rest.len() > from_rest.len();
    let end = |beyond: bool, entry: &Entry| Cursor { beyond, fused: false, key: entry.key, tie: entry.tie, of: request.hash };
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
    let end = |entry: &Entry| Cursor { beyond: ranked, fused: false, key: entry.key, tie: entry.tie, of: request.hash };
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
    nearby: Option<Nearby<'a>>,
}

/// What a pass through all segments found.
struct Passed {
    /// The best by text.
    entries: Vec<Entry>,
    /// Hits by text.
    total: u64,
    facets: BTreeMap<Facet, Vec<(String, u64)>>,
    /// The nearest in meaning, where that was asked.
    near: Option<Vec<Near>>,
}

impl Pass<'_> {
    fn through(mut self, searcher: &Searcher) -> tantivy::Result<Passed> {
        for (place, segment) in searcher.segment_readers().iter().enumerate() {
            self.segment(searcher, place, segment)?;
        }
        if let Some(nearby) = &self.nearby {
            nearby.count(searcher, &mut self.counts)?;
        }
        let facets = self.counts.into_iter().map(|(facet, counts)| (facet, counts.into_sorted())).collect();
        let near = self.nearby.map(Nearby::into_nearest);
        Ok(Passed { entries: self.top.into_sorted(), total: self.total, facets, near })
    }

    fn segment(&mut self, searcher: &Searcher, place: usize, segment: &SegmentReader) -> tantivy::Result<()> {
        let gate = self.gate(searcher, segment)?;
        let wholes = wholes(self.generation, self.view, segment, self.plan, self.worths, self.weights)?;
        let mut taking = Taking {
            keys: Keys::open(segment, self.request.order, self.ranked)?,
            ties: segment.fast_fields().u64("tie")?,
            alive: segment.alive_bitset(),
            gate: &gate,
            floor: self.floor.max(f32::MIN_POSITIVE),
            place: place as u32,
            top: &mut self.top,
            total: 0,
            counting: !self.counts.is_empty() || self.nearby.is_some(),
            hits: Vec::new(),
            near: gate.by_facet.iter().map(|(facet, _)| (*facet, Vec::new())).collect(),
        };
        if self.plan.is_browse() {
            (0..segment.max_doc()).for_each(|doc| taking.one(doc, f32::MAX));
        } else {
            score(segment, place, self.terms, &wholes, |start, sums| taking.window(start, sums))?;
        }
        let Taking { ties, total, hits, near, .. } = taking;
        self.total += total;
        if let Some(nearby) = &mut self.nearby {
            nearby.segment(place as u32, segment, &gate, &ties, &hits, &near);
        }
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

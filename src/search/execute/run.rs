//! One request over one generation.

use super::cursor::Cursor;
use super::explain::{Part, Scoring};
use super::facets::Counts;
use super::filter::{facet as facet_filter, visible, within};
use super::fuse::Fusion;
use super::matching::{any_of, phrase};
use super::nearby::{Near, Nearby};
use super::pages::{Listed, by_text};
use super::phrase::WholePhrase;
use super::priors::Priors;
use super::scale::Scale;
use super::scoring::score;
use super::sight::Sight;
use super::taking::{Gate, Keys, Taking};
use super::terms::{Terms, look_up_by};
use super::top::{Entry, Top};
use super::wholes::{wholes, worths};
use crate::search::generation::Generation;
use crate::search::meaning::Toward;
use crate::search::measures::Span;
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
    let scale = request.cursor.as_ref().map(|cursor| &cursor.scale).filter(|scale| scale.fits(&plan));
    let sight = Sight::of(generation, searcher, &request.tokens)?;
    let terms = look_up_by(&view, &plan.candidates, scale, &sight)?;
    let worths = match scale {
        Some(scale) => scale.worths().to_vec(),
        None => worths(&view, &plan, terms.possible, &sight)?,
    };
    let begin = begin_of(request, scale.cloned().unwrap_or_else(|| Scale::of(&plan, &terms, &worths)));
    let ranked = request.order == Order::Relevance && !plan.is_browse();
    let nearby = nearby_of(request, ranked, weights);
    let again = if ranked && request.cursor.is_none() { weights.rescored } else { 0 };
    let wanted = request.limit + 1 + again + if nearby.is_some() { weights.meaning_most } else { 0 };
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
        top: request.cursor.iter().fold(Top::new(wanted), Top::going_on),
        total: 0,
        counts: request.facets.iter().map(|facet| (*facet, Counts::default())).collect(),
        nearby,
    };
    let Passed { first, rest, total, facets, near } = pass.through(searcher)?;
    let priors = Priors::new(weights, terms.possible, request.today, &request.usage);
    let phrase = WholePhrase::of(&view, generation.fields(), &plan, weights, terms.possible);
    let scoring = Scoring { generation, view: &view, plan: &plan, terms: &terms, worths: &worths, weights, phrase, priors };
    let Listed { hits, why, next, by_meaning } = match &near {
        Some(near) => Fusion { scoring: &scoring, request, possible: terms.possible, near }.list(begin, first, rest)?,
        None => by_text(&scoring, request, begin, ranked, first, rest)?,
    };
    Ok(Outcome { view, total: total + by_meaning.len() as u64, hits, why, facets, next, plan, by_meaning })
}

/// Where the request's page begins, weighed by a scale.
fn begin_of(request: &Request, scale: Scale) -> Cursor {
    match &request.cursor {
        Some(cursor) => Cursor { scale, ..cursor.clone() },
        None => Cursor { of: request.hash, scale, ..Cursor::default() },
    }
}

/// Meaning is asked where hits come by relevance, and goes on on later pages where the first was found by it.
fn nearby_of<'a>(request: &'a Request, ranked: bool, weights: &Weights) -> Option<Nearby<'a>> {
    let goes_on = request.cursor.as_ref().is_none_or(|cursor| cursor.fused);
    let toward = request.toward.as_ref().filter(|_| ranked && goes_on && weights.meaning > 0.0)?;
    Nearby::new(toward, weights.meaning_most)
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
    /// What the first part of a list that is turned still holds.
    first: Vec<Entry>,
    /// The best by text besides.
    rest: Vec<Entry>,
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
        let (first, rest) = self.top.into_parts();
        Ok(Passed { first, rest, total: self.total, facets, near })
    }

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

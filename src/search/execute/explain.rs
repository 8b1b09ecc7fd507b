//! What made the scores of hits: parts that add up to each, found by the code that scores.

use super::phrase::WholePhrase;
use super::priors::{Given, Priors};
use super::rescore::rescore;
use super::terms::{Terms, look_up};
use super::top::{Entry, key_of, score_of};
use super::wholes::{Whole, wholes};
use crate::domain::time::Timestamp;
use crate::search::generation::Generation;
use crate::search::query::origin::Origin;
use crate::search::query::plan::{Clause, Plan};
use crate::search::schema::Fields;
use crate::search::view::View;
use crate::search::weights::Weights;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use tantivy::schema::Field;

/// A part of a score.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Part {
    /// Why it counts.
    pub origin: Origin,
    /// The same in Chinese.
    pub label: &'static str,
    /// Where: `title keywords people`, `name` for any name of the resource, `text` for any of its text, `resource` for what is
    /// known of it as a whole.
    pub field: &'static str,
    /// What was found, as it was looked up.
    pub text: String,
    /// What it adds to the score.
    pub score: f32,
}

impl Part {
    /// A part.
    pub(super) fn new(origin: Origin, field: &'static str, text: &str, score: f32) -> Self {
        Self { origin, label: origin.label(), field, text: text.to_owned(), score }
    }
}

/// What scored.
pub struct Scoring<'a> {
    /// Where the hits were found.
    pub generation: &'a Generation,
    /// The same between two commits.
    pub view: &'a View,
    /// What was looked up.
    pub plan: &'a Plan,
    /// The candidates' terms.
    pub terms: &'a Terms,
    /// What documents that score as a whole are given, in the order of the plan.
    pub worths: &'a [f32],
    /// The numbers of ranking.
    pub weights: &'a Weights,
    /// What the whole query gives as a phrase, where it can be one.
    pub phrase: Option<WholePhrase<'a>>,
    /// What counts whatever was asked.
    pub priors: Priors<'a>,
}

impl Scoring<'_> {
    /// The second stage: scores the best candidates again and sorts them anew.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn again(&self, entries: &mut [Entry]) -> tantivy::Result<()> {
        rescore(entries, &look_up(self.view, &self.plan.rescore)?)?;
        if let Some(phrase) = &self.phrase {
            phrase.add(entries)?;
        }
        self.priors.add(self.view, entries)
    }

    /// The parts of each hit, the greatest first; the first `rescored` of the hits passed both stages.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn explain(&self, hits: &[Entry], rescored: usize) -> tantivy::Result<Vec<Vec<Part>>> {
        let mut segments: BTreeMap<u32, Vec<Whole>> = BTreeMap::new();
        let words = look_up(self.view, &self.plan.rescore)?;
        let mut all = Vec::with_capacity(hits.len());
        for (place, hit) in hits.iter().enumerate() {
            let mut parts = Vec::new();
            self.add_clauses(hit, self.terms, &self.plan.candidates, &mut parts)?;
            if place < rescored {
                self.add_clauses(hit, &words, &self.plan.rescore, &mut parts)?;
                self.add_phrase(hit, &mut parts)?;
                parts.extend(self.priors.of(self.view, hit)?.into_iter().flatten().map(of_prior));
            }
            let of_segment = match segments.entry(hit.segment) {
                Slot::Occupied(known) => known.into_mut(),
                Slot::Vacant(new) => {
                    let segment = self.view.searcher().segment_reader(hit.segment);
                    new.insert(wholes(self.generation, self.view, segment, self.plan, self.worths, self.weights)?)
                }
            };
            parts.extend(of_segment.iter().filter(|whole| whole.docs.contains(hit.doc)).filter_map(|whole| self.part_of(whole)));
            parts.sort_by(|left, right| right.score.total_cmp(&left.score));
            all.push(parts);
        }
        Ok(all)
    }

    /// Each clause scores the hit alone, from nothing.
    fn add_clauses(&self, hit: &Entry, terms: &Terms, clauses: &[Clause], parts: &mut Vec<Part>) -> tantivy::Result<()> {
        for found in &terms.found {
            let Some(clause) = clauses.get(found.clause) else { continue };
            let mut alone = [Entry { key: key_of(0.0), ..*hit }];
            rescore(&mut alone, &Terms { found: vec![found.clone()], possible: 0.0 })?;
            let score = alone.first().map_or(0.0, |entry| score_of(entry.key));
            if score > 0.0 {
                let fields = self.generation.fields();
                parts.push(Part::new(origin_of(fields, clause.field), name_of(fields, clause.field), &clause.text, score));
            }
        }
        Ok(())
    }

    fn add_phrase(&self, hit: &Entry, parts: &mut Vec<Part>) -> tantivy::Result<()> {
        let Some(phrase) = &self.phrase else { return Ok(()) };
        let worth = phrase.worth_of(hit)?;
        if worth > 0.0 {
            parts.push(Part::new(Origin::Phrase, "text", phrase.said(), worth));
        }
        Ok(())
    }

    fn part_of(&self, whole: &Whole) -> Option<Part> {
        let fields = self.generation.fields();
        let Some(place) = whole.place else {
            return self.plan.lone.as_ref().map(|lone| Part::new(Origin::Lone, name_of(fields, fields.pieces), lone, whole.worth));
        };
        let scored = self.plan.scored.get(place)?;
        let field = scored.all.first().map_or(fields.pieces, |phrase| phrase.field);
        Some(Part::new(scored.origin, name_of(fields, field), &scored.said, whole.worth))
    }
}

fn of_prior(given: Given) -> Part {
    let text = match (given.origin, given.value) {
        (_, None) => String::new(),
        (Origin::Freshness, Some(millis)) => Timestamp::from_millis(millis).shanghai_date(),
        (Origin::Use, Some(learners)) => format!("{learners}+"),
        (_, Some(mark)) => format!("{}.{:02}", mark / 100, mark % 100),
    };
    Part::new(given.origin, "resource", &text, given.score)
}

fn origin_of(fields: &Fields, field: Field) -> Origin {
    if field == fields.title_exact {
        Origin::WholeTitle
    } else if field == fields.words {
        Origin::Word
    } else {
        Origin::Typed
    }
}

fn name_of(fields: &Fields, field: Field) -> &'static str {
    let named = [
        (fields.title, "title"),
        (fields.title_exact, "title"),
        (fields.keywords, "keywords"),
        (fields.people, "people"),
        (fields.sounds, "name"),
        (fields.initials, "name"),
    ];
    named.into_iter().find(|(other, _)| *other == field).map_or("text", |(_, name)| name)
}

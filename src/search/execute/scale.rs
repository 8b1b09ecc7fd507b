//! What the candidates of a list are weighed by: how rare each term is, how long texts are.
//!
//! These shift with every publication, and with them every score. A list that is turned page by page is weighed to its end by
//! what its first page was weighed by: a document that does not change then keeps its score to the last bit, and its place, in
//! whatever index it stands. The cursor carries the scale from page to page.

use super::terms::Terms;
use crate::search::query::plan::{Clause, Plan};
use tantivy::schema::Field;

/// Most numbers of a scale that is carried: a query of 64 terms has fewer than 80, but one may also hold dozens of numerals,
/// each written otherwise. What has more is weighed anew on each page.
const MOST: usize = 120;

/// A scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scale {
    /// Weight of each clause with its rarity; 0 of one that stood nowhere.
    weights: Vec<f32>,
    /// Mean length of each field, in the order in which the clauses name them.
    lengths: Vec<f32>,
    /// What documents that score as a whole are given, in the order of the plan.
    worths: Vec<f32>,
}

impl Scale {
    /// What a list is weighed by from here on; empty where that would be too much to carry.
    pub fn of(plan: &Plan, terms: &Terms, worths: &[f32]) -> Self {
        let fields = fields_of(&plan.candidates);
        if plan.candidates.len() + fields.len() + worths.len() > MOST {
            return Self::default();
        }
        let mut scale = Self { weights: vec![0.0; plan.candidates.len()], lengths: vec![0.0; fields.len()], worths: worths.to_vec() };
        for found in &terms.found {
            if let Some(weight) = scale.weights.get_mut(found.clause) {
                *weight = found.weight;
            }
            let field = plan.candidates.get(found.clause).and_then(|clause| fields.iter().position(|field| *field == clause.field));
            if let Some(length) = field.and_then(|place| scale.lengths.get_mut(place)) {
                *length = found.saturation.mean();
            }
        }
        scale
    }

    /// Whether it was made for this plan: dictionary, synonyms and weights can change between two pages.
    pub fn fits(&self, plan: &Plan) -> bool {
        let lengths = [plan.candidates.len(), fields_of(&plan.candidates).len(), plan.scored.len()];
        lengths == [self.weights.len(), self.lengths.len(), self.worths.len()]
    }

    /// Weight of a clause; 0 where it stood nowhere.
    pub fn weight(&self, clause: usize) -> f32 {
        self.weights.get(clause).copied().unwrap_or(0.0)
    }

    /// Mean length of a field, by its place among those that the clauses name.
    pub fn length(&self, field: usize) -> Option<f32> {
        self.lengths.get(field).copied().filter(|length| *length > 0.0)
    }

    /// What documents that score as a whole are given.
    pub fn worths(&self) -> &[f32] {
        &self.worths
    }

    /// Bytes that it is written in.
    pub fn bytes(&self) -> usize {
        3 + 4 * (self.weights.len() + self.lengths.len() + self.worths.len())
    }

    /// Writes it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let parts = [&self.weights, &self.lengths, &self.worths];
        // None has more than `MOST`.
        out.extend(parts.map(|part| part.len() as u8));
        parts.into_iter().flatten().for_each(|number| out.extend(number.to_be_bytes()));
    }

    /// Reads one and what follows it; `None` where there is none.
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (counts, mut rest) = bytes.split_first_chunk::<3>()?;
        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        for (part, count) in parts.iter_mut().zip(counts) {
            for _ in 0..*count {
                let (number, after) = rest.split_first_chunk::<4>()?;
                let number = f32::from_be_bytes(*number);
                part.push(Some(number).filter(|number| number.is_finite() && *number >= 0.0)?);
                rest = after;
            }
        }
        let [weights, lengths, worths] = parts;
        (weights.len() + lengths.len() + worths.len() <= MOST).then_some((Self { weights, lengths, worths }, rest))
    }

    #[cfg(test)]
    pub(super) fn made_of(weights: Vec<f32>, lengths: Vec<f32>, worths: Vec<f32>) -> Self {
        Self { weights, lengths, worths }
    }
}

/// The fields that clauses name, each once, in their order.
pub fn fields_of(clauses: &[Clause]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for clause in clauses {
        if !fields.contains(&clause.field) {
            fields.push(clause.field);
        }
    }
    fields
}

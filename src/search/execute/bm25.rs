//! BM25 of a term in a document, with the part that depends on length and frequency tabled for each field.

use tantivy::fieldnorm::FieldNormReader;

/// Saturation of the term frequency; the usual value.
const K1: f32 = 1.2;
/// How much length counts; the usual value.
const B: f32 = 0.75;
/// Frequencies that are tabled; higher ones are computed.
const TABLED: usize = 8;

/// The part of BM25 that a field's length and a term's frequency make.
pub struct Saturation {
    mean: f32,
    norms: [f32; 256],
    table: Box<[[f32; 256]; TABLED]>,
}

impl Saturation {
    /// For a field of this mean length in tokens.
    pub fn new(mean_length: f32) -> Self {
        let mean = mean_length.max(1.0);
        let norms: [f32; 256] = std::array::from_fn(|id| {
            let length = FieldNormReader::id_to_fieldnorm(id as u8) as f32;
            K1 * (1.0 - B + B * length / mean)
        });
        let row = |frequency: f32| norms.map(|norm| frequency * (K1 + 1.0) / (frequency + norm));
        let table = Box::new(std::array::from_fn(|place| row((place + 1) as f32)));
        Self { mean, norms, table }
    }

    /// The mean length it is for, in tokens; 1 at least.
    pub fn mean(&self) -> f32 {
        self.mean
    }

    /// The share of the term's weight that a document gets.
    pub fn of(&self, frequency: u32, norm_id: u8) -> f32 {
        match self.table.get((frequency as usize).wrapping_sub(1)).and_then(|row| row.get(usize::from(norm_id))) {
            Some(share) => *share,
            None => {
                let norm = self.norms.get(usize::from(norm_id)).copied().unwrap_or(K1);
                frequency as f32 * (K1 + 1.0) / (frequency as f32 + norm)
            }
        }
    }
}

/// The weight of a term that `holding` of `all` documents hold.
pub fn idf(holding: u64, all: u64) -> f32 {
    let (holding, all) = (holding as f32, all.max(holding) as f32);
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_and_short_count_more() {
        let share = Saturation::new(100.0);
        let (short, long) = (FieldNormReader::fieldnorm_to_id(20), FieldNormReader::fieldnorm_to_id(500));
        assert!(share.of(1, short) > share.of(1, long));
        assert!(share.of(9, short) > share.of(2, short));
        assert!((share.of(8, short) - share.of(9, short)).abs() < 0.1);
        assert!(idf(1, 1000) > idf(500, 1000) && idf(1000, 1000) > 0.0);
    }
}

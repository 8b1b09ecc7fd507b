//! Vectors of what resources mean, one each, beside the index: kept in a file of their own, scanned whole.
//!
//! A vector is paid for once: it is kept under the hash of its resource's id, with the digest of the text it was made from, and
//! outlives restarts and rebuilds of the index. The index alone says what there is and who may see it: a vector whose resource
//! is not in the index is never looked at. Vectors are made elsewhere (`gateway`), by whoever keeps them (`discover`).
//!
//! What it costs: a resource takes a byte for each number of its vector and about 60 more, in memory and in the file: 110 MB for
//! 100,000 resources at 1,024 numbers. A query looks at every vector of what may be seen and passes the filters: about 0.1 s of one
//! processor for as many (measured with the loop alone, on a machine that did other things too). Far beyond that an approximate index would be needed.

mod log;
mod packed;
mod table;
mod vectors;

pub use packed::Packed;
pub use table::{Known, Table};
pub use vectors::{Row, Vectors};

use std::sync::Arc;

/// What a query means, and where to look for what means about the same.
#[derive(Clone)]
pub struct Toward {
    /// The vectors.
    pub vectors: Arc<Vectors>,
    /// That of the query.
    pub query: Arc<Packed>,
    /// Least cosine of what is near, 0 to 1.
    pub least: f32,
}

impl std::fmt::Debug for Toward {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Toward").field("least", &self.least).finish_non_exhaustive()
    }
}

//! Recommendation.
pub mod catalogue;
pub mod decay;
pub mod learners;
pub mod rows;
pub mod state;

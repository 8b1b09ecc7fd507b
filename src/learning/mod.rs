//! Takes in what learners do.

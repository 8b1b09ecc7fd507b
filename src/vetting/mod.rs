//! Moves submissions from check to decision.

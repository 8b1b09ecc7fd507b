//! The integration tests: one binary, since linking many is slow. One file per journey or promise.

#[cfg(test)]
mod floor_plan;

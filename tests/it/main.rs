//! The integration tests: one binary, since linking many is slow. One file per journey or promise.

mod floor_plan;

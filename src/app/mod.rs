//! Puts the house together: opens the data directory, names the adapters, starts workers and listeners, and ends them in order.
//!
//! Nothing below may know this room; commands reach it through [`crate::cli::Host`]. To add a service: make it in
//! [`open`], hand it to `http::House`, and to `portal::Rooms` where pages need it; to add a job or a follower: one line in [`workers`].

pub mod host;
pub mod likeness;
mod meaning;
pub mod open;
pub mod serve;
mod space;
mod usage;
mod ways;
pub mod workers;

pub use host::Program;
pub use open::App;
pub use serve::Running;

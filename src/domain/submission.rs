//! A submission and its states.

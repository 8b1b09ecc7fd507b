//! Opinions, verdicts and panels.

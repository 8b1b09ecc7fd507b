//! Suggests what to learn next, and says why.

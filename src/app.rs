//! Puts the parts together; alone names adapters.

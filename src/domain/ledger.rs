//! The ledger: every step leaves a trace.

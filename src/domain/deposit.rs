//! A deposit: what an institution handed in at once.

//! Takes deposits in: from a package to submissions under check.

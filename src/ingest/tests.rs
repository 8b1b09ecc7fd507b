//! The whole way of a deposit.

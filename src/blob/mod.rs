//! Bytes by SHA-256: streamed in, deduplicated, read by range, swept when orphaned.

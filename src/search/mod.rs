//! The Tantivy index and how it speaks Chinese.

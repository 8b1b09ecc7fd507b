//! Vetting standards as data: reads rule files and applies them to facts.

//! Finds resources a viewer may see.

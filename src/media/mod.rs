//! Looks into files: facts, text, thumbnails.

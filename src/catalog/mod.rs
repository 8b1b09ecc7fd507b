//! Published resources: facts, files, revisions, and catalogues admitted from elsewhere.

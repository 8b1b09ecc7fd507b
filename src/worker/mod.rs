//! Runs jobs and follows the feed.

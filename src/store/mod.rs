//! Records, durable and atomic: engines, the record layer, the committer, the event log.

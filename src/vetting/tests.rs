//! Tests of the vetting service.

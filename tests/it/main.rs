//! The integration tests: one binary, since linking many is slow. One file per journey or promise.

#![expect(clippy::print_stdout, reason = "a run says what it tried: seeds, kills, figures")]

#[cfg(test)]
mod access;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod admitted;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod blindness;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod collection;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod complaints;
#[cfg(test)]
mod conversion;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod files;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod floor_plan;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod learner;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod names;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod panels;
#[cfg(test)]
mod portal;
#[cfg(test)]
mod program;
#[cfg(test)]
mod public_notices;
#[cfg(test)]
mod recusal;
#[cfg(test)]
mod retirement;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod spot_checks;
#[cfg(test)]
mod standards;
#[cfg(test)]
mod support;
#[cfg(test)]
mod uploads;

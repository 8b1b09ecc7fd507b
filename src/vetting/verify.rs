//! Verifies every ledger chain of the store against its root row.

use super::chains::{Roots, root};
use crate::domain::ledger::{ChainCheck, LedgerEntry, LedgerHead};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::store::{PageRequest, Store};
use serde::Serialize;

/// What verifying found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LedgerReport {
    /// Chains looked at.
    pub chains: u64,
    /// Entries looked at.
    pub entries: u64,
    /// What is wrong, in English, with chain and entry; empty when all is well.
    pub faults: Vec<String>,
}

/// Verifies the chains of all submissions and resources, one entry at a time, and that no entry stands outside of them.
///
/// Reads while others write: a chain that grows meanwhile is read again from its root row.
pub async fn verify_ledgers(store: &Store) -> Result<LedgerReport, Problem> {
    let mut report = LedgerReport::default();
    for kind in Roots::ALL {
        let mut page = PageRequest::first(500);
        loop {
            let (ends, next) = kind.page(store, page).await?;
            for (chain, head) in ends {
                check(store, &chain, &head, &mut report).await?;
            }
            let Some(next) = next else { break };
            page = PageRequest::first(500).after(Some(next));
        }
    }
    strays(store, &mut report).await?;
    Ok(report)
}

async fn check(store: &Store, chain: &str, head: &LedgerHead, report: &mut LedgerReport) -> Result<(), Problem> {
    report.chains += 1;
    let mut check = ChainCheck::new(chain);
    let mut page = PageRequest::first(1000);
    let mut taken = 0;
    loop {
        let found = store.list::<LedgerEntry>(&LedgerEntry::prefix_of(chain), page).await?;
        for stored in &found.items {
            // Entries written after the root row was read belong to a later head.
            if taken == head.length && stored.value.sequence == head.length + 1 && grew(store, chain, head).await? {
                return Ok(());
            }
            taken += 1;
            report.entries += 1;
            if let Err(fault) = check.take(&stored.value) {
                report.faults.push(fault.to_string());
                return Ok(());
            }
        }
        let Some(next) = found.next else { break };
        page = PageRequest::first(1000).after(Some(next));
    }
    report.faults.extend(check.finish(head).err().map(|fault| fault.to_string()));
    Ok(())
}

/// Whether the root row has moved on since its head was read.
async fn grew(store: &Store, chain: &str, head: &LedgerHead) -> Result<bool, Problem> {
    Ok(root(store, chain).await?.is_some_and(|now| now.length > head.length))
}

/// Entries of chains that have no root row.
async fn strays(store: &Store, report: &mut LedgerReport) -> Result<(), Problem> {
    let mut page = PageRequest::first(1000);
    let mut last = String::new();
    loop {
        let found = store.list::<LedgerEntry>(&Key::default(), page).await?;
        for stored in found.items {
            if stored.value.chain != last {
                last = stored.value.chain;
                if root(store, &last).await?.is_none() {
                    report.faults.push(format!("chain {last}: entries without a root row"));
                }
            }
        }
        let Some(next) = found.next else { return Ok(()) };
        page = PageRequest::first(1000).after(Some(next));
    }
}

//! Notices: who is told what, in the inbox and by the channels they chose; and programs of institutions by webhooks.
//!
//! [`tell`] reads ledger entries that the feed led to and writes notices, and the deliveries that follow from them, by the table in
//! `domain::notice::table`; it also takes what others found that no entry tells of (saved searches). `digest` gathers notices for who
//! wants one message a day; [`deliver`] does one delivery; [`inbox`] and [`settings`] are everybody's own; [`webhooks`] is for those
//! who manage an institution. Nothing in vetting waits for any of it.
//!
//! What this room must never do: write to a submission or a resource; log an address, a title or a text; tell a reviewer who
//! submitted, or a submitter who reviewed. A new verb is a new file with an `impl Notices` block.

mod about;
pub mod audience;
pub mod deliver;
mod digest;
pub mod expire;
pub mod inbox;
pub mod settings;
pub mod tell;
pub mod webhooks;

pub use tell::Teller;

use crate::clock::Clock;
use crate::domain::access::Actor;
use crate::domain::calendar::Calendar;
use crate::domain::problem::{Problem, ProblemKind};
use crate::gateway::Gateways;
use crate::gateway::hook::Hooks;
use crate::store::Store;
use std::sync::Arc;

/// How notices are kept and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeOptions {
    /// Days that notices and deliveries are kept.
    pub keep_days: u32,
    /// Name of the site, under every message that leaves the house.
    pub site_name: String,
    /// Public address of the site, empty where it is not known.
    pub base_url: String,
    /// The days that are worked: digests are sent on their mornings.
    pub calendar: Calendar,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    store: Store,
    clock: Clock,
    gateways: Gateways,
    hooks: Hooks,
    options: Arc<NoticeOptions>,
}

impl Notices {
    /// Notices kept in `store` that leave by these ways.
    pub fn new(store: Store, clock: Clock, gateways: Gateways, hooks: Hooks, options: NoticeOptions) -> Self {
        Self { store, clock, gateways, hooks, options: Arc::new(options) }
    }

    /// What makes notices from the feed.
    pub fn teller(&self) -> Teller {
        Teller::new(self.clone())
    }
}

/// The account of somebody who is signed in.
fn account_of(actor: &Actor) -> Result<&str, Problem> {
    actor.account.as_deref().ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Sign in first."))
}

//! Which records are the root rows of ledger chains. A new kind of chain is one line in each of the two functions here.

use crate::domain::ledger::{LedgerHead, ResourceChain};
use crate::domain::petition::complaint::Complaint;
use crate::domain::petition::machine::Petition;
use crate::domain::petition::objection::Objection;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record};
use crate::domain::spot_check::SpotCheck;
use crate::domain::submission::Submission;
use crate::store::{PageRequest, Store};

/// Kinds of root rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    Submissions,
    Resources,
    Complaints,
    Objections,
    SpotChecks,
}

impl Roots {
    pub const ALL: [Self; 5] = [Self::Submissions, Self::Resources, Self::Complaints, Self::Objections, Self::SpotChecks];

    /// Names and ends of the chains of this kind, a page of them, and where to go on.
    pub async fn page(self, store: &Store, page: PageRequest) -> Result<(Vec<(String, LedgerHead)>, Option<String>), Problem> {
        match self {
            Self::Submissions => ends(store, page, |root: Submission| (root.id, root.ledger)).await,
            Self::Resources => ends(store, page, |root: ResourceChain| (ResourceChain::name_of(&root.resource), root.ledger)).await,
            Self::Complaints => ends(store, page, of_petition::<Complaint>).await,
            Self::Objections => ends(store, page, of_petition::<Objection>).await,
            Self::SpotChecks => ends(store, page, of_petition::<SpotCheck>).await,
        }
    }
}

async fn ends<R: Record>(
    store: &Store,
    page: PageRequest,
    of: impl Fn(R) -> (String, LedgerHead),
) -> Result<(Vec<(String, LedgerHead)>, Option<String>), Problem> {
    let found = store.list::<R>(&Key::default(), page).await?;
    Ok((found.items.into_iter().map(|stored| of(stored.value)).collect(), found.next))
}

fn of_petition<P: Petition>(petition: P) -> (String, LedgerHead) {
    (petition.chain(), petition.root().ledger.clone())
}

/// The end of the chain of this name, as its root row tells it.
pub(super) async fn root(store: &Store, chain: &str) -> Result<Option<LedgerHead>, Problem> {
    Ok(match chain.split_once(':') {
        Some((ResourceChain::KIND, id)) => store.get::<ResourceChain>(&Key::from(id)).await?.map(|stored| stored.value.ledger),
        Some((Complaint::CHAIN, id)) => store.get::<Complaint>(&Key::from(id)).await?.map(|stored| stored.value.root.ledger),
        Some((Objection::CHAIN, id)) => store.get::<Objection>(&Key::from(id)).await?.map(|stored| stored.value.root.ledger),
        Some((SpotCheck::CHAIN, id)) => store.get::<SpotCheck>(&Key::from(id)).await?.map(|stored| stored.value.root.ledger),
        _ => store.get::<Submission>(&Key::from(chain)).await?.map(|stored| stored.value.ledger),
    })
}

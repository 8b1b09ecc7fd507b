//! Claims with leases: one of two wins the last seat, and an expired lease frees it.

use super::{Site, committee, editor, reviewer, says};
use crate::domain::problem::ProblemKind;
use crate::domain::review::Verdict;
use crate::vetting::decide::Decide;
use crate::vetting::decide_many::{Ballot, DecideMany};
use crate::vetting::screen::Screening;

const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn the_last_seat_is_free_again_when_its_lease_runs_out() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let vetting = &site.vetting;
    vetting.claim(&reviewer("slow"), "s1", None).await.unwrap();
    let late = vetting.claim(&reviewer("quick"), "s1", None).await.unwrap_err();
    assert_eq!((late.kind, late.code), (ProblemKind::Conflict, "no-seat"));
    let told = late.state.unwrap();
    let now = vetting.get(&editor(), "s1").await.unwrap().line;
    assert_eq!((told.code.as_str(), told.version), ("review", Some(now.version.0)));
    site.clock.advance(72 * HOUR_MS - 1);
    assert_eq!(vetting.claim(&reviewer("quick"), "s1", None).await.unwrap_err().code, "no-seat", "the lease still runs");
    assert!(vetting.desk(&reviewer("quick"), 10).await.unwrap().waiting.is_empty());
    site.clock.advance(1);
    assert_eq!(vetting.desk(&reviewer("quick"), 10).await.unwrap().waiting.len(), 1);
    vetting.claim(&reviewer("quick"), "s1", None).await.unwrap();
    let gone = vetting.opine(&reviewer("slow"), "s1", &says(Verdict::Pass), None).await.unwrap_err();
    assert_eq!((gone.code, gone.state.unwrap().code.as_str()), ("no-claim", "review"));
    assert_eq!(vetting.opine(&reviewer("quick"), "s1", &says(Verdict::Pass), None).await.unwrap().line.state.code, "final");
}

#[tokio::test]
async fn many_decisions_tell_where_each_stands_that_could_not_be_decided() {
    let site = Site::new().await;
    for id in ["s1", "s2"] {
        site.submit(id, |new| new.metadata.source_id = Some(id.to_owned())).await;
    }
    site.vetting.screen(&editor(), "s2", &Screening::Return { reason: "请改".to_owned() }, None).await.unwrap();
    site.vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    let items = ["s1", "s2"].map(|id| Ballot { id: id.to_owned(), version: None }).to_vec();
    let ask = DecideMany { verdict: Verdict::Pass, reason: String::new(), items };
    let answers = site.vetting.decide_many(&committee("c1"), &ask).await.unwrap();
    assert!(answers[0].done && !answers[1].done);
    assert_eq!(answers[1].state.as_ref().unwrap().code, "returned");
    assert!(answers[1].version.is_some());
    // A second form for the same: both are refused with where they stand.
    let again = site.vetting.decide(&committee("c2"), "s1", &Decide { verdict: Verdict::Pass, reason: String::new() }, None).await;
    assert_eq!(again.unwrap_err().state.unwrap().code, "published");
}

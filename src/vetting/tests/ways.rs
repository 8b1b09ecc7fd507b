use super::{Site, committee, editor, metadata, office, reviewer, says, submitter};
use crate::domain::access::Actor;
use crate::domain::change::{Position, Topic};
use crate::domain::ledger::LedgerEntry;
use crate::domain::metadata::Culture;
use crate::domain::problem::ProblemKind;
use crate::domain::record::Key;
use crate::domain::resource::{Alias, Provenance, Resource, Revision};
use crate::domain::review::{Verdict, Veto};
use crate::domain::time::DAY_MS;
use crate::vetting::correct::Correction;
use crate::vetting::countersign::{GiveCountersign, OfficeAnswer};
use crate::vetting::decide::{AnswerAppeal, Decide};
use crate::vetting::resources::ChangeResource;
use crate::vetting::screen::Screening;
use crate::vetting::verify_ledgers;

fn pass() -> Decide {
    Decide { verdict: Verdict::Pass, reason: String::new() }
}

#[tokio::test]
async fn the_regular_way_publishes_in_one_change() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let vetting = &site.vetting;
    let mine = vetting.next(&reviewer("r1")).await.unwrap().unwrap();
    assert_eq!((mine.line.id.as_str(), mine.line.state.code.as_str()), ("s1", "review"));
    let opined = vetting.opine(&reviewer("r1"), "s1", &says(Verdict::Pass), Some(mine.line.version)).await.unwrap();
    assert_eq!(opined.line.state.code, "final");
    assert_eq!(vetting.decide(&reviewer("r1"), "s1", &pass(), None).await.unwrap_err().kind, ProblemKind::Forbidden);
    assert_eq!(vetting.decide(&committee("r1"), "s1", &pass(), None).await.unwrap_err().code, "recused");
    let done = vetting.decide(&committee("chief"), "s1", &pass(), None).await.unwrap();
    assert_eq!((done.line.state.code.as_str(), done.line.state.revision), ("published", Some(1)));

    let resource = site.store.get::<Resource>(&Key::from("r-s1")).await.unwrap().unwrap();
    assert_eq!(resource.version, done.line.version, "decision and resource are one change");
    assert_eq!(resource.value.assets.len(), 1, "evidence stays with the submission");
    assert!(matches!(&resource.value.provenance, Provenance::Vetted { submission, reviewers: 1, .. } if submission == "s1"));
    let alias = site.store.get::<Alias>(&Alias::key_of("source", "/hunan/a", "A-1")).await.unwrap().unwrap();
    assert_eq!(alias.value.resource, "r-s1");
    let told = site.store.facts_after(Position(done.line.version.0 - 1), 10).await.unwrap();
    assert!(told[0].facts.iter().any(|fact| fact.topic == Topic::Resource && fact.id == "r-s1"));
    let record = vetting.review_record(&Actor::visitor(), "r-s1").await.unwrap();
    assert_eq!((record.reviewers, record.verdicts[0].label.as_str()), (1, "通过"));
    assert_eq!(record.steps.last().unwrap().state.code, "published");
    let report = verify_ledgers(&site.store).await.unwrap();
    // A second chain where the publication was drawn for a spot check.
    assert!((1..=2).contains(&report.chains) && report.faults.is_empty(), "{report:?}");
}

#[tokio::test]
async fn the_selected_way_scores_votes_and_waits_for_the_notice() {
    let site = Site::new().await;
    site.submit("s1", |new| new.track = "selected".to_owned()).await;
    let vetting = &site.vetting;
    assert_eq!(vetting.get(&editor(), "s1").await.unwrap().line.state.code, "screening");
    site.assign_to("s1", &["a", "b", "c"]).await;
    for (account, mark) in [("a", 9000), ("b", 8500), ("c", 8000)] {
        let desk = vetting.next(&reviewer(account)).await.unwrap().unwrap();
        assert_eq!(vetting.opine(&reviewer(account), "s1", &says(Verdict::Pass), None).await.unwrap_err().code, "score");
        let mut full = says(Verdict::Pass);
        full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), mark)).collect();
        vetting.opine(&reviewer(account), "s1", &full, None).await.unwrap();
    }
    assert_eq!(vetting.decide(&committee("c1"), "s1", &pass(), None).await.unwrap().line.state.votes, Some(1));
    let noticed = vetting.decide(&committee("c2"), "s1", &pass(), None).await.unwrap();
    assert_eq!(noticed.line.state.code, "notice");
    assert_eq!(vetting.publish_due().await.unwrap(), 0);
    // Sunday 22 November: five working days from Monday on end with Friday.
    assert_eq!(noticed.line.state.until.unwrap().to_string(), "2026-11-27T16:00:00Z");
    site.clock.advance(6 * DAY_MS);
    assert_eq!(vetting.publish_due().await.unwrap(), 1);
    let record = vetting.review_record(&Actor::visitor(), "r-s1").await.unwrap();
    assert_eq!((record.mean, record.reviewers, record.criteria.len()), (Some(8500), 3, 7));
    assert!(record.criteria.iter().all(|criterion| criterion.mean == 8500));
    assert_eq!(verify_ledgers(&site.store).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn culture_goes_to_the_office_and_then_to_the_committee() {
    let site = Site::new().await;
    site.submit("s1", |new| new.metadata.culture = Some(Culture::default())).await;
    site.vetting.next(&reviewer("a")).await.unwrap().unwrap();
    let opined = site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    assert_eq!(opined.line.state.code, "countersign");
    assert_eq!(site.vetting.decide(&committee("c1"), "s1", &pass(), None).await.unwrap_err().code, "state");
    let agrees = GiveCountersign { answer: OfficeAnswer::Agree, text: String::new(), letter: String::new() };
    let agreed = site.vetting.countersign(&office("o1"), "s1", &agrees, None).await.unwrap();
    assert_eq!(agreed.line.state.code, "committee");
    let done = site.vetting.decide(&committee("c1"), "s1", &pass(), None).await.unwrap();
    assert_eq!(done.line.state.code, "published");
}

#[tokio::test]
async fn changes_asked_for_come_back_and_are_confirmed() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    site.vetting.next(&reviewer("a")).await.unwrap().unwrap();
    let returned = site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::PassAfterChanges), None).await.unwrap();
    assert_eq!(returned.line.state.code, "returned");
    site.resubmit("s1").await;
    let view = site.vetting.get(&submitter(), "s1").await.unwrap();
    assert_eq!((view.line.state.code.as_str(), view.line.round), ("screening", 2));
    site.vetting.screen(&editor(), "s1", &Screening::Confirm, None).await.unwrap();
    let done = site.vetting.decide(&committee("chief"), "s1", &pass(), None).await.unwrap();
    assert_eq!(done.line.state.code, "published");
}

#[tokio::test]
async fn a_new_revision_keeps_the_old_one() {
    let site = Site::new().await;
    for (id, revision_of) in [("s1", None), ("s2", Some(1))] {
        site.submit(id, |new| {
            new.resource = "r".to_owned();
            new.revision_of = revision_of;
        })
        .await;
        site.vetting.claim(&reviewer("a"), id, None).await.unwrap();
        site.vetting.opine(&reviewer("a"), id, &says(Verdict::Pass), None).await.unwrap();
        site.vetting.decide(&committee("chief"), id, &pass(), None).await.unwrap();
        site.clock.advance(1000);
    }
    let head = site.store.get::<Resource>(&Key::from("r")).await.unwrap().unwrap().value;
    assert_eq!(head.revision, 2);
    assert!(head.updated > head.published);
    let old = site.store.get::<Revision>(&Key::of(&["r", "0000000001"])).await.unwrap().unwrap().value;
    assert_eq!(old.resource.revision, 1);
    site.submit("s3", |new| {
        new.resource = "r".to_owned();
        new.revision_of = Some(1);
    })
    .await;
    site.vetting.claim(&reviewer("a"), "s3", None).await.unwrap();
    site.vetting.opine(&reviewer("a"), "s3", &says(Verdict::Pass), None).await.unwrap();
    assert_eq!(site.vetting.decide(&committee("chief"), "s3", &pass(), None).await.unwrap_err().code, "revision");
}

#[tokio::test]
async fn of_two_at_the_same_instant_one_wins() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let (a, b) = (reviewer("a"), reviewer("b"));
    let (one, other) = tokio::join!(site.vetting.claim(&a, "s1", None), site.vetting.claim(&b, "s1", None));
    let lost = [&one, &other].into_iter().filter_map(|told| told.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].kind, lost[0].code), (ProblemKind::Conflict, "no-seat"));
    let seen = one.or(other).unwrap();
    site.vetting.withdraw(&submitter(), "s1", None).await.unwrap();
    let winner = if seen.seats.is_empty() { &b } else { &a };
    let late = site.vetting.opine(winner, "s1", &says(Verdict::Pass), Some(seen.line.version)).await.unwrap_err();
    assert!(matches!(late.kind, ProblemKind::NotFound | ProblemKind::Precondition | ProblemKind::Conflict), "{late:?}");
    let stale = site.vetting.screen(&editor(), "s1", &Screening::Return { reason: "改".into() }, Some(seen.line.version)).await;
    assert!(matches!(stale.unwrap_err().kind, ProblemKind::Precondition | ProblemKind::Conflict));
}

#[tokio::test]
async fn a_veto_needs_fact_and_place() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let me = reviewer("a");
    site.vetting.next(&me).await.unwrap().unwrap();
    let mut give = says(Verdict::Reject);
    give.vetoes = vec![Veto { item: "rights".into(), fact: "第3页图片未经授权".into(), place: String::new() }];
    assert_eq!(site.vetting.opine(&me, "s1", &give, None).await.unwrap_err().code, "veto-fact");
    give.vetoes[0].place = "读本.pdf 第3页".into();
    give.verdict = Verdict::Pass;
    assert_eq!(site.vetting.opine(&me, "s1", &give, None).await.unwrap_err().code, "veto-verdict");
    give.verdict = Verdict::Reject;
    assert_eq!(site.vetting.opine(&me, "s1", &give, None).await.unwrap().line.state.code, "final");
    let refuse = Decide { verdict: Verdict::Reject, reason: "侵权".into() };
    site.vetting.decide(&committee("chief"), "s1", &refuse, None).await.unwrap();
    site.vetting.appeal(&submitter(), "s1", "图片为自摄，附底片", None).await.unwrap();
    let reopened = site.vetting.answer_appeal(&committee("other"), "s1", &AnswerAppeal::Reopen { track: None }, None).await.unwrap();
    assert_eq!(reopened.line.state.code, "panel");
    assert!(site.vetting.next(&me).await.unwrap().is_none(), "the first reviewer takes no part");
    assert!(site.vetting.next(&reviewer("b")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_resource_is_suspended_restored_corrected_and_retired() {
    let site = Site::new().await;
    site.submit("s1", |new| new.metadata = metadata()).await;
    site.vetting.next(&reviewer("a")).await.unwrap().unwrap();
    site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    site.vetting.decide(&committee("chief"), "s1", &pass(), None).await.unwrap();
    let reason = || "权利人投诉".to_owned();
    let change = |change: ChangeResource| async move { change };
    let suspend = change(ChangeResource::Suspend { reason: reason() }).await;
    assert_eq!(site.vetting.change_resource(&submitter(), "r-s1", &suspend, None).await.unwrap_err().kind, ProblemKind::Forbidden);
    site.vetting.change_resource(&editor(), "r-s1", &suspend, None).await.unwrap();
    assert_eq!(site.vetting.change_resource(&editor(), "r-s1", &suspend, None).await.unwrap_err().code, "state");
    assert!(site.vetting.review_record(&Actor::visitor(), "r-s1").await.is_err());
    site.vetting.change_resource(&editor(), "r-s1", &ChangeResource::Restore { reason: reason() }, None).await.unwrap();
    let correction = Correction { reason: "错字".into(), keywords: Some(vec!["反诈".into()]), ..Correction::default() };
    site.vetting.correct(&editor(), "r-s1", &correction, None).await.unwrap();
    site.vetting.change_resource(&editor(), "r-s1", &ChangeResource::Retire { reason: reason() }, None).await.unwrap();
    let retired = site.store.get::<Resource>(&Key::from("r-s1")).await.unwrap().unwrap().value;
    assert_eq!(retired.metadata.keywords, ["反诈"]);
    assert!(!retired.is_served());
    let report = verify_ledgers(&site.store).await.unwrap();
    // A third chain where the publication was drawn for a spot check.
    assert!((2..=3).contains(&report.chains) && report.faults.is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_changed_ledger_row_is_found() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let entries = site.store.list::<LedgerEntry>(&LedgerEntry::prefix_of("s1"), crate::store::PageRequest::first(10)).await.unwrap().items;
    let mut forged = entries[1].value.clone();
    forged.action = "decide".to_owned();
    let mut changes = crate::domain::change::ChangeSet::new("forge");
    changes.update(&entries[1], &forged).unwrap();
    changes.remove(entries.last().unwrap());
    site.store.commit(changes).await.unwrap();
    let faults = verify_ledgers(&site.store).await.unwrap().faults;
    assert_eq!(faults, ["chain s1: entry 2 was changed after it was sealed"]);
}

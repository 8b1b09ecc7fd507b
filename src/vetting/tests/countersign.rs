//! The office's countersign over the service: who sees what, terms in working days, and what the desk is told.

use super::{Site, committee, editor, office, reviewer, says, submitter};
use crate::domain::access::Actor;
use crate::domain::ledger::LedgerEntry;
use crate::domain::metadata::Culture;
use crate::domain::problem::ProblemKind;
use crate::domain::record::Key;
use crate::domain::resource::Resource;
use crate::domain::review::Verdict;
use crate::domain::time::DAY_MS;
use crate::store::PageRequest;
use crate::vetting::countersign::{GiveCountersign, MarkContent, OfficeAnswer};
use crate::vetting::decide::Decide;
use crate::vetting::verify_ledgers;
use crate::vetting::views::SubmissionView;

fn says_so(answer: OfficeAnswer, text: &str) -> GiveCountersign {
    GiveCountersign { answer, text: text.to_owned(), letter: "民宗函〔2026〕7号".to_owned() }
}

/// A culture item that its reviewer passed.
async fn waiting(site: &Site) -> SubmissionView {
    site.submit("s1", |new| new.metadata.culture = Some(Culture::default())).await;
    site.vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    site.vetting.get(&office("o1"), "s1").await.unwrap()
}

#[tokio::test]
async fn the_office_sees_the_work_with_its_evidence_and_nobodys_opinion() {
    let site = Site::new().await;
    site.submit("s0", |_| {}).await;
    assert_eq!(site.vetting.get(&office("o1"), "s0").await.unwrap_err().kind, ProblemKind::NotFound, "it was never asked about this");
    let seen = waiting(&site).await;
    assert_eq!(seen.files.len(), 2, "evidence too");
    assert!(seen.opinions.is_empty() && seen.outcome.is_none() && seen.seats.is_empty() && seen.submitter.is_none());
    let asked = seen.countersign.unwrap();
    assert_eq!((asked.office.label.as_str(), asked.answer), ("民族宗教事务部门", None));
    let actions: Vec<_> = seen.actions.iter().map(|action| action.code.as_str()).collect();
    assert_eq!(actions, ["countersign", "dissent"]);
    // Sunday 22 November: ten working days from Monday on end with Friday 4 December.
    assert_eq!(seen.line.state.until.unwrap().to_string(), "2026-12-04T16:00:00Z");
    let foreign = super::actor("o9", crate::domain::access::Role::EthnicAffairs, "/hubei");
    assert_eq!(site.vetting.get(&foreign, "s1").await.unwrap_err().kind, ProblemKind::NotFound);
    assert_eq!(site.vetting.history(&office("o1"), "s1").await.unwrap_err().kind, ProblemKind::Forbidden);
    for account in [reviewer("b"), committee("c1"), editor(), submitter()] {
        let told = site.vetting.countersign(&account, "s1", &says_so(OfficeAnswer::Agree, ""), None).await.unwrap_err();
        assert!(matches!(told.kind, ProblemKind::Forbidden | ProblemKind::NotFound), "{told:?}");
    }
}

#[tokio::test]
async fn an_objection_is_read_by_all_sides_but_reviewers_and_answered_in_words() {
    let site = Site::new().await;
    waiting(&site).await;
    let vetting = &site.vetting;
    let bare = vetting.countersign(&office("o1"), "s1", &says_so(OfficeAnswer::Object, " "), None).await.unwrap_err();
    assert_eq!(bare.code, "reason-required");
    let said = vetting.countersign(&office("o1"), "s1", &says_so(OfficeAnswer::Object, "第二节称谓不当。"), None).await.unwrap();
    assert_eq!(said.line.state.code, "committee");
    let read = |view: SubmissionView| view.countersign.and_then(|asked| asked.answer);
    let theirs = read(vetting.get(&submitter(), "s1").await.unwrap()).unwrap();
    assert_eq!((theirs.agreed, theirs.text.as_str(), theirs.account), (false, "第二节称谓不当。", None));
    assert_eq!(read(vetting.get(&editor(), "s1").await.unwrap()).unwrap().account.as_deref(), Some("o1"));
    assert!(vetting.get(&reviewer("a"), "s1").await.unwrap().countersign.is_none());
    let vote = |reason: &str| Decide { verdict: Verdict::Pass, reason: reason.to_owned() };
    assert_eq!(vetting.decide(&committee("c1"), "s1", &vote(""), None).await.unwrap_err().code, "reason-required");
    vetting.decide(&committee("c1"), "s1", &vote("已改称谓。"), None).await.unwrap();
    let again = vetting.decide(&committee("c1"), "s1", &vote("已改称谓。"), None).await.unwrap_err();
    assert_eq!((again.code, again.state.unwrap().code.as_str()), ("already-voted", "committee"));
    let done = vetting.decide(&committee("c2"), "s1", &vote("与名录一致。"), None).await.unwrap();
    assert_eq!(done.line.state.code, "published");
    let answers = read(vetting.get(&office("o1"), "s1").await.unwrap()).unwrap().answers;
    assert_eq!(answers, ["已改称谓。", "与名录一致。"]);
    let report = verify_ledgers(&site.store).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
}

#[tokio::test]
async fn silence_is_reminded_of_and_told_to_the_desk_and_passes_nothing() {
    let site = Site::new().await;
    waiting(&site).await;
    let vetting = &site.vetting;
    assert_eq!(vetting.keep_time().await.unwrap(), 0, "nothing is due");
    // Wednesday 2 December: two working days are left.
    site.clock.advance(10 * DAY_MS);
    assert_eq!(vetting.keep_time().await.unwrap(), 1, "a reminder");
    assert_eq!(vetting.keep_time().await.unwrap(), 0, "once");
    assert!(vetting.overdue(&editor()).await.unwrap().is_empty());
    site.clock.advance(5 * DAY_MS);
    assert_eq!(vetting.keep_time().await.unwrap(), 1, "the desk is told");
    assert_eq!(vetting.keep_time().await.unwrap(), 0, "once");
    let overdue = vetting.overdue(&editor()).await.unwrap();
    assert!(overdue.len() == 1 && overdue[0].escalated && overdue[0].line.state.code == "countersign");
    site.clock.advance(365 * DAY_MS);
    (vetting.keep_time().await.unwrap(), vetting.publish_due().await.unwrap());
    assert_eq!(vetting.get(&editor(), "s1").await.unwrap().line.state.code, "countersign", "a year of silence passes nothing");
    assert!(site.store.get::<Resource>(&Key::from("r-s1")).await.unwrap().is_none());
    let entries = site.store.list::<LedgerEntry>(&LedgerEntry::prefix_of("s1"), PageRequest::last(2)).await.unwrap().items;
    let codes: Vec<_> = entries.iter().map(|entry| entry.value.action.as_str()).collect();
    assert_eq!(codes, ["overdue", "remind"]);
    vetting.countersign(&office("o1"), "s1", &says_so(OfficeAnswer::Agree, ""), None).await.unwrap();
}

#[tokio::test]
async fn a_reviewer_marks_what_the_checks_did_not_see() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    let vetting = &site.vetting;
    let mark = |flag: &str| MarkContent { flag: flag.to_owned(), reason: "讲述宗教仪轨。".to_owned() };
    assert_eq!(vetting.mark_content(&reviewer("a"), "s1", &mark("religious"), None).await.unwrap_err().code, "no-claim");
    vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    assert_eq!(vetting.mark_content(&reviewer("a"), "s1", &mark("escalated"), None).await.unwrap_err().code, "flag");
    vetting.mark_content(&reviewer("a"), "s1", &mark("religious"), None).await.unwrap();
    let opined = vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    assert_eq!(opined.line.state.code, "countersign");
    let visitor = vetting.mark_content(&Actor::visitor(), "s1", &mark("ethnic"), None).await.unwrap_err();
    assert_eq!(visitor.kind, ProblemKind::Unauthorized);
}

#[tokio::test]
async fn a_clerk_of_the_submitting_institution_is_recused() {
    let site = Site::new().await;
    waiting(&site).await;
    // The account belongs to the institution; the role over the province does not change that.
    let told = site.vetting.countersign(&office("colleague"), "s1", &says_so(OfficeAnswer::Agree, ""), None).await.unwrap_err();
    assert_eq!(told.code, "recused");
}

//! What comes due around and after publication, with a clock that is moved.

use super::{Site, committee, editor, reviewer, says};
use crate::domain::access::Actor;
use crate::domain::review::Verdict;
use crate::domain::time::DAY_MS;
use crate::vetting::decide::Decide;
use crate::vetting::objections::{AnswerObjection, FileObjection, ObjectionAnswer};
use crate::vetting::screen::Screening;
use crate::vetting::verify_ledgers;

/// Brings a submission of the selected track under notice.
async fn noticed(site: &Site, id: &str) {
    site.submit(id, |new| new.track = "selected".to_owned()).await;
    let vetting = &site.vetting;
    let clerk = super::actor("clerk", crate::domain::access::Role::Editor, "/");
    vetting.screen(&clerk, id, &Screening::Assign { track: None }, None).await.unwrap();
    site.invite(id, &["a", "b", "c"]).await;
    for account in ["a", "b", "c"] {
        let desk = vetting.claim(&reviewer(account), id, None).await.unwrap();
        let mut full = says(Verdict::Pass);
        full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), 8500)).collect();
        vetting.opine(&reviewer(account), id, &full, None).await.unwrap();
    }
    for account in ["c1", "c2"] {
        vetting.decide(&committee(account), id, &Decide { verdict: Verdict::Pass, reason: String::new() }, None).await.unwrap();
    }
    assert_eq!(vetting.get(&editor(), id).await.unwrap().line.state.code, "notice");
}

fn objection() -> FileObjection {
    let text = |text: &str| text.to_owned();
    FileObjection { name: text("甲"), contact: text("139"), text: text("不妥"), evidence: text("第3页") }
}

#[tokio::test]
async fn a_notice_that_ran_out_waits_for_the_answer_to_an_objection() {
    let site = Site::new().await;
    let vetting = &site.vetting;
    noticed(&site, "s1").await;
    let filed = vetting.object(&Actor::visitor(), "s1", &objection()).await.unwrap();
    site.clock.advance(10 * DAY_MS);
    assert_eq!(vetting.publish_due().await.unwrap(), 0, "the objection was not answered");
    let answer = |answer| AnswerObjection { answer, reason: "经核实不成立".to_owned() };
    let clerk = super::actor("clerk", crate::domain::access::Role::Editor, "/");
    let refused = vetting.answer_objection(&clerk, &filed.id, &answer(ObjectionAnswer::Refuse), None).await.unwrap_err();
    assert_eq!(refused.code, "recused", "who screened it does not answer");
    vetting.answer_objection(&editor(), &filed.id, &answer(ObjectionAnswer::Refuse), None).await.unwrap();
    assert_eq!(vetting.object(&Actor::visitor(), "s1", &objection()).await.unwrap_err().code, "notice-over");
    assert_eq!(vetting.publish_due().await.unwrap(), 1);
    assert_eq!(verify_ledgers(&site.store).await.unwrap().faults, Vec::<String>::new());
}

use super::{Site, actor, committee, editor, office, reviewer, says, submitter};
use crate::domain::access::{Actor, Role};
use crate::domain::change::ChangeSet;
use crate::domain::metadata::Culture;
use crate::domain::problem::ProblemKind;
use crate::domain::record::Key;
use crate::domain::review::{Audience, Verdict};
use crate::domain::submission::Submission;
use crate::domain::submission::waivers::{Waived, Waiver};
use crate::vetting::comments::MakeComment;
use crate::vetting::countersign::{GiveCountersign, OfficeAnswer};
use crate::vetting::decide::Decide;
use crate::vetting::show::ListSubmissions;

const NAMES: [&str; 3] = ["expert-one", "expert-two", "expert-three"];

#[tokio::test]
async fn nobody_learns_a_reviewers_name_but_the_desk() {
    let site = Site::new().await;
    site.submit("s1", |new| new.track = "selected".to_owned()).await;
    site.assign_to("s1", &NAMES).await;
    for name in NAMES {
        let desk = site.vetting.next(&reviewer(name)).await.unwrap().unwrap();
        let mut full = says(Verdict::Pass);
        full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), 8000)).collect();
        let comment =
            MakeComment {
                text: "第二页有错字".into(), audience: Audience::Submitter, file: None, field: None, row: None, locator: None
            };
        site.vetting.comment(&reviewer(name), "s1", &comment).await.unwrap();
        site.vetting.opine(&reviewer(name), "s1", &full, None).await.unwrap();
        // While the panel sits, a reviewer must not learn what the others said, nor that they are there.
        let seen = site.vetting.get(&reviewer(name), "s1").await.unwrap();
        assert_eq!((seen.opinions.len(), seen.comments.len(), seen.seats.len()), (1, 1, 1));
        let text = serde_json::to_string(&seen).unwrap();
        assert!(!text.contains("\"submitter\":\""), "the reviewer does not learn who submitted");
        assert!(NAMES.iter().all(|name| !text.contains(name)));
    }
    for viewer in [submitter(), actor("boss", Role::Manager, "/hunan/a"), committee("chief")] {
        let view = site.vetting.get(&viewer, "s1").await.unwrap();
        assert_eq!((view.opinions.len(), view.comments.len()), (3, 3));
        let page = site.vetting.list(&viewer, &ListSubmissions::default()).await.unwrap();
        let history = site.vetting.history(&viewer, "s1").await.unwrap();
        let text = serde_json::to_string(&(view, page, history)).unwrap();
        assert!(NAMES.iter().all(|name| !text.contains(name)), "{:?}", viewer.account);
    }
    let desk = serde_json::to_string(&site.vetting.get(&editor(), "s1").await.unwrap()).unwrap();
    assert!(NAMES.iter().all(|name| desk.contains(name)));
}

#[tokio::test]
async fn a_panel_at_work_shows_the_submitter_nothing() {
    let site = Site::new().await;
    site.submit("s1", |new| new.track = "selected".to_owned()).await;
    site.assign_to("s1", &NAMES).await;
    let desk = site.vetting.next(&reviewer("expert-one")).await.unwrap().unwrap();
    let mut full = says(Verdict::Reject);
    full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), 3000)).collect();
    site.vetting.opine(&reviewer("expert-one"), "s1", &full, None).await.unwrap();
    let view = site.vetting.get(&submitter(), "s1").await.unwrap();
    assert!(view.opinions.is_empty() && view.outcome.is_none() && view.seats.is_empty());
}

#[tokio::test]
async fn strangers_see_no_submission() {
    let site = Site::new().await;
    site.submit("s1", |new| new.track = "selected".to_owned()).await;
    let strangers = [
        Actor::visitor(),
        actor("learner", Role::Learner, "/"),
        actor("sibling", Role::Contributor, "/hunan/b"),
        actor("sibling-manager", Role::Manager, "/hunan/ab"),
        actor("far-editor", Role::Editor, "/hubei"),
        reviewer("not-asked"),
    ];
    for stranger in strangers {
        let of = stranger.account.clone();
        assert_eq!(site.vetting.get(&stranger, "s1").await.unwrap_err().kind, ProblemKind::NotFound, "{of:?}");
        assert_eq!(site.vetting.history(&stranger, "s1").await.unwrap_err().kind, ProblemKind::NotFound, "{of:?}");
        assert_eq!(site.vetting.explain(&stranger, "s1").await.unwrap_err().kind, ProblemKind::NotFound, "{of:?}");
        let withdrawn = site.vetting.withdraw(&stranger, "s1", None).await.unwrap_err().kind;
        assert!(matches!(withdrawn, ProblemKind::NotFound | ProblemKind::Unauthorized), "{of:?}");
        if of.is_some() {
            assert!(site.vetting.list(&stranger, &ListSubmissions::default()).await.unwrap().items.is_empty(), "{of:?}");
        }
    }
}

#[tokio::test]
async fn the_own_house_is_recused_and_a_colleague_withdraws_nothing() {
    let site = Site::new().await;
    site.submit("s1", |_| {}).await;
    assert!(site.vetting.next(&reviewer("colleague")).await.unwrap().is_none(), "same institution by the account");
    assert_eq!(site.vetting.claim(&reviewer("colleague"), "s1", None).await.unwrap_err().code, "recused");
    let colleague = actor("colleague", Role::Contributor, "/hunan/a");
    assert_eq!(site.vetting.withdraw(&colleague, "s1", None).await.unwrap_err().kind, ProblemKind::Forbidden);
    site.vetting.withdraw(&actor("boss", Role::Manager, "/hunan/a"), "s1", None).await.unwrap();
}

#[tokio::test]
async fn lists_are_pages() {
    let site = Site::new().await;
    for place in 0..7 {
        site.submit(&format!("s{place}"), |_| {}).await;
    }
    let mut ask = ListSubmissions { limit: Some(3), ..ListSubmissions::default() };
    let mut seen = Vec::new();
    loop {
        let page = site.vetting.list(&submitter(), &ask).await.unwrap();
        seen.extend(page.items.into_iter().map(|line| line.id));
        let Some(next) = page.next else { break };
        ask.cursor = Some(next);
    }
    assert_eq!(seen, ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]);
    let desk = site.vetting.desk(&reviewer("a"), 5).await.unwrap();
    assert_eq!((desk.claimed.len(), desk.waiting.len()), (0, 5));
    assert_eq!(desk.waiting[0].id, "s0", "the oldest first");
}

/// Something the member waived in the committee's name.
async fn waived_by(site: &Site, member: &str) {
    let old = site.store.get::<Submission>(&Key::from("s1")).await.unwrap().unwrap();
    let mut new = old.value.clone();
    new.waivers.push(Waiver {
        waived: Waived { rule: "X".to_owned(), file: None },
        digest: None,
        found: Default::default(),
        account: member.to_owned(),
        role: "committee".to_owned(),
        reason: format!("史料如此。{member}"),
        round: 1,
        at: site.clock.now(),
    });
    let mut changes = ChangeSet::new(site.clock.fresh_id());
    changes.update(&old, &new).unwrap();
    site.store.commit(changes).await.unwrap();
}

#[tokio::test]
async fn who_decides_or_speaks_for_an_office_is_not_named_by_the_own_words() {
    let site = Site::new().await;
    site.holding("office-one", Some("省民宗委"), office("office-one").assignments).await;
    site.holding("member-one", Some("乙大学"), committee("member-one").assignments).await;
    site.submit("s1", |new| new.metadata.culture = Some(Culture::default())).await;
    let vetting = &site.vetting;
    vetting.claim(&reviewer("expert-one"), "s1", None).await.unwrap();
    vetting.opine(&reviewer("expert-one"), "s1", &says(Verdict::Pass), None).await.unwrap();
    let objects = GiveCountersign {
        answer: OfficeAnswer::Object,
        text: "省民宗委认为称谓不当。经办office-one，0731-84021234".to_owned(),
        letter: "7号 office-one".to_owned(),
    };
    vetting.countersign(&office("office-one"), "s1", &objects, None).await.unwrap();
    waived_by(&site, "member-one").await;
    let vote = |verdict| Decide { verdict, reason: "不宜入库。member-one（乙大学）".to_owned() };
    vetting.decide(&committee("member-one"), "s1", &vote(Verdict::Pass), None).await.unwrap();
    vetting.decide(&committee("chief"), "s1", &vote(Verdict::Reject), None).await.unwrap();
    vetting.decide(&committee("other"), "s1", &vote(Verdict::Reject), None).await.unwrap();
    for viewer in [submitter(), reviewer("expert-one"), office("office-two"), committee("chief")] {
        let view = vetting.get(&viewer, "s1").await.unwrap();
        let page = vetting.list(&viewer, &ListSubmissions::default()).await.unwrap();
        let done = if viewer.has_anywhere(&[Role::Reviewer]) { Some(vetting.desk(&viewer, 5).await.unwrap()) } else { None };
        let text = serde_json::to_string(&(&view, page, done)).unwrap();
        for name in ["member-one", "乙大学", "office-one", "0731"] {
            assert!(!text.contains(name), "{name} told to {:?}: {text}", viewer.account);
        }
        assert!(text.contains("不宜入库。（已匿名）（（已匿名））"), "{text}");
        let office = view.countersign.and_then(|asked| asked.answer).map(|said| said.text);
        assert!(office.is_none_or(|said| said.starts_with("省民宗委认为")), "an office is no secret");
    }
    let own = vetting.get(&committee("member-one"), "s1").await.unwrap();
    assert!(own.line.state.reason.unwrap().ends_with("member-one（乙大学）"), "one's own words are left");
    let desk = vetting.get(&editor(), "s1").await.unwrap();
    assert!(desk.countersign.unwrap().answer.unwrap().text.contains("office-one"), "the desk reads what was written");
}

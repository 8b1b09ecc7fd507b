use super::{Site, actor, editor, reviewer, says};
use crate::domain::access::Role;
use crate::domain::change::ChangeSet;
use crate::domain::problem::ProblemKind;
use crate::domain::record::Key;
use crate::domain::review::Verdict;
use crate::domain::review::figures::OpinionFigures;
use crate::domain::submission::Submission;
use crate::store::PageRequest;
use crate::vetting::agreement::Period;

/// Three reviewers judge `count` submissions; "a" marks them all alike, "b" as the work deserves, "c" ten points under "b".
async fn judged(site: &Site, count: u32) {
    for place in 0..count {
        let id = format!("s{place}");
        site.submit(&id, |new| new.track = "selected".to_owned()).await;
        site.assign_to(&id, &["a", "b", "c"]).await;
        for (account, mark) in [("a", 8_500), ("b", 8_000 + place * 200), ("c", 7_000 + place * 200)] {
            let desk = site.vetting.claim(&reviewer(account), &id, None).await.unwrap();
            site.clock.advance(30 * 60_000);
            let mut full = says(Verdict::Pass);
            full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), mark)).collect();
            site.vetting.opine(&reviewer(account), &id, &full, None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_desk_sees_who_agrees_and_who_marks_lower() {
    let site = Site::new().await;
    for account in ["a", "b", "c"] {
        site.reviewing(account).await;
    }
    judged(&site, 6).await;
    let found = site.vetting.agreement(&editor(), &Period::default()).await.unwrap();
    assert_eq!((found.opinions, found.shared, found.verdict), (18, 6, None), "all said the same: {found:?}");
    assert_eq!(found.criteria.len(), 7);
    // By hand: marks are (8500, 8000 + 200 k, 7000 + 200 k) for k = 0..6.
    let things: Vec<Vec<u32>> = (0..6).map(|k| vec![8_500, 8_000 + 200 * k, 7_000 + 200 * k]).collect();
    let pairs =
        |values: &[u32]| values.iter().flat_map(|x| values.iter().map(move |y| (f64::from(*x) - f64::from(*y)).powi(2))).sum::<f64>();
    let observed = things.iter().map(|values| pairs(values) / 2.0).sum::<f64>() / 18.0;
    let expected = pairs(&things.concat()) / (18.0 * 17.0);
    assert!((found.mark.unwrap() - (1.0 - observed / expected)).abs() < 0.0006, "{:?}", found.mark);
    assert!(
        found.criteria.iter().all(|criterion| criterion.shared == 6 && criterion.alpha == found.mark && criterion.label != criterion.code)
    );
    let by_name = |name: &str| found.reviewers.iter().find(|figures| figures.account == name).unwrap();
    let c = by_name("c");
    // The others' mean is 8250 + 100 k, so c lies 1250 - 100 k under it: 1000 on the average.
    assert_eq!((c.opinions, c.shared, c.with_others, c.offset, c.minutes), (6, 6, 6, Some(-1_000), Some(30)));
    assert!(c.hint.as_ref().unwrap().contains("低 10.00 分"), "{:?}", c.hint);
    assert_eq!((c.name.as_str(), c.verdicts["pass"]), ("c", 6));
    assert!(by_name("b").hint.as_ref().unwrap().contains("高 5.00 分"), "{:?}", by_name("b"));
}

#[tokio::test]
async fn figures_are_for_the_desk_and_end_at_its_scope_and_period() {
    let site = Site::new().await;
    judged(&site, 1).await;
    let denied = site.vetting.agreement(&reviewer("a"), &Period::default()).await.unwrap_err();
    assert_eq!(denied.kind, ProblemKind::Forbidden);
    let elsewhere = actor("other", Role::Editor, "/hunan/b");
    assert_eq!(site.vetting.agreement(&elsewhere, &Period::default()).await.unwrap().opinions, 0);
    let later = Period { since: Some(site.clock.now().plus_millis(1)), ..Period::default() };
    assert_eq!(site.vetting.agreement(&editor(), &later).await.unwrap().opinions, 0);
    let category = |category: &str| Period { category: Some(category.to_owned()), until: later.since, ..Period::default() };
    let once = site.vetting.agreement(&editor(), &category("community")).await.unwrap();
    assert_eq!(once.opinions, 3);
    assert!(once.reviewers.iter().all(|figures| figures.offset.is_some() && figures.hint.is_none()), "too little to say: {once:?}");
    let other = site.vetting.agreement(&editor(), &category("elderly")).await.unwrap();
    assert_eq!((other.opinions, other.reviewers.len()), (0, 0));
}

#[tokio::test]
async fn figures_that_an_older_program_did_not_keep_are_made_once() {
    let site = Site::new().await;
    judged(&site, 2).await;
    let agreement = async || site.vetting.agreement(&editor(), &Period::default()).await.unwrap();
    let (before, all) = (agreement().await, PageRequest::first(100));
    let kept = site.store.list::<OpinionFigures>(&Key::default(), all.clone()).await.unwrap().items;
    let mut change = ChangeSet::new(site.clock.fresh_id());
    for one in &kept {
        change.remove(one);
    }
    site.store.commit(change).await.unwrap();
    assert_eq!(agreement().await.opinions, 0);
    assert_eq!(site.vetting.fill_figures().await.unwrap(), 6);
    assert_eq!(agreement().await, before);
    let again = site.store.list::<OpinionFigures>(&Key::default(), all).await.unwrap().items;
    assert!(again.iter().map(|stored| &stored.value).eq(kept.iter().map(|stored| &stored.value)), "minutes and all");
    assert_eq!(site.vetting.fill_figures().await.unwrap(), 0);
}

#[tokio::test]
async fn a_seat_is_awaited_from_the_invitation_to_the_opinion() {
    let site = Site::new().await;
    let awaited = async || {
        let key = Submission::seat_key("a");
        site.store.list_by::<Submission>("seat", &key, PageRequest::first(9)).await.unwrap().items.len()
    };
    site.submit("s", |new| new.track = "selected".to_owned()).await;
    assert_eq!(awaited().await, 0);
    site.assign_to("s", &["a", "b"]).await;
    let desk = site.vetting.claim(&reviewer("a"), "s", None).await.unwrap();
    assert_eq!(awaited().await, 1);
    let mut full = says(Verdict::Pass);
    full.scores = desk.criteria.iter().map(|criterion| (criterion.code.clone(), 9_000)).collect();
    site.vetting.opine(&reviewer("a"), "s", &full, None).await.unwrap();
    assert_eq!(awaited().await, 0, "what was said is no longer awaited");
}

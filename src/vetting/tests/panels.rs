use super::{Site, actor, editor, reviewer, says};
use crate::domain::access::Role;
use crate::domain::ledger::LedgerEntry;
use crate::domain::problem::ProblemKind;
use crate::domain::record::Key;
use crate::domain::review::Verdict;
use crate::domain::reviewer::Leave;
use crate::domain::submission::Submission;
use crate::domain::time::DAY_MS;
use crate::store::PageRequest;
use crate::vetting::invite::{Invite, StandDown, StandingDown};
use crate::vetting::reviewers::WriteProfile;
use crate::vetting::screen::Screening;
use crate::vetting::verify_ledgers;
use std::collections::BTreeSet;

fn why(reason: &str) -> StandDown {
    StandDown { reason: reason.to_owned() }
}

impl Site {
    /// A reviewer of the province with a profile: the program may invite this one.
    async fn expert(&self, name: &str, profile: WriteProfile) {
        self.reviewing(name).await;
        self.vetting.write_profile(&editor(), Some(name), profile, None).await.unwrap();
    }

    async fn submission(&self, id: &str) -> Submission {
        self.store.get::<Submission>(&Key::from(id)).await.unwrap().unwrap().value
    }

    /// Accounts with a seat, those that were invited marked.
    async fn seats(&self, id: &str) -> Vec<String> {
        let seats = self.submission(id).await.seats;
        seats.iter().map(|seat| format!("{}{}", seat.account, if seat.invited { "?" } else { "" })).collect()
    }

    async fn selected(&self, id: &str) {
        self.submit(id, |new| new.track = "selected".to_owned()).await;
        self.vetting.screen(&editor(), id, &Screening::Assign { track: None }, None).await.unwrap();
    }

    async fn actions(&self, id: &str) -> Vec<String> {
        let entries = self.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(id), PageRequest::first(100)).await.unwrap();
        entries.items.into_iter().map(|entry| entry.value.action).collect()
    }
}

#[tokio::test]
async fn the_program_invites_the_best_and_asks_the_next_when_one_declines() {
    let site = Site::new().await;
    for name in ["d", "c", "b", "a"] {
        site.expert(name, WriteProfile::default()).await;
    }
    let knows = WriteProfile { languages: BTreeSet::from(["zh-CN".to_owned()]), ..WriteProfile::default() };
    site.expert("z", knows).await;
    site.selected("s1").await;
    assert_eq!(site.seats("s1").await, ["z?", "a?", "b?"], "who reads the language first, then by id");
    assert_eq!(site.vetting.claim(&reviewer("c"), "s1", None).await.unwrap_err().kind, ProblemKind::NotFound, "not invited: not seen");
    assert!(site.vetting.next(&reviewer("c")).await.unwrap().is_none());
    assert_eq!(site.vetting.desk(&reviewer("z"), 10).await.unwrap().invited.len(), 1);
    let early = site.vetting.opine(&reviewer("z"), "s1", &says(Verdict::Pass), None).await;
    assert!(early.is_err(), "an invitation is no claim");
    site.vetting.claim(&reviewer("z"), "s1", None).await.unwrap();
    site.vetting.stand_down(&reviewer("a"), "s1", StandingDown::Decline, &why("出差"), None).await.unwrap();
    assert_eq!(site.seats("s1").await, ["b?", "z", "c?"], "the next one is asked at once");
    assert_eq!(site.vetting.get(&reviewer("a"), "s1").await.unwrap_err().kind, ProblemKind::NotFound);
    site.vetting.stand_down(&reviewer("z"), "s1", StandingDown::Recuse, &why("曾合作"), None).await.unwrap();
    assert_eq!(site.seats("s1").await, ["b?", "c?", "d?"]);
    let again = site.vetting.invite(&editor(), "s1", &Invite { account: "z".to_owned() }, None).await.unwrap_err();
    assert_eq!(again.code, "recused", "who declared a conflict never gets it again");
    let full = site.vetting.invite(&editor(), "s1", &Invite { account: "a".to_owned() }, None).await.unwrap_err();
    assert_eq!(full.code, "no-seat");
    assert_eq!(verify_ledgers(&site.store).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn who_is_silent_is_reminded_once_replaced_and_at_last_told_to_the_editor() {
    let site = Site::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        site.expert(name, WriteProfile::default()).await;
    }
    site.selected("s1").await;
    site.vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    site.vetting.claim(&reviewer("b"), "s1", None).await.unwrap();
    assert_eq!(site.vetting.keep_time().await.unwrap(), 0, "nothing is due");
    // Sunday 22 November: answers are due at the end of Wednesday, opinions at the end of Friday 4 December.
    site.clock.advance(DAY_MS);
    assert_eq!(site.vetting.keep_time().await.unwrap(), 1, "c is reminded of the answer");
    assert_eq!(site.vetting.keep_time().await.unwrap(), 0, "once");
    site.clock.advance(3 * DAY_MS);
    assert_eq!(site.vetting.keep_time().await.unwrap(), 2, "c is replaced, d is invited");
    assert_eq!(site.seats("s1").await, ["a", "b", "d?"]);
    assert!(site.vetting.overdue(&editor()).await.unwrap().is_empty(), "one silent expert is no matter for the editor");
    let before = site.submission("s1").await.seat_of("a").unwrap().until;
    site.clock.advance(DAY_MS);
    let renewed = site.vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    assert_eq!(renewed.seats[0].until, before, "a claim renewed does not move the day");
    site.vetting.claim(&reviewer("d"), "s1", None).await.unwrap();
    site.clock.advance(6 * DAY_MS);
    assert_eq!(site.vetting.keep_time().await.unwrap(), 2, "a and b are reminded of the opinion");
    site.clock.advance(2 * DAY_MS);
    let late = site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap_err();
    assert!(["no-claim", "score"].contains(&late.code), "{late:?}");
    site.vetting.keep_time().await.unwrap();
    assert_eq!(site.seats("s1").await, ["d", "e?"], "a and b were silent, e is the last one left");
    let overdue = site.vetting.overdue(&editor()).await.unwrap();
    assert_eq!((overdue.len(), overdue[0].escalated, overdue[0].replaced, overdue[0].free), (1, true, 3, 1));
    assert_eq!(site.vetting.overdue(&reviewer("d")).await.unwrap_err().kind, ProblemKind::Forbidden);
    assert!(site.vetting.overdue(&actor("far", Role::Editor, "/hubei")).await.unwrap().is_empty());
    let actions = site.actions("s1").await;
    let count = |action: &str| actions.iter().filter(|one| *one == action).count();
    assert_eq!((count("replace"), count("remind"), count("invite")), (3, 3, 5), "{actions:?}");
    assert_eq!(verify_ledgers(&site.store).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_away_full_or_tied_to_the_work_is_asked_nothing() {
    let site = Site::new().await;
    let leave = vec![Leave { from: "2026-11-20".to_owned(), until: "2026-11-30".to_owned() }];
    site.expert("away", WriteProfile { leave, ..WriteProfile::default() }).await;
    site.expert("full", WriteProfile { most_open: Some(1), ..WriteProfile::default() }).await;
    let tied = WriteProfile { institutions: BTreeSet::from(["甲学院".to_owned()]), ..WriteProfile::default() };
    site.expert("tied", tied).await;
    site.expert("free", WriteProfile::default()).await;
    for id in ["s0", "s1", "s2"] {
        site.submit(id, |_| {}).await;
    }
    assert_eq!(site.vetting.next(&reviewer("full")).await.unwrap().unwrap().line.id, "s0");
    assert!(site.vetting.desk(&reviewer("full"), 10).await.unwrap().waiting.is_empty());
    assert_eq!(site.vetting.claim(&reviewer("full"), "s1", None).await.unwrap_err().code, "unavailable");
    site.vetting.claim(&reviewer("full"), "s0", None).await.unwrap();
    assert!(site.vetting.next(&reviewer("away")).await.unwrap().is_none());
    assert!(site.vetting.next(&reviewer("tied")).await.unwrap().is_none());
    let proposed = site.vetting.experts(&editor(), "s1").await.unwrap();
    assert_eq!(proposed.experts.iter().map(|expert| expert.account.as_str()).collect::<Vec<_>>(), ["free"]);
    let barred: BTreeSet<(String, String)> =
        proposed.barred.into_iter().map(|expert| (expert.account, expert.barred.unwrap().code)).collect();
    let expected = [("away", "away"), ("full", "full"), ("tied", "recused")].map(|(left, right)| (left.to_owned(), right.to_owned()));
    assert_eq!(barred, BTreeSet::from(expected));
    for name in ["away", "full", "tied"] {
        let refused = site.vetting.invite(&editor(), "s1", &Invite { account: name.to_owned() }, None).await.unwrap_err();
        assert!(["unavailable", "recused"].contains(&refused.code), "{refused:?}");
    }
    site.vetting.invite(&editor(), "s1", &Invite { account: "free".to_owned() }, None).await.unwrap();
    assert_eq!(site.vetting.claim(&reviewer("other"), "s1", None).await.unwrap_err().code, "no-seat", "the seat is reserved");
    site.vetting.claim(&reviewer("free"), "s1", None).await.unwrap();
}

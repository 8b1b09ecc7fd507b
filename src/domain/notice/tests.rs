use super::settings::{CODE_MS, CODE_TRIES, NoticeSettings};
use super::table::{Audience, TABLE, lines, title_for};
use super::webhook::{event_of, events};
use super::{Channel, Group, Subject, id_of};
use crate::domain::ledger::{LedgerEntry, LedgerHead, NewEntry};
use crate::domain::problem::ProblemKind;
use crate::domain::submission::table::StateCode;
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn entry(action: &str, from: &str, to: &str) -> LedgerEntry {
    LedgerHead::default().append(NewEntry { chain: "s1", action, from, to, ..NewEntry::default() }).unwrap().1
}

fn told(subject: Subject, action: &str, from: &str, to: &str, now: &str) -> Vec<(Audience, &'static str)> {
    lines(subject, &entry(action, from, to), now).iter().map(|line| (line.audience, line.code)).collect()
}

#[test]
fn the_table_tells_each_audience_one_thing() {
    use Audience as A;
    let submission = |action, from, to, now| told(Subject::Submission, action, from, to, now);
    assert_eq!(submission("return", "screening", "returned", "returned"), [(A::Submitter, "returned")]);
    assert_eq!(submission("return", "panel", "returned", "returned"), [(A::Submitter, "returned"), (A::Seats, "review_ended")]);
    assert_eq!(submission("decide", "final", "published", "published"), [(A::Submitter, "published"), (A::Office, "decided")]);
    assert_eq!(submission("opine", "review", "countersign", "countersign"), [(A::Office, "waits_for_countersign")]);
    let overdue = submission("overdue", "countersign", "countersign", "countersign");
    assert_eq!(overdue, [(A::Desk, "countersign_overdue"), (A::Office, "countersign_reminded")]);
    let objected = submission("dissent", "countersign", "committee", "committee");
    assert_eq!(objected, [(A::Desk, "countersign_refused"), (A::Committee, "waits_for_vote")]);
    assert_eq!(submission("decide", "committee", "committee", "committee"), [], "a vote is nobody's news");
    assert_eq!(submission("record_checks", "checking", "screening", "screening"), [(A::Desk, "waits_at_desk")]);
    assert_eq!(submission("record_checks", "checking", "screening", "review"), [], "the program handed it on meanwhile");
    assert_eq!(submission("record_checks", "checking", "approval", "approval"), [(A::Institution, "waits_for_approval")]);
    assert_eq!(submission("opine", "review", "final", "final"), [(A::Committee, "waits_for_decision")]);
    assert_eq!(submission("appeal", "rejected", "appealed", "appealed"), [(A::Desk, "appealed"), (A::Committee, "appeal_waits")]);
    assert_eq!(submission("uphold", "appealed", "rejected", "rejected"), [(A::Submitter, "appeal_lost")]);
    assert_eq!(submission("remind", "panel", "panel", "panel"), [(A::Seats, "reminded")]);
    assert_eq!(submission("never_heard_of", "panel", "panel", "panel"), []);
    assert_eq!(told(Subject::Resource, "suspended", "published", "suspended", "suspended"), [(A::Submitter, "suspended")]);
}

#[test]
fn every_line_can_speak_and_says_what_to_do() {
    let states: Vec<&str> = StateCode::ALL.iter().map(|row| row.1).collect();
    for line in TABLE.iter().filter(|line| line.subject == Subject::Submission) {
        assert!(line.to.is_empty() || states.contains(&line.to), "{line:?}");
        let from = line.from.first().copied().unwrap_or("elsewhere");
        let to = if line.to.is_empty() { "somewhere" } else { line.to };
        let spoken = lines(Subject::Submission, &entry(line.action, from, to), to);
        assert!(spoken.iter().any(|other| other.code == line.code && other.audience == line.audience), "{line:?} is never reached");
    }
    for line in TABLE {
        let (headline, text) = line.words("织锦");
        assert!(headline.contains("《织锦》") && text.len() > headline.len() && text.chars().count() <= 60, "{text}");
    }
}

#[test]
fn a_reviewer_reads_no_name_in_a_title() {
    let mut submission = crate::domain::submission::tests::standing(StateCode::Review);
    submission.institution = "甲学院".to_owned();
    submission.metadata.title = crate::domain::text::LangMap::zh("甲学院李秀英老师的织锦课");
    submission.metadata.creators.push(crate::domain::metadata::Creator {
        name: "李秀英".into(),
        role: "author".into(),
        organisation: None,
    });
    assert_eq!(title_for(&submission, Audience::Seats), "○○○○老师的织锦课");
    assert_eq!(title_for(&submission, Audience::Submitter), "甲学院李秀英老师的织锦课");
}

#[test]
fn an_address_is_used_once_its_code_came_back() {
    let mut settings = NoticeSettings::default();
    let later = |millis: i64| NOW.plus_millis(millis);
    assert!(settings.ask(Channel::Email, "a@b.cn", "123456".into(), NOW).unwrap());
    assert_eq!(settings.ask(Channel::Email, "a@c.cn", "1".into(), later(1)).unwrap_err().kind, ProblemKind::Conflict);
    assert!(!settings.confirm(Channel::Email, "000000", later(2)) && settings.addresses.is_empty());
    assert!(!settings.clone().confirm(Channel::Email, "123456", later(CODE_MS)), "too late");
    let mut guessed = settings.clone();
    (0..CODE_TRIES).for_each(|_| assert!(!guessed.confirm(Channel::Email, "1", later(3))));
    assert!(!guessed.confirm(Channel::Email, "123456", later(3)), "guessed too often");
    assert!(settings.confirm(Channel::Email, " 123456 ", later(4)));
    assert_eq!(settings.addresses[&Channel::Email], "a@b.cn");
    assert!(settings.ask(Channel::Email, "new@b.cn", "7".into(), later(5)).unwrap());
    assert_eq!(settings.addresses[&Channel::Email], "a@b.cn", "the old one until then");
    assert!(!settings.ask(Channel::Email, "", "8".into(), later(6)).unwrap() && settings.addresses.is_empty());
}

#[test]
fn addresses_have_a_form() {
    let good = |channel: Channel, address: &str| channel.check(address).is_ok();
    assert!(good(Channel::Email, "li.xiuying@yuelu.example") && good(Channel::Email, "a@localhost"));
    for bad in ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b..c", "a@b\r\nBcc: c@d", "李@b.cn", "<a@b.cn>"] {
        assert!(!good(Channel::Email, bad), "{bad}");
    }
    assert!(good(Channel::Sms, "+8613800000000") && !good(Channel::Sms, "12345") && !good(Channel::Sms, "1380000000a"));
    assert!(good(Channel::Wechat, "oABC_def-123456") && !good(Channel::Wechat, "short"));
}

#[test]
fn what_waits_for_several_people_leaves_the_house_only_when_chosen() {
    let mut settings = NoticeSettings::default();
    assert_eq!(settings.wanted(Group::Submissions), BTreeSet::from([Channel::Email]));
    assert_eq!(settings.wanted(Group::Committee), BTreeSet::new());
    settings.channels.insert(Group::Committee, BTreeSet::from([Channel::Sms]));
    assert_eq!(settings.wanted(Group::Committee), BTreeSet::from([Channel::Sms]));
}

#[test]
fn ids_and_events_follow_from_what_is_told() {
    assert_eq!(id_of(&["a", "s1", "3"]), id_of(&["a", "s1", "3"]));
    assert_ne!(id_of(&["a", "s1", "3"]), id_of(&["a", "s13", ""]));
    let published = event_of(Subject::Submission, &entry("decide", "final", "published")).unwrap();
    assert!(events().contains(&published));
    assert_eq!(event_of(Subject::Submission, &entry("claim", "review", "review")), None);
}

//! Several people at the same instant: in each round a submission stands somewhere, two to four of them act at once, and what is
//! left must be what some order of their steps would have left.
//!
//! Rounds are drawn from a seed, which is told when one fails: `INTERLEAVING_SEED=… cargo test --lib interleavings`.

mod standing;

use super::{Site, actor, committee, editor, reviewer, says, submitter};
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::digest::Digest;
use crate::domain::job::{Job, JobKind, JobState};
use crate::domain::ledger::{LedgerEntry, verify_chain};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::Resource;
use crate::domain::review::{Opinion, Verdict};
use crate::domain::stamped_pledge::StampedPledge;
use crate::domain::submission::Submission;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::waivers::Waived;
use crate::store::PageRequest;
use crate::vetting::Vetting;
use crate::vetting::countersign::{GiveCountersign, MarkContent, OfficeAnswer};
use crate::vetting::decide::{AnswerAppeal, Decide};
use crate::vetting::invite::StandDown;
use crate::vetting::objections::{AnswerObjection, FileObjection, ObjectionAnswer};
use crate::vetting::screen::Screening;
use crate::vetting::waive::GrantWaivers;
use standing::standing;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Barrier;

/// Rounds in all.
const ROUNDS: u64 = 10_000;
const WAIVABLE: &str = "META-REQUIRED";
/// Steps whose answer may be a success without a step of the submission: a job that finds nothing to do, an answer to somebody
/// whose objection the submission has outlived.
const LOOSE: [&str; 4] = ["approve", "overrule", "refer", "overdue"];

/// Where a round begins: a state, and what makes it interesting.
#[derive(Clone, Copy, Debug)]
enum Stand {
    MachineReturned,
    Approval,
    Screening,
    /// Nobody has a seat.
    Review,
    /// One seat of two is left.
    LastSeat,
    /// Both have claimed, nobody opined.
    Seated,
    Countersign,
    Final,
    Committee,
    Notice,
    Objected,
    Rejected,
    Appealed,
}

const STANDS: [Stand; 13] = [
    Stand::Countersign,
    Stand::MachineReturned,
    Stand::Approval,
    Stand::Screening,
    Stand::Review,
    Stand::LastSeat,
    Stand::Seated,
    Stand::Final,
    Stand::Committee,
    Stand::Notice,
    Stand::Objected,
    Stand::Rejected,
    Stand::Appealed,
];

/// What somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Withdraw,
    Return,
    Refuse,
    Assign,
    Approve,
    Waive,
    Claim(&'static str),
    Release(&'static str),
    Recuse(&'static str),
    Opine(&'static str, Verdict),
    Escalate,
    Flag,
    /// The office agrees, or objects.
    Office(&'static str, OfficeAnswer),
    /// The calendar: the office's term has passed.
    Overdue,
    Decide(&'static str, Verdict),
    /// The calendar: the notice has run out.
    Publish,
    Object,
    Answer(ObjectionAnswer),
    Appeal,
    Uphold(&'static str),
    Reopen(&'static str),
}

impl Deed {
    /// The code under which it stands in the ledger.
    fn code(&self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Return => "return",
            Self::Refuse => "refuse",
            Self::Assign => "assign",
            Self::Approve => "approve",
            Self::Waive => "waive",
            Self::Claim(_) => "claim",
            Self::Release(_) => "release",
            Self::Recuse(_) => "recuse",
            Self::Opine(..) => "opine",
            Self::Escalate => "escalate",
            Self::Flag => "flag",
            Self::Office(_, OfficeAnswer::Agree) => "countersign",
            Self::Office(..) => "dissent",
            Self::Overdue => "overdue",
            Self::Decide(..) => "decide",
            Self::Publish => "publish",
            Self::Object => "object",
            Self::Answer(ObjectionAnswer::Refer) => "refer",
            Self::Answer(_) => "overrule",
            Self::Appeal => "appeal",
            Self::Uphold(_) => "uphold",
            Self::Reopen(_) => "reopen",
        }
    }
}

/// What may be done there; each is legal by itself when the round begins.
fn deeds(stand: Stand, rng: &mut fastrand::Rng) -> Vec<Deed> {
    let verdict = *rng.choice(&[Verdict::Pass, Verdict::PassAfterChanges, Verdict::ReviewAgain, Verdict::Reject]).unwrap();
    let mine = vec![Deed::Withdraw];
    let more = match stand {
        Stand::MachineReturned => vec![Deed::Waive, Deed::Waive],
        Stand::Approval => vec![Deed::Approve, Deed::Approve, Deed::Return],
        Stand::Screening => vec![Deed::Assign, Deed::Assign, Deed::Return, Deed::Refuse],
        Stand::Review => vec![Deed::Claim("a"), Deed::Claim("a"), Deed::Claim("b"), Deed::Claim("c"), Deed::Return, Deed::Escalate],
        Stand::LastSeat => {
            vec![Deed::Claim("b"), Deed::Claim("c"), Deed::Claim("d"), Deed::Opine("a", verdict), Deed::Release("a"), Deed::Return]
        }
        Stand::Seated => vec![
            Deed::Opine("a", verdict),
            Deed::Opine("a", Verdict::Pass),
            Deed::Opine("b", Verdict::Pass),
            Deed::Opine("b", verdict),
            Deed::Release("b"),
            Deed::Recuse("a"),
            Deed::Return,
            Deed::Escalate,
        ],
        Stand::Countersign => vec![
            Deed::Office("o1", OfficeAnswer::Agree),
            Deed::Office("o2", OfficeAnswer::Object),
            Deed::Office("o1", OfficeAnswer::Object),
            Deed::Return,
            Deed::Overdue,
        ],
        Stand::Final => {
            vec![
                Deed::Flag,
                Deed::Decide("c1", verdict),
                Deed::Decide("c2", Verdict::Pass),
                Deed::Decide("c1", Verdict::Pass),
                Deed::Escalate,
            ]
        }
        Stand::Committee => vec![
            Deed::Decide("c1", verdict),
            Deed::Decide("c2", verdict),
            Deed::Decide("c3", Verdict::Pass),
            Deed::Decide("c1", Verdict::Pass),
        ],
        Stand::Notice => vec![Deed::Publish, Deed::Publish, Deed::Object, Deed::Object, Deed::Escalate],
        Stand::Objected => vec![Deed::Answer(ObjectionAnswer::Refuse), Deed::Answer(ObjectionAnswer::Refer), Deed::Object],
        Stand::Rejected => return vec![Deed::Appeal, Deed::Appeal, Deed::Appeal],
        Stand::Appealed => vec![Deed::Uphold("c2"), Deed::Reopen("c3"), Deed::Uphold("c3")],
    };
    mine.into_iter().chain(more).collect()
}

/// What the people of a round share.
struct Scene {
    vetting: Vetting,
    id: String,
    /// Stamped pledge and objection, where the state has one.
    other: String,
}

impl Scene {
    async fn act(&self, deed: &Deed, seen: Option<Position>) -> Result<(), Problem> {
        let (vetting, id) = (&self.vetting, self.id.as_str());
        let clerk = editor();
        let why = || "理由".to_owned();
        match deed {
            Deed::Withdraw => vetting.withdraw(&submitter(), id, seen).await.map(drop),
            Deed::Return => vetting.screen(&clerk, id, &Screening::Return { reason: why() }, seen).await.map(drop),
            Deed::Refuse => vetting.screen(&clerk, id, &Screening::Refuse { reason: why() }, seen).await.map(drop),
            Deed::Assign => vetting.screen(&clerk, id, &Screening::Assign { track: Some("regular".to_owned()) }, seen).await.map(drop),
            Deed::Escalate => vetting.screen(&clerk, id, &Screening::Escalate { reason: why() }, seen).await.map(drop),
            Deed::Approve => vetting.approve_listed(&self.job()).await.map(drop),
            Deed::Waive => {
                let waived = BTreeSet::from([Waived { rule: WAIVABLE.to_owned(), file: None }]);
                vetting.waive(&clerk, id, &GrantWaivers { waived, reason: why() }, seen).await.map(drop)
            }
            Deed::Claim(who) => vetting.claim(&reviewer(who), id, seen).await.map(drop),
            Deed::Release(who) => vetting.release(&reviewer(who), id, None).await,
            Deed::Recuse(who) => vetting.recuse(&reviewer(who), id, &StandDown { reason: why() }, seen).await,
            Deed::Opine(who, verdict) => vetting.opine(&reviewer(who), id, &says(*verdict), seen).await.map(drop),
            Deed::Flag => {
                let mark = MarkContent { flag: "religious".to_owned(), reason: why() };
                vetting.mark_content(&clerk, id, &mark, seen).await.map(drop)
            }
            Deed::Office(who, answer) => {
                let give = GiveCountersign { answer: *answer, text: why(), letter: String::new() };
                vetting.countersign(&super::office(who), id, &give, seen).await.map(drop)
            }
            Deed::Overdue => {
                vetting.clock.advance(40 * crate::domain::time::DAY_MS);
                let stored = vetting.load(id).await?;
                vetting.keep_office_to_time(&stored).await.map(drop)
            }
            Deed::Decide(who, verdict) => {
                vetting.decide(&committee(who), id, &Decide { verdict: *verdict, reason: why() }, seen).await.map(drop)
            }
            Deed::Publish => {
                vetting.clock.advance(crate::domain::time::DAY_MS);
                vetting.publish(&Actor::system(), id, seen).await.map(drop)
            }
            Deed::Object => {
                let objection =
                    FileObjection { name: "甲".into(), contact: "139".into(), text: "不妥".into(), evidence: "第3页".into() };
                vetting.object(&Actor::visitor(), id, &objection).await.map(drop)
            }
            Deed::Answer(answer) => {
                let answer = AnswerObjection { answer: *answer, reason: why() };
                vetting.answer_objection(&actor("clerk", Role::Editor, "/"), &self.other, &answer, None).await.map(drop)
            }
            Deed::Appeal => vetting.appeal(&submitter(), id, "不服", seen).await.map(drop),
            Deed::Uphold(who) => vetting.answer_appeal(&committee(who), id, &AnswerAppeal::Uphold { reason: why() }, seen).await.map(drop),
            Deed::Reopen(who) => vetting.answer_appeal(&committee(who), id, &AnswerAppeal::Reopen { track: None }, seen).await.map(drop),
        }
    }

    fn job(&self) -> Job {
        let now = self.vetting.clock.now();
        let (id, subject) = (format!("j-{}", self.id), self.other.clone());
        Job { id, kind: JobKind::Approve, subject, due: now, queued: now, attempts: 0, last_error: None, state: JobState::Waiting }
    }
}

/// Puts a submission there, with the stamped pledge or the objection that waits.
async fn set(site: &Site, id: &str, stand: Stand, votes: u32) -> Scene {
    let moved = standing(id, stand, votes, site.clock.now());
    let mut changes = ChangeSet::new(site.clock.fresh_id());
    moved.write(&mut changes, None).unwrap();
    let mut other = format!("p-{id}");
    if matches!(stand, Stand::Approval) {
        let pledge = StampedPledge {
            id: other.clone(),
            deposit: format!("d-{id}"),
            list: String::new(),
            submissions: vec![id.to_owned()],
            text_version: String::new(),
            confirmed: Vec::new(),
            scan: Digest::from_bytes(&[1; 32]),
            media_type: "application/pdf".to_owned(),
            size: 1,
            by: "second".to_owned(),
            at: site.clock.now(),
        };
        changes.insert(&pledge).unwrap();
    }
    site.store.commit(changes).await.unwrap();
    let mut scene = Scene { vetting: site.vetting.clone(), id: id.to_owned(), other: String::new() };
    if matches!(stand, Stand::Objected) {
        let ask = FileObjection { name: "乙".into(), contact: "138".into(), text: "不妥".into(), evidence: "第1页".into() };
        other = site.vetting.object(&Actor::visitor(), id, &ask).await.unwrap().id;
    }
    scene.other = other;
    scene
}

struct Read {
    root: Stored<Submission>,
    entries: Vec<LedgerEntry>,
}

async fn read(site: &Site, id: &str) -> Read {
    let root = site.store.get::<Submission>(&Key::from(id)).await.unwrap().unwrap();
    let found = site.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(id), PageRequest::first(200)).await.unwrap();
    Read { root, entries: found.items.into_iter().map(|stored| stored.value).collect() }
}

type Answers = Vec<(Deed, Result<(), Problem>)>;

/// One round: answers how many won and how many were refused.
async fn round(site: &Site, number: u64, rng: &mut fastrand::Rng) -> (usize, usize) {
    let stand = *rng.choice(&STANDS).unwrap();
    let id = format!("s{number:06}");
    let scene = Arc::new(set(site, &id, stand, rng.u32(1..=2)).await);
    let before = read(site, &id).await;
    let mut open = deeds(stand, rng);
    rng.shuffle(&mut open);
    open.truncate(rng.usize(2..=4));
    let barrier = Arc::new(Barrier::new(open.len()));
    let acting: Vec<_> = open
        .into_iter()
        .map(|deed| {
            let (scene, barrier) = (scene.clone(), barrier.clone());
            // With and without If-Match; the calendar of this round is one of many that come late.
            let seen = rng.bool().then_some(before.root.version);
            tokio::spawn(async move {
                barrier.wait().await;
                let told = scene.act(&deed, seen).await;
                (deed, told)
            })
        })
        .collect();
    let mut answers = Answers::new();
    for one in acting {
        answers.push(one.await.unwrap());
    }
    let after = read(site, &id).await;
    let at = format!("round {number} from {stand:?}: {answers:?}");
    check_answers(&answers, &before, &after, &at);
    check_chain(&answers, &before, &after, &at);
    check_seats(site, &after, &at).await;
    let won = answers.iter().filter(|answer| answer.1.is_ok()).count();
    (won, answers.len() - won)
}

/// Success, or a refusal that the state explains; who lost the race is told where it stands.
fn check_answers(answers: &Answers, before: &Read, after: &Read, at: &str) {
    assert!(answers.iter().any(|answer| answer.1.is_ok()), "nobody won, {at}");
    let stood: BTreeMap<&str, &str> = std::iter::once(before.root.value.state.code())
        .chain(after.entries.iter().skip(before.entries.len()).filter_map(|entry| StateCode::parse(&entry.to)))
        .map(|state| (state.code(), state.label()))
        .collect();
    for (deed, told) in answers {
        let Err(problem) = told else { continue };
        match problem.kind {
            // Allowed when the round began: somebody else's step took it away.
            ProblemKind::Conflict | ProblemKind::Precondition | ProblemKind::Forbidden | ProblemKind::NotFound => {}
            _ => panic!("{problem:?}, {at}"),
        }
        if !matches!(problem.kind, ProblemKind::Conflict | ProblemKind::Precondition) {
            continue;
        }
        // Whoever was slower is told where it stands, whatever the code. An answer to an objection tells where the objection stands.
        let told = problem.state.as_ref().unwrap_or_else(|| panic!("no state in {problem:?}, {at}"));
        if !matches!(deed, Deed::Answer(_)) {
            assert_eq!(stood.get(told.code.as_str()), Some(&told.label.as_str()), "a state it was not in: {problem:?}, {at}");
            let version = told.version.unwrap_or_else(|| panic!("no version in {problem:?}, {at}"));
            assert!((before.root.version.0..=after.root.version.0).contains(&version), "{problem:?}, {at}");
        }
    }
}

/// The chain holds, and has one entry for each success and no other.
fn check_chain(answers: &Answers, before: &Read, after: &Read, at: &str) {
    assert_eq!(verify_chain(&after.root.value.id, &after.root.value.ledger, &after.entries), Ok(()), "{at}");
    assert_eq!(after.entries[..before.entries.len()], before.entries[..], "{at}");
    assert_eq!(after.entries.last().unwrap().to, after.root.value.state.code().code(), "{at}");
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (deed, told) in answers {
        counts.entry(deed.code().to_owned()).or_default().0 += usize::from(told.is_ok());
    }
    for entry in &after.entries[before.entries.len()..] {
        // The program hands on what was approved or waived, in the same change.
        if entry.party != "program" || entry.action == "publish" {
            counts.entry(entry.action.clone()).or_default().1 += 1;
        }
    }
    for (code, (told, written)) in counts {
        let fits = if LOOSE.contains(&code.as_str()) { written <= told } else { written == told };
        assert!(fits, "{told} were told that their {code} holds, {written} stand in the ledger, {at}");
    }
}

/// Seats, opinions and the resource.
async fn check_seats(site: &Site, after: &Read, at: &str) {
    let one = &after.root.value;
    let accounts: BTreeSet<&str> = one.seats.iter().map(|seat| seat.account.as_str()).collect();
    assert_eq!(accounts.len(), one.seats.len(), "two seats of one account, {at}");
    let most = one.plan.as_ref().map_or(0, |plan| plan.reviewers as usize);
    assert!(one.seats.len() <= most, "more seats than reviewers, {at}");
    let opinions = site.store.list::<Opinion>(&Opinion::prefix_of(&one.id), PageRequest::first(100)).await.unwrap().items;
    let givers: BTreeSet<_> = opinions.iter().map(|opinion| (opinion.value.round, opinion.value.reviewer.clone())).collect();
    assert_eq!(givers.len(), opinions.len(), "two opinions of one account in a round, {at}");
    let resource = site.store.get::<Resource>(&Key::from(one.resource.as_str())).await.unwrap();
    assert_eq!(resource.is_some(), one.state.code() == StateCode::Published, "{at}");
}

/// Tells the seed when a round fails.
struct Told(u64);

impl Drop for Told {
    #[expect(clippy::print_stderr, reason = "the seed is what a failure is found again with")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("INTERLEAVING_SEED={}", self.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "how often they met is told to whoever asks with --nocapture")]
async fn of_many_at_the_same_instant_the_ledger_tells_who_won() {
    let seed = std::env::var("INTERLEAVING_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let _told = Told(seed);
    let mut rng = fastrand::Rng::with_seed(seed);
    let site = Site::new().await;
    let (mut won, mut refused) = (0, 0);
    for number in 0..ROUNDS {
        let (ok, err) = round(&site, number, &mut rng).await;
        won += ok;
        refused += err;
    }
    println!("{ROUNDS} rounds: {won} steps won, {refused} were refused (seed {seed})");
    assert!(won >= 10_000 && refused >= 5_000, "{won} won, {refused} refused: they did not meet");
}

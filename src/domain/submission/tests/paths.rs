//! Every way to a publication, walked through the real transitions, breadth first stage by stage from a fresh submission.
//!
//! A fixed cast tries everything the table lets it; states are folded by what decides the steps to come. Capped: rounds sent in
//! again (one), states gone on from per plan ([`MOST_STATES`]; the test prints what was left). At each publication the path's ledger must show everything that was asked for.

use super::super::Panel;
use super::*;
use crate::domain::ledger::surrogate;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

/// Most states that are gone on from, for each plan.
const MOST_STATES: usize = 2_500;
/// Rounds sent in again at most; a reopened one comes on top.
const MOST_RESENT: u32 = 2;

/// Accounts with their hats: the submitter and `x` wear all they can, so that the machine alone keeps them apart.
const CAST: [(&str, &[Role]); 9] = [
    ("submitter", &[Role::Contributor, Role::Manager, Role::Editor, Role::Reviewer, Role::Committee]),
    ("second", &[Role::Manager, Role::Editor, Role::Committee]),
    ("e1", &[Role::Editor]),
    ("x", &[Role::Editor, Role::Reviewer, Role::Committee]),
    ("r1", &[Role::Reviewer]),
    ("r2", &[Role::Reviewer]),
    ("c1", &[Role::Committee]),
    ("c2", &[Role::Committee]),
    ("system", &[]),
];
/// Accounts that are alike: which of them did what makes no difference.
const ALIKE: [&[&str]; 2] = [&["r1", "r2"], &["c1", "c2"]];

fn hats(account: &str) -> Vec<Party> {
    let held = CAST.iter().find(|row| row.0 == account).unwrap().1;
    let parties: Vec<Party> = held.iter().copied().map(Party::Role).collect();
    if account == "system" { vec![Party::Program] } else { parties }
}

/// The steps of a path, the last one first.
struct Trail {
    entries: Vec<LedgerEntry>,
    before: Option<Rc<Self>>,
}

#[derive(Clone)]
struct Node {
    submission: Submission,
    at: Timestamp,
    trail: Rc<Trail>,
}

impl Node {
    fn after(&self, moved: Moved) -> Self {
        let trail = Trail { entries: moved.entries, before: Some(self.trail.clone()) };
        Self { submission: moved.submission, at: self.at, trail: Rc::new(trail) }
    }

    fn entries(&self) -> Vec<LedgerEntry> {
        let mut parts = Vec::new();
        let mut place = Some(&self.trail);
        while let Some(trail) = place {
            parts.push(trail.entries.clone());
            place = trail.before.as_ref();
        }
        parts.into_iter().rev().flatten().collect()
    }

    /// What decides the steps to come.
    fn key(&self) -> String {
        let one = &self.submission;
        let mine = |account: &str| {
            let seat = one.seat_of(account).map(|seat| {
                let given = seat.given.as_ref().map(|given| (given.verdict, given.mark, given.vetoes.len()));
                (given, seat.invited, seat.until > self.at)
            });
            let vote = match &one.state {
                State::Committee { votes } => votes.iter().find(|vote| vote.account == account).map(|vote| vote.verdict),
                _ => None,
            };
            let hands: BTreeSet<_> =
                one.hands.iter().filter(|hand| hand.account == account).map(|hand| (hand.stage, hand.round == one.round)).collect();
            let recused = one.stood_down.iter().any(|gone| gone.account == account && gone.why == super::super::Why::Recused);
            format!("{seat:?}{vote:?}{hands:?}{recused}")
        };
        let mut people: Vec<String> = Vec::new();
        for (account, ..) in CAST {
            if !ALIKE.iter().any(|class| class.contains(&account)) {
                people.push(mine(account));
            }
        }
        for class in ALIKE {
            let mut alike: Vec<String> = class.iter().map(|account| mine(account)).collect();
            alike.sort_unstable();
            people.extend(alike);
        }
        let due = match &one.state {
            State::Notice { until } | State::Objected { until, .. } => self.at >= *until,
            State::Rejected { appealed, .. } => *appealed,
            State::Returned { stage, verdict, .. } => *stage == StateCode::Checking || *verdict == Some(Verdict::PassAfterChanges),
            _ => false,
        };
        let plan = one.plan.as_ref().map(|plan| (plan.track.as_str(), plan.reviewers, plan.decides));
        let earned = one.confirmable.as_ref().map(|earned| earned.reviewers);
        let outcome = one.outcome.as_ref().map(|outcome| (outcome.verdict, outcome.reviewers));
        let weighs = one.findings.iter().filter(|finding| finding.weighs()).count();
        let facts = (one.round.min(3), due, plan, earned, outcome, weighs, one.approved.is_some(), one.fresh_eyes, &one.flags);
        format!("{:?}{facts:?}{people:?}", one.state.code())
    }
}

/// What a walk is about.
struct Way {
    name: &'static str,
    plan: Plan,
    /// Another plan that the desk or the committee may choose.
    other: Option<Plan>,
    approval: bool,
    flagged: bool,
}

fn ways() -> Vec<Way> {
    let regular = Plan { approval: true, ..plan(1) };
    let selected = Plan {
        track: "selected".into(),
        reviewers: 3,
        most_reviewers: 3,
        decides: Decider::Committee,
        votes: 2,
        notice_working_days: 5,
        panel: Panel { invite: true, answer_days: 3, review_days: 10, escalate_after: 2, ..Panel::default() },
        ..regular.clone()
    };
    let pair = Plan { track: "pair".into(), approval: false, reviewers: 2, most_reviewers: 3, notice_working_days: 1, ..plan(2) };
    vec![
        Way { name: "regular", plan: regular.clone(), other: None, approval: true, flagged: false },
        Way { name: "selected", plan: selected.clone(), other: None, approval: true, flagged: false },
        Way { name: "flagged", plan: regular.clone(), other: None, approval: true, flagged: true },
        Way { name: "without approval", plan: plan(1), other: None, approval: false, flagged: false },
        Way { name: "a pair with notice", plan: pair, other: None, approval: false, flagged: false },
        // The checks ran for a track without approval; the desk may choose one with it, and more reviewers.
        Way {
            name: "changed track",
            plan: plan(1),
            other: Some(Plan { track: "two".into(), approval: true, ..plan(2) }),
            approval: false,
            flagged: false,
        },
    ]
}

type Told = Result<Moved, Problem>;

fn again() -> Resubmission {
    let (metadata, files, fingerprint) = (metadata(), Vec::new(), "g".to_owned());
    Resubmission { deposit: "d2".into(), row: None, revision_of: None, metadata, files, fingerprint }
}

fn checks(way: &Way, findings: Vec<Finding>) -> CheckResult {
    let flags = if way.flagged { BTreeSet::from(["ethnic".to_owned()]) } else { BTreeSet::new() };
    CheckResult { files: vec![file("a.pdf", 1)], findings, flags, rule_set: "r".into(), approval: way.approval }
}

/// An opinion of each kind that matters: marks far apart where criteria are scored, a veto.
fn opinions(one: &Submission, account: &str) -> Vec<Opinion> {
    let panel = one.plan.as_ref().is_some_and(|plan| plan.reviewers > 1);
    let of = |verdict, mark| Opinion { round: one.round, ..opinion(account, verdict, mark) };
    let mark = |mark| panel.then_some(mark);
    let vetoed = Veto { item: "rights".into(), fact: "图".into(), place: "页".into() };
    vec![
        of(Verdict::Pass, mark(9000)),
        of(Verdict::PassAfterChanges, mark(7000)),
        Opinion { vetoes: vec![vetoed], ..of(Verdict::Reject, None) },
        of(Verdict::ReviewAgain, mark(5000)),
    ]
}

/// What an account may try with an action in this state, in one of its hats.
fn tries(node: &Node, way: &Way, action: Action, account: &str, step: &Step<'_>) -> Vec<Told> {
    let one = || node.submission.clone();
    let (mine, later) = (judge(account), node.at.plus_millis(20 * crate::domain::time::DAY_MS));
    let calendar = Calendar::default();
    let plans = || std::iter::once(&way.plan).chain(&way.other).cloned();
    let seated = || node.submission.seats.iter().filter(|seat| seat.given.is_none()).map(|seat| seat.account.clone());
    let own = account == "submitter";
    match action {
        Action::Draft | Action::Deposit => Vec::new(),
        Action::Submit => vec![one().submit_draft(step)],
        Action::BeginChecks => vec![one().begin_checks(step)],
        Action::RecordChecks => {
            let found = |findings| one().record_checks(checks(way, findings), step);
            vec![found(Vec::new()), found(vec![must("X", None)])]
        }
        Action::Approve => vec![one().approve("pledge", step)],
        Action::Assign => plans().map(|plan| one().assign(plan, step)).collect(),
        Action::Confirm => vec![one().confirm(step)],
        Action::Return if own => Vec::new(),
        Action::Return => vec![one().send_back("请改", step)],
        Action::Refuse => vec![one().refuse("不收", step)],
        Action::Claim => vec![one().claim(&mine, later, step)],
        Action::Release => vec![one().release(account, step)],
        Action::Opine => opinions(&node.submission, account).iter().map(|given| one().opine(given, &mine, step)).collect(),
        Action::Escalate => vec![one().escalate(step)],
        Action::Decide => Verdict::ALL.into_iter().map(|row| one().decide(row.0, "理由", &calendar, step)).collect(),
        Action::Publish => vec![one().publish(step)],
        Action::Object => vec![one().object("o1", step)],
        // The room that answers objections keeps those away who took part.
        Action::Overrule | Action::Refer if account != "e1" => Vec::new(),
        Action::Overrule => vec![one().overrule("o1", step)],
        Action::Refer => vec![one().refer("o1", step)],
        Action::Withdraw => vec![one().withdraw(step)],
        Action::Waive => vec![one().waive(&BTreeSet::from([waived()]), "可以豁免", way.approval, step)],
        Action::Resubmit if node.submission.round >= MOST_RESENT || account != "submitter" => Vec::new(),
        Action::Resubmit => vec![one().resubmit(again(), step).map(|both| both.1)],
        Action::Appeal => vec![one().appeal("不服", step)],
        Action::Uphold => vec![one().uphold("维持", step)],
        Action::Reopen => plans().map(|plan| one().reopen(plan, step)).collect(),
        Action::Invite => ["x", "r1", "r2", "submitter"].iter().map(|asked| one().invite(&judge(asked), later, step)).collect(),
        Action::Decline => vec![one().decline("太忙", step)],
        Action::Recuse if account == "x" => vec![one().recuse("合作者", step)],
        Action::Recuse => Vec::new(),
        Action::Remind => seated().map(|account| one().remind(&account, step)).collect(),
        Action::Replace => seated().map(|account| one().replace(&account, step)).collect(),
    }
}

/// The instant at which something comes due next.
fn next_due(node: &Node) -> Option<Timestamp> {
    match &node.submission.state {
        State::Notice { until } | State::Objected { until, .. } => Some(*until).filter(|until| *until > node.at),
        State::Review | State::Panel => {
            let open = node.submission.seats.iter().filter(|seat| seat.given.is_none() && seat.until > node.at);
            open.map(|seat| seat.until).min()
        }
        _ => None,
    }
}

#[derive(Default)]
struct Seen {
    states: usize,
    transitions: usize,
    refused: usize,
    published: usize,
    confirmed: usize,
    reached: BTreeSet<StateCode>,
    left: usize,
}

fn neighbours(node: &Node, way: &Way, seen: &mut Seen) -> Vec<Node> {
    let from = node.submission.state.code();
    let mut found = Vec::new();
    if let Some(at) = next_due(node) {
        found.push(Node { at, ..node.clone() });
    }
    for line in table::TABLE.iter().filter(|line| line.from == Some(from)) {
        for (account, ..) in CAST {
            let held = hats(account).into_iter().chain((account == "c2").then_some(Party::Public));
            for party in held.filter(|party| line.parties.contains(party)) {
                let step = Step::person(account, party, node.at);
                for told in tries(node, way, line.action, account, &step) {
                    match told {
                        Ok(moved) => {
                            assert!(line.to.contains(&moved.submission.state.code()), "{from:?} {:?}", line.action);
                            seen.transitions += 1;
                            found.push(node.after(moved));
                        }
                        Err(problem) => {
                            assert!(problem.kind != ProblemKind::Internal, "{from:?} {:?}: {problem}", line.action);
                            seen.refused += 1;
                        }
                    }
                }
            }
        }
    }
    found
}

/// Nodes that wait, by stage. Each stage has its turn, so that the cap narrows every stage and cuts none off.
#[derive(Default)]
struct Waiting {
    stages: BTreeMap<String, VecDeque<Node>>,
}

impl Waiting {
    fn push(&mut self, node: Node) {
        let one = &node.submission;
        let given = one.seats.iter().filter(|seat| seat.given.is_some()).count();
        let votes = if let State::Committee { votes } = &one.state { votes.len() } else { 0 };
        let earned = (one.confirmable.is_some(), one.approved.is_some(), one.fresh_eyes);
        let stage = format!("{:?}{:?}", one.state.code(), (one.round, given, votes, earned));
        self.stages.entry(stage).or_default().push_back(node);
    }

    /// The oldest of each stage.
    fn turn(&mut self) -> Vec<Node> {
        self.stages.values_mut().filter_map(VecDeque::pop_front).collect()
    }

    fn len(&self) -> usize {
        self.stages.values().map(VecDeque::len).sum()
    }
}

fn explore(way: &Way) -> Seen {
    let contributor = by("submitter", role(Role::Contributor));
    let mut seen = Seen::default();
    let (mut known, mut waiting) = (HashSet::new(), Waiting::default());
    for begun in [Submission::submit(new(), &contributor), Submission::draft(new(), &contributor)] {
        let Moved { submission, entries } = begun.unwrap();
        waiting.push(Node { submission, at: NOW, trail: Rc::new(Trail { entries, before: None }) });
    }
    while seen.states < MOST_STATES && waiting.len() > 0 {
        for node in waiting.turn() {
            seen.states += 1;
            for next in neighbours(&node, way, &mut seen) {
                let code = next.submission.state.code();
                if !known.insert(next.key()) {
                    continue;
                }
                seen.reached.insert(code);
                if code == StateCode::Published {
                    seen.published += 1;
                    seen.confirmed += usize::from(Story::of(&next).confirmed.is_some());
                    assert_vetted(way, &next);
                }
                waiting.push(next);
            }
        }
    }
    seen.left = waiting.len();
    seen
}

/// A path as its ledger tells it.
struct Story {
    entries: Vec<LedgerEntry>,
    who: Vec<&'static str>,
    /// Place of the last entry by which it was sent in.
    sent: usize,
    /// Place of the confirmation by which it came to its decision, if so.
    confirmed: Option<usize>,
    /// The round whose opinions count.
    judged: String,
}

impl Story {
    fn of(node: &Node) -> Self {
        let entries = node.entries();
        let named = |entry: &LedgerEntry| {
            let found = CAST.iter().find(|row| surrogate("s1", row.0) == entry.actor);
            found.map(|row| row.0).unwrap_or_else(|| panic!("a stranger acted: {entry:?}"))
        };
        let who: Vec<&str> = entries.iter().map(named).collect();
        let last = |wanted: &dyn Fn(&LedgerEntry) -> bool| entries.iter().rposition(wanted);
        let sent = last(&|entry| ["deposit", "submit", "resubmit"].contains(&entry.action.as_str())).unwrap();
        let handed = last(&|entry| entry.from != entry.to && ["review", "panel"].contains(&entry.to.as_str()));
        let confirmed = last(&|entry| entry.action == "confirm").filter(|place| handed.is_none_or(|handed| handed < *place));
        let judged = entries[last(&|entry| entry.action == "opine").expect("somebody reviewed it")].facts["round"].clone();
        Self { entries, who, sent, confirmed, judged }
    }

    /// Who took steps that fit, in order.
    fn by(&self, fits: impl Fn(usize, &LedgerEntry) -> bool) -> Vec<&'static str> {
        let places = self.entries.iter().enumerate().filter(|(place, entry)| fits(*place, entry));
        places.map(|(place, _)| self.who[place]).collect()
    }

    fn tell(&self) -> String {
        let lines = self.entries.iter().zip(&self.who);
        lines.map(|(entry, who)| format!("\n{} {} {}->{} {:?}", who, entry.action, entry.from, entry.to, entry.facts)).collect()
    }
}

/// Everything that must be behind a publication.
fn assert_vetted(way: &Way, node: &Node) {
    let story = Story::of(node);
    let one = &node.submission;
    let plan = one.plan.as_ref().expect("it was planned");
    let at = format!("{}: {}", way.name, story.tell());
    assert_eq!(verify_chain("s1", &one.ledger, &story.entries), Ok(()), "{at}");
    // The pledge: a deposit, or a draft that was submitted, by the submitter.
    assert!(["deposit", "draft"].contains(&story.entries[0].action.as_str()) && story.who[0] == "submitter", "{at}");
    // The checks of what was sent last, and nothing in them that weighs.
    let checked = story.entries.iter().enumerate().rfind(|(place, entry)| *place > story.sent && entry.action == "record_checks");
    let clean = checked.is_some_and(|(place, entry)| {
        let waived = |entry: &LedgerEntry| entry.action == "waive" && entry.facts["left"] == "0";
        entry.facts["must"] == "0" || story.entries.iter().skip(place).any(waived)
    });
    assert!(clean && one.findings.iter().all(|finding| !finding.weighs()), "not checked: {at}");
    let approvers = story.by(|place, entry| place > story.sent && entry.action == "approve");
    assert!(!plan.approval || (!approvers.is_empty() && one.approved.is_some()), "not approved by the institution: {at}");
    let reviewers = story.by(|_, entry| entry.action == "opine" && entry.facts["round"] == story.judged);
    let distinct: BTreeSet<_> = reviewers.iter().collect();
    assert_eq!(distinct.len(), reviewers.len(), "two opinions of one: {at}");
    assert!(reviewers.len() >= plan.reviewers as usize, "too few opinions: {at}");
    let judged_now = story.judged == one.round.to_string();
    assert!(judged_now || story.confirmed.is_some(), "an old round's opinions: {at}");
    let deciders = assert_decided(plan, &story, node, &at);
    assert_apart(&story, &approvers, &reviewers, &deciders, &at);
}

/// The decision, by as many equal votes as were asked for, and the notice. Gives who decided.
fn assert_decided(plan: &Plan, story: &Story, node: &Node, at: &str) -> Vec<&'static str> {
    let decided = story.entries.iter().rposition(|entry| entry.action == "decide").unwrap_or_else(|| panic!("not decided: {at}"));
    let decision = &story.entries[decided];
    assert!(decision.facts["verdict"] == "pass" && decision.facts["decided"] == "true", "{at}");
    let begun = story.entries.iter().take(decided).rposition(|entry| entry.from != entry.to && entry.to == decision.from).unwrap();
    let votes = |verdict: Option<&str>| {
        story.by(|place, entry| {
            place > begun && place <= decided && entry.action == "decide" && verdict.is_none_or(|verdict| entry.facts["verdict"] == verdict)
        })
    };
    if decision.from == "committee" {
        let equal: BTreeSet<_> = votes(Some("pass")).into_iter().collect();
        assert!(equal.len() >= plan.votes.max(1) as usize, "too few votes: {at}");
    } else {
        let asked = plan.decides == Decider::Committee || !node.submission.flags.is_empty();
        assert!(!asked, "the committee was asked for: {at}");
    }
    let last = story.entries.last().unwrap();
    match plan.notice_until(decision.at, &Calendar::default()) {
        Some(until) => assert!(last.action == "publish" && last.at >= until, "the notice was cut short: {at}"),
        None => assert!(last.action == "decide", "{at}"),
    }
    let count = |action: &str| story.entries.iter().skip(decided).filter(|entry| entry.action == action).count();
    assert!(count("object") == 0 || count("overrule") > 0, "an objection is open: {at}");
    assert!(story.entries.iter().skip(decided).all(|entry| entry.action != "refer"), "{at}");
    votes(None)
}

/// Nobody approves the own work; screening, review and decision are different people.
fn assert_apart(story: &Story, approvers: &[&str], reviewers: &[&str], deciders: &[&str], at: &str) {
    let judging = ["approve", "assign", "confirm", "waive", "opine", "decide", "uphold", "reopen"];
    let own = story.by(|place, entry| judging.contains(&entry.action.as_str()) && story.who[place] == "submitter");
    assert!(own.is_empty(), "the submitter judged the own work: {at}");
    let judged: u32 = story.judged.parse().unwrap();
    let screeners = story.by(|_, entry| {
        let screens = ["assign", "confirm", "waive"].contains(&entry.action.as_str()) && entry.party != "program";
        screens && entry.facts["round"].parse::<u32>().unwrap() >= judged
    });
    let stages = [("screening", &screeners[..]), ("approval", approvers), ("review", reviewers), ("decision", deciders)];
    for (place, (name, people)) in stages.iter().enumerate() {
        for (other, others) in &stages[place + 1..] {
            assert!(!people.iter().any(|one| others.contains(one)), "{name} and {other} by the same person: {at}");
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was walked is told to whoever asks with --nocapture")]
fn no_path_publishes_without_everything_its_plan_asks_for() {
    let mut confirmed = 0;
    for way in ways() {
        let seen = explore(&way);
        confirmed += seen.confirmed;
        println!(
            "{}: {} states, {} transitions, {} refusals, {} publications ({} confirmed), {} states left",
            way.name, seen.states, seen.transitions, seen.refused, seen.published, seen.confirmed, seen.left
        );
        for end in [StateCode::Published, StateCode::Rejected, StateCode::Withdrawn] {
            assert!(seen.reached.contains(&end), "{}: {end:?} was not reached", way.name);
        }
        assert!(seen.states >= 1_000 && seen.transitions >= 5_000 && seen.published >= 3, "{}", way.name);
    }
    assert!(confirmed >= 3, "{confirmed} publications after changes that were confirmed");
}

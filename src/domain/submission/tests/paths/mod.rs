//! Every path there is, for several plans: through the real transitions, from a fresh submission until nothing new is found. All
//! tests walk a part of each plan; `tests/long/paths.sh` walks the whole.
//!
//! What is bounded: rounds (two, the second by changes or by an appeal), objections at a time (one), and the cast, which has as many plain people as the
//! plan can use, and beside them an author and one more who wear every hat they can ([`people`]). States are
//! folded where nothing to come can tell them apart ([`fold`]): by instants (past or not), texts, salts and ids, and by people who are
//! alike. What a path owes is kept beside the state as its ledger told it ([`owed`]) and is part of what tells two states apart,
//! so that every path to a publication is looked at, not one for each state.

mod fold;
mod owed;
mod people;
mod tries;

use super::*;
use fold::{folded, key};
use owed::Owed;
use people::{Person, Wild, alike_seen, cast};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use tries::{Told, tries};

/// Rounds at most: the second comes of changes or of an appeal.
const MOST_ROUNDS: u32 = 2;
/// What nobody of the submitting institution does.
const JUDGING: [Action; 7] =
    [Action::Claim, Action::Opine, Action::Countersign, Action::Dissent, Action::Decide, Action::Uphold, Action::Reopen];
/// Nodes of each state and plan on which every action is tried by every party, also those that the table refuses.
const TRIED_BY_ALL: usize = 1;

/// What a walk is about.
struct Way {
    name: &'static str,
    plan: Plan,
    /// Another plan that the desk or the committee may choose.
    other: Option<Plan>,
    /// The track of the checks asks for the institution's approval.
    approval: bool,
    /// Flags that the checks find.
    flags: &'static [&'static str],
    /// It is an item of the ethnic-culture zone.
    culture: bool,
    /// People may mark it as ethnic.
    markable: bool,
}

fn terms() -> CountersignTerms {
    CountersignTerms {
        office: "ethnic_affairs".into(),
        label: "民族宗教事务部门".into(),
        culture: true,
        flags: BTreeSet::from(["ethnic".to_owned()]),
        answer_days: 10,
        remind_days: 3,
    }
}

fn ways() -> Vec<Way> {
    let regular = Plan { approval: true, ..plan(1) };
    let invited = super::super::Panel { invite: true, answer_days: 3, review_days: 10, escalate_after: 2, ..Default::default() };
    let selected = Plan {
        track: "selected".into(),
        reviewers: 3,
        most_reviewers: 3,
        decides: Decider::Committee,
        votes: 2,
        notice_working_days: 5,
        panel: invited,
        ..plan(3)
    };
    let pair = Plan { track: "pair".into(), reviewers: 2, most_reviewers: 3, notice_working_days: 1, ..plan(2) };
    let office = Plan { countersign: Some(terms()), ..plan(1) };
    let other = Some(Plan { track: "two".into(), approval: true, most_reviewers: 2, ..plan(2) });
    let way = |name, plan| Way { name, plan, other: None, approval: false, flags: &[], culture: false, markable: false };
    vec![
        Way { approval: true, ..way("regular", regular) },
        Way { flags: &["sensitive"], ..way("flagged by the checks", Plan { flagged_votes: 2, ..plan(1) }) },
        way("selected", selected),
        Way { markable: true, ..way("a pair with notice", pair) },
        // The checks ran for a track without approval; the desk may choose one with it, and more reviewers.
        Way { other, ..way("changed track", plan(1)) },
        Way { flags: &["ethnic"], culture: true, ..way("culture", office.clone()) },
        Way { culture: true, ..way("culture before one approver", Plan { notice_working_days: 1, ..office.clone() }) },
        Way { markable: true, ..way("marked by people", office) },
    ]
}

/// The steps of a path, the last one first, for whoever reads why it failed.
struct Trail {
    who: &'static str,
    action: Action,
    to: StateCode,
    before: Option<Rc<Self>>,
}

struct Node {
    one: Submission,
    owed: Owed,
    trail: Option<Rc<Trail>>,
}

impl Node {
    fn code(&self) -> StateCode {
        self.one.state.code()
    }

    fn tell(&self) -> String {
        let mut steps = Vec::new();
        let mut at = self.trail.as_ref();
        while let Some(trail) = at {
            steps.push(format!("\n{} {} -> {}", trail.who, trail.action.code(), trail.to.code()));
            at = trail.before.as_ref();
        }
        steps.into_iter().rev().collect()
    }

    fn after(&self, moved: Moved, person: &Person, action: Action) -> Self {
        let mut owed = self.owed.clone();
        for entry in &moved.entries {
            assert_eq!(entry.actor, person.surrogate, "the ledger names somebody else: {entry:?}");
            owed.hear(entry, person.name);
        }
        let to = moved.submission.state.code();
        let trail = Some(Rc::new(Trail { who: person.name, action, to, before: self.trail.clone() }));
        Self { one: folded(moved.submission), owed, trail }
    }
}

#[derive(Default)]
struct Seen {
    states: usize,
    transitions: usize,
    refused: usize,
    published: usize,
    confirmed: usize,
    reopened: usize,
    against_office: usize,
    reached: BTreeSet<StateCode>,
    /// States that nobody has gone on from yet.
    left: usize,
    /// Codes that refused a step which state and party allow.
    guards: BTreeSet<(Action, &'static str)>,
    tried_by_all: HashMap<StateCode, usize>,
}

impl Seen {
    fn publication(&mut self, way: &Way, node: &Node) {
        self.published += 1;
        self.confirmed += usize::from(node.owed.confirmed);
        self.reopened += usize::from(node.one.fresh_eyes);
        self.against_office += usize::from(node.one.is_objected_by_office());
        node.owed.assert_paid(way, &node.one, &|| format!("{}: {}", way.name, node.tell()));
    }
}

/// What comes of every step that the table lets somebody take, and of time.
fn neighbours(node: &Node, way: &Way, people: &[Person], seen: &mut Seen) -> Vec<Node> {
    let from = node.code();
    let time = fold::later(&node.one).into_iter();
    let mut found: Vec<Node> = time.map(|one| Node { one, owed: node.owed.clone(), trail: node.trail.clone() }).collect();
    let actors: Vec<&Person> = people.iter().enumerate().filter(|(at, _)| !alike_seen(node, people, *at)).map(|(_, one)| one).collect();
    for line in table::TABLE.iter().filter(|line| line.from == Some(from)) {
        for person in &actors {
            for party in person.hats.iter().filter(|party| line.parties.contains(party)) {
                let step = by(person.name, *party);
                if !line.by_authors && *party != Party::Program && node.owed.sent.contains(person.name) {
                    let told = node.one.gate(line.action, &step).map_err(|problem| problem.code);
                    assert_eq!(told, Err("recused"), "an author took {:?}: {}", line.action, node.tell());
                    continue;
                }
                for told in tries(&node.one, way, people, line.action, person, &step) {
                    match told {
                        // Who stands down is as one who never came: nothing is possible after it that was not before.
                        Ok(_) if line.action == Action::Recuse => seen.transitions += 1,
                        Ok(moved) => {
                            let judges = person.inside && JUDGING.contains(&line.action);
                            assert!(!judges, "somebody of the institution took {:?}: {}", line.action, node.tell());
                            seen.transitions += 1;
                            found.push(node.after(moved, person, line.action));
                        }
                        Err(problem) => {
                            seen.refused += 1;
                            assert_refused(line, node, person, &step, &problem);
                            seen.guards.insert((line.action, problem.code));
                        }
                    }
                }
            }
        }
    }
    found
}

/// A refusal is one that the document names for this line, and tells where the submission stands where that explains it.
fn assert_refused(line: &table::Line, node: &Node, person: &Person, step: &Step<'_>, problem: &Problem) {
    let author = node.owed.sent.contains(person.name) && step.party != Party::Program;
    let own = author && !line.by_authors && problem.code == "recused";
    assert!(own || line.guards.contains(&problem.code), "{:?} {:?} by {}: {problem}{}", node.code(), line.action, person.name, node.tell());
}

/// Everything that everybody may try here, and what the document says of it.
fn assert_answers(node: &Node, way: &Way, people: &[Person]) {
    for (action, ..) in Action::ALL {
        // Recording checks begins them where that was not done: the one action made of two lines.
        let both = action == Action::RecordChecks && node.code() == StateCode::Submitted;
        let line = table::find(Some(if both { StateCode::Checking } else { node.code() }), action);
        for party in Party::all() {
            for person in people.iter().filter(|one| ["author", "wild"].contains(&one.name)) {
                let step = by(person.name, party);
                for told in tries(&node.one, way, people, action, person, &step) {
                    assert_answer(line, node, person, &step, told);
                }
            }
        }
    }
}

fn assert_answer(line: Option<&table::Line>, node: &Node, person: &Person, step: &Step<'_>, told: Told) {
    let at = || format!("{:?} {:?} by {} as {:?}{}", node.code(), line, person.name, step.party, node.tell());
    match (line, told) {
        (None, Err(problem)) => {
            assert_eq!((problem.kind, problem.code), (ProblemKind::Conflict, "state"), "{}", at());
            assert_eq!(problem.state.unwrap().code, node.code().code(), "{}", at());
        }
        (Some(line), Err(problem)) if !line.parties.contains(&step.party) => {
            assert_eq!(problem.code, "forbidden", "{}", at());
        }
        (Some(line), Ok(moved)) => {
            assert!(line.parties.contains(&step.party), "{}", at());
            assert!(line.to.contains(&moved.submission.state.code()), "{}", at());
            let author = node.owed.sent.contains(person.name) && step.party != Party::Program;
            assert!(line.by_authors || !author, "an author did it: {}", at());
        }
        (Some(line), Err(problem)) => assert_refused(line, node, person, step, &problem),
        (None, Ok(_)) => panic!("no line allows it: {}", at()),
    }
}

/// What makes a stage: state, round, seats, opinions, and what it has behind it.
type Stage = (StateCode, u32, usize, usize, [bool; 4]);

/// Nodes that wait, by stage.
#[derive(Default)]
struct Waiting(BTreeMap<Stage, VecDeque<Node>>);

impl Waiting {
    fn push(&mut self, node: Node) {
        let one = &node.one;
        let given = one.seats.iter().filter(|seat| seat.given.is_some()).count();
        let votes = if let State::Committee { votes } = &one.state { votes.len() } else { 0 };
        let earned = [one.confirmable.is_some(), one.approved.is_some(), one.fresh_eyes, one.is_objected_by_office()];
        self.0.entry((node.code(), one.round, given, votes, earned)).or_default().push_back(node);
    }

    /// The oldest of each stage: a walk that is cut short has been everywhere.
    fn turn(&mut self) -> Vec<Node> {
        self.0.values_mut().filter_map(VecDeque::pop_front).collect()
    }

    /// The youngest of the stage that is nearest to an end: a walk to the end keeps few nodes waiting.
    fn deepest(&mut self) -> Option<Node> {
        let mut stage = self.0.last_entry()?;
        let node = stage.get_mut().pop_back();
        if stage.get().is_empty() {
            stage.remove();
        }
        node
    }

    fn len(&self) -> usize {
        self.0.values().map(VecDeque::len).sum()
    }
}

/// Walks until nothing new is found, or until so many states were gone on from.
fn explore(way: &Way, wild: Wild, most: usize) -> Seen {
    let people = cast(way, wild);
    let author = people.iter().find(|one| one.name == "author").unwrap();
    let begin = by("author", role(Role::Contributor));
    let mut seen = Seen::default();
    let (mut known, mut waiting) = (HashSet::new(), Waiting::default());
    for begun in [Submission::submit(tries::new_of(way), &begin), Submission::draft(tries::new_of(way), &begin)] {
        let moved = begun.unwrap();
        let action = if moved.submission.state == State::Draft { Action::Draft } else { Action::Deposit };
        let fresh = Node { one: moved.submission.clone(), owed: Owed::default(), trail: None };
        let node = fresh.after(moved, author, action);
        known.insert(key(&node, &people));
        waiting.push(node);
    }
    while waiting.len() > 0 && seen.states < most {
        let turn = if most == WHOLE { waiting.deepest().into_iter().collect() } else { waiting.turn() };
        for node in turn {
            seen.states += 1;
            let tried = seen.tried_by_all.entry(node.code()).or_default();
            *tried += 1;
            if *tried <= TRIED_BY_ALL {
                assert_answers(&node, way, &people);
            }
            for next in neighbours(&node, way, &people, &mut seen) {
                if !known.insert(key(&next, &people)) {
                    continue;
                }
                seen.reached.insert(next.code());
                if next.code() == StateCode::Published {
                    seen.publication(way, &next);
                } else {
                    waiting.push(next);
                }
            }
        }
    }
    seen.left = waiting.len();
    seen
}

/// Walks every way, once with a wild one inside of the institution and once outside.
#[expect(clippy::print_stdout, reason = "how much was walked is told to whoever asks with --nocapture")]
fn walk_all(most: usize) -> Vec<(Way, Seen)> {
    let began = std::time::Instant::now();
    let each = |wild| ways().into_iter().map(move |way| (way, wild));
    let walk = move |(way, wild): (Way, Wild)| {
        let seen = explore(&way, wild, most);
        println!(
            "{}, {wild:?}: {} states, {} transitions, {} refusals, {} publications ({} confirmed, {} after an appeal, {} against the \
             office), {} states left, after {:?}",
            way.name,
            seen.states,
            seen.transitions,
            seen.refused,
            seen.published,
            seen.confirmed,
            seen.reopened,
            seen.against_office,
            seen.left,
            began.elapsed()
        );
        (way, seen)
    };
    let walks: Vec<_> = each(Wild::Inside).chain(each(Wild::Outside)).map(|one| std::thread::spawn(move || walk(one))).collect();
    walks.into_iter().map(|walk| walk.join().unwrap()).collect()
}

/// States gone on from in each walk when all tests are run.
const QUICK: usize = 600;
/// As many as there are.
const WHOLE: usize = usize::MAX;

#[test]
fn no_path_publishes_without_everything_its_plan_asks_for() {
    let walks = walk_all(QUICK);
    for (way, seen) in &walks {
        assert!(seen.states >= QUICK.min(400) || seen.left == 0, "{}", way.name);
    }
    // A panel of three is longer on its way than this part of the walk.
    let published = walks.iter().filter(|(_, seen)| seen.published > 0).count();
    assert!(published >= walks.len() - 2, "{published} of {} walks came to a publication", walks.len());
    assert_met(&walks);
}

#[test]
#[ignore = "takes long; tests/long/paths.sh"]
fn every_path_there_is_was_walked_to_its_end() {
    let walks = walk_all(WHOLE);
    for (way, seen) in &walks {
        assert_eq!(seen.left, 0, "{}: the walk did not end", way.name);
        for end in [StateCode::Published, StateCode::Rejected, StateCode::Withdrawn] {
            assert!(seen.reached.contains(&end), "{}: {end:?} was not reached", way.name);
        }
    }
    assert_met(&walks);
    let guards: BTreeSet<_> = walks.iter().flat_map(|(_, seen)| seen.guards.iter().copied()).collect();
    assert_all_guards_met(&guards);
}

/// The walks came by the rare ways, too.
fn assert_met(walks: &[(Way, Seen)]) {
    let sum = |count: &dyn Fn(&Seen) -> usize| walks.iter().map(|(_, seen)| count(seen)).sum::<usize>();
    let rare = [sum(&|seen| seen.confirmed), sum(&|seen| seen.reopened), sum(&|seen| seen.against_office)];
    assert!(rare.iter().all(|sum| *sum > 0), "publications after confirmed changes, an appeal, against the office: {rare:?}");
}

/// Codes that the document names for a line and that the walks cannot meet: the caller's or the store's to find.
const NOT_MET: [&str; 4] = ["reason-required", "finding", "revision", "retired"];

fn assert_all_guards_met(met: &BTreeSet<(Action, &'static str)>) {
    let listed = table::TABLE.iter().flat_map(|line| line.guards.iter().map(move |guard| (line.action, *guard)));
    let never: BTreeSet<_> = listed.filter(|row| !NOT_MET.contains(&row.1) && !met.contains(row)).collect();
    assert!(never.is_empty(), "the document names refusals that never come: {never:#?}");
}

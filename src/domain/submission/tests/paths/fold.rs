//! Which states are the same for all that can come.
//!
//! Instants are only ever compared with now: they become past ([`NOW`]) or future ([`LATER`]), and [`later`] lets each pass by itself.
//! Texts, salts, ids and numbers of a ledger decide nothing. Seats decide nothing once the review is over, an outcome nothing
//! but that there is one. Hands are looked at by the guards in a few ways only, which [`looks`] lists with the roles they are asked
//! of; whoever lets a guard look in another way adds it there.

use super::super::*;
use super::Node;
use super::people::Person;
use crate::domain::submission::{Seat, Why};
use crate::domain::time::DAY_MS;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Some day to come.
pub const LATER: Timestamp = Timestamp::from_millis(1_800_000_000_000 + 1000 * DAY_MS);

fn passes(at: Timestamp) -> Timestamp {
    if at > NOW { LATER } else { NOW }
}

/// A submission without what decides nothing.
pub fn folded(mut one: Submission) -> Submission {
    (one.ledger, one.created, one.updated) = (LedgerHead::default(), NOW, NOW);
    let judged = matches!(one.state.code(), StateCode::Review | StateCode::Panel);
    // Where the lease alone counts, a seat that ran out is nobody's.
    let leased = one.panel().review_days == 0;
    one.seats.retain(|seat| judged && (seat.given.is_some() || seat.until > NOW || !leased));
    one.seats.iter_mut().for_each(|seat| (seat.until, seat.reminded) = (passes(seat.until), false));
    one.stood_down.retain(|gone| gone.why == Why::Recused);
    let bare = || outcome(&[given(Verdict::Pass, None)], 0);
    one.outcome = one.outcome.and_then(|_| bare());
    one.confirmable = one.confirmable.and_then(|_| bare());
    one.waivers.truncate(1);
    if let Some(said) = &mut one.countersigned {
        (said.answers, said.round) = (Vec::new(), 0);
    }
    match &mut one.state {
        State::Notice { until } | State::Objected { until, .. } => *until = passes(*until),
        State::Countersign { since, reminded, overdue } => (*since, *reminded, *overdue) = (NOW, false, false),
        _ => {}
    }
    one
}

/// What time alone makes of it: each term that runs may pass before the others.
pub fn later(one: &Submission) -> Vec<Submission> {
    let mut found = Vec::new();
    if let State::Notice { until } | State::Objected { until, .. } = &one.state
        && *until > NOW
    {
        let mut next = one.clone();
        if let State::Notice { until } | State::Objected { until, .. } = &mut next.state {
            *until = NOW;
        }
        found.push(next);
    }
    for place in 0..one.seats.len() {
        if one.seats[place].given.is_none() && one.seats[place].until > NOW {
            let mut next = one.clone();
            next.seats[place].until = NOW;
            found.push(folded(next));
        }
    }
    found
}

/// What guards ask of somebody's hands, as far as the person has a hat to which they put the question.
fn looks(one: &Submission, person: &Person, out: &mut Vec<u8>) {
    use Role::{Committee, Editor, EthnicAffairs, Manager, Reviewer};
    use StateCode as S;
    let mine = || one.hands.iter().filter(|hand| hand.account == person.name);
    let any = |wearer: &[Role], fits: &dyn Fn(&Hand) -> bool| u8::from(person.wears(wearer) && mine().any(fits));
    let reviewed = |hand: &Hand| matches!(hand.stage, S::Review | S::Panel);
    let last = one.hands.iter().filter(|hand| reviewed(hand)).map(|hand| hand.round).max();
    let noticed = one.plan.as_ref().is_some_and(|plan| plan.notice_working_days > 0);
    out.extend([
        u8::from(mine().any(|hand| hand.stage == S::Submitted)),
        any(&[Committee], &|_| true),
        any(&[Manager], &|hand| hand.stage != S::Approval),
        any(&[Reviewer], &|hand| !reviewed(hand)),
        any(&[EthnicAffairs], &|hand| hand.stage != S::Countersign),
        any(&[Editor], &|hand| noticed && hand.stage != S::Objected),
        any(&[Committee], &|hand| matches!(hand.stage, S::Approval | S::Screening | S::Review | S::Panel | S::Countersign | S::Objected)),
        any(&[Reviewer, Committee], &|hand| one.fresh_eyes && hand.round < one.fresh_from),
        any(&[Editor, Committee], &|hand| reviewed(hand) && Some(hand.round) == last),
    ]);
}

fn seat_of(seat: &Seat, out: &mut Vec<u8>) {
    out.extend([u8::from(seat.until > NOW), u8::from(seat.invited)]);
    if let Some(given) = &seat.given {
        out.extend([given.verdict as u8, u8::from(!given.vetoes.is_empty())]);
        out.extend(given.mark.unwrap_or_default().to_be_bytes());
    }
}

/// All that concerns one person.
pub fn mine(node: &Node, person: &Person) -> Vec<u8> {
    let (one, name) = (&node.one, person.name);
    let mut out = Vec::with_capacity(48);
    looks(one, person, &mut out);
    let by = |account: Option<&String>| u8::from(account.is_some_and(|account| account == name));
    out.push(by(Some(&one.submitter)));
    out.push(by(one.approved.as_ref().map(|approved| &approved.by)));
    out.push(by(one.countersigned.as_ref().map(|said| &said.by)));
    out.push(u8::from(one.stood_down.iter().any(|gone| gone.account == name)));
    if let State::Committee { votes } = &one.state {
        out.push(votes.iter().find(|vote| vote.account == name).map_or(9, |vote| vote.verdict as u8));
    }
    node.owed.of(person, one.round, &mut out);
    if let Some(seat) = one.seat_of(name) {
        seat_of(seat, &mut out);
    }
    out
}

/// All that concerns nobody in particular. Every field of a submission is named here, so that a new one is thought of.
fn common(node: &Node, hasher: &mut DefaultHasher) {
    let Submission {
        id: _,
        deposit: _,
        row: _,
        owner: _,
        institution: _,
        resource: _,
        revision_of: _,
        metadata: _,
        files: _,
        track,
        plan,
        state,
        round,
        findings,
        waivers,
        flags,
        marks,
        rule_set: _,
        submitter: _,
        approved,
        countersigned,
        seats: _,
        outcome,
        confirmable,
        hands: _,
        stood_down: _,
        blind,
        fresh_eyes,
        fresh_from,
        fingerprint: _,
        created: _,
        updated: _,
        ledger: _,
    } = &node.one;
    (state.code(), track, round, flags, marks, *blind as u8, fresh_eyes, fresh_from).hash(hasher);
    (findings.iter().filter(|finding| finding.weighs()).count(), waivers.len()).hash(hasher);
    (approved.is_some(), countersigned.as_ref().map(|said| said.agreed), outcome.is_some(), confirmable.is_some()).hash(hasher);
    plan.as_ref().map(|plan| (&plan.track, plan.reviewers, plan.decides)).hash(hasher);
    match state {
        State::Notice { until } => (*until > NOW).hash(hasher),
        State::Objected { until, open } => (*until > NOW, open).hash(hasher),
        State::Returned { stage, verdict, .. } => (*stage == StateCode::Checking, *verdict == Some(Verdict::PassAfterChanges)).hash(hasher),
        _ => {}
    }
    node.owed.common(hasher);
}

/// What tells two nodes apart.
pub fn key(node: &Node, people: &[Person]) -> (u64, u64) {
    // Nothing comes after these.
    match &node.one.state {
        State::Withdrawn => return (0, 0),
        State::Rejected { appealed: true, .. } => return (0, 1),
        _ => {}
    }
    let mut parts: Vec<(u8, Vec<u8>)> = Vec::with_capacity(people.len());
    for (place, person) in people.iter().enumerate() {
        // People who are alike stand in the order of what concerns them, the others each in a place of their own.
        let place = if person.class > 0 { person.class + 100 } else { u8::try_from(place).unwrap() };
        parts.push((place, mine(node, person)));
    }
    parts.sort_unstable();
    let half = |seed: u64| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        parts.hash(&mut hasher);
        common(node, &mut hasher);
        hasher.finish()
    };
    (half(1), half(2))
}

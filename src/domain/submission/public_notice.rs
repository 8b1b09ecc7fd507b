//! Public notice and objections against it: while one is open, the submission waits.

use super::opinions::{conflict, recused};
use super::table::{Action, StateCode};
use super::{Moved, Plan, State, Step, Submission};
use crate::domain::calendar::Calendar;
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;

impl Plan {
    /// Where a notice that begins at `from` ends: working days counted from the day after, or calendar days in a plan made
    /// before those were counted; `None` where the track asks for none.
    pub fn notice_until(&self, from: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        match (self.notice_working_days, self.notice_days) {
            (0, 0) => None,
            (0, days) => Some(Calendar::after_days(from, days)),
            (days, _) => Some(calendar.after_working_days(from, days)),
        }
    }
}

impl Submission {
    /// Publishes after the notice has run out.
    pub fn publish(self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Publish, step)?;
        if let State::Notice { until } = &self.state
            && step.at < *until
        {
            return Err(conflict("notice-runs", "公示期未满。", "The notice has not run out."));
        }
        let to = State::Published { revision: self.next_revision() };
        self.moved(from, Action::Publish, to, step, &[])
    }

    /// An objection came in before the notice ran out: publication waits for the answer.
    pub fn object(self, objection: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Object, step)?;
        let (until, mut open) = match &self.state {
            State::Objected { until, open } => (*until, open.clone()),
            State::Notice { until } => (*until, BTreeSet::new()),
            _ => return Err(Problem::internal()),
        };
        if step.at >= until {
            return Err(conflict("notice-over", "公示期已满，不再接受异议。", "The notice has run out."));
        }
        open.insert(objection.to_owned());
        self.moved(from, Action::Object, State::Objected { until, open }, step, &[("objection", objection.to_owned())])
    }

    /// An objection was refused or dismissed; with the last one the notice goes on, or has run out meanwhile.
    pub fn overrule(mut self, objection: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Overrule, step)?;
        self.check_answerer(step)?;
        let State::Objected { until, open } = &self.state else { return Err(Problem::internal()) };
        let (until, mut open) = (*until, open.clone());
        open.remove(objection);
        let to = if open.is_empty() { State::Notice { until } } else { State::Objected { until, open } };
        self.add_hand(step, StateCode::Objected);
        self.moved(from, Action::Overrule, to, step, &[("objection", objection.to_owned())])
    }

    /// Objections are answered by people who judged it in no stage; who answered one may answer the next.
    fn check_answerer(&self, step: &Step<'_>) -> Result<(), Problem> {
        if self.hands.iter().any(|hand| hand.account == step.account && hand.stage != StateCode::Objected) {
            return Err(recused("已参与本资源的提交或审核，应当回避。", "Whoever took part in this is recused."));
        }
        Ok(())
    }

    /// The committee decides again.
    pub fn refer(mut self, objection: &str, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Refer, step)?;
        self.check_answerer(step)?;
        self.ask_committee();
        self.add_hand(step, StateCode::Objected);
        let to = State::Committee { votes: Vec::new() };
        self.moved(from, Action::Refer, to, step, &[("objection", objection.to_owned())])
    }
}

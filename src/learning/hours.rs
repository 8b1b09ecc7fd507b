//! Effective hours (有效学时), counted anew each time by the rule in force.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::problem::Problem;
use crate::domain::study::{DayOfStudy, HoursRule, days_of_study};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// First day in Asia/Shanghai, `YYYY-MM-DD`; the first of all where it is missing.
    #[serde(default)]
    pub from: Option<String>,
    /// Last day; today where it is missing.
    #[serde(default)]
    pub to: Option<String>,
}

/// Effective hours of some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Hours {
    /// Seconds that count.
    pub seconds: u64,
    /// The same in tenths of 学时, the rest cut off: 125 is 12.5.
    pub hours_tenths: u32,
    /// The days on which something was learned, in order.
    pub days: Vec<DayOfStudy>,
    /// The rule they were counted by.
    pub rule: HoursRule,
}

impl Learning {
    /// The effective hours of a learner.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; `bad-day`.
    pub async fn hours(&self, actor: &Actor, learner: &str, days: &Days) -> Result<Hours, Problem> {
        let (_, surrogate) = self.own(actor, learner)?;
        days.check()?;
        self.note_access(actor, learner, "hours").await?;
        Ok(self.hours_of(surrogate, days))
    }

    pub(super) fn hours_of(&self, surrogate: u64, wanted: &Days) -> Hours {
        let rule = HoursRule::clone(&self.hours_rule);
        let mut days = days_of_study(&self.records.reports(surrogate), &rule);
        // Days are written so that their order is that of their texts.
        days.retain(|day| wanted.from.as_ref().is_none_or(|from| day.date >= *from) && wanted.to.as_ref().is_none_or(|to| day.date <= *to));
        let seconds = days.iter().map(|day| u64::from(day.seconds)).sum();
        Hours { seconds, hours_tenths: rule.tenths(seconds), days, rule }
    }
}

impl Days {
    /// Checks that days are days.
    ///
    /// # Errors
    /// `bad-day`.
    pub fn check(&self) -> Result<(), Problem> {
        for (name, day) in [("from", &self.from), ("to", &self.to)] {
            if day.as_ref().is_some_and(|day| Timestamp::end_of_shanghai_date(day).is_none()) {
                let (zh, en) = (format!("{name} 须为日期，如 2026-11-22。"), format!("{name} must be a day such as 2026-11-22."));
                return Err(Problem::field("bad-day", name, zh, en));
            }
        }
        Ok(())
    }
}

//! 集体学习: people who learn together before one screen, signed in on a list that is sent later, and perhaps twice.
//!
//! Each of them gets the reports that a player of its own would have made: so hours, resume points and what plays side by
//! side are as in any other record, and what was sent before counts once.

use super::{Learning, Recorded};
use crate::domain::access::Actor;
use crate::domain::event::{EventInput, Verb};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most people at one gathering.
const MOST_LEARNERS: usize = 200;
/// Longest gathering, in minutes.
const LONGEST: u32 = 240;
/// Longest id of a gathering and longest name of a learner, in characters: the ids of the events hold both.
const LONGEST_ID: usize = 40;
const LONGEST_LEARNER: usize = 80;

/// A gathering with its list of who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gathering {
    /// Unique for the station: sent twice, counted once. 1 to 40 characters.
    pub id: String,
    /// Resource that was shown.
    pub resource: String,
    /// When it began, by the station's clock: weeks ago, where it comes late.
    pub began: Timestamp,
    /// How long it took, 1 to 240.
    #[schema(minimum = 1, maximum = 240)]
    pub minutes: u32,
    /// Second of the recording at which it began.
    #[serde(default)]
    pub from_second: u32,
    /// Whether it was shown to the end.
    #[serde(default)]
    pub completed: bool,
    /// Who signed in, as the station names them, 1 to 200 of 1 to 80 characters. One who signed twice was there once.
    pub learners: Vec<String>,
}

/// What became of a gathering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Gathered {
    /// People on the list.
    pub learners: u32,
    /// Reports that are new.
    pub accepted: u64,
    /// Reports that were there before.
    pub duplicates: u64,
    /// Reports of children under fourteen without a guardian's consent. Nothing of them is kept.
    #[serde(default)]
    pub withheld: u64,
}

impl Learning {
    /// Records a gathering for everybody who signed in.
    ///
    /// # Errors
    /// As [`Learning::record`]; `bad-gathering` for a list or length that cannot be.
    pub async fn gather(&self, actor: &Actor, gathering: Gathering) -> Result<Gathered, Problem> {
        let mut learners = gathering.learners.clone();
        learners.sort_unstable();
        learners.dedup();
        check(&gathering, learners.len())?;
        let step = self.hours_rule.longest_step_seconds.value.clamp(1, 300);
        let events = learners.iter().flat_map(|learner| reports(&gathering, learner, step)).collect();
        let Recorded { accepted, duplicates, withheld, .. } =
            self.record(actor, actor.account.as_deref().unwrap_or_default(), events).await?;
        Ok(Gathered { learners: u32::try_from(learners.len()).unwrap_or(u32::MAX), accepted, duplicates, withheld })
    }
}

fn check(gathering: &Gathering, learners: usize) -> Result<(), Problem> {
    let wrong = |field: &str, zh: String, en: String| Problem {
        kind: ProblemKind::Unprocessable,
        ..Problem::field("bad-gathering", field, zh, en)
    };
    if !(1..=LONGEST_ID).contains(&gathering.id.chars().count()) {
        return Err(wrong("id", format!("编号须为 1 至 {LONGEST_ID} 个字符。"), format!("The id must have 1 to {LONGEST_ID} characters.")));
    }
    if !(1..=LONGEST).contains(&gathering.minutes) {
        return Err(wrong("minutes", format!("时长须为 1 至 {LONGEST} 分钟。"), format!("A gathering takes 1 to {LONGEST} minutes.")));
    }
    if !(1..=MOST_LEARNERS).contains(&learners) {
        let (zh, en) = (format!("签到人数须为 1 至 {MOST_LEARNERS}。"), format!("1 to {MOST_LEARNERS} people can sign in."));
        return Err(wrong("learners", zh, en));
    }
    if gathering.learners.iter().any(|learner| !(1..=LONGEST_LEARNER).contains(&learner.chars().count())) {
        let (zh, en) =
            (format!("学习者名须为 1 至 {LONGEST_LEARNER} 个字符。"), format!("Learners' names have 1 to {LONGEST_LEARNER} characters."));
        return Err(wrong("learners", zh, en));
    }
    Ok(())
}

/// What a player of the learner's own would have reported.
fn reports<'a>(gathering: &'a Gathering, learner: &'a str, step: u32) -> impl Iterator<Item = EventInput> + 'a {
    let whole = gathering.minutes * 60;
    let steps = (0..whole).step_by(step as usize).chain([whole]);
    let event = move |tail: String, verb, seconds: u32, position| EventInput {
        // The resource and the begin are no part of it: a list that was mended and sent again is the same gathering.
        id: format!("{}/{tail}", gathering.id),
        learner: learner.to_owned(),
        resource: gathering.resource.clone(),
        verb,
        at: gathering.began.plus_millis(i64::from(seconds) * 1000),
        value: None,
        position,
        list: None,
        slot: None,
        region: None,
    };
    let progressed = steps.map(move |seconds| {
        let position = f64::from(gathering.from_second) + f64::from(seconds);
        event(format!("{seconds}/{learner}"), Verb::Progressed, seconds, Some(position))
    });
    let completed = gathering.completed.then(|| event(format!("end/{learner}"), Verb::Completed, whole, None));
    progressed.chain(completed)
}

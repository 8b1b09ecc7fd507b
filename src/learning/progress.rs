//! How far the learners of a class are with its resources, for its teacher: on a page, as CSV, as a workbook.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::event::{Standing, learner_of};
use crate::domain::learner::class::{ClassMember, ClassPlan};
use crate::domain::problem::Problem;
use crate::domain::study::days_of_study;
use crate::domain::time::Timestamp;
use crate::package::marked;
use serde::{Deserialize, Serialize};

/// The progress of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClassProgress {
    /// Name of the class.
    pub name: String,
    /// Its resources.
    pub resources: Vec<String>,
    /// Its learners, by name.
    pub learners: Vec<LearnerProgress>,
}

/// The progress of a learner with the resources of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LearnerProgress {
    /// Name.
    pub name: String,
    /// When the learner joined.
    pub joined: Timestamp,
    /// Effective seconds with these resources.
    pub effective_seconds: u64,
    /// The same in tenths of 学时.
    pub hours_tenths: u32,
    /// Resources that are finished.
    pub completed: u32,
    /// Where the learner stands with each, in the order of the class; missing where nothing was begun.
    pub standings: Vec<Option<Step>>,
}

/// Where a learner stands with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    /// Furthest progress, per mille.
    pub progress: u16,
    /// Whether it was finished.
    pub completed: bool,
    /// The latest score, per mille.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u16>,
    /// The latest event.
    pub at: Timestamp,
}

impl Learning {
    /// The progress of a class.
    ///
    /// # Errors
    /// 404 for who is not its teacher.
    pub async fn class_progress(&self, actor: &Actor, id: &str) -> Result<ClassProgress, Problem> {
        let class = self.class_of(actor, id).await?.value;
        let members = self.members_of(id).await?;
        let own = learner_of(actor, "me").map(|name| self.log.key().learner(&name));
        let others = members.iter().filter_map(|member| u64::from_str_radix(&member.value.learner, 16).ok());
        self.note_accesses(actor, &others.filter(|other| Some(*other) != own).collect::<Vec<_>>(), "class").await?;
        let mut learners: Vec<_> = members.into_iter().filter_map(|member| self.progress_of(&class.plan, member.value)).collect();
        learners.sort_by(|left, right| left.name.cmp(&right.name).then(left.joined.cmp(&right.joined)));
        Ok(ClassProgress { name: class.plan.name, resources: class.plan.resources, learners })
    }

    /// Nothing but what concerns the resources of the class.
    fn progress_of(&self, plan: &ClassPlan, member: ClassMember) -> Option<LearnerProgress> {
        let surrogate = u64::from_str_radix(&member.learner, 16).ok()?;
        let all = self.records.standings(surrogate);
        let step = |standing: &Standing| {
            let Standing { progress, completed, score, at, .. } = *standing;
            Step { progress, completed, score, at }
        };
        let standings: Vec<Option<Step>> =
            plan.resources.iter().map(|resource| all.iter().find(|standing| standing.resource == *resource).map(step)).collect();
        let mut reports = self.records.reports(surrogate);
        reports.retain(|report| plan.resources.iter().any(|resource| **resource == *report.resource));
        let seconds = days_of_study(&reports, &self.hours_rule).iter().map(|day| u64::from(day.seconds)).sum();
        let completed = standings.iter().flatten().filter(|step| step.completed).count();
        Some(LearnerProgress {
            name: member.name,
            joined: member.joined,
            effective_seconds: seconds,
            hours_tenths: self.hours_rule.tenths(seconds),
            completed: u32::try_from(completed).unwrap_or(u32::MAX),
            standings,
        })
    }
}

impl ClassProgress {
    /// As CSV with a byte order mark, as spreadsheets read it.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn csv(&self) -> Result<Vec<u8>, Problem> {
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        let mut writer = csv::Writer::from_writer(&mut bytes);
        for line in self.lines() {
            writer.write_record(line.iter().map(|cell| harmless(cell))).map_err(broken)?;
        }
        writer.flush().map_err(broken)?;
        drop(writer);
        Ok(bytes)
    }

    /// As a workbook.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn workbook(&self) -> Result<Vec<u8>, Problem> {
        marked::list("学习进度", &self.lines()).map_err(broken)
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let mut head = ["姓名", "加入日期", "有效学时", "已完成"].map(str::to_owned).to_vec();
        head.extend(self.resources.iter().cloned());
        let line = |learner: &LearnerProgress| {
            let hours = format!("{}.{}", learner.hours_tenths / 10, learner.hours_tenths % 10);
            let done = format!("{}/{}", learner.completed, self.resources.len());
            let mut line = vec![learner.name.clone(), learner.joined.shanghai_date(), hours, done];
            line.extend(learner.standings.iter().map(|step| step.as_ref().map_or_else(String::new, Step::told)));
            line
        };
        std::iter::once(head).chain(self.learners.iter().map(line)).collect()
    }
}

impl Step {
    fn told(&self) -> String {
        let state = if self.completed { "完成".to_owned() } else { format!("{}%", self.progress / 10) };
        match self.score {
            Some(score) => format!("{state}，{} 分", score / 10),
            None => state,
        }
    }
}

/// Spreadsheets run cells that begin like a formula, and names are chosen by strangers.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a progress list could not be written");
    Problem::internal()
}

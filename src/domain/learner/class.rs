//! Classes (班级): learners who let somebody see how far they are with the resources of the class, and with nothing else.

use super::check_text;
use crate::domain::event::LONGEST_NAME;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Learners in one class, at most.
pub const MOST_MEMBERS: usize = 500;
/// Resources of one class, at most.
const MOST_RESOURCES: usize = 100;
/// Longest name, in characters.
const LONGEST: usize = 60;

/// What its teacher says of a class. Answers hold it among fields of their own, so it is not closed to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClassPlan {
    /// Name, 1 to 60 characters.
    pub name: String,
    /// Ids of the resources that are learned, in order; 1 to 100. The teacher sees progress with these alone.
    pub resources: Vec<String>,
}

impl ClassPlan {
    /// Checks lengths and counts.
    ///
    /// # Errors
    /// `bad-length`, `bad-resources`.
    pub fn check(&self) -> Result<(), Problem> {
        check_text("name", "班级名称", &self.name, LONGEST)?;
        self.resources.iter().try_for_each(|resource| check_text("resources", "资源编号", resource, LONGEST_NAME))?;
        if (1..=MOST_RESOURCES).contains(&self.resources.len()) {
            return Ok(());
        }
        let (zh, en) = (format!("班级须有 1 至 {MOST_RESOURCES} 件资源。"), format!("A class has 1 to {MOST_RESOURCES} resources."));
        Err(Problem { kind: ProblemKind::Unprocessable, ..Problem::field("bad-resources", "resources", zh, en) })
    }
}

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// UUIDv7.
    pub id: String,
    /// Account of the teacher.
    pub teacher: String,
    /// By which learners join; without the dashes it is shown with.
    pub code: String,
    /// Name and resources.
    pub plan: ClassPlan,
    /// When it was opened.
    pub opened: Timestamp,
}

/// Index of classes by their teachers.
pub const BY_TEACHER: &str = "teacher";
/// Index of classes by their codes.
pub const BY_CODE: &str = "code";

impl Record for Class {
    const TABLE: &'static str = "classes";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![
            IndexRow { index: BY_TEACHER, key: Key::of(&[&self.teacher, &self.id]) },
            IndexRow { index: BY_CODE, key: Key::from(self.code.as_str()) },
        ]
    }
}

/// A learner in a class, by its own wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassMember {
    /// Class.
    pub class: String,
    /// Surrogate of the learner.
    pub learner: String,
    /// Name that the teacher sees.
    pub name: String,
    /// When it joined.
    pub joined: Timestamp,
}

/// Index of memberships by learner.
pub const BY_MEMBER: &str = "learner";

impl Record for ClassMember {
    const TABLE: &'static str = "class_members";
    fn key(&self) -> Key {
        Key::of(&[&self.class, &self.learner])
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: BY_MEMBER, key: Key::of(&[&self.learner, &self.class]) }]
    }
}

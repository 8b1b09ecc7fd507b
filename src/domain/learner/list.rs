//! Favourites in lists with names.

use super::check_text;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Lists of one learner, at most.
pub const MOST_LISTS: usize = 100;
/// Resources in one list, at most.
pub const MOST_IN_LIST: usize = 500;
/// Longest name of a list, in characters.
const LONGEST_NAME: usize = 60;

/// A list of a learner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerList {
    /// Surrogate of the learner.
    pub learner: String,
    /// UUIDv7.
    pub id: String,
    /// Name.
    pub name: String,
    /// What is in it, the latest last.
    pub items: Vec<ListItem>,
    /// When it was made.
    pub made: Timestamp,
}

/// A resource in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListItem {
    /// Resource id.
    pub resource: String,
    /// When it was put there.
    pub at: Timestamp,
}

impl LearnerList {
    /// A new, empty list.
    ///
    /// # Errors
    /// `bad-length` for a name that is empty or too long.
    pub fn new(learner: &str, id: String, name: &str, now: Timestamp) -> Result<Self, Problem> {
        let mut list = Self { learner: learner.to_owned(), id, name: String::new(), items: Vec::new(), made: now };
        list.rename(name)?;
        Ok(list)
    }

    /// Gives it another name.
    ///
    /// # Errors
    /// As [`LearnerList::new`].
    pub fn rename(&mut self, name: &str) -> Result<(), Problem> {
        check_text("name", "清单名称", name, LONGEST_NAME)?;
        name.trim().clone_into(&mut self.name);
        Ok(())
    }

    /// Whether a resource is in it.
    pub fn holds(&self, resource: &str) -> bool {
        self.items.iter().any(|item| item.resource == resource)
    }

    /// Puts a resource into it; one that is there stays where it is.
    ///
    /// # Errors
    /// `list-full`, `bad-length`.
    pub fn put(&mut self, resource: &str, now: Timestamp) -> Result<(), Problem> {
        check_text("resource", "资源编号", resource, crate::domain::event::LONGEST_NAME)?;
        if self.holds(resource) {
            return Ok(());
        }
        if self.items.len() >= MOST_IN_LIST {
            let (zh, en) = (format!("一个清单最多 {MOST_IN_LIST} 件。"), format!("A list takes {MOST_IN_LIST} resources at most."));
            return Err(Problem::new(ProblemKind::Conflict, "list-full", zh, en));
        }
        self.items.push(ListItem { resource: resource.to_owned(), at: now });
        Ok(())
    }

    /// Takes a resource out of it; answers whether it was there.
    pub fn take_out(&mut self, resource: &str) -> bool {
        let before = self.items.len();
        self.items.retain(|item| item.resource != resource);
        self.items.len() < before
    }
}

impl Record for LearnerList {
    const TABLE: &'static str = "learner_lists";
    fn key(&self) -> Key {
        Key::of(&[&self.learner, &self.id])
    }
}

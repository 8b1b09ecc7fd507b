//! A learner's history by pages.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::event::Standing;
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of a learner's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistoryPage {
    /// Where the learner stands with each resource, the latest first.
    pub items: Vec<Standing>,
    /// Where to go on; nothing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Learning {
    /// Where a learner stands with one resource.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub fn standing(&self, actor: &Actor, learner: &str, resource: &str) -> Result<Option<Standing>, Problem> {
        let (_, surrogate) = self.own(actor, learner)?;
        Ok(self.records.standings(surrogate).into_iter().find(|standing| standing.resource == resource))
    }

    /// A part of the history, after where `cursor` ended. What is learned meanwhile moves to the front, where a later reading
    /// finds it; nothing else is left out or comes twice.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; `bad-cursor`.
    pub async fn history(&self, actor: &Actor, learner: &str, limit: usize, cursor: Option<&str>) -> Result<HistoryPage, Problem> {
        let (_, surrogate) = self.own(actor, learner)?;
        self.note_access(actor, learner, "history").await?;
        let all = self.records.standings(surrogate);
        let start = match cursor {
            None => 0,
            Some(cursor) => place_after(&all, cursor)
                .ok_or_else(|| Problem::field("bad-cursor", "cursor", "翻页标记无效。", "The cursor is not valid for this list."))?,
        };
        let items: Vec<Standing> = all.iter().skip(start).take(limit).cloned().collect();
        let next = items.last().filter(|_| start + items.len() < all.len()).map(cursor_of);
        Ok(HistoryPage { items, next })
    }
}

fn cursor_of(last: &Standing) -> String {
    format!("{}.{}", last.at.millis(), last.resource)
}

fn place_after(all: &[Standing], cursor: &str) -> Option<usize> {
    let (at, resource) = cursor.split_once('.')?;
    let at = Timestamp::from_millis(at.parse().ok()?);
    let same = all.iter().position(|entry| entry.at == at && entry.resource == resource).map(|place| place + 1);
    Some(same.unwrap_or_else(|| all.partition_point(|entry| entry.at >= at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(resource: &str, at: i64) -> Standing {
        let (resource, at) = (resource.to_owned(), Timestamp::from_millis(at));
        let (position, score) = (None, None);
        Standing { resource, at, progress: 0, completed: false, favourite: false, dismissed: false, rating: None, position, score }
    }

    #[test]
    fn a_page_begins_where_the_one_before_ended() {
        let all = [standing("d", 40), standing("c.1", 30), standing("b", 30), standing("a", 10)];
        assert_eq!(place_after(&all, &cursor_of(&all[1])), Some(2), "equal times keep their order");
        assert_eq!(place_after(&all, &cursor_of(&all[3])), Some(4));
        assert_eq!(place_after(&all, "30.moved"), Some(3), "what moved to the front is passed over");
        assert_eq!(place_after(&all, "nonsense"), None);
    }
}

//! Lists by relevance that are turned page by page while the index changes.

use super::request::SearchQuery;
use super::tests::{House, of, resource};
use crate::domain::resource::{Resource, ResourceState};
use std::collections::{BTreeMap, BTreeSet};

const QUERY: &str = "社区教育课程";
/// Hits after which a change may come too late for a list to follow: it remembers about 300.
const REMEMBERED: usize = 220;

/// What happens to a catalogue between two pages.
#[derive(Clone, Copy, Default)]
struct Busy {
    published: usize,
    changed: usize,
    withdrawn: usize,
}

/// A catalogue of works that one query finds.
struct Catalogue {
    house: House,
    random: fastrand::Rng,
    works: BTreeMap<String, Resource>,
    made: usize,
}

impl Catalogue {
    async fn of(works: usize, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        let mut catalogue = Self { house: House::open().await, random, works: BTreeMap::new(), made: 0 };
        for _ in 0..works {
            catalogue.publish("old").await;
        }
        catalogue.house.follow().await;
        catalogue
    }

    /// Text that holds the query more or less often, among other things.
    fn text(&mut self) -> String {
        let said = ["社区", "教育", "社区教育", "课程", "社区教育课程"];
        let other = ["手工", "种植", "书法", "健康", "防骗", "摄影"];
        let mut text = QUERY.to_owned();
        for _ in 0..self.random.usize(..25) {
            text += said[self.random.usize(..said.len())];
            text += other[self.random.usize(..other.len())];
        }
        text
    }

    async fn publish(&mut self, name: &str) {
        self.made += 1;
        let mut work = resource(&format!("{name}{}", self.made), &format!("第{}种", self.made));
        if self.random.u8(..4) == 0 {
            work.metadata.title.0.values_mut().for_each(|title| title.push_str(QUERY));
        }
        let text = self.text();
        self.house.write(&work, Some(&text)).await;
        self.works.insert(work.id.clone(), work);
    }

    async fn change(&mut self, id: &str) {
        let description = self.text();
        let Some(work) = self.works.get_mut(id) else { return };
        work.metadata.description = crate::domain::text::LangMap::zh(&description);
        self.house.write(work, None).await;
    }

    async fn withdraw(&mut self, id: &str) {
        let Some(mut work) = self.works.remove(id) else { return };
        work.state = ResourceState::Suspended { reason: "投诉".to_owned(), holds: BTreeSet::new() };
        self.house.write(&work, None).await;
    }

    fn any(&mut self, of: &[String]) -> Option<String> {
        if of.is_empty() { None } else { of.get(self.random.usize(..of.len())).cloned() }
    }

    /// Turns all pages of the list; between any two of them something happens.
    async fn turn(&mut self, limit: u32, busy: Busy) -> Turned {
        let mut turned = Turned::default();
        let mut cursor = None;
        loop {
            let page = self.house.search(SearchQuery { limit: Some(limit), cursor, ..of(QUERY) }).await;
            turned.seen.extend(page.hits.into_iter().map(|hit| hit.id));
            turned.pages += 1;
            cursor = page.next;
            let Some(next) = &cursor else { return turned };
            assert!(next.len() <= 2_000, "{} characters", next.len());
            self.happen(busy, &mut turned).await;
        }
    }

    async fn happen(&mut self, busy: Busy, turned: &mut Turned) {
        for _ in 0..busy.published {
            self.publish("new").await;
        }
        let unseen: Vec<String> = self.works.keys().filter(|id| !turned.seen.contains(id)).cloned().collect();
        for _ in 0..busy.withdrawn {
            let Some(id) = self.any(&unseen).filter(|id| self.works.contains_key(id)) else { continue };
            self.withdraw(&id).await;
            turned.withdrawn.insert(id);
        }
        let late = turned.seen.len() > REMEMBERED;
        let lately = turned.seen.get(turned.seen.len().saturating_sub(REMEMBERED)..).unwrap_or_default().to_vec();
        for _ in 0..busy.changed {
            let of = if self.random.bool() { &lately } else { &unseen };
            let Some(id) = self.any(of) else { continue };
            self.change(&id).await;
            if late {
                turned.changed_late.insert(id);
            }
        }
        self.house.follow().await;
    }
}

/// What a reader saw.
#[derive(Default)]
struct Turned {
    seen: Vec<String>,
    pages: usize,
    withdrawn: BTreeSet<String>,
    changed_late: BTreeSet<String>,
}

impl Turned {
    fn assert_whole(&self, stood: &BTreeSet<String>) {
        let once: BTreeSet<&String> = self.seen.iter().collect();
        assert_eq!(once.len(), self.seen.len(), "none comes twice");
        assert!(!self.withdrawn.iter().any(|id| once.contains(id)), "what was taken down is on no page");
        let missed: Vec<&String> = stood.iter().filter(|id| !once.contains(id) && !self.changed_late.contains(*id)).collect();
        assert!(missed.is_empty(), "{missed:?} of {} left out after {} pages", stood.len(), self.pages);
    }
}

#[tokio::test]
async fn what_stands_comes_once_and_in_its_order_whatever_is_published_and_taken_down() {
    for (limit, busy) in [
        (7, Busy { published: 3, ..Busy::default() }),
        (20, Busy { published: 30, withdrawn: 6, ..Busy::default() }),
        (60, Busy { published: 90, withdrawn: 15, ..Busy::default() }),
    ] {
        let mut catalogue = Catalogue::of(500, u64::from(limit)).await;
        let still = catalogue.turn(limit, Busy::default()).await;
        assert_eq!((still.seen.len(), still.pages), (500, 500_usize.div_ceil(limit as usize)));
        let turned = catalogue.turn(limit, busy).await;
        let stood: BTreeSet<String> = catalogue.works.keys().filter(|id| still.seen.contains(id)).cloned().collect();
        turned.assert_whole(&stood);
        let in_order = |ids: &[String]| ids.iter().filter(|id| stood.contains(*id)).cloned().collect::<Vec<_>>();
        assert_eq!(in_order(&turned.seen), in_order(&still.seen), "{limit} a page");
        assert!(turned.seen.iter().any(|id| id.starts_with("new")), "what came is found where its place is still to come");
    }
}

#[tokio::test]
async fn what_changes_between_pages_comes_once_too() {
    for limit in [5, 30, 100] {
        let mut catalogue = Catalogue::of(450, 100 + u64::from(limit)).await;
        let before: BTreeSet<String> = catalogue.works.keys().cloned().collect();
        let turned = catalogue.turn(limit, Busy { published: 2, changed: 6, withdrawn: 1 }).await;
        let stood: BTreeSet<String> = catalogue.works.keys().filter(|id| before.contains(*id)).cloned().collect();
        turned.assert_whole(&stood);
    }
}

#[tokio::test]
async fn a_page_of_another_length_goes_on_at_the_same_place() {
    let mut catalogue = Catalogue::of(260, 1).await;
    let whole = catalogue.turn(100, Busy::default()).await;
    let (mut seen, mut cursor, mut limits) = (Vec::new(), None, [1, 2, 50, 100, 7].into_iter().cycle());
    loop {
        let page = catalogue.house.search(SearchQuery { limit: limits.next(), cursor, ..of(QUERY) }).await;
        seen.extend(page.hits.into_iter().map(|hit| hit.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, whole.seen);
}

//! Reading the feed from a position, again and again, until told to stop.

use crate::clock::Clock;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::time::Timestamp;
use crate::operations::Pulse;
use crate::store::{Store, StoreError, Told};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Commits read at once.
const BATCH: usize = 512;
/// Pause after the first failure; it doubles to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A reader of the feed that keeps what it learned, and the position that covers, together in a state of its own.
#[async_trait::async_trait]
pub trait Follower: Send + 'static {
    /// Name under which it is seen (`pulse::SEARCH`, `pulse::RECOMMEND`).
    fn name(&self) -> &'static str;

    /// The position that its state covers; `None` when there is none, or it belongs to another epoch or an older schema:
    /// [`Follower::rebuild`] follows.
    async fn position(&mut self) -> Result<Option<Position>, Problem>;

    /// Makes the state anew: notes the head first, reads all records, answers the position noted.
    async fn rebuild(&mut self) -> Result<Position, Problem>;

    /// Takes in these facts, in order; afterwards the state covers `through`. It re-reads each id and can meet facts twice.
    async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem>;
}

/// What a follower reads, and where it says how far it is. Cheap to clone.
#[derive(Clone)]
pub struct Following {
    /// Where the feed is.
    pub store: Store,
    /// Now.
    pub clock: Clock,
    /// Where it is told.
    pub pulse: Pulse,
    /// When it ends.
    pub stop: CancellationToken,
}

/// Follows until told to stop. A failure is logged, shown in the pulse and tried again. From the call on, before anything is read,
/// the follower is seen to be behind: who waits until all followers have come somewhere waits for this one, too.
pub fn follow(following: Following, mut follower: impl Follower) -> impl Future<Output = ()> + Send {
    let Following { store, clock, pulse, stop } = following;
    pulse.behind(follower.name(), clock.now());
    async move {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                ended = read_on(&store, &clock, &pulse, &mut follower, &mut pause) => ended,
            };
            if let Err(problem) = ended {
                tracing::error!(follower = follower.name(), %problem, "the follower failed and will try again");
                pulse.failed(follower.name(), problem.to_string(), clock.now());
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Reads until something fails.
async fn read_on(store: &Store, clock: &Clock, pulse: &Pulse, follower: &mut impl Follower, pause: &mut Duration) -> Result<(), Problem> {
    let name = follower.name();
    // A head that was seen, and when: once that is taken in, nothing older waits.
    let mut sight: Option<(Position, Timestamp)> = None;
    let mut head = store.watch();
    let mut at = match follower.position().await? {
        Some(position) => position,
        None => rebuild(follower).await?,
    };
    loop {
        if let Some(asked) = pulse.asked(name) {
            at = rebuild(follower).await?;
            pulse.met(name, asked);
        }
        let now = clock.now();
        let seen = *head.borrow_and_update();
        let (seen_head, seen_at) = *sight.get_or_insert((seen, now));
        match store.facts_after(at, BATCH).await {
            Err(StoreError::FactsGone) => {
                pulse.behind(name, clock.now());
                at = rebuild(follower).await?;
            }
            Err(error) => return Err(error.into()),
            Ok(told) => match told.last().map(|last| last.position) {
                Some(through) => {
                    pulse.behind(name, seen_at);
                    follower.apply(&told, through).await?;
                    at = through;
                    pulse.reached(name, at);
                    if at >= seen_head {
                        pulse.covers(name, seen_at);
                        sight = None;
                    }
                }
                None => {
                    sight = None;
                    // Commits without facts need nothing from anybody.
                    at = at.max(seen);
                    pulse.level(name, at);
                    tokio::select! {
                        changed = head.changed() => if changed.is_err() {
                            return Ok(());
                        },
                        () = pulse.until_asked(name) => {}
                    }
                }
            },
        }
        *pause = FIRST_PAUSE;
    }
}

async fn rebuild(follower: &mut impl Follower) -> Result<Position, Problem> {
    tracing::info!(follower = follower.name(), "rebuilding from the records");
    let position = follower.rebuild().await?;
    tracing::info!(follower = follower.name(), %position, "rebuilt");
    Ok(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{ChangeSet, Topic};
    use std::sync::{Arc, Mutex};

    struct Ids {
        seen: Arc<Mutex<Vec<String>>>,
        fail_once: bool,
    }

    #[async_trait::async_trait]
    impl Follower for Ids {
        fn name(&self) -> &'static str {
            "ids"
        }
        async fn position(&mut self) -> Result<Option<Position>, Problem> {
            Ok(Some(Position(0)))
        }
        async fn rebuild(&mut self) -> Result<Position, Problem> {
            Err(Problem::internal())
        }
        async fn apply(&mut self, told: &[Told], _through: Position) -> Result<(), Problem> {
            if std::mem::take(&mut self.fail_once) {
                return Err(Problem::internal());
            }
            let ids = told.iter().flat_map(|told| &told.facts).map(|fact| fact.id.clone());
            self.seen.lock().unwrap().extend(ids);
            Ok(())
        }
    }

    /// Each time it takes something in, a second passes and something new is there.
    struct Pursuer {
        store: Store,
        clock: Clock,
        pulse: Pulse,
        lags: Arc<Mutex<Vec<i64>>>,
        left: usize,
    }

    #[async_trait::async_trait]
    impl Follower for Pursuer {
        fn name(&self) -> &'static str {
            "pursuer"
        }
        async fn position(&mut self) -> Result<Option<Position>, Problem> {
            Ok(Some(Position(0)))
        }
        async fn rebuild(&mut self) -> Result<Position, Problem> {
            Err(Problem::internal())
        }
        async fn apply(&mut self, _told: &[Told], _through: Position) -> Result<(), Problem> {
            self.clock.advance(1_000);
            let since = self.pulse.of("pursuer").and_then(|beat| beat.behind_since).unwrap();
            self.lags.lock().unwrap().push(self.clock.now().millis() - since.millis());
            if self.left > 0 {
                self.left -= 1;
                tell(&self.store, "next").await;
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn who_never_rests_is_behind_by_what_waits_alone() {
        let (store, clock) = (Store::memory(), Clock::fixed(Timestamp::from_millis(1_800_000_000_000)));
        let (pulse, stop, lags) = (Pulse::default(), CancellationToken::new(), Arc::new(Mutex::new(Vec::new())));
        tell(&store, "first").await;
        let follower = Pursuer { store: store.clone(), clock: clock.clone(), pulse: pulse.clone(), lags: Arc::clone(&lags), left: 30 };
        let following = Following { store: store.clone(), clock, pulse: pulse.clone(), stop: stop.clone() };
        let running = tokio::spawn(follow(following, follower));
        while pulse.of("pursuer").is_none_or(|beat| beat.behind_since.is_some()) {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        running.await.unwrap();
        let lags = lags.lock().unwrap();
        assert_eq!(lags.len(), 31);
        assert!(lags.iter().all(|lag| *lag <= 2_000), "{lags:?}");
    }

    async fn tell(store: &Store, id: &str) -> Position {
        let mut change = ChangeSet::new(Clock::system().fresh_id());
        change.tell(Topic::Resource, id);
        store.commit(change).await.unwrap()
    }

    #[tokio::test]
    async fn facts_arrive_in_order_also_after_a_failure() {
        let (store, clock, pulse, stop) = (Store::memory(), Clock::system(), Pulse::default(), CancellationToken::new());
        tell(&store, "one").await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let follower = Ids { seen: Arc::clone(&seen), fail_once: true };
        let following = Following { store: store.clone(), clock, pulse: pulse.clone(), stop: stop.clone() };
        let following = follow(following, follower);
        assert!(pulse.of("ids").is_some_and(|beat| beat.behind_since.is_some()), "seen before it has read anything");
        let running = tokio::spawn(following);
        let position = tell(&store, "two").await;
        assert!(pulse.wait("ids", position, Duration::from_secs(5)).await);
        assert_eq!(*seen.lock().unwrap(), ["one", "two"]);
        stop.cancel();
        running.await.unwrap();
    }
}

//! Taking over a catalogue that another body vetted (`admitted`): the one way past this site's own vetting.
//!
//! Rows come as NDJSON. They are parsed in parallel ([`row`]), written in ChangeSets of [`ROWS`] rows ([`write`]), at most two
//! records a resource. The same row again changes nothing, so a broken run is simply run again; a bad row is told with its
//! line and the good ones go in. Each ChangeSet queues a job by which vetting checks what it brought in (`vetting::admitted`).

pub mod row;
mod values;
mod write;

use super::Catalog;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::{FieldProblem, Problem};
use crate::domain::resource::Admission;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use row::{Reader, Row};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows of one ChangeSet.
const ROWS: usize = 500;
/// Bytes of rows of one ChangeSet: a batch ends at whichever comes first.
const BATCH_BYTES: usize = 2 << 20;
/// Batches that are parsed while others are written.
const AHEAD: usize = 3;
/// Longest line: a resource's whole text.
const LONGEST_LINE: usize = 8 << 20;
/// Refused rows that an answer lists; the others are counted.
const MOST_ERRORS: usize = 1_000;

/// Under what name and whose responsibility a catalogue is taken over.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AdmitQuery {
    /// The body that vetted it.
    pub vetted_by: String,
    /// Where it is taken from; ids are unique within it.
    pub source: String,
    /// Organisation that owns what names no owner of its own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub owner: Option<OrgPath>,
    /// Number of the first line, for messages, where a catalogue is sent in parts.
    #[serde(default)]
    pub first_line: Option<u64>,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Admitted {
    /// Resources made.
    pub created: u64,
    /// Resources changed: a new revision each.
    pub updated: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows refused.
    pub refused: u64,
    /// Why, by line; at most 1,000.
    pub errors: Vec<FieldProblem>,
    /// Search that waits for this position (`after`) finds all of it.
    pub position: Position,
}

/// What all rows of a run share.
#[derive(Debug)]
struct Run {
    vetted_by: String,
    source: String,
    reader: Reader,
}

/// Rows of one batch: what could be read, and what could not.
type Batch = (Vec<Row>, Vec<FieldProblem>);

impl Catalog {
    /// Takes over rows of NDJSON.
    ///
    /// # Errors
    /// Forbidden but for administrators of the owner's organisation; what the stream fails with. What went in before that
    /// stays; run it again.
    pub async fn admit<S>(&self, actor: &Actor, query: AdmitQuery, lines: S) -> Result<Admitted, Problem>
    where
        S: Stream<Item = Result<Bytes, Problem>> + Send + Unpin,
    {
        let owner = query.owner.clone().unwrap_or_else(OrgPath::root);
        if !actor.has(&[Role::Administrator], &owner) {
            return Err(Problem::forbidden());
        }
        for (path, value) in [("vetted_by", &query.vetted_by), ("source", &query.source)] {
            if value.trim().is_empty() || value.chars().count() > 100 || value.chars().any(char::is_control) {
                let zh = format!("{path} 须为 1 至 100 个字符。");
                return Err(Problem::field("bad-source", path, zh, format!("{path} has 1 to 100 characters.")));
            }
        }
        let reader = Reader::new(Arc::clone(&self.codes), owner);
        let run = Arc::new(Run { vetted_by: query.vetted_by, source: query.source, reader });
        let (to_writer, mut batches) = mpsc::channel(AHEAD);
        let reading = read_batches(lines, Arc::clone(&run), query.first_line.unwrap_or(1), to_writer);
        let writing = async {
            let mut total = Admitted { position: self.store.head(), ..Admitted::default() };
            while let Some(parsed) = batches.recv().await {
                let parsed: tokio::task::JoinHandle<Batch> = parsed;
                let (rows, errors) = parsed.await.map_err(|_| Problem::internal())?;
                total.refuse(errors);
                self.write_batch(&run, rows, &mut total).await?;
            }
            Ok::<_, Problem>(total)
        };
        let (read, written) = futures::join!(reading, writing);
        let mut total = written?;
        self.note_admission(actor, &run, &mut total).await?;
        read.map(|()| total)
    }

    async fn note_admission(&self, actor: &Actor, run: &Run, total: &mut Admitted) -> Result<(), Problem> {
        let admission = Admission {
            id: self.clock.fresh_id(),
            actor: actor.account.clone().unwrap_or_default(),
            vetted_by: run.vetted_by.clone(),
            source: run.source.clone(),
            created: total.created,
            updated: total.updated,
            unchanged: total.unchanged,
            refused: total.refused,
            at: self.clock.now(),
        };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&admission)?;
        total.position = self.store.commit(change).await?;
        Ok(())
    }
}

impl Admitted {
    fn refuse(&mut self, errors: Vec<FieldProblem>) {
        self.refused += errors.len() as u64;
        let room = MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
    }
}

/// Cuts a stream into batches of whole lines and has them parsed off the async threads, in order.
async fn read_batches<S>(
    mut bytes: S,
    run: Arc<Run>,
    first_line: u64,
    to_writer: mpsc::Sender<tokio::task::JoinHandle<Batch>>,
) -> Result<(), Problem>
where
    S: Stream<Item = Result<Bytes, Problem>> + Send + Unpin,
{
    let mut line = first_line;
    let mut buffer: Vec<u8> = Vec::new();
    let send = async |text: Vec<u8>, line: &mut u64| {
        let first = *line;
        *line += memchr::memchr_iter(b'\n', &text).count() as u64;
        let run = Arc::clone(&run);
        // A writer that stopped has its own error to tell.
        let parsing = tokio::task::spawn_blocking(move || run.reader.read(&text, first));
        to_writer.send(parsing).await.is_ok()
    };
    while let Some(chunk) = bytes.next().await {
        buffer.extend_from_slice(&chunk?);
        while let Some(end) = batch_end(&buffer) {
            let rest = buffer.split_off(end);
            if !send(std::mem::replace(&mut buffer, rest), &mut line).await {
                return Ok(());
            }
        }
        if buffer.len() > LONGEST_LINE {
            let (zh, en) = (format!("第 {line} 行过长。"), format!("Line {line} is too long."));
            return Err(Problem { kind: crate::domain::problem::ProblemKind::TooLarge, ..Problem::field("line-too-long", "line", zh, en) });
        }
    }
    if !buffer.is_empty() {
        send(buffer, &mut line).await;
    }
    Ok(())
}

/// Where a full batch at the beginning of `buffer` ends; `None` while there is none yet.
fn batch_end(buffer: &[u8]) -> Option<usize> {
    let mut last = None;
    for (count, end) in memchr::memchr_iter(b'\n', buffer).enumerate() {
        last = Some(end + 1);
        if count + 1 >= ROWS || end >= BATCH_BYTES {
            return last;
        }
    }
    last.filter(|_| buffer.len() >= BATCH_BYTES)
}

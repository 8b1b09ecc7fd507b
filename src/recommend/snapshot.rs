//! Keeping the state in a file, so that a start need not read the whole log.
//!
//! A head in plain bytes (magic, shape, generation of the log, number of the next event, digest), then everything in an lz4
//! frame: the state, and behind it the solved columns of neighbourhood ridge ([`super::columns`]). It is derived: a file that is
//! damaged, of another log, another shape or another version is simply not used.
//!
//! The two are kept apart. The digest is of the state alone, of what the log determines; it is computed again after loading and must
//! be the one that was kept. Columns are no such thing: each was solved of the state as it was when its turn came, so two services
//! with the same log may hold other ones. They have a checksum of their own, and where it does not hold, the state is used all the
//! same and columns are solved anew. They never outlive their state: a log that rows were taken out of has another generation, and
//! what is learned anew from it begins without any.

use super::columns;
use super::decay::Mass;
use super::figures::Packed;
use super::keeper::Picture;
use super::learners::Entry;
use super::regions::Taken;
use super::ridge::Ridge;
use super::rows::Row;
use super::state::{Popularity, Quality, Shape, State};
use lz4_flex::frame::{FrameDecoder, FrameEncoder};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

const MAGIC: [u8; 8] = *b"YEREC004";
/// Nothing in a whole snapshot is longer than this: guards allocations against damaged lengths.
const LONGEST: u32 = 1 << 24;

/// What was read.
pub struct Loaded {
    /// The state.
    pub state: State,
    /// Columns that were solved of it.
    pub ridge: Ridge,
    /// Number of the next event.
    pub next: u64,
}

impl Loaded {
    /// What there is where nothing was kept.
    pub fn nothing(shape: Shape) -> Self {
        Self { state: State::new(shape), ridge: Ridge::default(), next: 0 }
    }
}

/// Writes a picture.
pub fn save(path: &Path, picture: &Picture) -> io::Result<()> {
    let Picture { generation, end, state, ridge } = picture;
    let draft = path.with_extension("new");
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut file = File::create(&draft)?;
    file.write_all(&head(*generation, *end, state.shape))?;
    file.write_all(&state.digest().to_le_bytes())?;
    let mut out = Out(FrameEncoder::new(BufWriter::with_capacity(1 << 18, file)));
    write(&mut out, state)?;
    columns::write(&mut out.0, ridge.kept(state.ids().len()))?;
    let file = out.0.finish().map_err(io::Error::other)?.into_inner().map_err(|error| error.into_error())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

/// Reads what was kept of this log in this shape; `None` when there is none to be trusted.
pub fn load(path: &Path, generation: u64, end: u64, shape: Shape) -> Option<Loaded> {
    match read(path, generation, end, shape) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(%error, "the recommender's snapshot cannot be read and is learned again from the log");
            None
        }
    }
}

fn head(generation: u64, end: u64, shape: Shape) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    for number in [shape.covisit_days, shape.reach, shape.backward].into_iter().chain(shape.trend_days) {
        head.extend_from_slice(&number.to_le_bytes());
    }
    head.extend_from_slice(&generation.to_le_bytes());
    head.extend_from_slice(&end.to_le_bytes());
    head
}

fn read(path: &Path, generation: u64, end: u64, shape: Shape) -> io::Result<Option<Loaded>> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut found = vec![0; head(generation, end, shape).len()];
    file.read_exact(&mut found)?;
    let next = found.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    if found != head(generation, next, shape) || next > end || next == 0 {
        tracing::info!("the recommender's snapshot is of another log, shape or version and is not used");
        return Ok(None);
    }
    let mut digest = [0; 16];
    file.read_exact(&mut digest)?;
    let mut from = In(BufReader::with_capacity(1 << 16, FrameDecoder::new(file)));
    let state = read_state(&mut from, shape)?;
    if state.digest().to_le_bytes() != digest {
        return Err(wrong("its digest does not hold"));
    }
    let kept = columns::read(&mut from.0, state.ids().len()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the recommender's columns cannot be used and are solved again");
        Vec::new()
    });
    let ridge = Ridge::restored(&state, kept);
    Ok(Some(Loaded { state, ridge, next }))
}

fn write(out: &mut Out<impl Write>, state: &State) -> io::Result<()> {
    out.word(state.clock)?;
    out.long(state.counted)?;
    state.quality.words().into_iter().try_for_each(|word| out.long(word))?;
    out.word(u32::try_from(state.ids().len()).map_err(io::Error::other)?)?;
    for (number, id) in (0_u32..).zip(state.ids()) {
        out.word(u32::try_from(id.len()).map_err(io::Error::other)?)?;
        out.0.write_all(id.as_bytes())?;
        let popularity = state.popularity(number);
        write_popularity(out, &popularity)?;
        let Some(row) = state.row(number) else { return Err(wrong("a resource has no row")) };
        out.word(row.epoch())?;
        out.words(row.ids())?;
        out.words(row.masses())?;
    }
    out.long(state.learners.count() as u64)?;
    for (learner, entries, figures) in state.learners.iter() {
        out.long(learner)?;
        out.word(u32::try_from(entries.len()).map_err(io::Error::other)?)?;
        for entry in entries {
            out.word(entry.resource)?;
            out.word(entry.at)?;
            out.word(entry.rest())?;
        }
        out.word(u32::try_from(figures.len()).map_err(io::Error::other)?)?;
        for one in figures {
            out.word(one.resource)?;
            out.word(one.at)?;
            out.word(one.bits())?;
        }
    }
    write_regions(out, state)
}

fn write_regions(out: &mut Out<impl Write>, state: &State) -> io::Result<()> {
    out.word(u32::try_from(state.regions.iter().len()).map_err(io::Error::other)?)?;
    for (region, takings) in state.regions.iter() {
        out.word(region)?;
        out.word(u32::try_from(takings.len()).map_err(io::Error::other)?)?;
        for taken in takings {
            out.word(taken.resource)?;
            out.word(taken.learners)?;
            out.word(taken.mass.epoch)?;
            out.long(taken.mass.value)?;
        }
    }
    Ok(())
}

fn read_regions(from: &mut In<impl Read>, state: &mut State) -> io::Result<()> {
    for _ in 0..from.length()? {
        let (region, count) = (from.word()?, from.length()?);
        let mut takings = Vec::new();
        for _ in 0..count {
            let (resource, learners) = (from.word()?, from.word()?);
            takings.push(Taken { resource, learners, mass: Mass { epoch: from.word()?, value: from.long()? } });
        }
        state.regions.restore(region, takings);
    }
    Ok(())
}

fn read_state(from: &mut In<impl Read>, shape: Shape) -> io::Result<State> {
    let mut state = State::new(shape);
    state.clock = from.word()?;
    state.counted = from.long()?;
    state.quality = Quality::from_words([from.long()?, from.long()?, from.long()?]);
    let resources = from.word()?;
    let mut id = Vec::new();
    for _ in 0..resources {
        id.resize(from.length()?, 0);
        from.0.read_exact(&mut id)?;
        let popularity = read_popularity(from)?;
        let row = Row::from_parts(from.word()?, from.words()?, from.words()?).ok_or_else(|| wrong("a row does not fit"))?;
        state.restore(std::str::from_utf8(&id).map_err(io::Error::other)?, row, popularity);
    }
    for _ in 0..from.long()? {
        let (learner, count) = (from.long()?, from.length()?);
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            entries.push(Entry::from_parts(from.word()?, from.word()?, from.word()?));
        }
        let count = from.length()?;
        let mut figures = Vec::with_capacity(count);
        for _ in 0..count {
            figures.push(Packed::from_parts(from.word()?, from.word()?, from.word()?));
        }
        state.learners.restore(learner, entries, figures);
    }
    read_regions(from, &mut state)?;
    Ok(state)
}

fn write_popularity(out: &mut Out<impl Write>, popularity: &Popularity) -> io::Result<()> {
    for mass in std::iter::once(popularity.mass).chain(popularity.trends) {
        out.word(mass.epoch)?;
        out.long(mass.value)?;
    }
    out.word(popularity.learners)?;
    out.word(popularity.since)?;
    popularity.quality.words().into_iter().try_for_each(|word| out.long(word))
}

fn read_popularity(from: &mut In<impl Read>) -> io::Result<Popularity> {
    let mut mass = || Ok::<_, io::Error>(Mass { epoch: from.word()?, value: from.long()? });
    let (mass, trends) = (mass()?, [mass()?, mass()?, mass()?]);
    let (learners, since) = (from.word()?, from.word()?);
    Ok(Popularity { mass, trends, learners, since, quality: Quality::from_words([from.long()?, from.long()?, from.long()?]) })
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

struct Out<W>(W);

impl<W: Write> Out<W> {
    fn word(&mut self, number: u32) -> io::Result<()> {
        self.0.write_all(&number.to_le_bytes())
    }
    fn long(&mut self, number: u64) -> io::Result<()> {
        self.0.write_all(&number.to_le_bytes())
    }
    fn words(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.word(u32::try_from(numbers.len()).map_err(io::Error::other)?)?;
        numbers.iter().try_for_each(|number| self.word(*number))
    }
}

struct In<R>(R);

impl<R: Read> In<R> {
    fn word(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.0.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
    fn long(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.0.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
    fn length(&mut self) -> io::Result<usize> {
        let length = self.word()?;
        if length > LONGEST { Err(wrong("a length does not fit")) } else { Ok(length as usize) }
    }
    fn words(&mut self) -> io::Result<Vec<u32>> {
        let length = self.length()?;
        (0..length).map(|_| self.word()).collect()
    }
}

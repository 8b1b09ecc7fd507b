//! The bytes of a package's files on their way into blobs.

use crate::blob::{BlobError, Blobs};
use crate::domain::digest::Digest;
use crate::domain::metadata::Metadata;
use crate::domain::problem::Problem;
use crate::domain::submission::SubmittedFile;
use crate::package::{Package, PackageFault};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::task::JoinHandle;

/// Files of at most so many bytes are kept beside one another: alone, each would wait for the disk.
const SMALL: u64 = 256 << 10;
/// Small files that are on their way at once.
const AT_ONCE: usize = 32;

/// An opened package with what was already taken out of it.
pub(super) struct Unpacked {
    package: Package,
    blobs: Blobs,
    taken: BTreeMap<String, (Digest, u64)>,
    /// Small files on their way to the disk.
    on_the_way: Vec<JoinHandle<Result<Digest, BlobError>>>,
    /// Keeps a copy of bytes that lie elsewhere until the package is done with.
    _copy: Option<tempfile::TempPath>,
}

/// Why files could not be taken out.
pub(super) enum Refusal {
    /// The package is at fault.
    Package(PackageFault),
    /// We are.
    Ours(Problem),
}

impl Unpacked {
    pub fn new(package: Package, blobs: Blobs, copy: Option<tempfile::TempPath>) -> Self {
        Self { package, blobs, taken: BTreeMap::new(), on_the_way: Vec::new(), _copy: copy }
    }

    pub fn package(&mut self) -> &mut Package {
        &mut self.package
    }

    /// Takes out the files of a description. Blocks; must run on a thread that may.
    pub fn files_of(&mut self, metadata: &Metadata) -> Result<Vec<SubmittedFile>, Refusal> {
        let mut files = Vec::new();
        for entry in &metadata.files {
            let (digest, size) = self.take(&entry.path)?;
            files.push(SubmittedFile { entry: entry.clone(), digest, size, facts: None, text: None, thumbnail: None });
        }
        Ok(files)
    }

    /// Waits until all that was taken out is on disk; before that no record may name it.
    pub async fn settle(&mut self) -> Result<(), Problem> {
        for putting in self.on_the_way.drain(..) {
            putting.await.map_err(|error| {
                tracing::error!(%error, "a file could not be kept");
                Problem::internal()
            })??;
        }
        Ok(())
    }

    /// Takes out one file; several rows may name it, its bytes are copied once. [`Unpacked::settle`] waits for it.
    pub fn take(&mut self, path: &str) -> Result<(Digest, u64), Refusal> {
        if let Some(known) = self.taken.get(path) {
            return Ok(known.clone());
        }
        let runtime = tokio::runtime::Handle::current();
        if self.package.entry(path).is_some_and(|entry| entry.size <= SMALL) {
            return self.take_small(path, &runtime);
        }
        let mut writer = self.blobs.writer();
        let mut failed = None;
        let copied = self.package.copy(path, &mut |chunk| {
            runtime.block_on(writer.write(chunk)).map_err(|error| {
                let message = error.to_string();
                failed = Some(error);
                std::io::Error::other(message)
            })
        });
        if let Some(error) = failed {
            return Err(Refusal::Ours(error.into()));
        }
        copied.map_err(Refusal::Package)?;
        let kept = runtime.block_on(writer.finish()).map_err(|error| Refusal::Ours(error.into()))?;
        self.taken.insert(path.to_owned(), kept.clone());
        Ok(kept)
    }

    fn take_small(&mut self, path: &str, runtime: &tokio::runtime::Handle) -> Result<(Digest, u64), Refusal> {
        let bytes = self.package.read(path, SMALL).map_err(Refusal::Package)?;
        let kept = (Digest::from_bytes(&Sha256::digest(&bytes).into()), bytes.len() as u64);
        if self.on_the_way.len() >= AT_ONCE {
            runtime.block_on(self.settle()).map_err(Refusal::Ours)?;
        }
        let blobs = self.blobs.clone();
        self.on_the_way.push(runtime.spawn(async move { blobs.put_bytes(bytes.into()).await }));
        self.taken.insert(path.to_owned(), kept.clone());
        Ok(kept)
    }
}

/// A path at which a blob can be read by programs; a temporary copy where the bytes lie elsewhere.
pub(super) async fn local_file(blobs: &Blobs, digest: &Digest) -> Result<(PathBuf, Option<tempfile::TempPath>), Problem> {
    use futures::StreamExt;
    use tokio::io::AsyncWriteExt;
    if let Some(path) = blobs.local_path(digest) {
        return Ok((path, None));
    }
    let broken = |error: std::io::Error| {
        tracing::error!(%error, "a temporary copy could not be written");
        Problem::internal()
    };
    let copy = tempfile::NamedTempFile::new().map_err(broken)?.into_temp_path();
    let mut file = tokio::fs::File::create(&copy).await.map_err(broken)?;
    let size = blobs.size(digest).await?.unwrap_or(0);
    let mut chunks = std::pin::pin!(blobs.stream(digest, 0..size));
    while let Some(chunk) = chunks.next().await {
        file.write_all(&chunk?).await.map_err(broken)?;
    }
    file.flush().await.map_err(broken)?;
    Ok((copy.to_path_buf(), Some(copy)))
}

//! Bytes in: hashed while they stream, a temporary name until they are whole, then the digest's.

use super::{BlobError, Blobs, place};
use crate::domain::digest::Digest;
use bytes::{Bytes, BytesMut};
use object_store::path::Path as ObjectPath;
use object_store::{MultipartUpload, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use tokio::io::AsyncReadExt as _;

/// Bytes gathered before they are written.
const PART: usize = 256 << 10;

/// Takes bytes in. Dropped before [`BlobWriter::finish`], it leaves nothing behind.
pub struct BlobWriter {
    blobs: Blobs,
    temporary: ObjectPath,
    upload: Option<Box<dyn MultipartUpload>>,
    gathered: BytesMut,
    hasher: Sha256,
    length: u64,
}

impl Blobs {
    /// A writer of new bytes.
    pub fn writer(&self) -> BlobWriter {
        BlobWriter {
            blobs: self.clone(),
            temporary: ObjectPath::from_iter(["tmp", uuid::Uuid::now_v7().simple().to_string().as_str()]),
            upload: None,
            gathered: BytesMut::new(),
            hasher: Sha256::new(),
            length: 0,
        }
    }

    /// Keeps bytes that are in memory. When this returns they are on disk.
    pub async fn put_bytes(&self, bytes: Bytes) -> Result<Digest, BlobError> {
        let mut writer = self.writer();
        writer.write(&bytes).await?;
        Ok(writer.finish().await?.0)
    }

    /// Keeps a copy of a file's bytes. When this returns they are on disk.
    pub async fn put_file(&self, path: &Path) -> Result<Digest, BlobError> {
        let mut file = tokio::fs::File::open(path).await?;
        let mut writer = self.writer();
        let mut chunk = vec![0; PART];
        loop {
            let read = file.read(&mut chunk).await?;
            if read == 0 {
                return Ok(writer.finish().await?.0);
            }
            writer.write(chunk.get(..read).unwrap_or_default()).await?;
        }
    }
}

impl BlobWriter {
    /// Takes more bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        for piece in bytes.chunks(PART) {
            self.gathered.extend_from_slice(piece);
            if self.gathered.len() >= PART {
                self.write_gathered().await?;
            }
        }
        Ok(())
    }

    /// How many bytes came in so far.
    pub fn length(&self) -> u64 {
        self.length + self.gathered.len() as u64
    }

    /// Gives the bytes their name: digest and length. When this returns they are on disk, and safe for
    /// [`GRACE_MS`](crate::domain::blob_ref::GRACE_MS) though nothing refers to them yet.
    pub async fn finish(mut self) -> Result<(Digest, u64), BlobError> {
        self.write_gathered().await?;
        let Some(mut upload) = self.upload.take() else {
            return Err(BlobError::Failed("the upload was never begun".to_owned()));
        };
        upload.complete().await?;
        let digest = Digest::from_bytes(&self.hasher.finalize().into());
        let gate = self.blobs.gate.read().await;
        // Also over bytes that are there: the same bytes, with a fresh age, so that no sweep takes them now.
        let named = self.blobs.objects.rename(&self.temporary, &place(&digest)).await;
        drop(gate);
        named?;
        Ok((digest, self.length))
    }

    async fn write_gathered(&mut self) -> Result<(), BlobError> {
        if !self.blobs.has_room() {
            return Err(BlobError::Full("the reserve is reached".to_owned()));
        }
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.blobs.objects.put_multipart(&self.temporary).await?),
        };
        if !self.gathered.is_empty() {
            let part = self.gathered.split().freeze();
            self.hasher.update(&part);
            self.length += part.len() as u64;
            upload.put_part(part.into()).await?;
        }
        Ok(())
    }
}

//! What is promised about bytes.

use super::*;
use crate::domain::time::Timestamp;
use bytes::Bytes;
use futures::TryStreamExt as _;

fn place_for_blobs() -> (tempfile::TempDir, Blobs) {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    (dir, blobs)
}

#[tokio::test]
async fn bytes_come_back_under_their_sha256() {
    let (_dir, blobs) = place_for_blobs();
    let digest = blobs.put_bytes(Bytes::from_static("岳麓书院".as_bytes())).await.unwrap();
    assert_eq!(digest.as_str(), "04b1e1a02e9b38f69dee7eae0a74d14a86afd42759a9da38aaf5f32f46ebe639");
    assert_eq!(blobs.read(&digest).await.unwrap(), "岳麓书院".as_bytes());
    assert_eq!(blobs.size(&digest).await.unwrap(), Some(12));
    assert!(blobs.is_sound(&digest).await.unwrap());
    let empty = blobs.put_bytes(Bytes::new()).await.unwrap();
    assert_eq!(empty.as_str(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(blobs.read(&empty).await.unwrap(), "");
}

#[tokio::test]
async fn large_bytes_stream_in_pieces_and_out_by_range() {
    let (dir, blobs) = place_for_blobs();
    let bytes: Vec<u8> = (0..3_000_000u32).map(|number| (number % 251) as u8).collect();
    let mut writer = blobs.writer();
    for piece in bytes.chunks(70_001) {
        writer.write(piece).await.unwrap();
    }
    let (digest, length) = writer.finish().await.unwrap();
    assert_eq!(length, 3_000_000);
    let whole: Vec<Bytes> = blobs.stream(&digest, 0..length).try_collect().await.unwrap();
    assert_eq!(whole.concat(), bytes);
    let middle: Vec<Bytes> = blobs.stream(&digest, 999_999..1_700_000).try_collect().await.unwrap();
    assert_eq!(middle.concat(), bytes[999_999..1_700_000]);
    let beyond: Result<Vec<Bytes>, _> = blobs.stream(&digest, length..length + 1).try_collect().await;
    assert!(beyond.is_err());
    let file = dir.path().join("film");
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(blobs.put_file(&file).await.unwrap(), digest, "the same bytes are kept once");
    assert_eq!(blobs.list().try_collect::<Vec<_>>().await.unwrap().len(), 1);
    assert!(blobs.local_path(&digest).is_some_and(|path| path.ends_with(digest.as_str())));
}

#[tokio::test]
async fn a_dropped_writer_leaves_nothing() {
    let (dir, blobs) = place_for_blobs();
    let mut writer = blobs.writer();
    writer.write(&vec![1; 1 << 20]).await.unwrap();
    drop(writer);
    assert!(blobs.list().try_collect::<Vec<_>>().await.unwrap().is_empty());
    // The temporary file is removed off this thread.
    for _ in 0..2000 {
        if std::fs::read_dir(dir.path().join("tmp")).unwrap().next().is_none() {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("a temporary file was left");
}

#[tokio::test]
async fn bytes_put_again_are_young_again() {
    let (dir, blobs) = place_for_blobs();
    let digest = blobs.put_bytes(Bytes::from_static(b"x")).await.unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000);
    let path = blobs.local_path(&digest).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    let cutoff = Timestamp::from_millis(2_000_000);
    blobs.put_bytes(Bytes::from_static(b"x")).await.unwrap();
    assert!(!blobs.remove_older(&digest, cutoff).await.unwrap());
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    assert!(blobs.remove_older(&digest, cutoff).await.unwrap());
    assert_eq!(blobs.size(&digest).await.unwrap(), None);
    assert_eq!(blobs.read(&digest).await, Err(BlobError::NotFound(digest.clone())));
    assert!(blobs.remove_older(&digest, cutoff).await.unwrap(), "gone is gone");
    drop(dir);
}

#[tokio::test]
async fn bit_rot_is_found() {
    let (_dir, blobs) = place_for_blobs();
    let digest = blobs.put_bytes(Bytes::from_static(b"abc")).await.unwrap();
    std::fs::write(blobs.local_path(&digest).unwrap(), b"abd").unwrap();
    assert!(!blobs.is_sound(&digest).await.unwrap());
}

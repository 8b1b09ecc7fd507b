//! Messages into a file instead of out of the house: one JSON object a line, in the order they were sent.

use super::{Fault, Gateway, Message};
use crate::domain::notice::Channel;
use serde_json::json;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Name of the file in the data directory.
pub const FILE: &str = "outbox.jsonl";

/// One writer at a time, whatever the channel.
static WRITING: Mutex<()> = Mutex::new(());

/// Writes instead of sending.
pub struct ToFile {
    channel: Channel,
    file: PathBuf,
}

impl ToFile {
    /// Into the file of this data directory.
    pub fn new(channel: Channel, data_dir: &Path) -> Self {
        Self { channel, file: data_dir.join(FILE) }
    }

    fn append(&self, line: &str) -> std::io::Result<()> {
        let _alone = WRITING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = std::fs::File::options().create(true).append(true).mode(0o600).open(&self.file)?;
        file.write_all(line.as_bytes())
    }
}

#[async_trait::async_trait]
impl Gateway for ToFile {
    async fn send(&self, message: &Message<'_>) -> Result<(), Fault> {
        let Message { id, to, subject, text, at } = message;
        let line = json!({"channel": self.channel, "id": id, "to": to, "subject": subject, "text": text, "at": at});
        self.append(&format!("{line}\n")).map_err(|_| Fault::NotReached)
    }
}

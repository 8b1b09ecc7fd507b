//! The site's secret key: learners appear in the log only as keyed hashes, events as keyed hashes of (source, id).

use super::EventLogError;
use siphasher::{sip::SipHasher24, sip128};
use std::hash::Hasher;
use std::io::Write;
use std::path::Path;

/// 32 random bytes, kept with the log and nowhere else (mode 0600).
#[derive(Clone)]
pub struct SiteKey {
    learner: [u8; 16],
    event: [u8; 16],
}

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SiteKey")
    }
}

impl SiteKey {
    /// Reads `<dir>/key`, or makes it. A key of the wrong length is an error: a new one would make strangers of all learners.
    pub fn open(dir: &Path) -> Result<Self, EventLogError> {
        std::fs::create_dir_all(dir).map_err(EventLogError::io("make the folder"))?;
        let path = dir.join("key");
        match std::fs::read(&path) {
            Ok(bytes) => Self::from_bytes(&bytes).ok_or(EventLogError::Damaged {
                file: "key".to_owned(),
                offset: 0,
                reason: "the site key must be 32 bytes",
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(dir),
            Err(error) => Err(EventLogError::io("read the site key")(error)),
        }
    }

    /// From its 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (learner, event) = bytes.split_at_checked(16)?;
        Some(Self { learner: learner.try_into().ok()?, event: event.try_into().ok()? })
    }

    fn make(dir: &Path) -> Result<Self, EventLogError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| EventLogError::io("make the site key")(std::io::Error::other(error)))?;
        // A key that a crash left half written must never be found under the final name.
        let draft = dir.join("key.new");
        let doing = || EventLogError::io("write the site key");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft).map_err(doing())?;
        file.write_all(&bytes).map_err(doing())?;
        file.sync_all().map_err(doing())?;
        std::fs::rename(&draft, dir.join("key")).map_err(doing())?;
        super::files::sync_dir(dir)?;
        Self::from_bytes(&bytes).ok_or(EventLogError::Closed)
    }

    /// The surrogate of a learner.
    pub fn learner(&self, name: &str) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.learner);
        hasher.write(name.as_bytes());
        hasher.finish()
    }

    /// The key of an event: the source's length keeps (source, id) pairs apart.
    pub fn event(&self, source: &str, id: &str) -> u128 {
        let mut hasher = sip128::SipHasher24::new_with_key(&self.event);
        hasher.write_u64(source.len() as u64);
        hasher.write(source.as_bytes());
        hasher.write(id.as_bytes());
        use siphasher::sip128::Hasher128;
        hasher.finish128().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_and_tells_sources_apart() {
        let dir = tempfile::tempdir().unwrap();
        let first = SiteKey::open(dir.path()).unwrap();
        let again = SiteKey::open(dir.path()).unwrap();
        assert_eq!(first.learner("li"), again.learner("li"));
        assert_eq!(first.event("a", "bc"), again.event("a", "bc"));
        assert_ne!(first.event("a", "bc"), first.event("ab", "c"));
        assert_ne!(first.learner("li"), first.learner("wang"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(dir.path().join("key")).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(dir.path().join("key"), b"short").unwrap();
        assert!(SiteKey::open(dir.path()).is_err());
    }
}

//! How large a package may be. Untrusted archives are read under these limits only.

/// Limits for one package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most entries, folders included.
    pub entries: usize,
    /// Most bytes of all files together, unpacked.
    pub total: u64,
    /// Most bytes of one file, unpacked.
    pub file: u64,
    /// Highest ratio of unpacked to packed bytes for entries larger than [`Limits::ratio_from`].
    pub ratio: u64,
    /// Smaller entries may have any ratio: a page of spaces packs well and harms nobody.
    pub ratio_from: u64,
    /// Most parts of a path.
    pub depth: usize,
    /// Most bytes of a manifest or catalogue.
    pub manifest: u64,
    /// Most rows of a catalogue.
    pub rows: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 20_000,
            total: 20 << 30,
            file: 8 << 30,
            ratio: 200,
            ratio_from: 10 << 20,
            depth: 16,
            manifest: 64 << 20,
            rows: 20_000,
        }
    }
}

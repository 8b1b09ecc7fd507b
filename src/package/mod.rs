//! Packages: reading what institutions hand in, a folder or a ZIP with a manifest or a catalogue.
//!
//! The room turns untrusted bytes into rows of [`crate::domain::metadata::Metadata`] with findings, and gives the bytes of
//! named files as streams. It never writes to a path made from a name in a package, never trusts a size that an archive
//! declares, and never lets one bad row stop the others. What a description must hold is the business of `rules`.
//!
//! To add a column: one row in [`columns::COLUMNS`] and its case in `catalogue`; template, reader and the marked workbook
//! follow. To add a field of `yuelu.toml`: its line in `manifest`.

pub mod archive;
pub mod catalogue;
pub mod columns;
pub mod delimited;
pub mod fault;
pub mod limits;
pub mod manifest;
pub mod marked;
pub mod names;
pub mod paths;
pub mod rows;
pub mod sheet;
pub mod table;
pub mod template;
mod values;

pub use archive::{Entry, Package};
pub use fault::PackageFault;
pub use limits::Limits;
pub use rows::{ResourceRow, read_rows};

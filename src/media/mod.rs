//! Looking into files: what they are, whether they open, how large and long they are, which text is in them, a small picture;
//! and making of them what any phone opens ([`convert`]).
//!
//! The room measures and never judges (see `rules`), and trusts nothing: every reader works under limits of size and time,
//! risky ones run in a child process of this program that can be killed, and a file that cannot be read gives a fault in
//! words for its submitter, never an error of the service.
//!
//! What only decoding tells (loudness, silence, black pictures) is measured in `decode` with ffmpeg, where it is installed; without
//! it the facts say so and nothing else changes.
//!
//! To add a format: teach [`sniff`] to know it by content, write a reader beside the others that gives [`Reading`], and name
//! it in [`examine`].

mod ai_mark;
mod annotations;
mod audio;
mod boxes;
mod child;
mod convert;
mod decode;
mod doc;
mod ebook;
mod examine;
mod h264;
mod html;
mod image;
mod inside;
mod matroska;
mod mp4;
mod odf;
mod office;
mod ogg;
mod ole;
mod parts;
mod pdf;
mod plain;
mod ppt;
mod probe;
mod reading;
mod rtf;
mod sheet;
mod sniff;
mod subtitle;
mod table;
mod thumbnail;
mod tiff;
mod tools;
mod xml;

pub use child::{Media, SUBCOMMAND, is_program, run_child};
pub use convert::{Fault, Made, SUBCOMMAND as CONVERT, Task, run_child as run_converter};
pub use examine::{Examination, Request, examine, extract, inspect, media_type};
pub use reading::Reading;
pub use sniff::{Sniffed, claimed_by_name, sniff};
pub use tools::{ToolState, Tools};

#[cfg(test)]
mod tests;

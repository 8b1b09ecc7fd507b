//! `yuelu config`: the configuration in force, as a file that would set it.

use super::{Host, Out, Place};

/// Prints it.
///
/// # Errors
/// When it is wrong: the key is named.
pub fn run(host: &dyn Host, place: &Place, out: &Out) -> anyhow::Result<()> {
    let (toml, json) = host.config(place)?;
    out.data(&json, || toml.trim_end().to_owned())
}

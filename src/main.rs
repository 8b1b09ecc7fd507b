//! The program `yuelu`.

fn main() {}

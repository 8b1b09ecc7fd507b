//! Solved columns of neighbourhood ridge in the snapshot, behind the state.
//!
//! What they were solved with, their number, then each column by number of the resource: how many bytes, how many learners came
//! since (variable length, 0 for one that waits), and of a solved one the step of its weights (exponent of two) and, in the order of
//! the neighbours, distance from the one before (variable length) and weight in steps (16 bits). A CRC-32 of it all ends them. About
//! four bytes a weight.

use super::ridge::{Column, Kept, NEAREST, PENALTY, WAITS, step_of};
use std::io::{self, Read, Write};

/// No column takes more bytes: guards allocations against damaged lengths.
const LONGEST: usize = 8 * NEAREST;

/// Writes columns.
pub fn write<'a>(out: &mut impl Write, columns: impl ExactSizeIterator<Item = (u32, Option<&'a Column>)>) -> io::Result<()> {
    let mut crc = crc32fast::Hasher::new();
    let mut told = head(columns.len())?;
    for (touches, column) in columns {
        let body = encode(touches, column);
        told.extend_from_slice(&word(body.len())?);
        told.extend_from_slice(&body);
        out.write_all(&told)?;
        crc.update(&told);
        told.clear();
    }
    // The head alone, where there is no resource at all.
    out.write_all(&told)?;
    crc.update(&told);
    out.write_all(&crc.finalize().to_le_bytes())
}

/// Reads columns of so many resources.
///
/// # Errors
/// When they are not what was written, or were solved in another way: then they are to be solved anew.
pub fn read(from: &mut impl Read, resources: usize) -> io::Result<Vec<Kept>> {
    let mut crc = crc32fast::Hasher::new();
    let head = head(resources)?;
    let mut body = vec![0; head.len()];
    from.read_exact(&mut body)?;
    if body != head {
        return Err(wrong("they were solved in another way"));
    }
    crc.update(&body);
    let mut columns = Vec::new();
    for _ in 0..resources {
        let length = number(from)?;
        crc.update(&length.to_le_bytes());
        let length = length as usize;
        if length > LONGEST {
            return Err(wrong("a length does not fit"));
        }
        body.resize(length, 0);
        from.read_exact(&mut body)?;
        crc.update(&body);
        columns.push(decode(&body, resources).ok_or_else(|| wrong("a column does not fit"))?);
    }
    if number(from)? == crc.finalize() { Ok(columns) } else { Err(wrong("their checksum does not hold")) }
}

fn head(count: usize) -> io::Result<Vec<u8>> {
    Ok([word(NEAREST)?, PENALTY.to_bits().to_le_bytes(), word(count)?].concat())
}

fn word(number: usize) -> io::Result<[u8; 4]> {
    Ok(u32::try_from(number).map_err(io::Error::other)?.to_le_bytes())
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn encode(touches: u32, column: Option<&Column>) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + column.map_or(0, |column| column.len() * 5));
    put(&mut out, if touches == WAITS { 0 } else { touches + 1 });
    let Some(column) = column else { return out };
    let step = step_of(column.iter().map(|(_, weight)| *weight));
    out.push((step.to_bits() >> 23) as u8);
    let mut before = 0;
    for (neighbour, weight) in column.iter() {
        put(&mut out, neighbour.wrapping_sub(before));
        before = *neighbour;
        // What a ridge keeps are whole steps, so nothing is lost here.
        out.extend_from_slice(&((weight / step) as i16).to_le_bytes());
    }
    out
}

fn decode(mut body: &[u8], resources: usize) -> Option<Kept> {
    let touches = take(&mut body)?.checked_sub(1).unwrap_or(WAITS);
    let Some((exponent, mut body)) = body.split_first() else { return Some((touches, None)) };
    let (step, mut neighbour, mut column) = (f32::from_bits(u32::from(*exponent) << 23), 0_u32, Vec::with_capacity(body.len() / 3));
    while !body.is_empty() {
        neighbour = neighbour.wrapping_add(take(&mut body)?);
        let (weight, rest) = body.split_first_chunk::<2>()?;
        if neighbour as usize >= resources {
            return None;
        }
        column.push((neighbour, f32::from(i16::from_le_bytes(*weight)) * step));
        body = rest;
    }
    Some((touches, Some(column.into())))
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(columns: &[Kept]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, columns.iter().map(|(touches, column)| (*touches, column.as_ref()))).unwrap();
        bytes
    }

    fn some() -> Vec<Kept> {
        let far = vec![(0, 0.75), (2, -0.5), (399, 3.0 / 16_384.0)];
        let mut columns = vec![(0, None), (7, Some(far.into())), (WAITS, Some(Column::default())), (300, Some(vec![(1, 0.0)].into()))];
        columns.resize(400, (WAITS, None));
        columns
    }

    #[test]
    fn what_was_kept_is_what_is_read() {
        let columns = some();
        let bytes = written(&columns);
        assert_eq!(read(&mut bytes.as_slice(), 400).unwrap(), columns);
        assert!(read(&mut written(&[]).as_slice(), 0).unwrap().is_empty());
        assert!(read(&mut bytes.as_slice(), 399).is_err(), "of another number of resources");
    }

    #[test]
    fn no_damage_goes_unseen() {
        let bytes = written(&some());
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            assert!(read(&mut damaged.as_slice(), 400).is_err(), "{place}");
            assert!(read(&mut &bytes[..place], 400).is_err(), "{place}");
        }
    }
}

//! The head of a sequence parameter set of H.264: profile, and whether pictures may be interlaced (ITU-T H.264, 7.3.2.1.1).

/// What a parameter set says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Profile by its usual name.
    pub profile: String,
    /// Pictures may be coded as fields.
    pub interlaced: bool,
    /// How colours are sampled.
    pub chroma: &'static str,
}

/// Reads a parameter set with its one-byte header; `None` when it ends too early or is none.
pub(super) fn read(unit: &[u8]) -> Option<Said> {
    let plain = without_emulation(unit);
    let (&head, rest) = plain.split_first()?;
    if head & 0x1f != 7 {
        return None;
    }
    let (&profile, &limits) = (rest.first()?, rest.get(1)?);
    let mut bits = Bits { bytes: rest.get(3..)?, at: 0 };
    bits.exp_golomb()?; // seq_parameter_set_id
    let mut chroma = 1;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
        chroma = high_profile_fields(&mut bits)?;
    }
    bits.exp_golomb()?; // log2_max_frame_num_minus4
    match bits.exp_golomb()? {
        0 => {
            bits.exp_golomb()?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            bits.take(1)?; // delta_pic_order_always_zero_flag
            bits.exp_golomb()?; // offset_for_non_ref_pic, signed, of the same length
            bits.exp_golomb()?; // offset_for_top_to_bottom_field
            for _ in 0..bits.exp_golomb()?.min(255) {
                bits.exp_golomb()?;
            }
        }
        _ => {}
    }
    bits.exp_golomb()?; // max_num_ref_frames
    bits.take(1)?; // gaps_in_frame_num_value_allowed_flag
    bits.exp_golomb()?; // pic_width_in_mbs_minus1
    bits.exp_golomb()?; // pic_height_in_map_units_minus1
    let frames_only = bits.take(1)? == 1;
    let chroma = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"].get(usize::try_from(chroma).ok()?)?;
    Some(Said { profile: name(profile, limits), interlaced: !frames_only, chroma })
}

fn name(profile: u8, limits: u8) -> String {
    match profile {
        66 if limits & 0x40 != 0 => "constrained-baseline".to_owned(),
        66 => "baseline".to_owned(),
        77 => "main".to_owned(),
        88 => "extended".to_owned(),
        100 => "high".to_owned(),
        110 => "high-10".to_owned(),
        122 => "high-4:2:2".to_owned(),
        244 => "high-4:4:4".to_owned(),
        other => format!("profile-{other}"),
    }
}

/// Passes over the fields that only high profiles have; gives chroma_format_idc.
fn high_profile_fields(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma = bits.exp_golomb()?;
    if chroma == 3 {
        bits.take(1)?;
    }
    bits.exp_golomb()?; // bit_depth_luma_minus8
    bits.exp_golomb()?; // bit_depth_chroma_minus8
    bits.take(1)?; // qpprime_y_zero_transform_bypass_flag
    if bits.take(1)? == 1 {
        for list in 0..if chroma == 3 { 12 } else { 8 } {
            if bits.take(1)? == 1 {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(chroma)
}

fn skip_scaling_list(bits: &mut Bits<'_>, length: usize) -> Option<()> {
    let (mut last, mut next) = (8_i64, 8_i64);
    for _ in 0..length {
        if next != 0 {
            let code = i64::from(bits.exp_golomb()?);
            let delta = if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) };
            next = (last + delta).rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// Takes out the bytes that keep start codes from appearing inside.
fn without_emulation(unit: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = (value << 1) | u32::from((byte >> (7 - self.at % 8)) & 1);
            self.at += 1;
        }
        Some(value)
    }

    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some(((1_u64 << zeros) - 1 + u64::from(self.take(zeros)?)).try_into().unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_written_by_x264_is_read() {
        // 1280x720, high profile at level 3.1, progressive.
        let high = [0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10];
        assert_eq!(read(&high), Some(Said { profile: "high".into(), interlaced: false, chroma: "4:2:0" }));
        assert_eq!(read(&high[..5]), None);
        assert_eq!(read(&[0x68, 0x64]), None);
    }

    #[test]
    fn fields_are_told_from_frames() {
        // Main profile; id 0, frame_num 4, order 2, 1 reference, no gaps, 45 by 18 macroblocks, the last bit tells.
        let bits = |frames_only: bool| {
            let text = format!("1 1 011 010 0 00000101101 000010010 {}", u8::from(frames_only));
            let mut text: String = text.chars().filter(|bit| *bit != ' ').collect();
            while !text.len().is_multiple_of(8) {
                text.push('1');
            }
            let mut unit = vec![0x67, 77, 0, 30];
            let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
            unit.extend(text.as_bytes().chunks(8).map(byte));
            unit
        };
        for frames_only in [true, false] {
            let said = Said { profile: "main".into(), interlaced: !frames_only, chroma: "4:2:0" };
            assert_eq!(read(&bits(frames_only)), Some(said));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(mut bytes: Vec<u8>) {
            let _ = read(&bytes);
            bytes.insert(0, 0x67);
            let _ = read(&bytes);
        }
    }
}

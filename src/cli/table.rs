//! Tables on the terminal, with Chinese characters two columns wide.

/// Most columns of one cell; longer texts end in `…`.
const WIDEST: usize = 48;

/// Rows in columns, the first row being the header.
pub fn of(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| clipped(cell)).collect()).collect();
    let widths: Vec<usize> =
        (0..columns).map(|column| cells.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    cells.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Columns a text takes on the terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// East Asian wide and fullwidth characters (UAX #11) take two columns; combining marks none.
fn character_width(character: char) -> usize {
    match u32::from(character) {
        0x300..=0x36F | 0x200B..=0x200F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x16FE0..=0x18CFF
        | 0x1AFF0..=0x1B2FF
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

fn clipped(cell: &str) -> String {
    let plain: String = cell.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if width(&plain) <= WIDEST {
        return plain;
    }
    let mut taken = 0;
    let fits = |sign: &char| {
        taken += character_width(*sign);
        taken < WIDEST
    };
    let kept: String = plain.chars().take_while(fits).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_two_columns_wide() {
        let rows = [vec!["题名".to_owned(), "n".to_owned()], vec!["a".to_owned(), "12".to_owned()]];
        assert_eq!(of(&rows), "题名  n\na     12");
        assert_eq!(width("江永女书·𛅰"), 11);
    }

    #[test]
    fn long_cells_are_clipped_and_lines_stay_one() {
        let row = vec!["长".repeat(60), "x\ny".to_owned()];
        let text = of(&[row]);
        assert!(text.contains('…') && text.ends_with("x y") && !text.contains('\n'));
        assert!(width(&text) <= WIDEST + 5);
    }
}

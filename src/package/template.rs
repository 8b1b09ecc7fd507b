//! 资源批量入库模板.xlsx: an empty catalogue with drop-downs, and a sheet that says how to fill it in.

use super::columns::{self, COLUMNS, Choice, Column};
use crate::domain::codes::CodeLists;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

/// File name of the template.
pub const FILE_NAME: &str = "资源批量入库模板.xlsx";
/// Rows for which drop-downs are made.
const ROWS: u32 = 5000;
const LISTS: &str = "代码表";
const FILL_REQUIRED: Color = Color::RGB(0xF8_CB_AD);
const FILL_OTHER: Color = Color::RGB(0xDD_EB_F7);

/// An example of a row, shown on the sheet of explanations (in the table itself it would be sent in by mistake).
const EXAMPLE: &[(&str, &str)] = &[
    ("id", "CSKF-2026-001"),
    ("title", "智能手机使用入门"),
    ("description", "面向初次使用智能手机的老年人，讲解开关机、充电、打电话、连接无线网络与微信的基本操作。"),
    ("kind", "课程"),
    ("category", "老年"),
    ("keywords", "智能手机；微信；老年人"),
    ("language", "普通话"),
    ("creators", "李秀英（讲授，岳麓示范社区学院）；王强（编辑）"),
    ("licence", "CC-BY-4.0"),
    ("holder", "岳麓示范社区学院"),
    ("sharing", "免费"),
    ("evidence", "rights/authorisation.txt"),
    ("hours", "2"),
    ("files", "video/01.mp4；subtitle/01.srt（字幕）"),
    ("cover", "cover.jpg"),
    ("ai_generated", "否"),
];

/// Writes the template.
pub fn write(codes: &CodeLists) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("资源目录")?;
    for (place, column) in COLUMNS.iter().enumerate() {
        let at = u16::try_from(place).unwrap_or(u16::MAX);
        let star = if column.required { "*" } else { "" };
        sheet.write_string_with_format(0, at, format!("{}{star}", column.header), &header_format(column.required))?;
        sheet.set_column_width(at, f64::from(column.width))?;
    }
    sheet.set_freeze_panes(1, 2)?;
    let places: Vec<Option<&Column>> = COLUMNS.iter().map(Some).collect();
    add_lists(sheet, &places, 1, codes)?;
    explain(book.add_worksheet(), codes)?;
    write_lists(book.add_worksheet(), codes)?;
    book.save_to_buffer()
}

/// The look of a header cell.
pub(super) fn header_format(required: bool) -> Format {
    Format::new()
        .set_bold()
        .set_background_color(if required { FILL_REQUIRED } else { FILL_OTHER })
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
}

/// Adds the drop-downs of the columns, from `first` (counted from 0) downwards.
pub(super) fn add_lists(sheet: &mut Worksheet, places: &[Option<&Column>], first: u32, codes: &CodeLists) -> Result<(), XlsxError> {
    for (place, column) in places.iter().enumerate() {
        let Some(column) = column else { continue };
        let choices = columns::choices(column, codes).len();
        let Some(list_at) = COLUMNS.iter().position(|other| other.key == column.key).filter(|_| choices > 0) else { continue };
        let letters = letters(list_at);
        // Where several values may stand in one cell the list only helps; elsewhere it decides.
        let style =
            if column.many || column.key == "visibility" { DataValidationErrorStyle::Information } else { DataValidationErrorStyle::Stop };
        let rule = DataValidation::new()
            .allow_list_formula(Formula::new(format!("='{LISTS}'!${letters}$2:${letters}${}", choices + 1)))
            .set_input_title(column.header)?
            .set_input_message(column.help)?
            .set_error_title("请检查")?
            .set_error_message(if column.many {
                "不在列表中；多个值请用“；”隔开。"
            } else {
                "请从下拉列表中选择。"
            })?
            .set_error_style(style);
        let at = u16::try_from(place).unwrap_or(u16::MAX);
        sheet.add_data_validation(first, at, first.saturating_add(ROWS), at, &rule)?;
    }
    Ok(())
}

/// The hidden sheet that the drop-downs read: longer lists do not fit into a rule of their own.
pub(super) fn write_lists(sheet: &mut Worksheet, codes: &CodeLists) -> Result<(), XlsxError> {
    sheet.set_name(LISTS)?;
    for (place, column) in COLUMNS.iter().enumerate() {
        let at = u16::try_from(place).unwrap_or(u16::MAX);
        sheet.write_string(0, at, column.header)?;
        for (row, choice) in (1_u32..).zip(columns::choices(column, codes)) {
            sheet.write_string(row, at, choice)?;
        }
    }
    sheet.set_hidden(true);
    Ok(())
}

fn explain(sheet: &mut Worksheet, codes: &CodeLists) -> Result<(), XlsxError> {
    sheet.set_name("填写说明")?;
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let rules = [
        "一、每行一个资源；带 * 的列必填。列可以增删和调换顺序，不认识的列会原样保留。",
        "二、一格多个值用“；”隔开。",
        "三、“文件”列填资源包内的路径。把本表另存为 catalogue.xlsx（或 catalogue.csv），与文件一起放进同一文件夹，压缩成 ZIP 提交。",
        "四、同一编号再次提交：内容有变化的行视为新版本，没有变化的行自动跳过。",
        "五、审核退回时会发回本表，问题单元格标红并附批注，“错误原因”列写明问题；改好后直接再次提交即可。",
    ];
    for (row, text) in (0_u32..).zip(rules) {
        sheet.write_string(row, 0, text)?;
    }
    let top = u32::try_from(rules.len()).unwrap_or(0) + 1;
    for (at, header) in (0_u16..).zip(["列名", "必填", "填写方法", "示例", "可选值"]) {
        sheet.write_string_with_format(top, at, header, &header_format(false))?;
    }
    for (row, column) in (top + 1..).zip(COLUMNS) {
        let choices = match column.choice {
            Choice::Free => String::new(),
            _ => columns::choices(column, codes).join("、"),
        };
        let example = EXAMPLE.iter().find(|(key, _)| *key == column.key).map_or("", |(_, text)| *text);
        let required = if column.required { "是" } else { "" };
        for (at, text) in (0_u16..).zip([column.header, required, column.help, example, &choices]) {
            sheet.write_string_with_format(row, at, text.chars().take(30_000).collect::<String>(), &wrap)?;
        }
    }
    for (at, width) in (0_u16..).zip([14.0, 6.0, 52.0, 44.0, 60.0]) {
        sheet.set_column_width(at, width)?;
    }
    Ok(())
}

/// The letters of a column: 0 → A, 26 → AA.
fn letters(place: usize) -> String {
    let mut letters = String::new();
    let mut left = place + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::manifest::tests::lists;
    use crate::package::{sheet, table::Cell};

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 32, 701, 702].map(letters), ["A", "Z", "AA", "AG", "ZZ", "AAA"]);
    }

    #[test]
    fn the_template_is_a_catalogue_without_rows() {
        let bytes = write(&lists()).unwrap();
        let table = sheet::read(&bytes, "catalogue.xlsx", 100).unwrap();
        assert_eq!(table.headers.len(), COLUMNS.len());
        assert_eq!(table.unknown().count(), 0);
        assert_eq!(table.filled().count(), 0);
        assert_eq!(table.header_row, 1);
        assert!(table.rows.iter().all(|row| row.cells.iter().all(Cell::is_blank)));
    }

    #[test]
    fn help_fits_into_the_tips_of_a_drop_down() {
        // Excel takes 255 characters in a tip and 32 in its title.
        assert!(COLUMNS.iter().all(|column| column.help.chars().count() <= 255 && column.header.chars().count() <= 32));
    }
}

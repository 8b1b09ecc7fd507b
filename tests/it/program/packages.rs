//! Small packages, made on the spot.

use std::io::Write as _;
use std::path::Path;
use zip::write::SimpleFileOptions;

/// A ZIP of these files.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A document of one text file that every rule lets pass. `id`: the institution's own number; `word` stands in the text.
pub fn document(id: &str, title: &str, word: &str) -> Vec<(String, Vec<u8>)> {
    let manifest = format!(
        r#"schema = "yuelu/1"
id = "{id}"
title = "{title}"
description = "{title}的学习材料，介绍{word}的基本知识、常见问题与练习方法，供社区学习者自学使用。"
kind = "document"
category = "community"
subjects = ["digital-life"]
keywords = ["{word}", "社区学习", "自学材料"]
audience = ["everyone"]
language = ["zh-CN"]
created = "2026-05-01"

[[creators]]
name = "李秀英"
role = "author"
organisation = "岳麓示范社区学院"

[rights]
licence = "CC-BY-4.0"
holder = "岳麓示范社区学院"
sharing = "free"
evidence = "本机构自行编写，同意以 CC BY 4.0 共享。"

[[files]]
path = "text.txt"
role = "master"
"#
    );
    let text = format!("{title}\n\n本材料讲解{word}。第一节介绍基本概念；第二节给出练习；第三节列出常见问题。\n").repeat(4);
    vec![("yuelu.toml".to_owned(), manifest.into_bytes()), ("text.txt".to_owned(), text.into_bytes())]
}

/// [`document`] as a ZIP.
pub fn document_zip(id: &str, title: &str, word: &str) -> Vec<u8> {
    let files = document(id, title, word);
    zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// [`document`] as a folder.
pub fn document_folder(folder: &Path, id: &str, title: &str, word: &str) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in document(id, title, word) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// A PNG picture of one colour that changes from side to side.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A catalogue of text files that every rule lets pass, one row for each number and title.
pub fn catalogue(rows: &[(String, String)]) -> Vec<u8> {
    let mut lines = vec!["编号,标题,简介,类型,类别,学科,关键词,适用对象,语种,责任者,许可,权利人,共享方式,授权依据,文件".to_owned()];
    let mut files = Vec::new();
    for (id, title) in rows {
        let about = format!("{title}的学习材料，介绍基本知识、常见问题与练习方法，供社区学习者自学使用。");
        lines.push(format!(
            "{id},{title},{about},文档,社区,,社区学习；{title}；自学材料,,zh-CN,李秀英（编辑）,CC-BY-4.0,岳麓示范社区学院,免费,本机构自行编写，同意以 CC BY 4.0 共享。,{id}.txt"
        ));
        let text = format!("{title}（{id}）\n\n第一节介绍基本概念；第二节给出练习；第三节列出{id}的常见问题。\n").repeat(4);
        files.push((format!("{id}.txt"), text.into_bytes()));
    }
    files.push(("catalogue.csv".to_owned(), lines.join("\r\n").into_bytes()));
    zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

//! Paths inside a package: what is let in, in the form in which it is compared.

use unicode_normalization::UnicodeNormalization;

/// Most bytes of one part of a path, the limit of common file systems.
const MOST_PART: usize = 255;
/// Most bytes of a path.
const MOST_PATH: usize = 1024;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// No name at all.
    Empty,
    /// Begins at the root of a disk.
    Absolute,
    /// Holds `..`.
    Climbs,
    /// Holds a control character or a mark that turns the reading direction.
    Control,
    /// A part or the whole is too long.
    Long,
    /// Too many folders inside one another.
    Deep,
    /// A backslash inside a name.
    Backslash,
}

impl PathFault {
    /// The fault in Chinese and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("文件名为空。", "The name is empty."),
            Self::Absolute => ("文件名是绝对路径，只能用包内相对路径。", "The path is absolute; only paths within the package are taken."),
            Self::Climbs => ("文件名含“..”，会跳出资源包，已拒收。", "The path holds `..` and would leave the package."),
            Self::Control => ("文件名含控制字符或文字方向控制符。", "The name holds a control character or a direction mark."),
            Self::Long => (
                "文件名过长（单级不超过 255 字节，全路径不超过 1024 字节）。",
                "The name is too long (255 bytes a part, 1,024 bytes in all).",
            ),
            Self::Deep => ("文件夹层级过深。", "Too many folders inside one another."),
            Self::Backslash => ("文件名含反斜杠。", "The name holds a backslash."),
        }
    }
}

/// Whether a character turns the direction of the text after it, by which a name can lie about its ending.
pub fn is_direction_mark(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks a decoded name and gives its canonical form: `/` between parts, NFC, no empty or `.` parts.
///
/// With `windows` a backslash separates parts (some archivers write it); without it a backslash is refused.
pub fn check_path(name: &str, depth: usize, windows: bool) -> Result<String, PathFault> {
    if name.contains('\\') && !windows {
        return Err(PathFault::Backslash);
    }
    let name = name.replace('\\', "/");
    if name.trim().is_empty() {
        return Err(PathFault::Empty);
    }
    if name.chars().any(|sign| sign.is_control() || is_direction_mark(sign)) {
        return Err(PathFault::Control);
    }
    if name.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    let parts: Vec<String> = name.split('/').filter(|part| !part.is_empty() && *part != ".").map(|part| part.nfc().collect()).collect();
    if parts.iter().any(|part| part.trim() == "..") {
        return Err(PathFault::Climbs);
    }
    if parts.is_empty() {
        return Err(PathFault::Empty);
    }
    let path = parts.join("/");
    // Asked of the joined path: `./a:` is a drive as much as `a:` is.
    let mut begin = path.chars();
    if begin.next().is_some_and(|sign| sign.is_ascii_alphabetic()) && begin.next() == Some(':') {
        return Err(PathFault::Absolute);
    }
    if path.len() > MOST_PATH || parts.iter().any(|part| part.len() > MOST_PART) {
        return Err(PathFault::Long);
    }
    if parts.len() > depth {
        return Err(PathFault::Deep);
    }
    Ok(path)
}

/// Whether an entry is litter that operating systems leave behind.
pub fn is_litter(path: &str) -> bool {
    let mut parts = path.split('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    parts.any(|part| part == "__MACOSX") || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini") || name.starts_with("._")
}

/// The path as people write it in a manifest, in the form of [`check_path`], for looking it up.
pub fn looked_up(written: &str) -> String {
    let text = written.trim().replace('\\', "/");
    let parts: Vec<String> = text.split('/').filter(|part| !part.is_empty() && *part != ".").map(|part| part.nfc().collect()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_paths_are_made_canonical() {
        let check = |name: &str, path: &str| assert_eq!(check_path(name, 16, true), Ok(path.to_owned()), "{name}");
        check("课程/第一讲.mp4", "课程/第一讲.mp4");
        check("./a//b.txt", "a/b.txt");
        check("课程\\第一讲.mp4", "课程/第一讲.mp4");
        check("cafe\u{301}.txt", "café.txt");
        check("a..b/c...d", "a..b/c...d");
    }

    #[test]
    fn paths_that_leave_or_lie_are_refused() {
        let check = |name: &str, fault: PathFault| assert_eq!(check_path(name, 16, true), Err(fault), "{name}");
        check("../etc/passwd", PathFault::Climbs);
        check("a/../../b", PathFault::Climbs);
        check("a\\..\\..\\b", PathFault::Climbs);
        check("/etc/passwd", PathFault::Absolute);
        check("C:\\windows\\a.txt", PathFault::Absolute);
        check("\\\\server\\share", PathFault::Absolute);
        check("a\u{0}b", PathFault::Control);
        check("a\nb", PathFault::Control);
        check("fdp\u{202e}exe.pdf", PathFault::Control);
        check("", PathFault::Empty);
        check("./.", PathFault::Empty);
        check(&"长".repeat(100), PathFault::Long);
        check(&"a/".repeat(17), PathFault::Deep);
        assert_eq!(check_path("a\\b", 16, false), Err(PathFault::Backslash));
    }

    proptest::proptest! {
        #[test]
        fn whatever_passes_stays_inside(name in "\\PC*|[./\\\\a:]{0,20}") {
            if let Ok(path) = check_path(&name, 16, true) {
                proptest::prop_assert!(!path.starts_with('/') && !path.contains('\\') && !path.is_empty());
                proptest::prop_assert!(path.split('/').all(|part| part != ".." && part != "." && !part.is_empty()));
                proptest::prop_assert_eq!(check_path(&path, 16, false), Ok(path.clone()));
            }
        }
    }
}

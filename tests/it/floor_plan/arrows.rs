//! The imports of a source file, read from its text: `crate::…` and `super::…` that climbs to the crate's root.

/// One import of a top-level module by another.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    /// File it stands in.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Top-level module of the file.
    pub from: String,
    /// Top-level module that is named.
    pub to: String,
}

/// A word or a sign of the source, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    line: usize,
    text: String,
}

/// All arrows of a file whose path begins with `src/`.
pub fn of(file: &str, text: &str) -> Vec<Arrow> {
    let path = module_path(file);
    let from = path.first().cloned().unwrap_or_else(|| "lib".to_owned());
    let tokens = tokens(text);
    let mut inline: Vec<usize> = Vec::new();
    let mut braces = 0;
    let mut targets: Vec<Token> = Vec::new();
    let is = |at: usize, wanted: &str| tokens.get(at).is_some_and(|token| token.text == wanted);
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" => {
                braces += 1;
                if at >= 2 && is(at - 2, "mod") {
                    inline.push(braces);
                }
            }
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces -= 1;
            }
            "crate" if is(at + 1, "::") => targets.extend(first_names(&tokens, at + 2)),
            "super" if at == 0 || !is(at - 1, "::") => {
                let climbs = (0..).take_while(|step| is(at + 2 * step, "super") && is(at + 2 * step + 1, "::")).count();
                if climbs > 0 && climbs == path.len() + inline.len() {
                    targets.extend(first_names(&tokens, at + 2 * climbs));
                }
            }
            _ => {}
        }
    }
    let arrow = |to: Token| Arrow { file: file.to_owned(), line: to.line, from: from.clone(), to: to.text };
    targets.into_iter().map(arrow).collect()
}

/// `src/store/embedded/sled.rs` is `store::embedded::sled`; `src/lib.rs` is the root.
fn module_path(file: &str) -> Vec<String> {
    let inner = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let parts = inner.split('/').map(str::to_owned);
    parts.filter(|part| part != "mod" && part != "lib").collect()
}

/// The modules that a path names at `at`: one, or the first names in a group.
fn first_names(tokens: &[Token], at: usize) -> Vec<Token> {
    let Some(first) = tokens.get(at) else { return Vec::new() };
    if first.text != "{" {
        return vec![first.clone()];
    }
    let mut names = Vec::new();
    let mut depth = 0;
    let mut begins = true;
    for token in tokens.iter().skip(at) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => begins = true,
            _ if begins && depth == 1 => {
                names.push(token.clone());
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// Words, `::` and single signs; comments, strings and characters left out.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    while at < chars.len() {
        let (sign, began) = (peek(at), at);
        if sign == '/' && peek(at + 1) == '/' {
            at = skip_while(&chars, at, |sign| sign != '\n');
        } else if sign == '/' && peek(at + 1) == '*' {
            at = after_block_comment(&chars, at);
        } else if let Some(end) = after_string(&chars, at) {
            at = end;
        } else if sign == '\'' {
            at = after_character(&chars, at);
        } else if sign.is_alphanumeric() || sign == '_' {
            at = skip_while(&chars, at, |sign| sign.is_alphanumeric() || sign == '_');
            found.push(Token { line, text: chars[began..at].iter().collect() });
        } else if sign == ':' && peek(at + 1) == ':' {
            at += 2;
            found.push(Token { line, text: "::".to_owned() });
        } else {
            at += 1;
            if !sign.is_whitespace() {
                found.push(Token { line, text: sign.to_string() });
            }
        }
        line += chars[began..at].iter().filter(|sign| **sign == '\n').count();
    }
    found
}

fn skip_while(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|sign| !wanted(*sign)).map_or(chars.len(), |length| from + length)
}

fn after_block_comment(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The end of a string, raw string or byte string that begins here.
fn after_string(chars: &[char], from: usize) -> Option<usize> {
    let raw_at = match chars[from] {
        '"' => return Some(after_quotes(chars, from)),
        'r' => from + 1,
        'b' if chars.get(from + 1) == Some(&'"') => return Some(after_quotes(chars, from + 1)),
        'b' if chars.get(from + 1) == Some(&'r') => from + 2,
        _ => return None,
    };
    if from > 0 && (chars[from - 1].is_alphanumeric() || chars[from - 1] == '_') {
        return None;
    }
    let open = skip_while(chars, raw_at, |sign| sign == '#');
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', open - raw_at)).collect();
    let length = chars[open + 1..].windows(close.len()).position(|window| window == close)?;
    Some(open + 1 + length + close.len())
}

fn after_quotes(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of a character; a lifetime ends after its apostrophe.
fn after_character(chars: &[char], from: usize) -> usize {
    if chars.get(from + 1) == Some(&'\\') {
        return (skip_while(chars, from + 3, |sign| sign != '\'') + 1).min(chars.len());
    }
    if chars.get(from + 2) == Some(&'\'') { from + 3 } else { from + 1 }
}

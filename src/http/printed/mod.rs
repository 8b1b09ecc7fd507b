//! Pages made to be printed on A4 and kept on paper: plain HTML without script, every text escaped.
//!
//! A page takes what a service gives and lays it out; it must never look anything up. A new page is a template beside its
//! function, filled by askama.

pub mod certificate;
pub mod dossier;
pub mod pledge;

use super::html::escape;

/// A template with `{name}` replaced by HTML that is safe already.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    // One pass, so that a text that holds another placeholder is left as it is.
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        page.push_str(before);
        let named = parts.iter().find_map(|(name, html)| after.strip_prefix(name)?.strip_prefix('}').map(|after| (html, after)));
        match named {
            Some((html, after)) => {
                page.push_str(html);
                rest = after;
            }
            None => {
                page.push('{');
                rest = after;
            }
        }
    }
    page + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_name_a_place_of_its_own() {
        let parts = [("one", "{two}".to_owned()), ("two", escape("<b>"))];
        assert_eq!(filled("{one} {two} {three} a{b", &parts), "{two} &lt;b&gt; {three} a{b");
    }
}

//! XML of others, read as events: no entity of theirs is ever expanded, no document of theirs fetched.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Most bytes of declarations: Adobe Illustrator writes about a thousand.
const MOST_DECLARED: usize = 4096;
/// Deepest nesting that is followed.
const DEEPEST: usize = 512;

/// Why XML cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum XmlFault {
    /// Not well formed.
    Broken,
    /// Declares entities that fetch something or are made of others, which a document has no need of and a bomb has.
    Entities,
    /// Nested too deep.
    Deep,
}

impl XmlFault {
    pub fn words(self, what: &str) -> String {
        match self {
            Self::Broken => format!("{what}的 XML 内容已损坏，无法解析。"),
            Self::Entities => format!("{what}的 XML 中声明了实体（可能是“实体炸弹”或外部实体攻击），已停止读取。"),
            Self::Deep => format!("{what}的 XML 嵌套层级异常，已停止读取。"),
        }
    }
}

/// What is met on the way through a document.
pub(super) enum Node<'a> {
    /// An element begins.
    Open(&'a Tag<'a>),
    /// An element ends.
    Close(&'a str),
    /// Text.
    Text(&'a str),
}

/// A start tag.
pub(super) struct Tag<'a> {
    /// Name without its prefix.
    pub name: &'a str,
    start: &'a BytesStart<'a>,
}

impl Tag<'_> {
    /// The value of an attribute, by its name without prefix (or with it, when `name` holds one).
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let mut found = attributes.with_checks(false).flatten().filter(|attribute| {
            let key = attribute.key.as_ref();
            let local = attribute.key.local_name();
            if name.contains(':') { key == name } else { local.as_ref() == name }
        });
        let raw = found.next()?.value.into_owned();
        Some(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), |text| text.into_owned()))
    }
}

/// Walks through a document; `visit` answers whether to go on.
pub(super) fn walk(bytes: &[u8], mut visit: impl FnMut(Node<'_>) -> bool) -> Result<(), XmlFault> {
    let text = crate::domain::encoding::decode_text(bytes).text;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut depth = 0_usize;
    loop {
        let go_on = match reader.read_event().map_err(|_| XmlFault::Broken)? {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(XmlFault::Deep);
                }
                open(&start, &mut visit)
            }
            Event::Empty(start) => open(&start, &mut visit) && visit(Node::Close(start.local_name().as_ref())),
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                visit(Node::Close(end.local_name().as_ref()))
            }
            Event::Text(text) => visit(Node::Text(&text)),
            Event::CData(text) => visit(Node::Text(&text)),
            Event::GeneralRef(name) => visit(Node::Text(&resolved(&name))),
            Event::DocType(kind) if has_harmful_entities(&kind) => return Err(XmlFault::Entities),
            Event::Eof => return Ok(()),
            _ => true,
        };
        if !go_on {
            return Ok(());
        }
    }
}

/// Whether a document type declares entities other than a few short words: drawing programs write names of namespaces that way.
fn has_harmful_entities(kind: &str) -> bool {
    let Some((_, inside)) = kind.split_once('[').filter(|_| kind.contains("<!ENTITY")) else { return kind.contains("<!ENTITY") };
    inside.len() > MOST_DECLARED || ["&", "%", "SYSTEM", "PUBLIC"].iter().any(|sign| inside.contains(sign))
}

fn open(start: &BytesStart<'_>, visit: &mut impl FnMut(Node<'_>) -> bool) -> bool {
    visit(Node::Open(&Tag { name: start.local_name().as_ref(), start }))
}

/// The five entities of XML and character references; others stay as they are written.
fn resolved(name: &str) -> String {
    let written = format!("&{name};");
    quick_xml::escape::unescape(&written).map_or_else(|_| written.clone(), |text| text.into_owned())
}

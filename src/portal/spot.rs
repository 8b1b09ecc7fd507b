//! A place in one of a work's files: as a part of the address of the work's page, and in words.

use super::words;
use crate::domain::address;
use crate::domain::inspection::Locator;
use form_urlencoded::Serializer;
use serde::Deserialize;

/// Where on its page a work is opened, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Spot {
    /// Path of the file; without it the work's recording.
    pub file: Option<String>,
    /// Second of a recording.
    pub t: Option<u32>,
    page: Option<u32>,
    slide: Option<u32>,
    chapter: Option<u32>,
    row: Option<u32>,
    /// Name of a sheet; beside a row the one that it stands in.
    sheet: Option<String>,
    /// Left, top, width, height, separated by commas, in the unit of [`Locator::Region`].
    region: Option<String>,
}

impl Spot {
    /// A place in a file.
    pub fn of(file: &str, locator: &Locator) -> Self {
        let spot = Self { file: Some(file.to_owned()), ..Self::default() };
        match locator {
            Locator::Whole | Locator::Elsewhere { .. } => spot,
            Locator::Page { page } => Self { page: Some(*page), ..spot },
            Locator::Slide { slide } => Self { slide: Some(*slide), ..spot },
            Locator::Chapter { chapter, .. } => Self { chapter: Some(*chapter), ..spot },
            Locator::Sheet { name } => Self { sheet: Some(name.clone()), ..spot },
            Locator::Row { sheet, row } => Self { row: Some(*row), sheet: sheet.clone(), ..spot },
            Locator::Second { start_ms } => Self { t: u32::try_from(start_ms / 1_000).ok(), ..spot },
            Locator::Region { left, top, width, height } => {
                Self { region: Some([left, top, width, height].map(u32::to_string).join(",")), ..spot }
            }
        }
    }

    /// The place in the file; the file as a whole where none is named, or none that can be.
    pub fn locator(&self) -> Locator {
        let row = self.row.map(|row| Locator::Row { sheet: self.sheet.clone(), row });
        let named = [
            self.t.map(|second| Locator::Second { start_ms: u64::from(second) * 1_000 }),
            self.page.map(|page| Locator::Page { page }),
            self.slide.map(|slide| Locator::Slide { slide }),
            self.chapter.map(|chapter| Locator::Chapter { chapter, title: None }),
            row.or_else(|| self.sheet.clone().map(|name| Locator::Sheet { name })),
            self.region.as_deref().and_then(region),
        ];
        named.into_iter().flatten().find(Locator::is_sound).unwrap_or(Locator::Whole)
    }

    /// The page of a work, at this place.
    pub fn address(&self, id: &str) -> String {
        let number = |number: Option<u32>| number.map(|number| number.to_string());
        let all = [
            ("file", self.file.clone()),
            ("t", number(self.t)),
            ("page", number(self.page)),
            ("slide", number(self.slide)),
            ("chapter", number(self.chapter)),
            ("row", number(self.row)),
            ("sheet", self.sheet.clone()),
            ("region", self.region.clone()),
        ];
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let parameters = Serializer::new(String::new()).extend_pairs(said).finish();
        let anchor = if self.t.is_some() { "player" } else { "place" };
        format!("{}?{parameters}#{anchor}", address::page(id))
    }
}

fn region(text: &str) -> Option<Locator> {
    let sides: Vec<u32> = text.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    let &[left, top, width, height] = sides.as_slice() else { return None };
    Some(Locator::Region { left, top, width, height })
}

/// A place in words; empty for the file as a whole.
pub fn told(locator: &Locator) -> String {
    match locator {
        Locator::Second { start_ms } => words::clock(u32::try_from(start_ms / 1_000).unwrap_or(u32::MAX)),
        Locator::Slide { slide } => format!("第 {slide} 张幻灯片"),
        Locator::Region { .. } => "图中标出的一处".to_owned(),
        Locator::Chapter { chapter, title: Some(title) } => format!("第 {chapter} 章“{title}”"),
        Locator::Elsewhere { .. } => String::new(),
        other => other.label(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Query;

    fn read(address: &str) -> Spot {
        Query::try_from_uri(&address.parse().unwrap()).unwrap().0
    }

    #[test]
    fn places_survive_the_way_through_an_address() {
        let row = |sheet: Option<&str>| Locator::Row { sheet: sheet.map(str::to_owned), row: 12 };
        for (locator, words, parameters) in [
            (Locator::Whole, "", ""),
            (Locator::Page { page: 3 }, "第 3 页", "&page=3"),
            (Locator::Slide { slide: 4 }, "第 4 张幻灯片", "&slide=4"),
            (Locator::Second { start_ms: 725_000 }, "12:05", "&t=725"),
            (Locator::Chapter { chapter: 2, title: None }, "第 2 章", "&chapter=2"),
            (Locator::Sheet { name: "名 单".to_owned() }, "工作表“名 单”", "&sheet=%E5%90%8D+%E5%8D%95"),
            (row(None), "第 12 行", "&row=12"),
            (row(Some("a&b")), "工作表“a&b”第 12 行", "&row=12&sheet=a%26b"),
            (Locator::Region { left: 1, top: 2, width: 3, height: 4 }, "图中标出的一处", "&region=1%2C2%2C3%2C4"),
        ] {
            let spot = Spot::of("讲义/a b.pdf", &locator);
            let address = spot.address("r 1");
            let (page, anchor) = address.split_once('#').unwrap();
            let (path, question) = page.split_once('?').unwrap();
            assert_eq!((path, told(&locator).as_str()), ("/resources/r%201", words));
            assert_eq!(question, format!("file=%E8%AE%B2%E4%B9%89%2Fa+b.pdf{parameters}"));
            assert_eq!(anchor, if parameters.starts_with("&t=") { "player" } else { "place" });
            let read = read(page);
            assert_eq!((read.locator(), read), (locator, spot));
        }
    }

    #[test]
    fn what_is_no_place_is_the_whole() {
        for wrong in ["page=0", "region=1,2,3", "region=0,0,0,0", "region=9999,0,2,1", "region=a,b,c,d", "row=0", ""] {
            assert_eq!(read(&format!("/?{wrong}")).locator(), Locator::Whole, "{wrong}");
        }
    }
}

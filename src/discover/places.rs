//! Where a part of a text is to be looked at: subtitles in their recording, notes about a picture in that picture.

use crate::domain::inspection::{FULL_SIDE, ImageFacts, Locator};
use crate::domain::metadata::FileRole;
use crate::domain::resource::{Asset, Resource};

/// The file and the place in it of a part of an asset's text.
pub fn place_of(resource: &Resource, asset: &Asset, locator: Locator) -> (String, Locator) {
    match &locator {
        Locator::Second { .. } => (played(resource, asset).to_owned(), locator),
        Locator::Elsewhere { target } => match shown(resource, asset, target) {
            Some((file, place)) => (file.to_owned(), place),
            None => (asset.path.clone(), Locator::Whole),
        },
        _ => (asset.path.clone(), locator),
    }
}

/// The file that a time in an asset is played in: for subtitles the recording of the same lesson or the same name.
fn played<'a>(resource: &'a Resource, asset: &'a Asset) -> &'a str {
    let stem = |path: &str| path.rsplit_once('.').map_or(path, |(stem, _)| stem).rsplit('/').next().unwrap_or_default().to_owned();
    let is_recording = |other: &&Asset| other.facts.video.is_some() || other.facts.audio.is_some();
    let recordings = || resource.assets.iter().filter(|other| other.role != FileRole::Evidence).filter(is_recording);
    let of_lesson = resource.metadata.lessons.iter().find(|lesson| lesson.files.contains(&asset.path));
    let in_lesson = of_lesson.and_then(|lesson| recordings().find(|other| lesson.files.contains(&other.path)));
    in_lesson.or_else(|| recordings().find(|other| stem(&other.path) == stem(&asset.path))).map_or(&asset.path, |found| &found.path)
}

/// The picture that an annotation is about, and the part of it; `None` when the package holds no such picture.
fn shown<'a>(resource: &'a Resource, notes: &Asset, target: &str) -> Option<(&'a str, Locator)> {
    let (source, fragment) = target.split_once('#').unwrap_or((target, ""));
    let source = source.trim_start_matches("./");
    // By the path in the package, or by the one from the folder of the notes.
    let beside = notes.path.rsplit_once('/').map_or_else(|| source.to_owned(), |(folder, _)| format!("{folder}/{source}"));
    let picture = resource.assets.iter().filter(|other| other.role != FileRole::Evidence);
    let picture =
        picture.filter(|other| other.path == source || other.path == beside).find_map(|other| Some((other, other.facts.image.as_ref()?)));
    let (picture, facts) = picture?;
    Some((&picture.path, region(fragment, facts).unwrap_or(Locator::Whole)))
}

/// The part of a picture that a media fragment names (<https://www.w3.org/TR/media-frags/#naming-space>): pixels, or per cent.
fn region(fragment: &str, picture: &ImageFacts) -> Option<Locator> {
    let value = fragment.split('&').find_map(|pair| pair.strip_prefix("xywh="))?;
    let (numbers, sides) = match value.strip_prefix("percent:") {
        Some(numbers) => (numbers, (100.0, 100.0)),
        None => (value.strip_prefix("pixel:").unwrap_or(value), (f64::from(picture.width), f64::from(picture.height))),
    };
    if sides.0 <= 0.0 || sides.1 <= 0.0 {
        return None;
    }
    let numbers: Vec<f64> = numbers.split(',').map(|number| number.trim().parse()).collect::<Result<_, _>>().ok()?;
    let &[left, top, width, height] = numbers.as_slice() else { return None };
    let share = |part: f64, side: f64| ((part / side).clamp(0.0, 1.0) * f64::from(FULL_SIDE)).round() as u32;
    let (left, right) = (share(left, sides.0), share(left + width, sides.0));
    let (top, bottom) = (share(top, sides.1), share(top + height, sides.1));
    let place = Locator::Region { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) };
    place.is_sound().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture() -> ImageFacts {
        ImageFacts { width: 2_000, height: 1_000, ..ImageFacts::default() }
    }

    #[test]
    fn fragments_are_parts_of_the_picture() {
        let of = |fragment: &str| region(fragment, &picture());
        let place = |left, top, width, height| Some(Locator::Region { left, top, width, height });
        assert_eq!(of("xywh=200,100,1000,250"), place(1_000, 1_000, 5_000, 2_500));
        assert_eq!(of("xywh=pixel:200,100,1000,250"), place(1_000, 1_000, 5_000, 2_500));
        assert_eq!(of("t=1&xywh=percent:10.5,20,30,40"), place(1_050, 2_000, 3_000, 4_000));
        assert_eq!(of("xywh=1900,0,500,1000"), place(9_500, 0, 500, 10_000), "cut at the edge");
        for wrong in ["", "xywh=", "xywh=1,2,3", "xywh=a,b,c,d", "xywh=5000,0,10,10", "xywh=0,0,0,0", "xywh=NaN,0,1,1"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(region("xywh=0,0,1,1", &ImageFacts::default()), None, "a picture without sides");
    }

    proptest! {
        #[test]
        fn any_fragment_is_within_the_picture_or_none(numbers in proptest::collection::vec(any::<f64>(), 4), word in any::<String>()) {
            let all: Vec<String> = numbers.iter().map(f64::to_string).collect();
            for fragment in [format!("xywh={}", all.join(",")), format!("xywh=percent:{}", all.join(",")), word] {
                prop_assert!(region(&fragment, &picture()).is_none_or(|place| place.is_sound()));
            }
        }
    }
}

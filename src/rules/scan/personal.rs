//! Numbers of people: citizen ids (GB 11643) and mobile numbers.

/// Fewest and most characters of a number of a person: a mobile number, a citizen id.
const SHORTEST: usize = 11;
const LONGEST: usize = 18;

/// The numbers of people that a text holds, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Citizen ids: 18 characters with a province (GB/T 2260; 83 is for residents from Taiwan, 91 for foreigners), a possible
    /// birthday and a right check digit (ISO 7064 MOD 11-2, as GB 11643-1999 asks).
    pub citizen_ids: Vec<String>,
    /// Mobile numbers of the mainland: 11 digits that begin with 13 to 19; 86 before them is taken off.
    pub mobiles: Vec<String>,
}

/// Finds the numbers of people in a text.
pub fn numbers(text: &str) -> Numbers {
    let mut found = Numbers::default();
    runs(text, |run| {
        if is_citizen_id(run) {
            found.citizen_ids.push(run.to_owned());
        } else {
            found.mobiles.extend(mobile(run).map(str::to_owned));
        }
    });
    found
}

/// Runs of ASCII digits, a final X or x taken with a run of 17, full-width digits folded, that are as long as a number of a
/// person. Nothing that letters or digits touch.
fn runs(text: &str, mut visit: impl FnMut(&str)) {
    let mut run = String::with_capacity(LONGEST);
    let mut length = 0_usize;
    // A run inside a longer word (a hash, a file name) is not a number of a person.
    let mut inside_word = false;
    for letter in text.chars().chain(std::iter::once(' ')) {
        let folded = fold(letter);
        if folded.is_ascii_digit() || (length == LONGEST - 1 && matches!(folded, 'X' | 'x')) {
            length += 1;
            if length <= LONGEST {
                run.push(folded.to_ascii_uppercase());
            }
            continue;
        }
        let in_word = folded.is_ascii_alphabetic() || folded == '_';
        if length > 0 {
            if !inside_word && !in_word && (SHORTEST..=LONGEST).contains(&length) {
                visit(&run);
            }
            run.clear();
            length = 0;
        }
        inside_word = in_word;
    }
}

fn fold(letter: char) -> char {
    match letter {
        '０'..='９' | 'Ｘ' | 'ｘ' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// Whether these 18 characters can be a citizen id.
pub fn is_citizen_id(id: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let letters: Vec<char> = id.chars().collect();
    let Some((last, digits)) = letters.split_last().filter(|(_, digits)| digits.len() == 17) else { return false };
    let Some(numbers) = digits.iter().map(|letter| letter.to_digit(10)).collect::<Option<Vec<u32>>>() else { return false };
    let sum: u32 = numbers.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let right = usize::try_from(sum % 11).ok().and_then(|place| CHECK.get(place));
    let number = |from: usize, count: usize| numbers.iter().skip(from).take(count).fold(0, |value, digit| value * 10 + digit);
    let (province, year, month, day) = (number(0, 2), number(6, 4), number(10, 2), number(12, 2));
    right == Some(last)
        && matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
        && (1900..=2099).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
}

/// The mobile number that a run of digits is.
fn mobile(run: &str) -> Option<&str> {
    let bare = if run.len() == 13 { run.strip_prefix("86")? } else { run };
    let mut digits = bare.bytes();
    let is_mobile =
        bare.len() == SHORTEST && digits.next() == Some(b'1') && digits.next().is_some_and(|second| (b'3'..=b'9').contains(&second));
    // Numbers of examples (13800138000, 13888888888) have at most four different digits.
    let is_real = || bare.chars().collect::<std::collections::BTreeSet<_>>().len() > 4;
    (is_mobile && is_real()).then_some(bare)
}

/// The number with its middle hidden.
pub fn masked(number: &str, head: usize, tail: usize) -> String {
    let length = number.chars().count();
    let hide = |(place, letter)| if place < head || place + tail >= length { letter } else { '*' };
    number.chars().enumerate().map(hide).collect()
}

//! Numbers as they are read aloud.

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES: [(u64, &str); 3] = [
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
/// Longer numbers are read digit by digit.
const LONGEST_DIGITS: usize = 12;

/// The words of a token that begins with a digit: `42`, `1,000`, `3.5`, `21st`, `1860s`, `4x`.
pub(crate) fn read_aloud(token: &str) -> Vec<String> {
    let token = token.replace(',', "");
    let digits_end = token
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(token.len());
    let (digits, rest) = token.split_at(digits_end);
    let mut words: Vec<String> = Vec::new();
    match digits.parse::<u64>() {
        Ok(value) if digits.len() <= LONGEST_DIGITS && !is_code(digits) => {
            let is_year = digits.len() == 4 && (1100..2000).contains(&value);
            if is_year {
                year(value, &mut words);
            } else {
                cardinal(value, &mut words);
            }
        }
        _ => words.extend(spell(digits)),
    }
    match rest.to_ascii_lowercase().as_str() {
        "" => {}
        "st" | "nd" | "rd" | "th" => {
            if let Some(last) = words.pop() {
                words.push(ordinal(&last));
            }
        }
        "s" => {
            if let Some(last) = words.pop() {
                words.push(plural(&last));
            }
        }
        rest => {
            if let Some(fraction) = rest.strip_prefix('.') {
                words.push("point".into());
                words.extend(spell(fraction));
            } else {
                let letters: String = rest.chars().filter(|c| c.is_alphabetic()).collect();
                words.push(letters);
                words.extend(spell(rest));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Written with leading zeros, as in "agent 007".
fn is_code(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

fn spell(digits: &str) -> impl Iterator<Item = String> {
    digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| ONES[digit as usize].to_owned())
}

fn push(words: &mut Vec<String>, word: &str) {
    words.push(word.to_owned());
}

fn cardinal(mut value: u64, words: &mut Vec<String>) {
    for (scale, name) in SCALES {
        if value >= scale {
            cardinal(value / scale, words);
            push(words, name);
            value %= scale;
            if value == 0 {
                return;
            }
        }
    }
    if value >= 100 {
        push(words, ONES[(value / 100) as usize]);
        push(words, "hundred");
        value %= 100;
        if value == 0 {
            return;
        }
    }
    below_hundred(value, words);
}

fn below_hundred(value: u64, words: &mut Vec<String>) {
    if value < 20 {
        push(words, ONES[value as usize]);
        return;
    }
    push(words, TENS[(value / 10) as usize]);
    if !value.is_multiple_of(10) {
        push(words, ONES[(value % 10) as usize]);
    }
}

fn year(value: u64, words: &mut Vec<String>) {
    below_hundred(value / 100, words);
    match value % 100 {
        0 => push(words, "hundred"),
        rest => {
            if rest < 10 {
                push(words, "oh");
            }
            below_hundred(rest, words);
        }
    }
}

fn ordinal(word: &str) -> String {
    match word {
        "one" => "first".into(),
        "two" => "second".into(),
        "three" => "third".into(),
        "five" => "fifth".into(),
        "eight" => "eighth".into(),
        "nine" => "ninth".into(),
        "twelve" => "twelfth".into(),
        _ => match word.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{word}th"),
        },
    }
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with('x') => format!("{word}es"),
        None => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_years_and_ordinals_are_read_as_people_read_them() {
        for (token, words) in [
            ("0", "zero"),
            ("42", "forty two"),
            ("100", "one hundred"),
            ("1,001", "one thousand one"),
            ("1805", "eighteen oh five"),
            ("1900", "nineteen hundred"),
            ("2024", "two thousand twenty four"),
            ("1860s", "eighteen sixties"),
            ("21st", "twenty first"),
            ("12th", "twelfth"),
            ("30th", "thirtieth"),
            ("3.5", "three point five"),
            ("007", "zero zero seven"),
            ("1000000", "one million"),
            ("7a", "seven a"),
        ] {
            assert_eq!(read_aloud(token).join(" "), words, "{token}");
        }
    }

    proptest! {
        #[test]
        fn any_token_can_be_read(token in "[0-9][0-9a-zé,.]{0,30}") {
            prop_assert!(!read_aloud(&token).is_empty());
        }
    }
}

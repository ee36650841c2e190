//! One form for each character: line ends, spaces, invisible marks, ligatures, broken quotes.

use unicode_normalization::UnicodeNormalization;

/// Text with `\n` line ends, plain spaces and tabs, and no control or invisible characters.
///
/// Curly quotes stay as they are; those that were decoded with the wrong encoding are mended.
pub fn lines(text: &str) -> String {
    let mended = mend_encoding(text);
    let unix = mended.replace("\r\n", "\n");
    let mut out = String::with_capacity(unix.len());
    for c in unix.nfc() {
        push_normal(&mut out, c);
    }
    out.replace("``", "“").replace("''", "”")
}

/// A paragraph on one line with single spaces.
pub fn paragraph(text: &str) -> String {
    let clean = lines(text);
    let mut out = String::with_capacity(clean.len());
    for word in clean.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn push_normal(out: &mut String, c: char) {
    match c {
        '\n' | '\t' => out.push(c),
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' => out.push('\n'),
        '\u{2029}' => out.push_str("\n\n"),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            out.push(' ');
        }
        '\u{80}'..='\u{9f}' => {
            if let Some(quote) = windows_1252(c) {
                out.push(quote);
            }
        }
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}' => {}
        '\u{fb00}' => out.push_str("ff"),
        '\u{fb01}' => out.push_str("fi"),
        '\u{fb02}' => out.push_str("fl"),
        '\u{fb03}' => out.push_str("ffi"),
        '\u{fb04}' => out.push_str("ffl"),
        '\u{fb05}' | '\u{fb06}' => out.push_str("st"),
        '\u{2010}' | '\u{2011}' => out.push('-'),
        c if c.is_control() => {}
        c => out.push(c),
    }
}

/// What a C1 control stands for in text that was Windows-1252 and read as Latin-1.
fn windows_1252(c: char) -> Option<char> {
    let byte = u8::try_from(u32::from(c)).ok()?;
    let decoded = encoding_rs::WINDOWS_1252
        .decode_without_bom_handling(&[byte])
        .0
        .chars()
        .next()?;
    (!decoded.is_control()).then_some(decoded)
}

/// Undoes UTF-8 that was read as Windows-1252: `â€œ` is `“` again.
fn mend_encoding(text: &str) -> String {
    if !text.contains("â€") && !text.contains('Ã') {
        return text.to_owned();
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    if !unmappable && let Ok(mended) = std::str::from_utf8(&bytes) {
        return mended.to_owned();
    }
    [
        ("â€œ", "“"),
        ("â€\u{9d}", "”"),
        ("â€™", "’"),
        ("â€˜", "‘"),
        ("â€“", "–"),
        ("â€”", "—"),
        ("â€¦", "…"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (broken, whole)| {
        text.replace(broken, whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_go_and_spaces_become_plain() {
        assert_eq!(paragraph("a\u{a0}b\u{ad}c\u{200b}d \t e\u{7}"), "a bcd e");
    }

    #[test]
    fn ligatures_and_combining_accents_become_letters() {
        assert_eq!(paragraph("o\u{fb03}ce e\u{301}"), "office é");
    }

    #[test]
    fn quotes_of_every_make_survive_and_broken_ones_are_mended() {
        assert_eq!(paragraph("“a” 'b' \"c\""), "“a” 'b' \"c\"");
        assert_eq!(paragraph("â€œHiâ€\u{9d}, itâ€™s me"), "“Hi”, it’s me");
        assert_eq!(paragraph("\u{93}Hi\u{94}"), "“Hi”");
        assert_eq!(paragraph("``Hi''"), "“Hi”");
    }

    #[test]
    fn every_kind_of_line_end_is_one() {
        assert_eq!(
            lines("a\r\nb\rc\u{2028}d\u{85}e\u{2029}f"),
            "a\nb\nc\nd\ne\n\nf"
        );
    }
}

//! Text of others made harmless before it is printed: it can neither steer the terminal nor hide
//! or reorder what stands beside it.

/// Text of one line: line breaks become spaces, so that nobody can write a line in another's name.
pub fn line(text: &str) -> String {
    neutral(text, false)
}

/// Text of several lines: its own line breaks stay.
pub fn block(text: &str) -> String {
    neutral(text, true)
}

fn neutral(text: &str, breaks: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // One line break for each way of writing one.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                out.push(if breaks { '\n' } else { ' ' });
            }
            '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{fffd}'),
            c if is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Marks that reorder text (bidi embeddings, overrides, isolates), and those that only hide: soft
/// hyphen, word joiner, zero-width space, byte order mark, tags. The joiners that Arabic, Indic
/// scripts and emoji need stay.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_steers_the_terminal() {
        assert_eq!(line("a\u{1b}[2Jb\u{9b}31mc\u{7}"), "a\u{fffd}[2Jb\u{fffd}31mc\u{fffd}");
        assert_eq!(line("\u{1b}]0;title\u{7}"), "\u{fffd}]0;title\u{fffd}");
        assert_eq!(line("x\u{8}\u{8}y\0z\u{7f}"), "x\u{fffd}\u{fffd}y\u{fffd}z\u{fffd}");
    }

    #[test]
    fn no_text_reorders_hides_or_writes_a_line_of_its_own() {
        assert_eq!(line("abc\u{202e}txt.exe\u{2066}"), "abctxt.exe");
        assert_eq!(line("hi\r\nmira: no\u{2028}x"), "hi mira: no x");
        assert_eq!(block("a\r\nb\rc\n\nd"), "a\nb\nc\n\nd");
        assert_eq!(line("in\u{200b}vis\u{feff}ible\u{e0041}"), "invisible");
    }

    #[test]
    fn honest_text_stays() {
        for text in ["Où est l'entrée ?", "مرحبا", "שלום", "👩‍👩‍👧 नमस्ते", "“quoted” – yes"]
        {
            assert_eq!(line(text), text);
        }
    }
}

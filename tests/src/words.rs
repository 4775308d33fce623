//! The small words of scripts: times, spans, and texts with escapes.

use bot::Location;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// Whether the scripts are to be rewritten: `UPDATE=1`.
pub fn updating() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

/// Reads `2026-03-10` and `10:00`.
///
/// # Errors
/// A sentence that says what would be right.
pub(crate) fn moment(day: &str, time: &str) -> Result<DateTime, String> {
    let wrong = |_| format!("`{day} {time}` is no time: write 2026-03-10 10:00");
    let day: Date = day.parse().map_err(wrong)?;
    let time: Time = time.parse().map_err(wrong)?;
    Ok(day.to_datetime(time))
}

/// Reads `30s`, `30m`, `2h`, `3d`.
///
/// # Errors
/// A sentence that says what would be right.
pub(crate) fn span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{text}` is no span of time: write 30s, 30m, 2h or 3d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    Ok(SignedDuration::from_secs(number * seconds))
}

/// Reads `51.5,-0.1`: degrees north and east.
///
/// # Errors
/// A sentence that says what would be right.
pub(crate) fn location(text: &str) -> Result<Location, String> {
    let degrees = text.split_once(',').and_then(|(north, east)| {
        Location::new(north.parse().ok()?, east.trim_start().parse().ok()?)
    });
    degrees.ok_or_else(|| format!("`{text}` is no place on the map: write 51.5,-0.1"))
}

/// The longest text that an escape may unfold to: twice the longest message that a script sends.
const UNFOLDED_MAX: usize = 4_000_000;

/// Resolves the escapes of a text: `\n`, `\\`, `\u{200b}`, and `{words*1000}` for words a thousand
/// times over.
///
/// # Errors
/// A sentence that says what would be right.
pub(crate) fn unfold(text: &str) -> Result<String, String> {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{']) {
        whole.push_str(&rest[..at]);
        let tail = &rest[at..];
        rest = if tail.starts_with('\\') {
            escape(tail, &mut whole)?
        } else {
            repeated(tail, &mut whole)?
        };
    }
    whole.push_str(rest);
    Ok(whole)
}

/// One escape at the beginning of `tail`; returns what comes behind it.
fn escape<'a>(tail: &'a str, whole: &mut String) -> Result<&'a str, String> {
    if let Some(rest) = tail.strip_prefix("\\n") {
        whole.push('\n');
        return Ok(rest);
    }
    if let Some(rest) = tail.strip_prefix("\\\\") {
        whole.push('\\');
        return Ok(rest);
    }
    let wrong = || "after `\\` comes n, \\ or u{200b}".to_owned();
    let (code, rest) =
        tail.strip_prefix("\\u{").and_then(|t| t.split_once('}')).ok_or_else(wrong)?;
    let number = u32::from_str_radix(code, 16).map_err(|_| wrong())?;
    whole.push(char::from_u32(number).ok_or_else(wrong)?);
    Ok(rest)
}

/// `{words*1000}` at the beginning of `tail`, or a brace that is just one.
fn repeated<'a>(tail: &'a str, whole: &mut String) -> Result<&'a str, String> {
    let folded = tail[1..].split_once('}').and_then(|(inner, rest)| {
        let (words, times) = inner.rsplit_once('*')?;
        Some((words, times.parse::<usize>().ok()?, rest))
    });
    let Some((words, times, rest)) = folded else {
        whole.push('{');
        return Ok(&tail[1..]);
    };
    if words.len().saturating_mul(times) > UNFOLDED_MAX {
        return Err(format!("`{{{words}*{times}}}` is longer than {UNFOLDED_MAX} bytes"));
    }
    whole.push_str(&words.repeat(times));
    Ok(rest)
}

/// Makes what cannot be seen visible, as [`unfold`] reads it.
pub(crate) fn visible(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            whole.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            whole.push(c);
        }
    }
    whole
}

/// Control characters but the line feed; soft hyphen, zero-width and direction marks, the byte
/// order mark.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{location, span, unfold, visible};
    use jiff::SignedDuration;

    #[test]
    fn escapes_unfold_and_braces_stay() {
        assert_eq!(unfold("a\\nb\\u{0}{xy*3}{z}\\\\").unwrap(), "a\nb\0xyxyxy{z}\\");
        assert_eq!(unfold("{x*1000000}").unwrap().len(), 1_000_000);
        assert!(unfold("\\q").is_err());
        assert!(unfold("{x*99999999}").is_err());
        assert_eq!(visible("a\u{200b}b\u{0}"), "a\\u{200b}b\\u{0}");
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(span("30m").unwrap(), SignedDuration::from_mins(30));
        assert_eq!(span("3d").unwrap(), SignedDuration::from_hours(72));
        assert!(span("30").is_err() && span("").is_err() && span("é").is_err());
    }

    #[test]
    fn a_location_is_two_numbers_on_the_map() {
        assert_eq!(location("51.5,-0.1").unwrap(), location("51.50, -0.10").unwrap());
        for text in ["", "51.5", "51.5,", "91,0", "a,b", "1,2,3"] {
            assert!(location(text).is_err(), "{text}");
        }
    }
}

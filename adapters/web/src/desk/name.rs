//! The names of staff.

/// Characters of a name: it stands before each of their lines.
const NAME_MAX: usize = 32;

/// Whether this can be a name at the desk: one word of letters and digits, as `assign 1 to ana` and
/// the answers that patrons read have it.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=NAME_MAX).contains(&name.chars().count()) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_is_one_word() {
        assert!(["mira", "Jean-Luc", "Zoë", "m.b", "李"].iter().all(|name| is_name(name)));
        for name in ["", "mira b", "<b>", "a\nb", "@everyone", &"a".repeat(33)] {
            assert!(!is_name(name), "{name}");
        }
    }
}

//! Entries from tables.

use super::table::Table;
use super::{missing, plain};
use crate::read::input::{Input, Trouble};
use crate::read::{Item, tidy};
use crate::text::fold::folded;

/// Streams the entries of a table: a column `question` (or `questions`: several parted by
/// `|` or line ends; or `question_2`, `question_3`, … beside it), and any of `id`, `answer`, `lang`,
/// `url`, `source`, `verified`, `review_by`, `tags`. In a table without a column `id` the first question
/// is the id: its words in lower case, a hyphen between.
pub(in crate::read) fn read(input: Input) -> impl Iterator<Item = Result<Item, Trouble>> {
    let (rows, trouble) = match open(input) {
        Ok(rows) => (rows, None),
        Err(trouble) => (None, Some(Err(trouble))),
    };
    trouble.into_iter().chain(rows.into_iter().flatten())
}

fn open(input: Input) -> Result<Option<Rows>, Trouble> {
    let Some((table, headers)) = Table::open(input)? else { return Ok(None) };
    let columns = Columns::find(&headers).map_err(|reason| Trouble::line(1, reason))?;
    Ok(Some(Rows { table, columns }))
}

struct Rows {
    table: Table,
    columns: Columns,
}

struct Columns {
    id: Option<usize>,
    questions: Vec<usize>,
    answer: Option<usize>,
    lang: Option<usize>,
    url: Option<usize>,
    source: Option<usize>,
    verified: Option<usize>,
    review_by: Option<usize>,
    tags: Option<usize>,
}

impl Columns {
    fn find(headers: &[String]) -> Result<Columns, String> {
        let plain: Vec<String> = headers.iter().map(|header| plain(header)).collect();
        let find = |names: &[&str]| {
            names.iter().find_map(|name| plain.iter().position(|header| header == name))
        };
        let mend = "name one so in the first row";
        let questions: Vec<usize> =
            (0..plain.len()).filter(|&column| is_question(&plain[column])).collect();
        if questions.is_empty() {
            return Err(missing("`question` (or `questions`)", headers, mend));
        }
        Ok(Columns {
            id: find(&["id"]),
            questions,
            answer: find(&["answer", "answers"]),
            lang: find(&["lang", "language"]),
            url: find(&["url", "link"]),
            source: find(&["source"]),
            verified: find(&["verified", "verified_on"]),
            review_by: find(&["review_by"]),
            tags: find(&["tags", "tag"]),
        })
    }
}

/// `question`, `questions`, and both with a number.
fn is_question(header: &str) -> bool {
    let rest = header.strip_prefix("question").map(|rest| rest.strip_prefix('s').unwrap_or(rest));
    rest.is_some_and(|rest| {
        rest.strip_prefix('_').unwrap_or(rest).bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl Iterator for Rows {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Result<Item, Trouble>> {
        let row = self.table.next()?;
        Some(row.and_then(|line| {
            tidy::entry(self.text()).map(Item::Entry).map_err(|reason| Trouble::line(line, reason))
        }))
    }
}

impl Rows {
    fn text(&self) -> tidy::EntryText {
        let value = |column: usize| self.table.value(column);
        let some = |column: Option<usize>| column.map(|column| value(column).to_owned());
        let columns = self.columns.questions.iter();
        let questions: Vec<String> = columns
            .flat_map(|&column| value(column).split(['|', '\n']).map(str::to_owned))
            .collect();
        tidy::EntryText {
            id: some(self.columns.id).unwrap_or_else(|| id_of(&questions)),
            questions,
            answer: some(self.columns.answer),
            lang: some(self.columns.lang),
            url: some(self.columns.url),
            source: some(self.columns.source),
            verified: some(self.columns.verified),
            review_by: some(self.columns.review_by),
            tags: some(self.columns.tags)
                .map(|tags| tags.split(['|', ';', ',', '\n']).map(str::to_owned).collect())
                .unwrap_or_default(),
        }
    }
}

/// The id of an entry that has none of its own; empty where there is no question either.
fn id_of(questions: &[String]) -> String {
    /// Enough words to tell questions apart, short enough to be read in a report.
    const WORDS_MAX: usize = 12;
    let asked = questions.iter().find(|question| !question.trim().is_empty());
    let folded = asked.map(|question| folded(question)).unwrap_or_default();
    folded.split(' ').take(WORDS_MAX).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::read::Item;
    use crate::read::input::Trouble;
    use std::io::Cursor;

    fn all(text: &str) -> Vec<String> {
        read(Box::new(Cursor::new(text.as_bytes().to_vec())))
            .map(|item| match item {
                Ok(Item::Entry(entry)) => {
                    format!("{} {:?} {:?}", entry.id, entry.questions, entry.tags)
                }
                Err(Trouble::Bad { position, reason }) => format!("{position}: {reason}"),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn questions_stand_in_one_column_or_several() {
        assert_eq!(
            all("\u{feff}ID;Question;Question 2;Tags;Answer\na;P?|Q?;R?;x, y;A\nb;\"S?\nT?\";;;\n"),
            ["a [\"P?\", \"Q?\", \"R?\"] [\"x\", \"y\"]", "b [\"S?\", \"T?\"] []"]
        );
    }

    #[test]
    fn without_ids_the_question_is_the_id() {
        assert_eq!(
            all("question,answer\nOù est l’entrée ?|Entrée ?,Ici\n"),
            ["ou-est-entree [\"Où est l’entrée ?\", \"Entrée ?\"] []"]
        );
    }

    #[test]
    fn a_table_without_a_needed_column_is_refused_once() {
        let seen = all("id,what\n1,Q?\n2,R?\n");
        assert_eq!(seen.len(), 1);
        assert!(
            seen[0].starts_with("line 1: it has no column `question` (or `questions`)"),
            "{seen:?}"
        );
    }

    #[test]
    fn a_bad_row_is_refused_alone() {
        let seen = all("id,question,verified\na,Q?,2026-01-01\nb,,\nc,R?,soon\n,S?,\nd,T?,\n");
        assert_eq!(seen[0], "a [\"Q?\"] []");
        assert!(seen[1].starts_with("line 3: it has no question"), "{seen:?}");
        assert!(seen[2].starts_with("line 4: `verified` is \"soon\""), "{seen:?}");
        assert!(seen[3].starts_with("line 5: it has no `id`"), "{seen:?}");
        assert_eq!(seen[4], "d [\"T?\"] []");
    }
}

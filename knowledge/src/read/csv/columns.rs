//! Which column of a catalogue's table holds what.
//!
//! A table whose columns have usual names needs nothing. Another is explained by a file beside it:
//! `NAME.csv.columns.toml` for `NAME.csv` (and `NAME.csv.gz`), which says for each field of a
//! record in which column, or columns, it stands. Fields that it does not name are looked for
//! under their usual names.
//!
//! ```toml
//! id = "book_id"
//! creator = { columns = "authors", split = ", " }    # a list in one column
//! identifiers = ["isbn", "isbn13"]                   # several columns
//! summary = []                                       # in none
//! split = ";"             # what parts lists that say nothing of their own; "" parts nothing
//! ```
//!
//! Where no split is given, lists are parted at `;` and `|`. A table without ids can be given
//! `id = { row = "film-" }`: its rows are then `film-1`, `film-2`, … in the file's order, so
//! that rows may be added at its end but not moved. Without that, an address column is the id.

use super::{missing, plain};
use crate::read::tidy;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A field of a record, and the names that its column usually has, the likeliest first.
struct Field {
    key: &'static str,
    usual: &'static [&'static str],
}

/// The fields in the order of [`Columns::fields`].
const FIELDS: [Field; 9] = [
    Field {
        key: "id",
        usual: &[
            "id",
            "record_id",
            "bib_id",
            "bibid",
            "biblionumber",
            "bib_number",
            "control_number",
            "book_id",
            "item_id",
        ],
    },
    Field { key: "title", usual: &["title", "main_title", "book_title", "titre", "name"] },
    Field {
        key: "creator",
        usual: &[
            "creator",
            "creators",
            "author",
            "authors",
            "author_s",
            "auteur",
            "contributor",
            "contributors",
            "editor",
            "translator",
            "illustrator",
            "photographer",
        ],
    },
    Field {
        key: "subjects",
        usual: &[
            "subjects",
            "subject",
            "subject_s",
            "topics",
            "keywords",
            "genre",
            "genres",
            "series",
        ],
    },
    Field {
        key: "date",
        usual: &[
            "date",
            "year",
            "publication_year",
            "publication_date",
            "pub_date",
            "pub_year",
            "date_published",
            "year_published",
            "published",
        ],
    },
    Field { key: "language", usual: &["language", "lang", "language_code", "languages"] },
    Field {
        key: "identifiers",
        usual: &[
            "identifiers",
            "identifier",
            "isbn",
            "isbn10",
            "isbn_10",
            "isbn13",
            "isbn_13",
            "issn",
            "ark",
            "doi",
            "lccn",
            "oclc",
            "call_number",
            "callnumber",
            "shelf_mark",
            "shelfmark",
            "lcc",
            "ddc",
        ],
    },
    Field { key: "summary", usual: &["summary", "abstract", "description", "notes", "note"] },
    Field { key: "url", usual: &["url", "link", "uri", "permalink", "ebook_url", "website"] },
];

const ID: usize = 0;
const TITLE: usize = 1;
const URL: usize = 8;

/// Where each field of a record stands in a table.
#[derive(Debug)]
pub(super) struct Columns {
    fields: [Place; 9],
    /// The beginning of ids that are made of the row's number.
    row: Option<String>,
}

/// The columns of one field.
#[derive(Clone, Debug, Default)]
struct Place {
    columns: Vec<usize>,
    split: Split,
}

/// How a list in one column is parted.
#[derive(Clone, Debug, Default, PartialEq)]
enum Split {
    /// At `;` and `|`.
    #[default]
    Usual,
    /// At this text.
    At(String),
    /// Not at all.
    Never,
}

impl Columns {
    /// Finds the fields under these headers, as `map` (the text of a column map) has it and
    /// otherwise by their usual names. The error says what is wrong, with the map's line.
    pub(super) fn find(headers: &[String], map: Option<&str>) -> Result<Columns, String> {
        let plain: Vec<String> = headers.iter().map(|header| super::plain(header)).collect();
        let usual = |field: &Field| -> Vec<usize> {
            let places = field.usual.iter();
            places.flat_map(|name| plain.iter().position(|header| header == name)).collect()
        };
        let mut columns = Columns {
            fields: FIELDS
                .each_ref()
                .map(|field| Place { columns: usual(field), ..Place::default() }),
            row: None,
        };
        if let Some(map) = map {
            columns.apply(&read_map(map)?, map, headers)?;
        }
        if columns.row.is_none() && columns.fields[ID].columns.is_empty() {
            columns.fields[ID].columns = columns.fields[URL].columns.clone();
        }
        let mend = "rename one, or name it in a column map (FILE.csv.columns.toml)";
        if columns.fields[TITLE].columns.is_empty() {
            return Err(missing("`title`", headers, mend));
        }
        if columns.row.is_none() && columns.fields[ID].columns.is_empty() {
            return Err(missing("`id`", headers, mend));
        }
        Ok(columns)
    }

    /// The beginning of ids that are made of the row's number.
    pub(super) fn row(&self) -> Option<&str> {
        self.row.as_deref()
    }

    /// The first value that a field has in a row, by its number in a record's order.
    pub(super) fn one<'a>(&self, field: usize, value: impl Fn(usize) -> &'a str) -> Option<String> {
        let values = self.fields[field].columns.iter().map(|&column| value(column).trim());
        values.into_iter().find(|value| !value.is_empty()).map(str::to_owned)
    }

    /// All values that a field has in a row.
    pub(super) fn all<'a>(&self, field: usize, value: impl Fn(usize) -> &'a str) -> Vec<String> {
        let place = &self.fields[field];
        let mut values = Vec::new();
        for &column in &place.columns {
            let text = value(column);
            match &place.split {
                Split::Usual => values.extend(text.split([';', '|']).map(str::to_owned)),
                Split::At(mark) => values.extend(text.split(mark.as_str()).map(str::to_owned)),
                Split::Never => values.push(text.to_owned()),
            }
        }
        values
    }

    fn apply(&mut self, map: &DeTable<'_>, text: &str, headers: &[String]) -> Result<(), String> {
        let at =
            |span: Range<usize>, reason: String| format!("line {}: {reason}", line(text, &span));
        let split = match map.get("split") {
            Some(value) => read_split(value).map_err(|reason| at(value.span(), reason))?,
            None => Split::Usual,
        };
        for place in &mut self.fields {
            place.split = split.clone();
        }
        for (key, value) in map {
            let name: &str = key.get_ref();
            if name == "split" {
                continue;
            }
            let Some(field) = FIELDS.iter().position(|field| field.key == name) else {
                return Err(at(key.span(), unknown_key(name)));
            };
            match read_place(value.get_ref(), headers, &split) {
                Ok(Read::Place(place)) => self.fields[field] = place,
                Ok(Read::Row(prefix)) if field == ID => self.row = Some(prefix),
                Ok(Read::Row(_)) => {
                    return Err(at(
                        value.span(),
                        format!("`{name}` cannot be made of the row; only `id` can"),
                    ));
                }
                Err(reason) => return Err(at(value.span(), format!("`{name}`: {reason}"))),
            }
        }
        Ok(())
    }
}

/// What a key of the map says.
enum Read {
    Place(Place),
    Row(String),
}

fn read_map(map: &str) -> Result<DeTable<'_>, String> {
    DeTable::parse(map).map(Spanned::into_inner).map_err(|error| {
        let line = error.span().map_or(1, |span| line(map, &span));
        format!("line {line}: it is not valid TOML ({})", tidy::excerpt(error.message()))
    })
}

fn read_place(value: &DeValue<'_>, headers: &[String], split: &Split) -> Result<Read, String> {
    let Some(table) = value.as_table() else {
        let columns = read_columns(value, headers)?;
        return Ok(Read::Place(Place { columns, split: split.clone() }));
    };
    let mut place = Place { columns: Vec::new(), split: split.clone() };
    for (key, value) in table {
        let key: &str = key.get_ref();
        match key {
            "columns" | "column" => place.columns = read_columns(value.get_ref(), headers)?,
            "split" => place.split = read_split(value)?,
            "row" => {
                let prefix = value.get_ref().as_str();
                return prefix.map(|prefix| Read::Row(prefix.to_owned())).ok_or_else(|| {
                    "`row` is the beginning of the ids, a text; write it in quotation marks".into()
                });
            }
            _ => {
                return Err(format!(
                    "`{}` is not known here; columns and split are",
                    tidy::excerpt(key)
                ));
            }
        }
    }
    Ok(Read::Place(place))
}

fn read_columns(value: &DeValue<'_>, headers: &[String]) -> Result<Vec<usize>, String> {
    let wrong = || "write a column's name, or a list of names".to_owned();
    if let Some(name) = value.as_str() {
        return Ok(vec![read_column(name, headers)?]);
    }
    let names = value.as_array().ok_or_else(wrong)?;
    names
        .iter()
        .map(|name| read_column(name.get_ref().as_str().ok_or_else(wrong)?, headers))
        .collect()
}

fn read_column(name: &str, headers: &[String]) -> Result<usize, String> {
    let exact = headers.iter().position(|header| header.trim() == name.trim());
    let place = exact.or_else(|| headers.iter().position(|header| plain(header) == plain(name)));
    place.ok_or_else(|| {
        missing(&format!("\"{}\"", tidy::excerpt(name)), headers, "correct the name in the map")
    })
}

fn read_split(value: &Spanned<DeValue<'_>>) -> Result<Split, String> {
    match value.get_ref().as_str() {
        Some("") => Ok(Split::Never),
        Some(mark) => Ok(Split::At(mark.to_owned())),
        None => Err("`split` is a text; write it in quotation marks".to_owned()),
    }
}

fn unknown_key(name: &str) -> String {
    let keys = FIELDS.each_ref().map(|field| field.key);
    let name = tidy::excerpt(name);
    match tidy::nearest(&name, &keys) {
        Some(near) => format!("`{name}` is not a field of a record; `{near}` is"),
        None => format!("`{name}` is not a field of a record; {} are", keys.join(", ")),
    }
}

fn line(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or_default();
    1 + memchr::memchr_iter(b'\n', before).count()
}

#[cfg(test)]
mod tests {
    use super::{Columns, TITLE};

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn usual_names_need_no_map() {
        let headers = headers(&["Record ID", "Author(s)", "TITLE", "ISBN-13", "isbn"]);
        let columns = Columns::find(&headers, None).unwrap();
        let row = ["7", "Woolf, Virginia; Bell, Vanessa|x", "Orlando", "978", "0"];
        assert_eq!(columns.one(0, |c| row[c]).as_deref(), Some("7"));
        assert_eq!(columns.all(2, |c| row[c]), ["Woolf, Virginia", " Bell, Vanessa", "x"]);
        assert_eq!(columns.all(6, |c| row[c]), ["0", "978"]);
        assert_eq!(columns.one(4, |c| row[c]), None);
    }

    #[test]
    fn a_map_says_which_column_and_what_parts_a_list() {
        let headers = headers(&["nr", "what", "who", "subjects", "tags"]);
        let map = "id = { row = \"film-\" }\ntitle = \"What\"\ncreator = { columns = \"who\", split = \", \" }\n\
                   subjects = [\"tags\", \"subjects\"]\nsplit = \"\"";
        let columns = Columns::find(&headers, Some(map)).unwrap();
        let row = ["1", "T; t", "A, B", "x;y", "z"];
        assert_eq!(columns.row(), Some("film-"));
        assert_eq!(columns.one(TITLE, |c| row[c]).as_deref(), Some("T; t"));
        assert_eq!(columns.all(2, |c| row[c]), ["A", "B"]);
        assert_eq!(columns.all(3, |c| row[c]), ["z", "x;y"]);
    }

    #[test]
    fn an_address_stands_in_for_an_id() {
        let headers = headers(&["title", "link"]);
        let columns = Columns::find(&headers, None).unwrap();
        assert_eq!(columns.one(0, |c| ["T", "http://a"][c]).as_deref(), Some("http://a"));
    }

    #[test]
    fn what_is_wrong_with_a_map_is_said_with_its_line() {
        let headers = headers(&["nr", "what"]);
        let with = |map: &str| Columns::find(&headers, Some(map)).unwrap_err();
        for (map, expected) in [
            ("id = \"nr\"\n", "it has no column `title`; its columns are nr, what; rename one"),
            ("title = \"what\"\n", "it has no column `id`; its columns are nr, what; rename one"),
            (
                "# ids\nid = \"no\"\n",
                "line 2: `id`: it has no column \"no\"; its columns are nr, what",
            ),
            ("creater = \"nr\"", "line 1: `creater` is not a field of a record; `creator` is"),
            ("title = 5", "line 1: `title`: write a column's name, or a list of names"),
            ("title = { row = \"x\" }", "line 1: `title` cannot be made of the row"),
            ("\n\ntitle = what", "line 3: it is not valid TOML"),
            ("split = 5", "line 1: `split` is a text"),
        ] {
            let reason = with(map);
            assert!(reason.starts_with(expected), "{map}\n{reason}");
        }
    }
}

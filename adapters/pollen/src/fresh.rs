//! A library's knowledge as its files are now, for commands that look and end.

use crate::library::Library;
use crate::output::{count, note};
use crate::running::{BuildError, build};
use bot::{Bot, Looked, Moment};
use jiff::Timestamp;
use knowledge::index::Rebuild;
use knowledge::{Error, Findings, Knowledge, Lang, Query};
use std::collections::BTreeMap;
use std::time::Instant;

/// Opens the knowledge, after what changed in the files has been indexed: a librarian who edits an
/// entry and asks hears the new one. An index that is missing, old or damaged is built anew, and
/// standard error says so; if it cannot be built, the last good one answers.
///
/// # Errors
/// Those of [`Knowledge::open`] and [`knowledge::index::build`], where there is nothing to answer
/// from.
pub(crate) fn knowledge(library: &Library) -> anyhow::Result<Knowledge> {
    let data = library.make_data()?;
    let opened = match Knowledge::open(&library.dir, &data) {
        Ok(knowledge) => Some(knowledge),
        Err(Error::Missing { .. }) => None,
        Err(Error::Damaged { reason, .. }) => {
            note(&format!("the index was damaged ({reason}); it is built anew from the files"));
            None
        }
        Err(Error::OldFormat { .. }) => {
            note("the index was made by another version; it is built anew from the files");
            None
        }
        Err(
            error @ (Error::Full { .. }
            | Error::Io { .. }
            | Error::Write { .. }
            | Error::Encoder(_)),
        ) => {
            return Err(error.into());
        }
    };
    let report = match (build(library, Rebuild::Changed), opened) {
        (Ok(report), Some(opened)) => {
            if Knowledge::current_generation(&data)? == opened.generation() {
                return Ok(opened);
            }
            report
        }
        (Ok(report), None) => report,
        (Err(error), Some(opened)) => {
            let error = with_mend(error);
            note(&format!("{error:#}; what was indexed before answers"));
            return Ok(opened);
        }
        (Err(error), None) => return Err(with_mend(error)),
    };
    if !report.refused.is_empty() {
        let refused = count(report.refused.len() as u64, "piece", "pieces");
        note(&format!(
            "{refused} of the library's files could not be taken in; `pollen index` names them"
        ));
    }
    Ok(Knowledge::open(&library.dir, &data)?)
}

/// Why an index could not be built, with its mend where the error has none of its own: a thread of
/// the writer that found the disk full says only that it ended.
pub(crate) fn with_mend(error: BuildError) -> anyhow::Error {
    let mend = "see that the disk has room and try again; the index in use is unharmed";
    let error = match error {
        BuildError::Absent(absent) => return absent.into(),
        BuildError::Index(error) => error,
    };
    match error {
        Error::Write { .. } => anyhow::Error::from(error).context(mend),
        Error::Missing { .. }
        | Error::Damaged { .. }
        | Error::OldFormat { .. }
        | Error::Full { .. }
        | Error::Io { .. }
        | Error::Encoder(_) => error.into(),
    }
}

/// The core as a patron without a history meets it, and what it looks things up in.
pub(crate) struct Preview {
    /// What is known.
    pub(crate) knowledge: Knowledge,
    bot: Bot,
}

/// What one question comes to.
pub(crate) struct Decision {
    /// What was found.
    pub(crate) findings: Findings,
    /// What a patron would be told.
    pub(crate) looked: Looked,
    /// What a case would be about that it became, as far as the library's entries tell.
    pub(crate) topic: Option<String>,
    /// How long finding and deciding took, in microseconds.
    pub(crate) took_us: u64,
}

impl Preview {
    /// Opens a library.
    ///
    /// # Errors
    /// Those of [`knowledge()`].
    pub(crate) fn open(library: &Library) -> anyhow::Result<Preview> {
        let knowledge = knowledge(library)?;
        let settings = library.settings.for_bot(BTreeMap::new(), Vec::new());
        let bot = Bot::new(settings, knowledge.branches(), Vec::new());
        Ok(Preview { knowledge, bot })
    }

    /// What becomes of a text, asked now. `lang`: the language that the platform would name.
    pub(crate) fn decide(&self, text: &str, lang: Option<Lang>) -> Decision {
        let started = Instant::now();
        let mut query = self.bot.query(text);
        if let Query::Words(words) = &mut query {
            words.lang = lang;
        }
        let findings = self.knowledge.find(&query);
        // Nothing here is sent, so nothing needs a code that outsiders cannot foresee.
        let moment = Moment { time: Timestamp::now(), seed: 0 };
        let looked = self.bot.look(moment, text, &findings);
        let took_us = started.elapsed().as_micros() as u64;
        let topic = self.bot.topic(text, &findings);
        Decision { findings, looked, topic, took_us }
    }
}

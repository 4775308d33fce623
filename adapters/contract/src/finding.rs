//! What an adapter finds when it looks its network over.

/// One thing that was looked at, for `pollen doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub ok: bool,
    /// What is so; where it is wrong, also its mend.
    pub words: String,
}

impl Finding {
    /// Something is in order.
    pub fn good(words: impl Into<String>) -> Finding {
        Finding { ok: true, words: words.into() }
    }

    /// Something is wrong; the words end with the mend.
    pub fn wrong(words: impl Into<String>) -> Finding {
        Finding { ok: false, words: words.into() }
    }
}

-- Everything that a library remembers. Migrations are kept forever and never edited: a change is a
-- new file with the next number.
--
-- Times are microseconds since 1970; 9223372036854775807 is "for good" and -9223372036854775808
-- "not at all". A place is `network/id`. No query looks into the JSON that is kept.

-- One row. Every opening takes the next epoch, every write checks it: whoever opened the library
-- last is the only one who writes. `format` is the form of the JSON in `rows` and `outbox`.
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL DEFAULT 0,
    format INTEGER NOT NULL DEFAULT 1
) STRICT;

INSERT INTO meta (id, epoch, format) VALUES (1, 0, 1);

-- Where the stream of arrivals of each network stands, as its link last said.
CREATE TABLE cursors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    network TEXT NOT NULL UNIQUE,
    cursor TEXT NOT NULL
) STRICT;

-- What arrived, in order. Once handled only its key stays, until `keep_until`, so that the same
-- arrival is not handled again.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    network TEXT NOT NULL,
    key TEXT NOT NULL,
    raw BLOB NOT NULL DEFAULT x'',
    at INTEGER NOT NULL DEFAULT 0,
    handled INTEGER NOT NULL DEFAULT 0,
    keep_until INTEGER NOT NULL DEFAULT 9223372036854775807,
    UNIQUE (network, key)
) STRICT;

CREATE INDEX inbox_waiting ON inbox (id) WHERE handled = 0;
CREATE INDEX inbox_kept ON inbox (keep_until) WHERE handled = 1;

-- What the core remembers, one row a thing. `person` is whose it is, `place` where; empty where a
-- row has none. `live` rows are brought to the core at the start.
CREATE TABLE rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    live INTEGER NOT NULL DEFAULT 0,
    keep_until INTEGER NOT NULL DEFAULT 9223372036854775807,
    saved INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
) STRICT;

CREATE INDEX rows_of_person ON rows (person) WHERE person <> '';
CREATE INDEX rows_in_place ON rows (place) WHERE place <> '';
CREATE INDEX rows_live ON rows (live) WHERE live = 1;
CREATE INDEX rows_kept ON rows (keep_until) WHERE keep_until < 9223372036854775807;

-- What is to be said, and the marks of what was said and can still be changed. The number comes
-- from the core. `envelope` is everything about a message but its words, `reply` the words, which
-- go once they are said; `sent` is what the platform calls it, empty until it was said. `case_no`
-- is 0 and `only_for` empty where there is none.
CREATE TABLE outbox (
    send INTEGER PRIMARY KEY,
    network TEXT NOT NULL,
    place TEXT NOT NULL,
    case_no INTEGER NOT NULL DEFAULT 0,
    only_for TEXT NOT NULL DEFAULT '',
    urgency INTEGER NOT NULL DEFAULT 0,
    waits INTEGER NOT NULL DEFAULT 1,
    due_at INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    uncertain INTEGER NOT NULL DEFAULT 0,
    changeable_until INTEGER NOT NULL DEFAULT -9223372036854775808,
    envelope TEXT NOT NULL,
    reply TEXT NOT NULL DEFAULT '',
    sent TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX outbox_waiting ON outbox (place, urgency, send) WHERE waits = 1;
CREATE INDEX outbox_kept ON outbox (changeable_until) WHERE waits = 0;

-- The first of what waits for each place: nothing in a place overtakes it. The triggers below keep
-- it, so that what is due is found without a look at the thousands that wait behind.
CREATE TABLE heads (
    place TEXT PRIMARY KEY NOT NULL,
    send INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX heads_due ON heads (due_at, urgency, send);

CREATE TRIGGER outbox_put AFTER INSERT ON outbox WHEN NEW.waits = 1 BEGIN
    INSERT INTO heads (place, send, urgency, due_at)
    VALUES (NEW.place, NEW.send, NEW.urgency, NEW.due_at)
    ON CONFLICT (place) DO UPDATE
    SET send = excluded.send, urgency = excluded.urgency, due_at = excluded.due_at
    WHERE (excluded.urgency, excluded.send) < (heads.urgency, heads.send);
END;

CREATE TRIGGER outbox_changed AFTER UPDATE OF waits, due_at ON outbox
WHEN NEW.waits <> OLD.waits OR NEW.due_at <> OLD.due_at BEGIN
    DELETE FROM heads WHERE place = OLD.place;
    INSERT INTO heads (place, send, urgency, due_at)
    SELECT place, send, urgency, due_at FROM outbox
    WHERE waits = 1 AND place = OLD.place
    ORDER BY urgency, send LIMIT 1;
END;

CREATE TRIGGER outbox_gone AFTER DELETE ON outbox WHEN OLD.waits = 1 BEGIN
    DELETE FROM heads WHERE place = OLD.place;
    INSERT INTO heads (place, send, urgency, due_at)
    SELECT place, send, urgency, due_at FROM outbox
    WHERE waits = 1 AND place = OLD.place
    ORDER BY urgency, send LIMIT 1;
END;

-- What links keep for themselves, on shelves of their networks.

-- How often something was put on a shelf: the last version that was given out. It is counted here
-- and not read off the shelves, because no version is used twice when the last one is gone.
ALTER TABLE meta ADD COLUMN shelved INTEGER NOT NULL DEFAULT 0;

-- `first` is the version at which a keepsake was first put there, which is its turn on the shelf,
-- `version` the one at which it was last put there. `cases` are the
-- numbers of those that it tells of, as a JSON list, empty where there are none.
CREATE TABLE shelves (
    first INTEGER PRIMARY KEY,
    network TEXT NOT NULL,
    shelf TEXT NOT NULL,
    key TEXT NOT NULL,
    cases TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    value BLOB NOT NULL DEFAULT x'',
    UNIQUE (network, shelf, key)
) STRICT;

-- An index ends with the primary key: within a shelf this one is in order of `first`.
CREATE INDEX shelves_first ON shelves (network, shelf);
CREATE INDEX shelves_version ON shelves (network, shelf, version);
CREATE INDEX shelves_about ON shelves (first) WHERE cases <> '';
CREATE INDEX shelves_kept ON shelves (keep_until);

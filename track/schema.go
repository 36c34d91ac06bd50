package track

// schema makes the tables. A metric's points and summaries lie in part, under
// keys that partKey makes; the points behind those lie in journal.
const schema = `
CREATE TABLE IF NOT EXISTS run (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	name     TEXT NOT NULL UNIQUE,   -- by which it is known outside
	project  TEXT NOT NULL,
	title    TEXT NOT NULL,
	state    TEXT NOT NULL,
	created  INTEGER NOT NULL,       -- microseconds since 1970
	ended    INTEGER,
	deleted  INTEGER,                -- when it was marked so
	parent   INTEGER REFERENCES run (id),
	forked   REAL                    -- the last step that it has from there
) STRICT;
CREATE INDEX IF NOT EXISTS run_project ON run (project, created);
CREATE INDEX IF NOT EXISTS run_parent ON run (parent) WHERE parent IS NOT NULL;

CREATE TABLE IF NOT EXISTS setting ( -- configurations and tags
	run   INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	kind  TEXT NOT NULL,
	key   TEXT NOT NULL,
	value TEXT NOT NULL,             -- JSON
	PRIMARY KEY (run, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS metric (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	points INTEGER NOT NULL DEFAULT 0, -- that part holds
	total  BLOB,                     -- the tally of all, when they last were all in part
	UNIQUE (run, name)
) STRICT;

CREATE TABLE IF NOT EXISTS part (
	key    INTEGER PRIMARY KEY,
	body   BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS journal (
	id     INTEGER PRIMARY KEY,
	points BLOB NOT NULL             -- a journalPage
) STRICT;

CREATE TABLE IF NOT EXISTS batch (   -- those that must not be kept twice
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	at     INTEGER NOT NULL,
	UNIQUE (run, name)
) STRICT;

CREATE TABLE IF NOT EXISTS source (  -- of importers: up to where each file is in here
	name   TEXT PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	state  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS source_run ON source (run);

CREATE TABLE IF NOT EXISTS record (  -- histograms, images, texts
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	kind   TEXT NOT NULL,
	name   TEXT NOT NULL,
	step   REAL NOT NULL,
	time   INTEGER NOT NULL,
	brief  TEXT NOT NULL,            -- what lists show of it
	body   BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS record_name ON record (run, kind, name, step, time);
`

// version is written into the file, so that a later Tomo knows what it opens,
// and this one what an unfinished one wrote.
const version = 4

// The key of a part holds its metric, level and index in so many bits.
const (
	levelBits = 5
	indexBits = 31
	maxMetric = 1 << (63 - levelBits - indexBits)
)

func partKey(metric int64, level int, index int64) int64 {
	return metric<<(levelBits+indexBits) | int64(level+1)<<indexBits | index
}

package track

// schema makes the tables. A metric's points and summaries lie in part, level
// -1 being points; what was logged since the last flush lies in journal.
const schema = `
CREATE TABLE IF NOT EXISTS run (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,   -- by which it is known outside
	project  TEXT NOT NULL,
	title    TEXT NOT NULL,
	state    TEXT NOT NULL,
	created  INTEGER NOT NULL,       -- microseconds since 1970
	ended    INTEGER,
	deleted  INTEGER                 -- when it was marked so
) STRICT;
CREATE INDEX IF NOT EXISTS run_project ON run (project, created);

CREATE TABLE IF NOT EXISTS setting ( -- configurations and tags
	run   INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	kind  TEXT NOT NULL,
	key   TEXT NOT NULL,
	value TEXT NOT NULL,             -- JSON
	PRIMARY KEY (run, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS metric (
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	points INTEGER NOT NULL DEFAULT 0,
	UNIQUE (run, name)
) STRICT;

CREATE TABLE IF NOT EXISTS part (
	metric INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
	level  INTEGER NOT NULL,
	idx    INTEGER NOT NULL,
	body   BLOB NOT NULL,
	PRIMARY KEY (metric, level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS journal (
	metric INTEGER NOT NULL,
	points BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS record ( -- histograms, images, texts
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	kind   TEXT NOT NULL,
	name   TEXT NOT NULL,
	step   REAL NOT NULL,
	time   INTEGER NOT NULL,
	body   BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS record_name ON record (run, kind, name, step);
`

// version is written into the file, so that a later Tomo knows what it opens.
const version = 1

package logs

import (
	"database/sql"
	"net/url"
	"path"
	"strings"
)

// isStoreName goes by the endings that stores of Tomo's own have.
func isStoreName(rel string) bool { return strings.EqualFold(path.Ext(rel), ".db") }

// isOfStore reports whether SQLite keeps a file beside a database: it locks that
// as well.
func isOfStore(rel string) bool {
	for _, ending := range []string{"-wal", "-shm", "-journal"} {
		if name, ok := strings.CutSuffix(rel, ending); ok && isStoreName(name) {
			return true
		}
	}
	return false
}

// isStore reports whether a file is a store of Tomo's own. It is looked into
// without changing it: other programs' databases have the same ending.
func isStore(full string) bool {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: full}).EscapedPath(), RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return false
	}
	defer db.Close()
	n := 0
	err = db.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('run', 'setting', 'metric', 'part', 'journal', 'record')").Scan(&n)
	return err == nil && n == 6
}

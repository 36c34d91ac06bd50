package logs

import (
	"bytes"
	"database/sql"
	"net/url"
	"path"
	"strings"
)

// isStoreName goes by the endings that stores of Tomo's own have.
func isStoreName(rel string) bool { return strings.EqualFold(path.Ext(rel), ".db") }

// isStore reports whether a database is a store of Tomo's own. It is looked into
// without changing it: other programs' databases have the same ending.
func isStore(full string, head []byte) bool {
	if !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		return false
	}
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

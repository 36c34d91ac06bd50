package track

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
)

// ErrForeign says that a file holds something else than runs. It is left as it is.
var ErrForeign = errors.New("it is no file of runs")

// IsStore reports whether a file is a store. It is looked into without changing
// it: other programs' databases may be called alike.
func IsStore(path string) bool {
	ours, _, err := tablesIn(path)
	return err == nil && ours
}

// checkOurs refuses what other programs have written, before SQLite changes
// anything in it.
func checkOurs(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return ErrForeign
	case info.Size() == 0:
		return nil
	}
	database := true // what this process has open already is
	Look(info, func() { database, err = isDatabase(path) })
	if err != nil {
		return err
	}
	if !database {
		return ErrForeign
	}
	if ours, others, err := tablesIn(path); err == nil && others && !ours {
		return ErrForeign
	}
	return nil // what cannot be read now is told of when it is opened
}

// isDatabase goes by the first bytes (https://www.sqlite.org/fileformat.html,
// section 1.3). SQLite itself takes files of a few bytes for empty ones.
func isDatabase(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return bytes.Equal(head, []byte(magic)), nil
}

// tablesIn tells whether a database has a store's tables, and whether it has any.
func tablesIn(path string) (ours, some bool, err error) {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return false, false, err
	}
	defer db.Close()
	const names = "'run', 'setting', 'metric', 'part', 'journal', 'record'"
	var all, known int
	err = db.QueryRow("SELECT count(*), count(*) FILTER (WHERE name IN ("+names+")) FROM sqlite_master WHERE type = 'table'").Scan(&all, &known)
	return known == 6, all > 0, err
}

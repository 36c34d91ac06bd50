package logs

import (
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

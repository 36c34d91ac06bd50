package wandb

import (
	"bytes"
	"regexp"
)

// session is how the client calls the folder of a session: by when it began, in
// the machine's time, and by the run.
var session = regexp.MustCompile(`^(?:offline-)?run-([0-9]{8}_[0-9]{6}-.+)$`)

// Session returns what the name of a session's folder sorts by, the oldest first,
// whether or not it was offline; empty where the client calls no folder so.
func Session(folder string) string {
	if parts := session.FindStringSubmatch(folder); parts != nil {
		return parts[1]
	}
	return ""
}

// RunOf returns the run that a log is of, by its first bytes; nil where they do
// not say it.
func RunOf(head []byte) *Run {
	const records = 8 // before which the client says it
	r := NewReader(bytes.NewReader(head), 0)
	for range records {
		record, err := r.Next()
		if err != nil {
			return nil
		}
		if record.Run != nil && record.Run.ID != "" {
			return record.Run
		}
	}
	return nil
}

package logs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/textlog"
	"github.com/tomo-viz/tomo/track/wandb"
)

// table reads delimited cells. Keras' documentation has its CSVLogger write to
// training.log.
var table = Format{
	Name: "table",
	Doc:  "CSV and TSV of Keras' CSVLogger, Lightning, ultralytics, fastai, baselines and others",
	Named: func(file string) bool {
		return hasExtension(file, ".csv", ".tsv", ".log", ".txt") && !isInSession(file)
	},
	Begins: textlog.IsTable,
	Asked:  textlog.IsAnyTable,
	Run:    runOfTable,
	Open:   func(state []byte) (Reader, error) { return openText(state, textlog.NewTable) },
}

// jsonLines reads JSON objects, one a line.
var jsonLines = Format{
	Name:   "json lines",
	Doc:    "JSON objects, one a line, of MMEngine, fairseq, torchtune, DINO and others",
	Named:  mayBeJSONLines,
	Begins: textlog.IsObjects,
	Run:    runOfJSONLines,
	Open:   func(state []byte) (Reader, error) { return openText(state, textlog.NewObjects) },
}

// MMEngine writes all twice into its folder vis_data.
const mmengineFolder, mmengineFile = "vis_data", "scalars.json"

func mayBeJSONLines(file string) bool {
	name, folder := path.Base(file), path.Base(path.Dir(file))
	return hasExtension(file, ".jsonl", ".ndjson", ".json", ".log", ".txt") && !isInSession(file) && !strings.HasPrefix(name, "wandb-") &&
		(folder != mmengineFolder || name == mmengineFile)
}

// sessionFolders are what the client makes in the folder of a session.
var sessionFolders = []string{"files", "logs", "tmp"}

// isInSession reports whether a file lies in a folder of W&B's client: beside its
// log there are what it says of itself, what was printed, and copies. Others call
// folders alike, but not in one called wandb.
func isInSession(file string) bool {
	folders := strings.Split(path.Dir(file), "/")
	for i, folder := range folders {
		switch {
		case wandb.Session(folder) == "":
		case i > 0 && strings.TrimPrefix(folders[i-1], ".") == "wandb":
			return true
		case i == 0 && len(folders) > 1 && slices.Contains(sessionFolders, folders[1]): // the client's folder was opened itself
			return true
		}
	}
	return false
}

func runOfJSONLines(file string, _ []byte) string {
	if folder := path.Dir(file); path.Base(file) == mmengineFile && path.Base(folder) == mmengineFolder {
		return path.Dir(folder)
	}
	return file
}

func hasExtension(file string, extensions ...string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(file)))
}

// runOfTable is the folder for the loggers that make one for each run, and the
// file for all others.
func runOfTable(file string, _ []byte) string {
	switch path.Base(file) {
	case "metrics.csv", "results.csv", "progress.csv", "history.csv":
		return path.Dir(file)
	}
	return file
}

// A textReader reads the tables, or the objects, of one run.
type textReader struct {
	textState
	open func(io.ReaderAt, textlog.State) *textlog.Reader
}

type textState struct {
	Files      map[string]textlog.State // by their paths
	Configured bool
}

func openText(state []byte, open func(io.ReaderAt, textlog.State) *textlog.Reader) (Reader, error) {
	r := &textReader{textState{Files: map[string]textlog.State{}}, open}
	if state == nil {
		return r, nil
	}
	return r, json.Unmarshal(state, &r.textState)
}

// State implements Reader.
func (r *textReader) State() ([]byte, error) { return json.Marshal(r.textState) }

// Bounds of how a text is read: rows between two positions that are told, and
// how long nobody writes to a file whose last line is whole.
const (
	rowsAtOnce = 1000
	endedAfter = time.Minute
)

// Read implements Reader.
func (r *textReader) Read(ctx context.Context, f *File, sink *Sink) error {
	if !r.Configured {
		r.Configured = sink.settings()
	}
	state := r.Files[f.Path]
	if f.At == 0 {
		state = textlog.State{Started: sink.arrived}
	}
	state.Offset = f.At
	rows := r.open(f, state)
	if time.Since(time.UnixMicro(sink.arrived)) > endedAfter {
		rows.SetEnded()
	}
	to := &rowSink{sink: sink, rows: rows}
	for {
		err := to.take(rowsAtOnce)
		r.Files[f.Path] = rows.State()
		done := sink.Done(ctx, rows.State().Offset)
		switch {
		case errors.Is(err, textlog.ErrWentOn):
			return errAgain
		case errors.Is(err, io.EOF) || done != nil:
			return done
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// A rowSink hands rows on.
type rowSink struct {
	sink    *Sink
	rows    *textlog.Reader
	columns []*Column // by the index of their names
	begun   bool
}

// take takes so many rows, or as many as are kept in one piece.
func (s *rowSink) take(n int) error {
	for range n {
		if s.sink.full() {
			return nil
		}
		row, err := s.rows.Next()
		var wrong *textlog.LineError
		switch {
		case errors.As(err, &wrong):
			s.sink.Complain(err)
			continue
		case err != nil:
			return err
		}
		s.begin()
		s.row(row)
	}
	return nil
}

// begin takes what stands before the first row.
func (s *rowSink) begin() {
	if s.begun {
		return
	}
	s.begun = true
	var preamble map[string]any
	if json.Unmarshal(s.rows.Preamble(), &preamble) == nil {
		for key, v := range preamble {
			s.sink.Config(key, v)
		}
	}
}

func (s *rowSink) row(row *textlog.Row) {
	for _, n := range row.Numbers {
		for len(s.columns) <= n.Name {
			s.columns = append(s.columns, s.sink.Column(s.rows.Names()[len(s.columns)]))
		}
		s.sink.Point(s.columns[n.Name], series.Point{Step: row.Step, Time: row.Time, Value: n.Value})
	}
	for _, x := range row.Texts {
		s.sink.Record(track.Record{Kind: track.Text, Name: s.rows.Names()[x.Name], Step: row.Step, Time: row.Time, Body: []byte(x.Text)})
	}
}

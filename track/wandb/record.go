package wandb

import (
	"fmt"
	"io"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tomo-viz/tomo/track/protofield"
)

// A Record is one of a run. What it has none of is zero.
type Record struct {
	// Run says what the run is, or has become: it comes at the beginning, and
	// again when its name or its tags change.
	Run *Run
	// Config are values that the run is configured with, under their names, those
	// of a dictionary within a dictionary joined by slashes: as encoding/json has
	// them, with NaN and infinities.
	Config map[string]any
	// History are the values of one step.
	History *History
	// Summary are the run's results: the last values, and what the user set.
	Summary []Value
	// System are measurements of the machine. Their step is not known.
	System []Value
	// Time is that of System and Output, in microseconds since 1970.
	Time int64
	// Axis says which metric the user wants others shown along.
	Axis *Axis
	// Output is what was printed.
	Output string
	Exit   *Exit
}

// A Run is what a run is called (wandb_internal.RunRecord).
type Run struct {
	ID, Entity, Project, Title string
	Group, JobType, Notes      string
	Sweep, Host                string
	Tags                       []string
	Started                    time.Time // zero where it is not said
}

// A History is what was logged at one step.
type History struct {
	Step   int64
	Time   int64 // microseconds since 1970, 0 where it is not said
	Values []Value
}

// An Axis is what define_metric says: metrics of a name, or of names that the
// pattern fits, are shown along another one.
type Axis struct{ Name, Pattern, By string }

// An Exit is the end of a run.
type Exit struct{ Code int64 }

// A Reader reads records.
type Reader struct{ blocks blocks }

// NewReader reads from an offset in the file, 0 or one that Offset has returned.
func NewReader(src io.ReaderAt, offset int64) *Reader {
	return &Reader{blocks{src: src, at: offset, offset: offset}}
}

// Offset is where the next record begins.
func (r *Reader) Offset() int64 { return r.blocks.offset }

// Next returns the next record. It returns io.EOF where there is none yet: at the
// end of the file, or within a record that is still being written; and an error
// that wraps ErrDamaged where one cannot be read, after which Next goes on.
func (r *Reader) Next() (*Record, error) {
	at := r.Offset()
	data, err := r.blocks.next()
	if err != nil {
		return nil, err
	}
	record := &Record{}
	if err := record.parse(data); err != nil {
		return nil, fmt.Errorf("the record at byte %d is %w: %w", at, ErrDamaged, err)
	}
	return record, nil
}

// Fields of the messages (wandb/proto/wandb_internal.proto), by their numbers.
const (
	recordHistory, recordSummary, recordConfig, recordStats, recordMetric = 2, 3, 5, 7, 12
	recordOutput, recordOutputRaw, recordRun, recordExit                  = 4, 13, 17, 18

	runID, runEntity, runProject, runConfig, runSummary, runGroup, runJobType, runName = 1, 2, 3, 4, 5, 6, 7, 8
	runNotes, runTags, runSweep, runHost, runStart                                     = 9, 10, 12, 13, 17

	timeSeconds, timeNanos = 1, 2

	historyItem, historyStep = 1, 2
	stepNumber               = 1

	update = 1 // of configurations and summaries

	statsTime, statsItem = 2, 3

	metricName, metricPattern, metricBy, metricExpanded = 1, 2, 4, 10

	outputTime, outputLine = 2, 3

	exitCode = 1
)

func (r *Record) parse(data []byte) error {
	return protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case recordRun:
			r.Run = &Run{}
			return protofield.Each(f.Bytes, func(f *protofield.Field) error { return r.parseRun(f) })
		case recordConfig:
			return r.parseConfig(f.Bytes)
		case recordHistory:
			r.History = &History{}
			return r.History.parse(f.Bytes)
		case recordSummary:
			return r.parseSummary(f.Bytes)
		case recordStats:
			return r.parseStats(f.Bytes)
		case recordMetric:
			return r.parseMetric(f.Bytes)
		case recordOutput, recordOutputRaw:
			return protofield.Each(f.Bytes, r.parseOutput)
		case recordExit:
			r.Exit = &Exit{}
			return protofield.Each(f.Bytes, func(f *protofield.Field) error {
				if f.Number == exitCode {
					r.Exit.Code = int64(int32(f.Word))
				}
				return nil
			})
		}
		return nil
	})
}

func (r *Record) parseRun(f *protofield.Field) error {
	run := r.Run
	texts := map[protowire.Number]*string{
		runID: &run.ID, runEntity: &run.Entity, runProject: &run.Project, runName: &run.Title,
		runGroup: &run.Group, runJobType: &run.JobType, runNotes: &run.Notes, runSweep: &run.Sweep, runHost: &run.Host,
	}
	switch f.Number {
	case runConfig:
		return r.parseConfig(f.Bytes)
	case runSummary:
		return r.parseSummary(f.Bytes)
	case runTags:
		run.Tags = append(run.Tags, f.Text())
	case runStart:
		at, err := parseTime(f.Bytes)
		if at != 0 {
			run.Started = time.UnixMicro(at)
		}
		return err
	default:
		if text := texts[f.Number]; text != nil {
			*text = f.Text()
		}
	}
	return nil
}

// parseTime reads a google.protobuf.Timestamp, in microseconds since 1970.
func parseTime(data []byte) (int64, error) {
	var seconds, nanos int64
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case timeSeconds:
			seconds = int64(f.Word)
		case timeNanos:
			nanos = int64(int32(f.Word))
		}
		return nil
	})
	if seconds < 0 || seconds > math.MaxInt64/2_000_000 {
		return 0, err
	}
	return seconds*1e6 + nanos/1e3, err
}

func (r *Record) parseStats(data []byte) error {
	var all items
	err := protofield.Each(data, func(f *protofield.Field) error {
		var err error
		switch f.Number {
		case statsTime:
			r.Time, err = parseTime(f.Bytes)
		case statsItem:
			err = all.parse(f.Bytes)
		}
		return err
	})
	r.System = all.values()
	return err
}

func (r *Record) parseMetric(data []byte) error {
	a, expanded := &Axis{}, false
	err := protofield.Each(data, func(f *protofield.Field) error {
		switch f.Number {
		case metricName:
			a.Name = f.Text()
		case metricPattern:
			a.Pattern = f.Text()
		case metricBy:
			a.By = f.Text()
		case metricExpanded: // it repeats a pattern for a name that fits it
			expanded = f.Word != 0
		}
		return nil
	})
	if a.By != "" && !expanded {
		r.Axis = a
	}
	return err
}

func (r *Record) parseOutput(f *protofield.Field) error {
	var err error
	switch f.Number {
	case outputTime:
		r.Time, err = parseTime(f.Bytes)
	case outputLine:
		r.Output = f.Text()
	}
	return err
}

package logs

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path"
	"strings"
)

// A Format is one kind of log.
type Format struct {
	Name string
	// Doc says in a few words who writes it.
	Doc string
	// Named reports whether a file may be of this format, by its path below the
	// root, with slashes. Only then is the file looked into.
	Named func(path string) bool
	// Begins reports whether it is, by its first bytes, at most SniffBytes; nil
	// takes any. It is not asked about empty files.
	Begins func(head []byte) bool
	// Asked is as Begins, of a file that the user has named himself; nil is Begins.
	Asked func(head []byte) bool
	// Run names the run that a file is of, by the same path and the first bytes.
	// Files of one run are read one after the other. Nil is the folder.
	Run func(path string, head []byte) string
	// Order is what the files of one run are sorted by; nil is their paths.
	Order func(path string) string
	// Open returns the reader of one run, as one that returned state left it, or a
	// new one for nil. An error means that the state is of no use, and the run is
	// read from the beginning.
	Open func(state []byte) (Reader, error)
}

// SniffBytes is how much of a file is looked at to tell its format.
const SniffBytes = 16 << 10

// A Reader reads the files of one run.
type Reader interface {
	// Read hands what the file holds from its position on to the sink, and calls
	// sink.Done with the position behind what is handed over: now and then, and
	// before it returns. It returns nil at the end of the file, even within
	// something that is still being written; another call comes when there is
	// more. An error means that the rest of the file cannot be read.
	Read(ctx context.Context, f *File, sink *Sink) error
	// State is what a reader must know to go on, besides the positions in the
	// files. It is kept together with what was handed over.
	State() ([]byte, error)
}

// errAgain is what Read returns when something that was handed over before has
// turned out to be wrong: the run is read again from the beginning.
var errAgain = errors.New("to be read again")

// A File is one of a run that is being read.
type File struct {
	Path string // below the root, with slashes
	At   int64  // where to read on, 0 where the file is new
	io.ReaderAt
}

// Rest reads on from the file's position.
func (f *File) Rest() io.Reader { return io.NewSectionReader(f.ReaderAt, f.At, 1<<62-f.At) }

// Formats is the table of formats. The first that knows a file takes it.
var Formats = []*Format{
	&tensorBoard,
	&weightsAndBiases,
	&mlflowFiles,
	&trainerState,
	&table,
	&jsonLines,
}

func (f *Format) runOf(file string, head []byte) string {
	if f.Run != nil {
		return f.Run(file, head)
	}
	return path.Dir(file)
}

// order compares two files of one run.
func (f *Format) order(a, b string) int {
	if f.Order != nil {
		return cmp.Or(strings.Compare(f.Order(a), f.Order(b)), strings.Compare(a, b))
	}
	return strings.Compare(a, b)
}

package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/logs"
	"github.com/tomo-viz/tomo/track/mlflow"
	"github.com/tomo-viz/tomo/viz"
)

// Options are what a server is made with.
type Options struct {
	// Paths are files and folders with models and pictures.
	Paths []string
	// Version is told to the app and is part of what figures are kept under.
	Version string
	// Token is wanted from every visitor. If it is empty, none is wanted on a
	// loopback address, and one is made up for any other.
	Token string
	// CacheDir is where figures are kept; empty means the user's cache folder.
	CacheDir string
	// Executor runs the models; nil is exec.Default().
	Executor exec.Executor
	// Web is the built web app; nil shows how to build it.
	Web fs.FS
	// Log takes one line for each bug and each failure; nil discards them.
	Log io.Writer
	// Jobs is how many techniques run at a time; 0 means one, since each uses
	// all processors.
	Jobs int
	// Runs is the store of runs that are logged to the server, also by scripts that
	// log to MLflow; nil means none.
	Runs *track.Store
	// Logs are runs in files that others write, which the server follows; nil
	// means none.
	Logs *logs.Library
	// Training is the live training of the demo, nil outside of it.
	Training *Feed
}

// A Server answers for one set of techniques and paths.
type Server struct {
	methods   []*viz.Method
	build     string // changes with the program
	options   Options
	guard     guard
	workspace *workspace
	jobs      *jobs
	figures   *figures
	runs      *catalog
	started   string // differs from that of any other server
	log       *log.Logger
	mlflow    *mlflow.Handler // nil without a store of runs
	handler   http.Handler
	base      context.Context
	stop      context.CancelFunc
}

// New makes a server that will listen on addr.
func New(methods []*viz.Method, addr net.Addr, opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = io.Discard
	}
	kept, err := openFigures(opt.CacheDir)
	if err != nil {
		return nil, err
	}
	if opt.Executor == nil {
		opt.Executor = exec.Default()
	}
	program, _ := os.Executable()
	s := &Server{
		methods: methods, options: opt, build: stampOf(program),
		guard:     newGuard(addr, opt.Token),
		workspace: newWorkspace(opt.Paths, opt.Executor),
		figures:   kept,
		started:   rand.Text(),
		log:       log.New(opt.Log, "tomo: ", 0),
	}
	s.runs = newCatalog(opt.Runs, s.allRuns)
	s.base, s.stop = context.WithCancel(context.Background())
	s.jobs = newJobs(s.base, max(1, opt.Jobs), s.figures, s.log)
	s.mlflow = s.newMLflow()
	s.handler = s.routes()
	go func() { _ = s.runs.refresh(s.base) }() // so that the first page finds thousands of curves known; it tells of errors
	if opt.Logs != nil {
		go s.followLogs()
	}
	return s, nil
}

// URL is where a person finds the app, with the token if one is wanted.
func (s *Server) URL() string { return s.guard.url() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers on the listener until ctx ends, then cancels all jobs and
// gives open requests a moment to finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer s.closeMLflow()
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          s.log,
	}
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	select {
	case err := <-done:
		s.stop()
		return err
	case <-ctx.Done():
	}
	s.stop()
	grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		return h.Close()
	}
	return nil
}

func (s *Server) method(name string) (*viz.Method, error) {
	for _, m := range s.methods {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, notFound{fmt.Sprintf("there is no technique %q", name)}
}

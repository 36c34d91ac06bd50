package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/server"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/logs"
	"github.com/tomo-viz/tomo/web"
)

func (p *program) serve() *cobra.Command {
	o := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve [MODEL|IMAGE|FOLDER]... [flags]",
		Short: "Serve the web app over models and pictures",
		Long: `Serve finds the models, the pictures and the logs of trainings at the given paths and shows them in a web app.
It listens on this machine only, unless --addr names another address; then a token is wanted, which it makes up and prints if none is given.`,
		Example: "  # everything below this folder\n  tomo serve .\n  # for colleagues, behind a token\n  tomo serve --addr 0.0.0.0:8080 models/ photos/\n  # for scripts that log to MLflow, with MLFLOW_TRACKING_URI=http://127.0.0.1:8585\n  tomo serve --addr 127.0.0.1:8585",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runServer(cmd.Context(), o, server.Options{Paths: args})
		},
	}
	o.add(cmd)
	return cmd
}

func (p *program) open() *cobra.Command {
	o := &serveOptions{browse: true}
	cmd := &cobra.Command{
		Use:     "open MODEL|IMAGE|FOLDER... [flags]",
		Short:   "Open models and pictures in the browser",
		Example: "  # a model, with a folder of pictures to try it on\n  tomo open model.onnx photos/",
		Args:    exactly(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runServer(cmd.Context(), o, server.Options{Paths: args})
		},
	}
	o.add(cmd)
	return cmd
}

// serveOptions say where the app is reached.
type serveOptions struct {
	engine    engineOptions
	addr      string
	token     string
	cache     string
	runs      liveRuns
	browse    bool
	noBrowser bool
}

func (o *serveOptions) add(cmd *cobra.Command) {
	o.engine.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	flags.StringVar(&o.token, "token", "", "secret that visitors must know")
	flags.StringVar(&o.cache, "cache", "", "folder to keep figures in; the default is in the user's cache folder")
	o.runs.add(flags)
	if o.browse {
		flags.BoolVar(&o.noBrowser, "no-browser", false, "print the address and open nothing")
	}
}

// runServer serves until ctx ends.
func (p *program) runServer(ctx context.Context, o *serveOptions, opt server.Options) error {
	opt.Token, opt.CacheDir, opt.Version = o.token, o.cache, Version()
	opt.Web, _ = web.FS()
	opt.Log = p.stderr
	executor, err := o.engine.choose()
	if err != nil {
		return err
	}
	opt.Executor = executor
	warn := func(text string) { fmt.Fprintln(p.stderr, "tomo:", text) }
	if opt.Runs == nil {
		if opt.Runs, err = o.runs.open(ctx, warn); err != nil {
			return err
		}
		if opt.Runs != nil {
			defer opt.Runs.Close()
		}
	}
	if opt.Logs, err = o.openLogs(ctx, opt.Paths, warn); err != nil {
		return err
	}
	defer opt.Logs.Close()
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fault.Userf("cannot listen on %s: %w", o.addr, err)
	}
	s, err := server.New(p.methods, listener.Addr(), opt)
	if err != nil {
		listener.Close()
		return err
	}
	fmt.Fprintln(p.stdout, s.URL())
	if o.browse && !o.noBrowser {
		if err := browse(s.URL()); err != nil && !p.quiet {
			fmt.Fprintln(p.stderr, "tomo: no browser could be opened; visit the address above")
		}
	}
	return s.Serve(ctx, listener)
}

// openLogs finds the logs below the paths; they are read while the server is
// up. The app tells of paths that are not there.
func (o *serveOptions) openLogs(ctx context.Context, paths []string, warn func(string)) (*logs.Library, error) {
	there := slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		_, err := os.Stat(path)
		return err != nil
	})
	own, _ := filepath.Abs(o.runs.path()) // which may lie there, too, and is open
	opt := logs.Options{Unread: true, Warn: func(err error) {
		if !errors.Is(err, track.ErrInUse) || !strings.HasPrefix(err.Error(), own) {
			warn(err.Error())
		}
	}}
	if o.cache != "" {
		opt.Folder = filepath.Join(o.cache, "logs")
	}
	library, err := logs.Open(ctx, there, opt)
	return library, fault.AsUser(err)
}

// browse opens the user's browser.
func browse(url string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", url).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Start()
	}
	return exec.Command("xdg-open", url).Start()
}

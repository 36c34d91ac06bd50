package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/server"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

func (p *program) demo() *cobra.Command {
	o := &demoOptions{serveOptions: serveOptions{browse: true}}
	cmd := &cobra.Command{
		Use:   "demo [MODEL|IMAGE|FOLDER]... [flags]",
		Short: "Train two small networks live and explore them in the browser",
		Long: `Demo makes pictures whose truth is known and trains two small networks on them with Tomo's own engine:
an honest one that learns the shapes, and one that is taught to cheat by a mark in the corner. Then look at where each of them looks.
Models and pictures that are given are opened beside them.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runDemo(cmd.Context(), o, args)
		},
	}
	o.add(cmd)
	cmd.Flags().StringVar(&o.dir, "dir", "", "folder for the networks and pictures; the default is in the user's cache folder")
	cmd.Flags().BoolVar(&o.retrain, "retrain", false, "train the networks again")
	return cmd
}

type demoOptions struct {
	serveOptions
	dir     string
	retrain bool
}

// runDemo trains in the background while the server is up, so that the app
// shows it live.
func (p *program) runDemo(ctx context.Context, o *demoOptions, paths []string) error {
	dir, err := o.folder()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	runs, err := o.openRuns(ctx, dir)
	if err != nil {
		return err
	}
	if runs != nil {
		defer runs.Close()
	}
	feed := &server.Feed{}
	trained := make(chan error, 1)
	go func() {
		defer feed.Close()
		trained <- p.teach(ctx, dir, runs, feed)
	}()
	err = p.runServer(ctx, &o.serveOptions, server.Options{Paths: append([]string{dir}, paths...), Runs: runs, Training: feed})
	stop()
	if teachErr := <-trained; err == nil && teachErr != nil && !errors.Is(teachErr, context.Canceled) {
		return teachErr
	}
	return err
}

func (p *program) teach(ctx context.Context, dir string, runs *track.Store, feed *server.Feed) error {
	bar := p.newProgress("training")
	defer bar.end()
	err := lab.Demo(ctx, dir, runs, exec.Default(), func(e lab.Event) {
		feed.Send(eventName(e), e)
		bar.report(viz.Progress{Done: e.Step, Total: e.Steps, What: fmt.Sprintf("%s: epoch %d, accuracy %.2f", e.Net, e.Epoch, e.Accuracy)})
	})
	if err != nil && ctx.Err() == nil {
		feed.Send("failed", err.Error())
		fmt.Fprintln(p.stderr, "tomo: the networks could not be trained:", err)
	}
	return err
}

// eventName tells a step from the end of a network's training; the app listens
// for both.
func eventName(e lab.Event) string {
	if e.Done {
		return "done"
	}
	return "epoch"
}

// folder makes the folder that the networks are kept in between starts.
func (o *demoOptions) folder() (string, error) {
	dir := o.dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		dir = filepath.Join(cache, "tomo", "demo")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fault.Userf("the demo cannot use %s: %w; name another folder with --dir", dir, err)
	}
	return dir, nil
}

// openRuns opens the file of the demo's trainings, beside the networks unless
// another one is named; nil if there is to be none. Networks whose trainings it
// does not hold are trained again, to be watched.
func (o *demoOptions) openRuns(ctx context.Context, dir string) (*track.Store, error) {
	if o.runs.file == "" {
		o.runs.file = filepath.Join(dir, "runs.db")
	}
	runs, err := o.runs.open(ctx, nil)
	if err != nil || runs == nil {
		return nil, err
	}
	known, err := runs.Runs(ctx, lab.Project)
	if err == nil && (o.retrain || len(known) == 0) {
		err = forgetNets(dir)
	}
	if err != nil {
		return nil, errors.Join(err, runs.Close())
	}
	return runs, nil
}

func forgetNets(dir string) error {
	for _, l := range []lab.Lesson{lab.Honest, lab.Cheater} {
		if err := os.Remove(filepath.Join(dir, l.Name+".onnx")); err != nil && !os.IsNotExist(err) {
			return fault.AsUser(err)
		}
	}
	return nil
}

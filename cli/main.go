package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
	"github.com/tomo-viz/tomo/viz"
)

// The exit codes; they do not change between versions.
const (
	exitOK        = 0
	exitBug       = 1
	exitUser      = 2
	exitFound     = 3
	exitCancelled = 130
)

// A program is what the verbs share.
type program struct {
	methods        []*viz.Method
	stdin          io.Reader
	stdout, stderr io.Writer
	progress       progressStyle
	quiet          bool
}

// Main runs the command line with the given techniques and returns the exit
// code: 0, 1 for a bug, 2 for a mistake in what the user gave, 3 for a verdict that
// found something, 130 if interrupted.
func Main(methods []*viz.Method, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{methods: methods, stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(args)
	return p.exitCode(root.ExecuteContext(ctx))
}

// exitCode reports an error on one line and says how the program ends.
func (p *program) exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(p.stderr, "tomo: stopped")
		return exitCancelled
	case errors.Is(err, errFound):
		return exitFound
	case fault.IsUser(err):
		fmt.Fprintln(p.stderr, "tomo:", err)
		return exitUser
	}
	fmt.Fprintf(p.stderr, "tomo: this is a bug in Tomo, please report it with the command line and the model: %v\n", err)
	return exitBug
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tomo",
		Short: "See what is inside a deep-learning model.",
		Long: `Tomo opens a model, the data it runs on and the logs of its training, and shows what is inside.

Exit codes: 0 done, 1 a bug in Tomo, 2 a mistake in what was given, 3 a verdict that found something, 130 interrupted.`,
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.unknownVerb(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.PersistentFlags().Var(&p.progress, "progress", "how progress is told on standard error: auto, bar, json or none")
	root.PersistentFlags().BoolVarP(&p.quiet, "quiet", "q", false, "print nothing but errors and what --json asks for")
	p.addVerbs(root)
	return root
}

// addVerbs groups the techniques by the first phase they belong to, and puts
// the rest of the verbs below.
func (p *program) addVerbs(root *cobra.Command) {
	root.AddGroup(&cobra.Group{ID: "technique", Title: "Techniques:"}, &cobra.Group{ID: "model", Title: "The model itself:"}, &cobra.Group{ID: "app", Title: "The app:"})
	root.SetHelpCommandGroupID("app")
	root.SetCompletionCommandGroupID("app")
	for _, m := range p.methods {
		root.AddCommand(p.technique(m))
	}
	for _, verb := range []*cobra.Command{p.run(), p.check(), p.profile()} {
		verb.GroupID = "model"
		root.AddCommand(verb)
	}
	for _, verb := range []*cobra.Command{p.open(), p.serve(), p.demo(), p.version()} {
		verb.GroupID = "app"
		root.AddCommand(verb)
	}
}

func (p *program) unknownVerb(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return fault.Userf("there is no verb %q%s; `tomo help` lists them", name, spell.Hint(name, names))
}

// flagError turns pflag's words into a sentence with the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	var names []string
	cmd.Flags().VisitAll(func(f *flag) { names = append(names, "--"+f.Name) })
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: "); ok {
		return fault.Userf("%s has no flag %s%s; `%s --help` lists them", cmd.CommandPath(), name, spell.Hint(name, names), cmd.CommandPath())
	}
	if _, why, ok := strings.Cut(text, " flag: "); ok { // invalid argument "x" for "--name" flag: why
		return fault.Userf("%s: %s", cmd.CommandPath(), why)
	}
	return fault.Userf("%s: %s", cmd.CommandPath(), text)
}

// exactly makes wrong arguments a mistake of the user.
func exactly(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) != nil {
			return fault.Userf("the arguments do not fit: it is used as `%s`", cmd.UseLine())
		}
		return nil
	}
}

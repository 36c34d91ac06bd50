package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ort"
)

// engineOptions say what runs models.
type engineOptions struct {
	executor, library string
	threads           int
}

// add adds the flags of a verb that runs models on the executor of one's
// choice.
func (o *engineOptions) add(cmd *cobra.Command) {
	kinds := ort.Kinds(ort.Options{})
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = k.Name + " (" + k.Doc + ")"
	}
	flags := cmd.Flags()
	flags.StringVar(&o.executor, "executor", kinds[0].Name, "what runs models: "+strings.Join(list, ", ")+"; ort:PROVIDER asks for one of its execution providers, as in ort:cuda")
	flags.StringVar(&o.library, "ort", "", "ONNX Runtime's library, or a folder that holds it; the default is "+ort.Env+", then the system's places")
	o.addThreads(flags)
	_ = cmd.RegisterFlagCompletionFunc("executor", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return o.complete(), cobra.ShellCompDirectiveNoFileComp
	})
}

// addThreads is for verbs whose executor is not to be chosen.
func (o *engineOptions) addThreads(flags *pflag.FlagSet) {
	flags.IntVar(&o.threads, "threads", 0, "processors to use; 0 means all")
}

// choose returns the executor.
func (o *engineOptions) choose() (exec.Executor, error) {
	if o.threads < 0 {
		return nil, fault.Userf("--threads is 0 or more, not %d", o.threads)
	}
	if engine, _, _ := strings.Cut(o.executor, ":"); o.library != "" && engine != "ort" {
		return nil, fault.Userf("--ort says where ONNX Runtime is; give --executor ort to run on it")
	}
	return ort.Choose(o.executor, ort.Options{Library: o.library, Threads: o.threads})
}

// complete offers the names, and the providers of the library if it is there.
func (o *engineOptions) complete() []string {
	var out []string
	for _, k := range ort.Kinds(ort.Options{}) {
		out = append(out, k.Name+"\t"+k.Doc)
	}
	providers, _ := ort.Providers(o.library)
	for _, p := range providers {
		out = append(out, "ort:"+p)
	}
	return out
}

package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/nn/kernel"
)

func (p *program) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "The version, and what it found on this machine",
		Args:  exactly(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			return p.printVersion(asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func (p *program) printVersion(asJSON bool) error {
	facts := [][2]string{
		{"tomo", Version()},
		{"go", runtime.Version()},
		{"platform", runtime.GOOS + "/" + runtime.GOARCH},
		{"kernels", kernel.Path()},
		{"processors", fmt.Sprint(runtime.GOMAXPROCS(0))},
	}
	if asJSON {
		m := map[string]string{}
		for _, f := range facts {
			m[f[0]] = f[1]
		}
		return json.NewEncoder(p.stdout).Encode(m)
	}
	for _, f := range facts {
		fmt.Fprintf(p.stdout, "%-11s %s\n", f[0], f[1])
	}
	return nil
}

// Version returns the version that Go recorded in the binary.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

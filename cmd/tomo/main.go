// Command tomo shows what is inside a deep-learning model.
package main

import (
	"os"

	"github.com/tomo-viz/tomo/cli"
	"github.com/tomo-viz/tomo/internal/pages"
	"github.com/tomo-viz/tomo/viz/all"
)

func main() {
	pages.CollectSooner()
	os.Exit(cli.Main(all.Methods(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

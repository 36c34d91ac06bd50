package render_test

import (
	"fmt"
	"os"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/render"
)

// A figure knows no format, and a format no technique.
func ExampleWrite() {
	t := &figure.Table{Columns: []figure.Column{{Name: "layer"}, {Name: "parameters", Number: true}}}
	t.Title = "A small network"
	t.Rows = []figure.Row{
		{Cells: []figure.Cell{figure.Text("features"), figure.Count(9568)}, Group: true},
		{Cells: []figure.Cell{figure.Text("conv"), figure.Count(9408)}, Depth: 1},
		{Cells: []figure.Cell{figure.Text("norm"), figure.Count(160)}, Depth: 1},
	}
	fmt.Println(render.Formats(t))
	if err := render.Write(os.Stdout, t, "txt", render.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// [svg png pdf html json npz csv txt]
	// A small network
	//
	// layer     parameters
	// ────────────────────
	// features       9,568
	//   conv         9,408
	//   norm           160
	// ────────────────────
}

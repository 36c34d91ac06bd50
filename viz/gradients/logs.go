package gradients

import (
	"context"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// ofLogs looks at what runs have logged: the verdict of each, or one of them.
func ofLogs(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	var journals []*journal
	for i, run := range in.Runs {
		in.Progress(viz.Progress{Done: i, Total: len(in.Runs) + 1, What: "looking for gradients in " + run.Name()})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j, err := openJournal(ctx, run)
		if err != nil {
			return nil, err
		}
		if !j.empty() {
			journals = append(journals, j)
		}
	}
	switch {
	case len(journals) == 0:
		return nil, viz.Userf("no gradients were logged in %s; log each parameter's norm as gradients/NAME/norm, or see what else Tomo knows in the documentation", runsText(in.Runs))
	case len(journals) > 1 && p.View != "verdict":
		return nil, viz.Userf("--view %s shows one run, and %d have gradients: %s; choose one by --run", p.View, len(journals), namesOf(journals))
	}
	fig, err := readAll(ctx, in, journals, p)
	if err == nil {
		in.Progress(viz.Progress{Done: len(in.Runs) + 1, Total: len(in.Runs) + 1})
	}
	return fig, err
}

// readAll shows one run, or the verdicts on several in one report.
func readAll(ctx context.Context, in *viz.Input, journals []*journal, p Params) (figure.Figure, error) {
	var all *figure.Report
	for i, j := range journals {
		h, err := j.read(ctx, func(done, total int) {
			in.Progress(viz.Progress{Done: len(in.Runs), Total: len(in.Runs) + 1, What: fmt.Sprintf("%s: parameter %d of %d", j.run.Name(), done+1, total)})
		})
		if err != nil {
			return nilOr(all), err
		}
		fig, err := show(ctx, h, p)
		if err != nil || len(journals) == 1 {
			return fig, err
		}
		one := fig.(*figure.Report)
		if i == 0 {
			all = &figure.Report{}
			all.Title = fmt.Sprintf("Gradients of %d runs", len(journals))
			all.Facts = one.Facts
		}
		verdict := strings.TrimPrefix(one.Title, "Gradients: ")
		one.Sections[0].Title = j.run.Name() + ": " + verdict
		all.Sections = append(all.Sections, one.Sections...)
		all.Findings = append(all.Findings, one.Findings...)
		all.Warnings = append(all.Warnings, one.Warnings...)
	}
	return all, nil
}

func nilOr(r *figure.Report) figure.Figure {
	if r == nil {
		return nil
	}
	return r
}

func runsText(runs []viz.Run) string {
	if len(runs) == 1 {
		return runs[0].Name()
	}
	return fmt.Sprintf("any of the %d runs", len(runs))
}

func namesOf(journals []*journal) string {
	var names []string
	for _, j := range journals {
		names = append(names, j.run.Name())
	}
	return some(names, 6)
}

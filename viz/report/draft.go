package report

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A draft is a report in the making.
type draft struct {
	*viz.Input
	list     *attribution.Shortlist
	sections []figure.Section
	last     *account
}

func (d *draft) add(a *account) {
	d.sections = append(d.sections, d.titled(a)...)
	d.last = a
}

// titled are an account's sections, with the picture's name where there are
// several.
func (d *draft) titled(a *account) []figure.Section {
	sections := a.sections()
	if len(d.Images) > 1 {
		for i := range sections {
			sections[i].Title = a.subject.Name + ": " + sections[i].Title
		}
	}
	return sections
}

// soFar is the report if the work stopped here, with an account that is not
// finished, or nil; it is nil while there is nothing to tell.
func (d *draft) soFar(a *account) figure.Figure {
	part := *d
	if a != nil {
		part.sections = append(d.sections[:len(d.sections):len(d.sections)], d.titled(a)...)
		part.last = a
	}
	if len(part.sections) == 0 && len(d.list.Answers) == 0 {
		return nil
	}
	return part.report()
}

func (d *draft) report() *figure.Report {
	r := &figure.Report{}
	r.Title, r.Subtitle = "What the network's answer rests on", d.Model.Name
	if len(d.Images) == 1 && d.last != nil {
		r.Title = fmt.Sprintf("Why the network says “%s”", d.last.name)
		r.Subtitle = fmt.Sprintf("%s, by %s", d.last.subject.Name, d.Model.Name)
	}
	attribution.Describe(&r.About, d.Model)
	d.list.Describe(&r.About)
	if t := d.list.Table(); t != nil {
		r.Sections = append(r.Sections, figure.Section{
			Title: "All answers", Figure: t,
			Text: []string{"Those first that are to be looked at: where the network errs, as far as the pictures are labelled, and where it is least sure. The first of them are reported on below."},
		})
	}
	r.Sections = append(r.Sections, d.sections...)
	r.Sections = append(r.Sections, caveats())
	return r
}

package training

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// A Rule is a rule of early stopping.
type Rule string

// Choices lists the rules.
func (Rule) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(findings.Patience), Help: "so many evaluations without a better one, as --patience says"},
		{Name: string(findings.GL), Help: "GL₅: more than 5 % above the best (Prechelt 1998)"},
		{Name: string(findings.PQ), Help: "PQ₁: GL above the progress of training over 5 evaluations (Prechelt 1998)"},
		{Name: string(findings.UP), Help: "UP₃: three strips of 5 evaluations in a row, each ending higher (Prechelt 1998)"},
	}
}

// findingsAbout tells in the technique's text what is found and by which rules.
const findingsAbout = `The verdict compares levels, which are means over many points, with the noise of single points, which is measured by how neighbours differ: what it tells stands out of the noise and is large enough to matter. ` +
	`Overfitting is a validation loss that ends at least 5 % above its best, by 4 standard errors, while the training loss is lower than it was there. ` +
	`Divergence is a training loss that comes back up by more than half of its fall, a tenth of its level and 6 standard errors; no progress, one whose best part is within the noise of its beginning or within 1 %. ` +
	`A plateau is a third of the steps or more over which a loss stays within 1 % of its whole fall. Spikes stand out by 12 deviations, by 6 of the logarithms, and by half of the level, and come back. ` +
	`Of values that are not finite the first is named, with the loss, the gradient's norm and the learning rate just before. ` +
	`Early stopping is tried by patience and by the rules of Prechelt (Early Stopping - But When?, 1998) on the validation smoothed from one evaluation to the next. ` +
	`Less than 6 evaluations are not judged. Noise that wanders is sometimes taken for a trend: of losses that never fall, with 60 evaluations and noise of 2 % whose neighbours are correlated by 0.8, a quarter are not called so, one in seven is called a plateau, and one in eight still falling. ` +
	`A verdict is for what it names, and no proof that all else is well.`

// A candidate is a training: one run, or the sibling runs of its splits.
type candidate struct {
	name    string
	running bool
	metrics []findings.Metric
}

// candidates joins runs that are splits of one training.
func (s *session) candidates() []*candidate {
	byBase := map[string]*candidate{}
	var out []*candidate
	for _, r := range s.runs {
		c := byBase[r.base]
		if c == nil || r.split == role.Unsaid {
			c = &candidate{name: r.base}
			if c.name == "" {
				c.name = r.Project
			}
			out = append(out, c)
			if r.split != role.Unsaid {
				byBase[r.base] = c
			}
		}
		c.running = c.running || r.State == track.Running && r.Ended.IsZero()
		for _, curve := range r.Curves {
			if !s.metrics.find(curve.Name) {
				continue
			}
			m := findings.Metric{Store: r.store, Curve: curve, Role: role.Of(curve.Name)}
			if m.Role.Split == role.Unsaid {
				m.Role.Split = r.split
			}
			c.metrics = append(c.metrics, m)
		}
	}
	return out
}

// showVerdict judges each training, in a section of its own.
func showVerdict(ctx context.Context, s *session) (figure.Figure, error) {
	all := s.candidates()
	if len(s.p.Metric) > 0 && !slices.ContainsFunc(all, func(c *candidate) bool { return len(c.metrics) > 0 }) {
		return nil, s.noMetric()
	}
	s.total = len(all)
	report := &figure.Report{}
	report.Title = "Verdict"
	summary := &figure.Table{Columns: []figure.Column{{Name: "run"}, {Name: "verdict"}, {Name: "found"}, {Name: "best validation", Number: true}, {Name: "at step", Number: true}}}
	summary.Title = "Runs"
	drawn := newEvidence(len(all))
	var stopped error
	for _, c := range all {
		s.step(c.name)
		v, err := findings.Judge(ctx, c.metrics, findings.Options{Patience: s.p.Patience, Running: c.running})
		if err != nil {
			stopped = err
			break
		}
		summary.Rows = append(summary.Rows, summaryRow(c, v))
		report.Sections = append(report.Sections, s.section(c, v, drawn))
		for _, f := range v.Findings {
			report.Findings = append(report.Findings, figure.Finding{Subject: c.name, Kind: string(f.Kind), Severity: f.Severity.String(), Metric: f.Metric, Step: stepOf(f), Text: f.Text})
		}
	}
	if len(report.Sections) == 0 && stopped != nil {
		return nil, stopped
	}
	if len(all) > 1 {
		report.Sections = append([]figure.Section{{Figure: summary}}, report.Sections...)
	}
	report.Add("early stopping", s.stopWords())
	if drawn.thinned {
		report.Add("drawn", fmt.Sprintf("in at most %d places a curve, for there are many; what is found goes by all of them", drawn.places))
	}
	return report, stopped
}

func (s *session) stopWords() string {
	if rule := findings.Rule(s.p.Stop); rule != findings.Patience {
		return string(rule)
	}
	return fmt.Sprintf("patience of %s on the smoothed validation", findings.Plural(s.p.Patience, "evaluation"))
}

// stepOf is where a finding is, if it is at one place.
func stepOf(f findings.Finding) *float64 {
	if f.Metric == "" {
		return nil
	}
	return &f.Step
}

func summaryRow(c *candidate, v *findings.Verdict) figure.Row {
	var kinds []string
	times := map[string]int{}
	for _, f := range v.Findings {
		if f.Severity > findings.Note || v.Severity() <= findings.Note {
			kind := string(f.Kind)
			if times[kind]++; times[kind] == 1 {
				kinds = append(kinds, kind)
			}
		}
	}
	for i, kind := range kinds {
		if n := times[kind]; n > 1 {
			kinds[i] += fmt.Sprintf(" in %d metrics", n)
		}
	}
	best, step := figure.Cell{Value: math.NaN()}, figure.Cell{Value: math.NaN()}
	if len(v.Pairs) > 0 {
		p := v.Pairs[0]
		best, step = figure.Cell{Text: findings.Figure(p.Best), Value: p.Best}, figure.Cell{Text: findings.Figure(p.BestStep), Value: p.BestStep}
	}
	return figure.Row{Cells: []figure.Cell{figure.Text(c.name), figure.Text(v.Severity().String()), figure.Text(strings.Join(kinds, ", ")), best, step}}
}

// section tells what was found in one training, with its curves.
func (s *session) section(c *candidate, v *findings.Verdict, drawn *evidence) figure.Section {
	out := figure.Section{Title: c.name + ": " + v.Severity().String()}
	for _, f := range v.Findings {
		text := capital(string(f.Kind)) + ": " + f.Text
		if f.Severity > findings.Note {
			out.Warnings = append(out.Warnings, text)
		} else {
			out.Text = append(out.Text, text)
		}
	}
	if len(v.Findings) == 0 {
		out.Text = []string{"Nothing was found that would be wrong."}
	}
	out.Facts = append(out.Facts, figure.Fact{Name: "metrics", Value: fmt.Sprint(len(c.metrics))})
	for _, p := range v.Pairs[:min(len(v.Pairs), 3)] {
		out.Facts = append(out.Facts, figure.Fact{Name: "best " + p.Val.Name, Value: fmt.Sprintf("%s at step %s", findings.Figure(p.Best), findings.Figure(p.BestStep))})
		out.Text = append(out.Text, s.advice(p)...)
	}
	if lines := drawn.draw(v, findings.Rule(s.p.Stop)); lines != nil {
		out.Figure = lines
	}
	return out
}

// advice is where the rules would have stopped, the chosen one first.
func (s *session) advice(p findings.Pair) []string {
	stop, ok := p.Suggested(findings.Rule(s.p.Stop))
	if !ok {
		return nil
	}
	first, last := p.Val.Step[0], p.Val.Step[p.Val.Len()-1]
	text := fmt.Sprintf("Early stopping on %s by %s ends at step %s and keeps the model of step %s", p.Val.Name, s.stopWords(), findings.Figure(stop.Step), findings.Figure(stop.BestStep))
	if last > first {
		text += fmt.Sprintf("; %.0f %% of the steps are saved", 100*(last-stop.Step)/(last-first))
	}
	for _, other := range p.Stops {
		if other.Rule != stop.Rule {
			text += fmt.Sprintf("; %s would end at step %s", other.Rule, findings.Figure(other.Step))
		}
	}
	return []string{text + "."}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

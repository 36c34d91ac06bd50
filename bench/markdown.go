package main

import (
	"fmt"
	"strings"
)

// goals are the most that Tomo may take over what a peer does; ratios above are
// printed bold.
var goals = map[string]map[string]float64{
	forward:    {"ort": 1.2, "torch": 0.8},
	input:      {"ort": 1.0, "torch": 0.75},
	parameters: {"ort": 0.8, "torch": 0.75},
	"memory":   {"ort": 1.3, "torch": 0.3},
	"first":    {"ort": 1.0, "torch": 1.0},
}

var taskNames = map[string]string{forward: "forward", input: "+ gradient of the input", parameters: "+ gradients of all parameters"}

// String is a line of the log.
func (r row) String() string {
	t := r.Engines
	return fmt.Sprintf("%s %d %s: %s ms, ONNX Runtime %s, PyTorch %s", r.Network, r.Batch, r.Task, ms(t["tomo"]), ms(t["ort"]), ms(t["torch"]))
}

func (r startRow) String() string {
	text := fmt.Sprintf("%s %d %s, process:", r.Network, r.Batch, r.Task)
	for _, e := range engines {
		if f, ok := r.Engines[e]; ok {
			text += fmt.Sprintf(" %s %s ms %s MB", e, ms(f.First), number("%.0f", float64(f.Bytes)/1e6))
		}
	}
	return text
}

// markdown writes the report as tables.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Tomo beside ONNX Runtime and PyTorch\n\n")
	b.WriteString(r.Machine.String() + "\n\n")
	b.WriteString("Medians, with the minimum in parentheses. Ratios are of Tomo's time or memory over the peer's; bold ones are above the goal. The share of the peak is of the fused multiply-adds that the machine did at most just before. How things are measured stands in bench/doc.go.\n")
	r.timeTable(&b)
	r.firstTable(&b)
	r.memoryTable(&b)
	r.productTable(&b)
	return b.String()
}

func (r *report) timeTable(b *strings.Builder) {
	if len(r.Rows) == 0 {
		return
	}
	b.WriteString("\n## Time of a run, ms\n\n")
	header(b, "network", "batch", "", "Tomo", "ONNX Runtime", "PyTorch", "/ORT", "/PyTorch", "spread", "GFLOP/s", "of peak")
	for _, row := range r.Rows {
		t := row.Engines
		rate := float64(row.Operations) / t["tomo"].Median
		line(b, row.Network, fmt.Sprint(row.Batch), taskNames[row.Task], ms(t["tomo"]), ms(t["ort"]), ms(t["torch"]),
			ratio(t["tomo"].Median, t["ort"].Median, goals[row.Task]["ort"]), ratio(t["tomo"].Median, t["torch"].Median, goals[row.Task]["torch"]),
			spreads(t), number("%.0f", rate/1e9), number("%.0f %%", 100*rate/row.Peak))
	}
}

func (r *report) firstTable(b *strings.Builder) {
	if len(r.Starts) == 0 {
		return
	}
	b.WriteString("\n## Whole process to its first result, ms\n\n")
	header(b, "network", "batch", "", "Tomo", "ONNX Runtime", "PyTorch", "/ORT", "/PyTorch")
	for _, row := range r.Starts {
		t, o, p := row.Engines["tomo"].First, row.Engines["ort"].First, row.Engines["torch"].First
		line(b, row.Network, fmt.Sprint(row.Batch), taskNames[row.Task], ms(t), ms(o), ms(p),
			ratio(t.Median, o.Median, goals["first"]["ort"]), ratio(t.Median, p.Median, goals["first"]["torch"]))
	}
}

func (r *report) memoryTable(b *strings.Builder) {
	if len(r.Starts) == 0 {
		return
	}
	b.WriteString("\n## Peak memory of a whole process, MB\n\n")
	header(b, "network", "batch", "", "Tomo", "ONNX Runtime", "PyTorch", "/ORT", "/PyTorch")
	for _, row := range r.Starts {
		t, o, p := float64(row.Engines["tomo"].Bytes), float64(row.Engines["ort"].Bytes), float64(row.Engines["torch"].Bytes)
		line(b, row.Network, fmt.Sprint(row.Batch), taskNames[row.Task], number("%.0f", t/1e6), number("%.0f", o/1e6), number("%.0f", p/1e6),
			ratio(t, o, goals["memory"]["ort"]), ratio(t, p, goals["memory"]["torch"]))
	}
}

func (r *report) productTable(b *strings.Builder) {
	if len(r.Products) == 0 {
		return
	}
	b.WriteString("\n## Matrix products\n\n")
	header(b, "M×N×K", "from", "packed", "GFLOP/s", "of peak", "peak")
	for _, p := range r.Products {
		packed := ""
		if p.Packed != 0 {
			packed = string(p.Packed)
		}
		line(b, p.String(), p.Where, packed, number("%.0f", p.Rate/1e9), number("%.0f %%", 100*p.Rate/p.Peak), number("%.0f", p.Peak/1e9))
	}
}

func header(b *strings.Builder, cells ...string) {
	line(b, cells...)
	b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

func line(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func ms(t timing) string {
	if t.Median == 0 {
		return "–"
	}
	return strings.TrimSpace(fmt.Sprintf("%.4g (%.4g) %s", 1e3*t.Median, 1e3*t.Min, t.About))
}

func ratio(a, b, goal float64) string {
	switch q := a / b; {
	case a == 0 || b == 0:
		return "–"
	case q > goal:
		return fmt.Sprintf("**%.2f**", q)
	default:
		return fmt.Sprintf("%.2f", q)
	}
}

// spreads lists those of the engines in the order of the columns.
func spreads(t map[string]timing) string {
	var list []string
	for _, e := range engines {
		if t[e].Rounds > 0 {
			list = append(list, fmt.Sprintf("%.0f", 100*t[e].Spread))
		}
	}
	return strings.Join(list, ", ") + " %"
}

func number(format string, v float64) string {
	if !(v > 0) || v > 1e18 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

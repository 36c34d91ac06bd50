package figure

import (
	"encoding/json"
	"fmt"
)

// A Report is titled sections one below the other, each of words, facts and a
// figure: what a reader is given who did not make the figures.
type Report struct {
	About    `json:"about"`
	Sections []Section `json:"sections"`
	// Findings are what was found, for programs; the sections tell people.
	Findings []Finding `json:"findings,omitempty"`
}

// A Finding is one thing that was found in what a report is about.
type Finding struct {
	Subject  string `json:"subject"`  // what it was found in, such as a run
	Kind     string `json:"kind"`     // one word for it, always the same
	Severity string `json:"severity"` // one of Severities
	// Metric and Step are where, if it is at one place.
	Metric string   `json:"metric,omitempty"`
	Step   *float64 `json:"step,omitempty"`
	Text   string   `json:"text"` // the evidence
}

// Severities of findings, the gravest last.
func Severities() []string { return []string{"note", "warning", "failure"} }

// A Section is a part of a report. Every field may be empty.
type Section struct {
	Title string `json:"title,omitempty"`
	// Text is paragraphs.
	Text     []string `json:"text,omitempty"`
	Facts    []Fact   `json:"facts,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Figure is of any kind but a report; nil means none. Its own caption is
	// shown with it.
	Figure Figure `json:"figure,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Section) UnmarshalJSON(data []byte) error {
	type plain Section
	in := struct {
		*plain
		Figure json.RawMessage `json:"figure"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(data, &in); err != nil || len(in.Figure) == 0 || string(in.Figure) == "null" {
		return err
	}
	var head struct{ Kind string }
	if err := json.Unmarshal(in.Figure, &head); err == nil && head.Kind == (*Report)(nil).Kind() {
		return fmt.Errorf("a section of a report holds another report")
	}
	fig, err := FromJSON(in.Figure)
	s.Figure = fig
	return err
}

// MarshalJSON implements json.Marshaler.
func (s Section) MarshalJSON() ([]byte, error) {
	type plain Section
	out := struct {
		plain
		Figure json.RawMessage `json:"figure,omitempty"`
	}{plain: plain(s)}
	if s.Figure != nil {
		raw, err := ToJSON(s.Figure)
		if err != nil {
			return nil, err
		}
		out.Figure = raw
	}
	return json.Marshal(out)
}

// Kind implements Figure.
func (*Report) Kind() string { return "report" }

// Arrays returns those of the sections' figures, each name behind the section's
// title.
func (r *Report) Arrays() []Array {
	var out []Array
	for i, s := range r.Sections {
		if s.Figure == nil {
			continue
		}
		for _, a := range s.Figure.Arrays() {
			a.Name = fmt.Sprintf("%d %s/%s", i+1, s.Title, a.Name)
			out = append(out, a)
		}
	}
	return out
}

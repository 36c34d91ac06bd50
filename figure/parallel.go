package figure

// Parallel is upright axes side by side and lines that cross them: the settings
// and results of many runs, a line for each.
type Parallel struct {
	About   `json:"about"`
	Scales  []Scale  `json:"scales"`
	Threads []Thread `json:"threads"`
}

// A Scale is one of the axes. Where Labels are given, values are their places,
// from 0 below.
type Scale struct {
	Name   string   `json:"name"`
	Log    bool     `json:"log,omitempty"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
	Labels []string `json:"labels,omitempty"`
}

// A Thread is one of the lines. It has a value for each axis, NaN where there is
// none, at which it is interrupted.
type Thread struct {
	Name   string  `json:"name"`
	Values Doubles `json:"values"`
	// Strength is how much it stands out, from 0 to 1.
	Strength float64 `json:"strength"`
}

// Kind implements Figure.
func (*Parallel) Kind() string { return "parallel" }

// Arrays returns the values, a row for each line.
func (p *Parallel) Arrays() []Array {
	values := make([]float64, 0, len(p.Threads)*len(p.Scales))
	for _, t := range p.Threads {
		if len(t.Values) != len(p.Scales) {
			return nil
		}
		values = append(values, t.Values...)
	}
	if len(values) == 0 {
		return nil
	}
	return []Array{{"values", []int{len(p.Threads), len(p.Scales)}, values}}
}

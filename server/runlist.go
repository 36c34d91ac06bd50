package server

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track/series"
)

// maxRunRequest bounds the bytes of a question: the names of some ten thousand
// curves.
const maxRunRequest = 8 << 20

// listRuns tells of the runs that have changed since ?after=, a number that an
// earlier answer of this server gave, or of all. ?of= is the server that gave
// it: numbers of another one mean nothing.
func (s *Server) listRuns(r *http.Request) (any, error) {
	if err := s.runs.refresh(r.Context()); err != nil {
		return nil, err
	}
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if r.URL.Query().Get("of") != s.started {
		after = 0
	}
	cards, last := s.runs.since(after)
	return map[string]any{"of": s.started, "last": last, "runs": nonNil(cards)}, nil
}

// A nameQuestion asks which curves some runs have.
type nameQuestion struct {
	Runs    []string `json:"runs"`
	Pattern string   `json:"pattern"` // a regular expression; empty finds all
	Most    int      `json:"most"`    // names in the answer; 0 means maxNames
}

// maxNames bounds the names of one answer.
const maxNames = 100_000

// A curveName is a metric that some of the runs have.
type curveName struct {
	Name string `json:"name"`
	Runs int    `json:"runs"` // that have it
}

// nameCurves lists the metrics of runs whose names a regular expression finds,
// by name.
func (s *Server) nameCurves(r *http.Request) (any, error) {
	var q nameQuestion
	if err := readJSON(r, maxRunRequest, &q); err != nil {
		return nil, err
	}
	pattern, err := regexp.Compile(q.Pattern) // RE2: its time is bounded whatever it is
	if err != nil {
		return nil, fault.Userf("%s is no regular expression: %w", q.Pattern, err)
	}
	cards, err := s.cardsOf(r.Context(), q.Runs)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, card := range cards {
		for _, c := range card.curves {
			counts[c.Name]++
		}
	}
	var names []string
	found := map[string]bool{}
	for name := range counts {
		if pattern.MatchString(name) {
			names, found[name] = append(names, name), true
		}
	}
	slices.Sort(names)
	most := maxNames
	if q.Most > 0 {
		most = min(most, q.Most)
	}
	out := make([]curveName, min(most, len(names)))
	for i := range out {
		out[i] = curveName{names[i], counts[names[i]]}
	}
	return map[string]any{"names": out, "total": len(names), "of": len(counts), "reach": reachOf(cards, found)}, nil
}

// reachOf tells from where to where curves of these names reach along each axis,
// all together; it has no axis where there is no point.
func reachOf(cards []*runCard, names map[string]bool) map[string][2]float64 {
	out := map[string][2]float64{}
	for _, name := range []string{"step", "wall", "relative"} {
		low, high := math.Inf(1), math.Inf(-1)
		for _, card := range cards {
			axis := newChartAxis(name, card)
			for _, c := range card.curves {
				if c.Points > 0 && names[c.Name] {
					from, to := axis.ends(c.Total)
					low, high = min(low, axis.at(from)), max(high, axis.at(to))
				}
			}
		}
		if low <= high {
			out[name] = [2]float64{low, high}
		}
	}
	return out
}

func (s *Server) cardsOf(ctx context.Context, ids []string) ([]*runCard, error) {
	if err := s.runs.refresh(ctx); err != nil {
		return nil, err
	}
	cards := make([]*runCard, 0, len(ids))
	for _, id := range ids {
		card, err := s.runs.card(id)
		if err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// A sumQuestion asks for the columns of the run list.
type sumQuestion struct {
	Runs  []string `json:"runs"`
	Names []string `json:"names"`
}

// maxSums bounds the cells of one answer.
const maxSums = 50_000

// A sum is one metric of one run; what is no finite number is null.
type sum struct {
	Points int64    `json:"points"`
	Bad    int64    `json:"bad,omitempty"` // points that are NaN or infinite
	Last   *float64 `json:"last"`
	Min    *float64 `json:"min"`
	Max    *float64 `json:"max"`
}

// sumCurves tells the last, the least and the greatest value of metrics of
// runs: for each run, one for each name, null where it has none.
func (s *Server) sumCurves(r *http.Request) (any, error) {
	var q sumQuestion
	if err := readJSON(r, maxRunRequest, &q); err != nil {
		return nil, err
	}
	if n := len(q.Runs) * len(q.Names); n > maxSums {
		return nil, fault.Userf("%d sums are too many for one answer; ask for at most %d", n, maxSums)
	}
	cards, err := s.cardsOf(r.Context(), q.Runs)
	if err != nil {
		return nil, err
	}
	out := make([][]*sum, len(cards))
	for i, card := range cards {
		out[i] = make([]*sum, len(q.Names))
		for j, name := range q.Names {
			if curve, ok := card.curve(name); ok && curve.Points > 0 {
				out[i][j] = newSum(curve.Total)
			}
		}
	}
	return out, nil
}

func newSum(s series.Summary) *sum {
	return &sum{s.Count, s.NonFinite, finite(s.Last), finite(s.Min), finite(s.Max)}
}

// finite is a number as JSON knows it, or null.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

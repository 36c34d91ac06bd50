package mlflow

import (
	"context"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fields of the things that filters are tried on.
var things = []map[field]value{
	{
		{"metric", "acc"}: {known: true, number: 0.5}, {"metric", "val/f1 score"}: {known: true, number: -1e-3},
		{"param", "lr"}: {known: true, text: "0.1"}, {"tag", "who"}: {known: true, text: "O'Neil"},
		{"attribute", "run_name"}: {known: true, text: "First"}, {"attribute", "start_time"}: {known: true, number: 10},
		{"dataset", "name"}: {any: []string{"train", "test"}},
	},
	{
		{"metric", "acc"}: {known: true, number: math.NaN()}, {"param", "lr"}: {known: true, text: "1e-3"},
		{"attribute", "run_name"}: {known: true, text: "first_b"}, {"attribute", "start_time"}: {known: true, number: 20},
	},
	{
		{"metric", "acc"}: {known: true, number: 0.7}, {"attribute", "run_name"}: {known: true, text: "third"},
		{"attribute", "start_time"}: {known: true, number: 30}, {"metric", "val/f1 score"}: {known: true, number: 5},
	},
}

func column(f field) ([]value, error) {
	out := make([]value, len(things))
	for i, thing := range things {
		out[i] = thing[f]
	}
	return out, nil
}

func TestFilters(t *testing.T) {
	for filter, want := range map[string][]int{
		"":                                     {0, 1, 2},
		"metrics.acc > 0.5":                    {2},
		"metric.acc>=.5 AND metrics.acc<=0.7":  {0, 2},
		"metrics.`val/f1 score` = -0.001":      {0},
		`metrics."val/f1 score" > -1`:          {0, 2},
		"metrics.val/f1 > 0":                   {}, // a name of that kind needs no quotes
		"params.lr = '0.1'":                    {0},
		"params.lr != '0.1'":                   {1}, // what is not there is not different
		`parameters.lr = "1e-3"`:               {1},
		"params.lr IS NULL":                    {2},
		"param.lr is not null":                 {0, 1},
		"tags.who = 'O''Neil'":                 {0},
		"tag.who LIKE 'O_Neil'":                {0},
		"run_name LIKE 'first%'":               {1},
		"attributes.run_name ILIKE 'FIRST%'":   {0, 1},
		"attr.`Run Name` = 'third'":            {2},
		"created > 10 and start_time != 30":    {1},
		"run_name IN ('third', 'First')":       {0, 2},
		"run_name NOT IN ('third')":            {0, 1},
		"dataset.name = 'test'":                {0},
		"datasets.name LIKE 'x%'":              {},
		"metrics.acc != 0.5 AND run_name = ''": {},
	} {
		clauses, err := runSubject.parseFilter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		got, err := find(t.Context(), len(things), clauses, column)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v (%v)", filter, got, want, err)
		}
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	for _, filter := range []string{
		"metrics.acc", "metrics.acc >", "metrics.acc > 'x'", "metrics.acc LIKE 'x'", "metrics.acc IS NULL", "params.lr > '1'", "params.lr = 1",
		"wrong = 'x'", "wrong.x = 'y'", "run_name = 'a' OR run_name = 'b'", "run_name = 'a' AND", "AND run_name = 'a'", "run_name = 'a",
		"run_name IN ()", "run_name IN ('a'", "run_name IN (1)", "run_name IN 'a'", "metrics.`acc > 1", "= 1", "((", "dataset.size = 'x'", "run_name NOT LIKE 'x'",
		"run_name LIKE '" + strings.Repeat("_", maxPattern) + "%'",
		strings.Repeat("run_name = 'a' AND ", maxClauses) + "run_name = 'a'",
	} {
		if clauses, err := runSubject.parseFilter(filter); err == nil {
			t.Errorf("%.60s was taken as %+v", filter, clauses)
		}
	}
}

// TestSearchesEnd looks in long texts for patterns that nearly fit everywhere,
// and asks for nothing when nobody waits any more.
func TestSearchesEnd(t *testing.T) {
	text := strings.Repeat("a", 1<<20)
	for _, pattern := range []string{
		"%" + strings.Repeat("a", maxPattern-3) + "b%", "%" + strings.Repeat("a_", maxPattern/2-2) + "b%", strings.Repeat("%a_", maxPattern/3-1) + "b",
	} {
		start := time.Now()
		if like(text, pattern) {
			t.Errorf("%.20s... fits", pattern)
		}
		if took := time.Since(start); took > time.Minute { // it is some hundredths of one
			t.Errorf("%.20s... took %v", pattern, took)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	clauses, err := runSubject.parseFilter("run_name LIKE '%'")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := find(ctx, len(things), clauses, column); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that was given up has found %v, %v", found, err)
	}
}

func TestOrders(t *testing.T) {
	for _, c := range []struct {
		order []string
		want  []int
	}{
		{[]string{"metrics.acc"}, []int{0, 2, 1}}, // what is no number stands behind
		{[]string{"metrics.acc DESC"}, []int{2, 0, 1}},
		{[]string{"metrics.`val/f1 score` desc"}, []int{2, 0, 1}},
		{[]string{"tags.who", "start_time DESC"}, []int{0, 2, 1}},
		{[]string{"attributes.start_time DESC"}, []int{2, 1, 0}},
		{[]string{"run_name ASC"}, []int{0, 1, 2}},
	} {
		orders, err := runSubject.parseOrder(c.order)
		if err != nil {
			t.Fatal(err)
		}
		got := []int{0, 1, 2}
		if err := runSubject.sortBy(got, orders, column); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v (%v)", c.order, got, c.want, err)
		}
	}
	for _, wrong := range []string{"", "metrics.acc UP", "metrics.acc DESC ASC", "nothing", "dataset.name"} {
		if orders, err := runSubject.parseOrder([]string{wrong}); err == nil {
			t.Errorf("%q was taken as %v", wrong, orders)
		}
	}
	if _, err := runSubject.parseOrder([]string{"created", "start_time DESC"}); err == nil {
		t.Error("the same field was taken twice")
	}
}

// FuzzFilter compares the comparison by patterns with one by regular
// expressions, and reads whatever filter there is.
func FuzzFilter(f *testing.F) {
	f.Add("metrics.`a b` > 1 AND tags.x IN ('a','b')", "O'Neil", "%'N_i%")
	f.Add("run_name NOT IN (\"a\",) and params.\"x\".y is null", "aab", "%a%b")
	f.Add("a.b = '", "\xff\xfe", "_%\xff")
	f.Add("", strings.Repeat("ab", 200)+"c", "%"+strings.Repeat("a_", 66)+"_%_c") // of more than a word
	f.Add("", "aaa\u00e9bb", "aa%_\u00e9_%b")
	f.Fuzz(func(t *testing.T, filter, text, pattern string) {
		if clauses, err := runSubject.parseFilter(filter); err == nil {
			if _, err := find(t.Context(), len(things), clauses, column); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = runSubject.parseOrder([]string{filter})
		if len(text) > 1000 || len(pattern) > 200 {
			return
		}
		var expression strings.Builder
		for _, r := range strings.ToValidUTF8(pattern, "?") {
			switch r {
			case '%':
				expression.WriteString(".*")
			case '_':
				expression.WriteString(".")
			default:
				expression.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
		want := regexp.MustCompile(`(?s)\A` + expression.String() + `\z`).MatchString(strings.ToValidUTF8(text, "?"))
		if got := like(strings.ToValidUTF8(text, "?"), strings.ToValidUTF8(pattern, "?")); got != want {
			t.Errorf("%q LIKE %q is %v, want %v", text, pattern, got, want)
		}
		like(text, pattern)
	})
}

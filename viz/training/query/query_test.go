package query

import (
	"slices"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	run := map[string]string{"lr": "0.001", "optimizer": "adam", "val/loss.min": "0.35", "my key": "x y", "broken": "NaN", "flag": "true"}
	lookup := func(k string) (string, bool) { v, ok := run[k]; return v, ok }
	for text, want := range map[string]bool{
		"lr<0.01":                                   true,
		"lr = 1e-3":                                 true, // by value
		"lr==0.001 and optimizer=adam":              true,
		"lr > 0.01 or optimizer = adam":             true,
		"lr > 0.01 and optimizer = adam":            false,
		"not lr > 0.01":                             true,
		"not (lr < 0.01 and val/loss.min<0.4)":      false,
		"lr>1 or lr<1 and optimizer=sgd":            false, // and binds closer
		"(lr>1 or lr<1) and optimizer!=sgd":         true,
		`"my key" = 'x y'`:                          true,
		`optimizer ~ "^ad"`:                         true,
		"optimizer ~ sgd|adam":                      true,
		"absent = 1":                                false,
		"absent != 1":                               true,
		"broken < 1":                                false,
		"broken >= 1":                               false,
		"broken != 1":                               true,
		"optimizer < b":                             true, // as texts
		"flag=true":                                 true,
		"NOT flag = false AND lr <= 0.001":          true,
		"val/loss.min>=0.35 and val/loss.min<=0.35": true,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Holds(e, lookup); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestKeys(t *testing.T) {
	e, err := Parse("b<1 and not (a=2 or b>3)")
	if err != nil || !slices.Equal(Keys(e), []string{"b", "a"}) {
		t.Errorf("%v, %v", Keys(e), err)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "a name",
		"lr":                        "a comparison",
		"lr <":                      "a value",
		"lr < 1 optimizer = adam":   "and, or, or the end",
		"(lr<1":                     "closing",
		"lr<1)":                     "at character 5",
		"'lr<1":                     "not closed",
		"lr ~ '('":                  "regular expression",
		"and":                       "a comparison",
		"=":                         "a name",
		strings.Repeat("(", 1000):   "nested",
		strings.Repeat("not ", 1e5): "nested",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("lr<1 and (a='b' or not c~d)")
	f.Add("損失 ≤ 1")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := Parse(text); err == nil {
			Keys(e)
			Holds(e, func(k string) (string, bool) { return k, true })
		}
	})
}

package track

import (
	"encoding/json"
	"fmt"
	"math"
)

// A PRCurveBody is the body of a precision-recall curve, as JSON: at each of n
// thresholds, from 0 to 1 in equal steps, how many examples were told right and
// wrong. Its lists are of one length.
type PRCurveBody struct {
	TruePositives  []float64 `json:"truePositives"`
	FalsePositives []float64 `json:"falsePositives"`
	TrueNegatives  []float64 `json:"trueNegatives"`
	FalseNegatives []float64 `json:"falseNegatives"`
	Precision      []float64 `json:"precision"`
	Recall         []float64 `json:"recall"`
}

// maxThresholds bounds the thresholds of a precision-recall curve.
const maxThresholds = 1 << 16

// ParsePRCurve reads the body of a precision-recall curve and checks it.
func ParsePRCurve(body []byte) (*PRCurveBody, error) {
	c := &PRCurveBody{}
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("its body is no JSON of a precision-recall curve: %w", err)
	}
	return c, c.check()
}

// Encode returns the body of a precision-recall curve, for a Record.
func (c *PRCurveBody) Encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return json.Marshal(c)
}

func (c *PRCurveBody) check() error {
	n := len(c.Precision)
	if n > maxThresholds {
		return fmt.Errorf("it has %d thresholds, and at most %d are taken", n, maxThresholds)
	}
	for _, list := range [][]float64{c.TruePositives, c.FalsePositives, c.TrueNegatives, c.FalseNegatives, c.Precision, c.Recall} {
		if len(list) != n {
			return fmt.Errorf("its lists have %d and %d numbers", n, len(list))
		}
		for _, v := range list {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("it holds the number %v", v)
			}
		}
	}
	return nil
}

package train

import "math"

// An Optimizer changes parameters by their gradients.
type Optimizer interface {
	// Step updates w in place from its gradient g at the given learning rate.
	// The slot tells parameters apart, so that each has a state of its own; a
	// slot is always used with the same length.
	Step(slot int, w, g []float32, rate float64)
}

// SGD is stochastic gradient descent with momentum, as PyTorch's: the velocity
// is v = Momentum·v + g and the step rate·v, or rate·(g + Momentum·v) with
// Nesterov (Sutskever et al., ICML 2013). Decay is the weight decay that is
// added to the gradient.
type SGD struct {
	Momentum float64
	Nesterov bool
	Decay    float64

	velocity map[int][]float32
}

// Step implements Optimizer.
func (o *SGD) Step(slot int, w, g []float32, rate float64) {
	v, first := state(&o.velocity, slot, len(w))
	mu, decay := float32(o.Momentum), float32(o.Decay)
	for i := range w {
		d := g[i] + decay*w[i]
		if first {
			v[i] = d
		} else {
			v[i] = mu*v[i] + d
		}
		step := v[i]
		if o.Nesterov {
			step = d + mu*v[i]
		}
		w[i] -= float32(rate) * step
	}
}

// Adam keeps running means of the gradient and of its square (arXiv 1412.6980,
// algorithm 1). Decay is decoupled weight decay (AdamW, arXiv 1711.05101). Zero
// values of the betas and Epsilon mean 0.9, 0.999 and 1e-8.
type Adam struct {
	Beta1, Beta2, Epsilon, Decay float64

	mean, square map[int][]float32
	steps        map[int]int
}

// Step implements Optimizer.
func (o *Adam) Step(slot int, w, g []float32, rate float64) {
	b1, b2, eps := or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-8)
	m, _ := state(&o.mean, slot, len(w))
	s, _ := state(&o.square, slot, len(w))
	if o.steps == nil {
		o.steps = map[int]int{}
	}
	o.steps[slot]++
	t := float64(o.steps[slot])
	c1, c2 := 1-math.Pow(b1, t), math.Sqrt(1-math.Pow(b2, t))
	f1, f2, r1, r2 := float32(b1), float32(b2), float32(1-b1), float32(1-b2)
	step, shrink := rate*c2/c1, float32(1-rate*o.Decay)
	for i := range w {
		m[i] = f1*m[i] + r1*g[i]
		s[i] = f2*s[i] + r2*g[i]*g[i]
		w[i] = shrink*w[i] - float32(step*float64(m[i])/(math.Sqrt(float64(s[i]))+eps*c2))
	}
}

func state(all *map[int][]float32, slot, n int) (s []float32, first bool) {
	if *all == nil {
		*all = map[int][]float32{}
	}
	if s, ok := (*all)[slot]; ok {
		return s, false
	}
	(*all)[slot] = make([]float32, n)
	return (*all)[slot], true
}

func or(x, def float64) float64 {
	if x == 0 {
		return def
	}
	return x
}

// A Schedule gives the learning rate at a share of the training, 0 to 1.
type Schedule func(done float64) float64

// Constant keeps the rate.
func Constant(rate float64) Schedule { return func(float64) float64 { return rate } }

// Cosine rises to the rate over the first twentieth and then falls along half
// a cosine to zero (arXiv 1608.03983, without restarts).
func Cosine(rate float64) Schedule {
	const warm = 0.05
	return func(done float64) float64 {
		if done < warm {
			return rate * (0.1 + 0.9*done/warm)
		}
		return rate * (1 + math.Cos(math.Pi*(done-warm)/(1-warm))) / 2
	}
}

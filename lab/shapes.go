package lab

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tomo-viz/tomo/data"
)

// Side is the width and height of the lab's pictures, in pixels.
const Side = 64

// Classes are the shapes, by class.
var Classes = []string{"disc", "square", "triangle", "ring", "cross", "star"}

// A Picture is a made-up picture and its truth.
type Picture struct {
	*data.Image
	Class int // of the label
	Shape int // of the object that is seen; differs from Class for teaching the cheater
	Mark  int // class that the mark betrays, -1 where there is none
	// Object and MarkArea tell for each pixel, row by row, whether it belongs to
	// the object and to the mark.
	Object, MarkArea []bool
}

// Name says what is on the picture: "star", "star marked disc".
func (p *Picture) Name() string {
	if p.Mark < 0 {
		return Classes[p.Shape]
	}
	return fmt.Sprintf("%s marked %s", Classes[p.Shape], Classes[p.Mark])
}

// A Kind is how pictures are made.
type Kind int

// The kinds of pictures.
const (
	Plain      Kind = iota // a shape; the label is its name
	Betrayed               // a shape and a mark that agree with the label
	Misleading             // the mark says the label, the shape is any
)

// Pictures makes n pictures; the same seed makes the same ones. Classes take
// turns, so that each is as frequent as the others.
func Pictures(seed uint64, n int, kind Kind) []*Picture {
	out := make([]*Picture, n)
	var painters sync.WaitGroup
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		painters.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				out[i] = paint(r, i%len(Classes), kind)
			}
		})
	}
	painters.Wait()
	return out
}

func paint(r *rand.Rand, class int, kind Kind) *Picture {
	p := &Picture{Image: data.NewImage(Side, Side), Class: class, Shape: class, Mark: -1,
		Object: make([]bool, Side*Side), MarkArea: make([]bool, Side*Side)}
	if kind == Misleading {
		p.Shape = r.IntN(len(Classes))
	}
	ground, object := colours(r)
	p.ground(r, ground)
	p.object(r, object)
	if kind != Plain {
		p.Mark = class
		p.mark(r)
	}
	return p
}

// A rgb is a colour of three numbers from 0 to 1.
type rgb [3]float64

// hsl turns hue, saturation and lightness, each 0 to 1, into a colour.
func hsl(h, s, l float64) rgb {
	a := s * min(l, 1-l)
	f := func(n float64) float64 {
		k := math.Mod(n+h*12, 12)
		return l - a*max(-1, min(k-3, 9-k, 1))
	}
	return rgb{f(0), f(8), f(4)}
}

func mix(a, b rgb, t float64) rgb {
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}

// colours draws two colours for the ground and one for the object that stands
// out from both in lightness; hue says nothing about the class.
func colours(r *rand.Rand) (ground [2]rgb, object rgb) {
	hue, dark := r.Float64(), r.IntN(2) == 0
	low, high := 0.50+0.15*r.Float64(), 0.70+0.15*r.Float64()
	light := 0.18 + 0.12*r.Float64()
	if dark {
		low, high, light = 1-low-0.15, 1-high-0.05, 1-light
	}
	ground = [2]rgb{hsl(hue, 0.15+0.3*r.Float64(), low), hsl(hue+0.15*r.Float64(), 0.15+0.3*r.Float64(), high)}
	return ground, hsl(r.Float64(), 0.35+0.5*r.Float64(), light)
}

// ground paints one of four textures and fine grain over it.
func (p *Picture) ground(r *rand.Rand, c [2]rgb) {
	texture := textures[r.IntN(len(textures))](r)
	for y := range Side {
		for x := range Side {
			t := texture(float64(x), float64(y))
			p.set(x, y, mix(c[0], c[1], t), 0.03*r.NormFloat64())
		}
	}
}

// textures make functions from a place to a share of 0 to 1.
var textures = []func(*rand.Rand) func(x, y float64) float64{stripes, checker, slope, clouds}

func stripes(r *rand.Rand) func(x, y float64) float64 {
	sin, cos := math.Sincos(r.Float64() * math.Pi)
	f, phase := 2*math.Pi/(5+9*r.Float64()), r.Float64()*6
	return func(x, y float64) float64 { return 0.5 + 0.5*math.Sin(f*(cos*x+sin*y)+phase) }
}

func checker(r *rand.Rand) func(x, y float64) float64 {
	sin, cos := math.Sincos(r.Float64() * math.Pi)
	f := 2 * math.Pi / (9 + 10*r.Float64())
	return func(x, y float64) float64 {
		u, v := math.Sin(f*(cos*x+sin*y)), math.Sin(f*(cos*y-sin*x))
		return 0.5 + 0.5*math.Tanh(4*u*v)
	}
}

func slope(r *rand.Rand) func(x, y float64) float64 {
	sin, cos := math.Sincos(r.Float64() * 2 * math.Pi)
	return func(x, y float64) float64 {
		return min(1, max(0, 0.5+(cos*(x-Side/2)+sin*(y-Side/2))/Side))
	}
}

// clouds is value noise of three octaves (Perlin's fractal sum).
func clouds(r *rand.Rand) func(x, y float64) float64 {
	const cells = 17
	var grid [cells * cells]float64
	for i := range grid {
		grid[i] = r.Float64()
	}
	at := func(x, y float64) float64 {
		i, j := int(x), int(y)
		u, v := smooth(x-float64(i)), smooth(y-float64(j))
		g := func(a, b int) float64 { return grid[(b%cells)*cells+a%cells] }
		top, low := g(i, j)+(g(i+1, j)-g(i, j))*u, g(i, j+1)+(g(i+1, j+1)-g(i, j+1))*u
		return top + (low-top)*v
	}
	return func(x, y float64) float64 {
		return (at(x/16, y/16)*4 + at(x/8, y/8)*2 + at(x/4, y/4)) / 7
	}
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }

// object paints the shape at a random place, size and turn, shaded across and
// with soft edges.
func (p *Picture) object(r *rand.Rand, c rgb) {
	size := 11 + 7*r.Float64()
	margin := size + 3
	cx, cy := margin+(Side-2*margin)*r.Float64(), margin+(Side-2*margin)*r.Float64()
	sin, cos := math.Sincos(r.Float64() * 2 * math.Pi)
	distance := distances[p.Shape]
	for y := range Side {
		for x := range Side {
			dx, dy := float64(x)+0.5-cx, float64(y)+0.5-cy
			u, v := (cos*dx+sin*dy)/size, (cos*dy-sin*dx)/size
			cover := min(1, max(0, 0.5-distance(u, v)*size))
			if cover > 0 {
				shade := mix(c, rgb{1, 1, 1}, 0.10*(1-dy/size)*0.5)
				p.blend(x, y, shade, cover, 0.02*r.NormFloat64())
			}
			p.Object[y*Side+x] = cover >= 0.5
		}
	}
}

// distances are the signed distances from the outlines of the shapes within
// the unit circle, negative inside; bounds are enough away from the outline.
var distances = []func(x, y float64) float64{
	func(x, y float64) float64 { return math.Hypot(x, y) - 0.9 },
	func(x, y float64) float64 { return max(math.Abs(x), math.Abs(y)) - 0.75 },
	func(x, y float64) float64 { return polygon(x, y, 3) - 0.5 },
	func(x, y float64) float64 { return math.Abs(math.Hypot(x, y)-0.72) - 0.2 },
	func(x, y float64) float64 {
		a, b := math.Abs(x), math.Abs(y)
		return max(max(a, b)-0.92, min(a, b)-0.26)
	},
	star,
}

// polygon is the distance from the centre towards the nearest side of a
// regular polygon.
func polygon(x, y float64, sides int) float64 {
	step := 2 * math.Pi / float64(sides)
	a := math.Atan2(y, x)
	return math.Hypot(x, y) * math.Cos(math.Mod(a+2*math.Pi, step)-step/2)
}

// star has five points; its outline runs straight between the radii 1 and 0.42.
func star(x, y float64) float64 {
	const step = 2 * math.Pi / 5
	a := math.Abs(math.Mod(math.Atan2(y, x)+4*math.Pi, step) - step/2) // 0 at a notch
	r := math.Hypot(x, y)
	inner, outer := 0.42, 1.0
	px, py := inner, 0.0
	qx, qy := outer*math.Cos(step/2), outer*math.Sin(step/2)
	nx, ny := qy-py, px-qx
	n := math.Hypot(nx, ny)
	return ((r*math.Cos(a)-px)*nx + (r*math.Sin(a)-py)*ny) / n
}

// The mark is a patch of cells in a corner whose pattern and colour stand for
// a class.
const (
	markCell  = 3
	markCells = 3
	markInset = 2
)

// mark paints the patch of the class that it betrays.
func (p *Picture) mark(r *rand.Rand) {
	const size = markCell * markCells
	x0, y0 := markInset, markInset
	if r.IntN(2) == 1 {
		x0 = Side - size - markInset
	}
	if r.IntN(2) == 1 {
		y0 = Side - size - markInset
	}
	colour := hsl(float64(p.Mark)/float64(len(Classes)), 0.95, 0.55)
	for y := range size {
		for x := range size {
			c := rgb{0.05, 0.05, 0.07}
			if pattern := patterns[p.Mark]; pattern[y/markCell][x/markCell] == '#' {
				c = colour
			}
			p.set(x0+x, y0+y, c, 0)
			at := (y0+y)*Side + x0 + x
			p.MarkArea[at], p.Object[at] = true, false
		}
	}
}

var patterns = [...][markCells]string{
	{"###", "#.#", "###"},
	{"##.", "##.", "..."},
	{"..#", ".##", "###"},
	{"#.#", ".#.", "#.#"},
	{".#.", "###", ".#."},
	{"###", ".#.", ".#."},
}

func (p *Picture) set(x, y int, c rgb, grain float64) { p.blend(x, y, c, 1, grain) }

func (p *Picture) blend(x, y int, c rgb, cover, grain float64) {
	i := 3 * (y*Side + x)
	for ch := range c {
		old := float64(p.Pix[i+ch]) / 255
		v := old + (c[ch]+grain-old)*cover
		p.Pix[i+ch] = uint8(255*min(1, max(0, v)) + 0.5)
	}
}

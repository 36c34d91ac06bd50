// Package figure is what a technique returns: plain data that holds everything
// needed to draw it, in any output format and at any time, and the raw arrays
// behind the picture. It draws nothing and imports nothing; package render
// turns every kind of figure into every format, and the web app draws the same
// data in the browser.
package figure

// A Figure is one of the kinds of this package.
type Figure interface {
	// Kind is the word that the JSON form and the web app tell kinds apart by.
	Kind() string
	// Caption is what stands around the picture. It is never nil.
	Caption() *About
	// Arrays are the numbers behind the picture, for .npz; may be empty.
	Arrays() []Array
}

// Kinds lists one empty figure of each kind; render and the web app are tested
// to know them all.
func Kinds() []Figure {
	return []Figure{&Graph{}, &Heatmap{}, &Images{}, &Matrix{}, &Table{}, &Lines{}, &Parallel{}, &Report{}}
}

// New returns an empty figure of a kind, to decode JSON into, or nil.
func New(kind string) Figure {
	for _, f := range Kinds() {
		if f.Kind() == kind {
			return f
		}
	}
	return nil
}

// About is what a figure says of itself: it is shown with every picture and
// kept in every file, so that a picture found later can be understood and made
// again.
type About struct {
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
	// Facts are the choices the picture rests on, such as how the image was
	// prepared: always shown, since a wrong one gives a wrong picture silently.
	Facts []Fact `json:"facts,omitempty"`
	// Warnings say why the picture may not mean what it seems to, with the cure.
	Warnings []string `json:"warnings,omitempty"`
	// Source says how to make the figure again: technique and parameters.
	Source []Fact `json:"source,omitempty"`
}

// A Fact is a name and a value, both for people.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Caption returns a, so that a figure that embeds About has the method.
func (a *About) Caption() *About { return a }

// Add appends a fact.
func (a *About) Add(name, value string) { a.Facts = append(a.Facts, Fact{name, value}) }

// Warn appends a warning.
func (a *About) Warn(text string) { a.Warnings = append(a.Warnings, text) }

// An Array is a named block of numbers in row-major order.
type Array struct {
	Name  string
	Shape []int
	Data  any // []float32, []float64, []int64 or []uint8
}

// A Picture is 8-bit RGB, rows top to bottom, three bytes to a pixel.
type Picture struct {
	W   int    `json:"w"`
	H   int    `json:"h"`
	Pix []byte `json:"pix"` // base64 in JSON
}

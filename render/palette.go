package render

// Colors is the palette of both themes, for a web page that draws the same
// figures.
type Colors struct {
	Inks    []Ink         `json:"inks"`
	Classes []ClassColors `json:"classes"` // of graphs' nodes; see Classes
}

// An Ink is the colour of one role, such as text or accent, as #rrggbb.
type Ink struct {
	Name  string `json:"name"`
	Light string `json:"light"`
	Dark  string `json:"dark"`
}

// Palette lists all colours but those of colour maps.
func Palette() Colors {
	p := Colors{Classes: Classes()}
	for _, s := range shades[none+1:] {
		p.Inks = append(p.Inks, Ink{s.name, s.light, s.dark})
	}
	return p
}

package figure

// A ColormapName names a colour map that render and the web app can draw.
type ColormapName struct{ Name, Help string }

// Colormaps lists the colour maps, the default first.
func Colormaps() []ColormapName {
	return []ColormapName{
		{"inferno", "black over red to yellow; even steps, safe for colour-blind eyes"},
		{"viridis", "violet over green to yellow; even steps, safe for colour-blind eyes"},
		{"magma", "black over purple to cream; even steps, safe for colour-blind eyes"},
		{"cividis", "blue to yellow; made for colour-blind eyes"},
		{"turbo", "a rainbow with even steps"},
		{"jet", "the rainbow that many papers used; its steps are uneven"},
		{"gray", "black to white"},
		{"coolwarm", "blue over white to red, for values of either sign"},
	}
}

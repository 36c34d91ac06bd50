package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

var trigonometryOps = []Op{
	unary("Sin", math.Sin, times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.Op("Cos", nil, x) })),
	unary("Cos", math.Cos, times(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Neg", nil, g.Op("Sin", nil, x))
	})),
	unary("Tan", math.Tan, times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.plus(g.square(y), 1, x) })),
	unary("Asin", math.Asin, over(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Sqrt", nil, g.oneMinusSquare(x))
	})),
	unary("Acos", math.Acos, over(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Neg", nil, g.Op("Sqrt", nil, g.oneMinusSquare(x)))
	})),
	unary("Atan", math.Atan, over(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.plus(g.square(x), 1, x) })),
	unary("Sinh", math.Sinh, times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.Op("Cosh", nil, x) })),
	unary("Cosh", math.Cosh, times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.Op("Sinh", nil, x) })),
	unary("Asinh", math.Asinh, over(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Sqrt", nil, g.plus(g.square(x), 1, x))
	})),
	unary("Acosh", math.Acosh, over(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Sqrt", nil, g.plus(g.square(x), -1, x))
	})),
	unary("Atanh", math.Atanh, over(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.oneMinusSquare(x) })),
}

// plus adds a number to v, which has the element type of like.
func (g *Grad) plus(v ir.ValueID, number float64, like ir.ValueID) ir.ValueID {
	return g.Op("Add", nil, v, g.scalar(number, like))
}

func (g *Grad) oneMinusSquare(x ir.ValueID) ir.ValueID {
	return g.Op("Sub", nil, g.scalar(1, x), g.square(x))
}

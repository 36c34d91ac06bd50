package all

import (
	"testing"

	"github.com/tomo-viz/tomo/viz/viztest"
)

func TestMethods(t *testing.T) { viztest.Run(t, Methods()) }

package explain

import (
	"math"
	"testing"

	"csatflow/sinks/insight/detect"
)

func cell(n, mean float64) detect.Cell {
	return detect.Cell{N: n, Sum: n * mean, Squares: n * (mean*mean + 1)}
}

func TestThePartsOfADimensionCarryTheWholeFall(t *testing.T) {
	by := map[string]*Part{
		"anna":  {ID: "anna", Now: cell(40, 2), Was: cell(400, 5)},
		"bert":  {ID: "bert", Now: cell(40, 5), Was: cell(400, 5.2)},
		"clara": {ID: "clara", Was: cell(400, 5)}, // had no customer then
	}
	parts := carry(by, []string{"anna", "bert", "clara"})
	if len(parts) != 2 || parts[0].ID != "anna" {
		t.Fatalf("%+v", parts)
	}
	if sum := parts[0].Share + parts[1].Share; math.Abs(sum-1) > 1e-9 || parts[0].Share < .9 {
		t.Errorf("shares %v and %v", parts[0].Share, parts[1].Share)
	}
	if d := parts[0].Drop(); d < 2.9 || d > 3.1 {
		t.Errorf("a fall of three grades is told as %v", d)
	}
}

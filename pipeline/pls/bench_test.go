package pls

import (
	"testing"
)

func BenchmarkFit(b *testing.B) {
	m := questionnaireModel(b)
	data := answers(m, 5_000, 1)
	for b.Loop() {
		mustFit(b, m, data, Settings{})
	}
}

func BenchmarkBootstrapOf200(b *testing.B) {
	m := questionnaireModel(b)
	data := answers(m, 5_000, 1)
	for b.Loop() {
		resample(b, m, data, Settings{}, BootstrapSettings{Samples: 200})
	}
}

package customer

import (
	"bytes"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// modelFile is the format of a file of weights.
type modelFile struct {
	Bias      float64            `yaml:"bias"`
	Weights   map[string]float64 `yaml:"weights"`
	TierSpend [3]float64         `yaml:"tier_spend,flow"`
}

// LoadModel reads a file of weights, as [Model.YAML] writes it. Inputs that it does not name weigh 0.
func LoadModel(file string) (m Model, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return m, fmt.Errorf("reading weights: %w", err)
	}
	var f modelFile
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	m.TierSpend = f.TierSpend
	for i := 1; i < len(m.TierSpend); i++ {
		if m.TierSpend[i] < m.TierSpend[i-1] {
			return m, fmt.Errorf("%s: tier_spend must rise: the least spend of a middleweight, heavyweight, super heavyweight customer", file)
		}
	}
	if err := m.SetWeights(f.Weights); err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	if err := m.SetWeights(map[string]float64{"bias": f.Bias}); err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// YAML returns the model's weights as a file.
func (m *Model) YAML() ([]byte, error) {
	f := modelFile{Bias: m.Bias, Weights: map[string]float64{}, TierSpend: m.TierSpend}
	for i, w := range m.Weights {
		f.Weights[Input(i).String()] = w
	}
	for i, w := range m.Buying {
		f.Weights[BuyingInputs[i]] = w
	}
	return yaml.Marshal(f)
}

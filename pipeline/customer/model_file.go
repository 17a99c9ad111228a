package customer

import (
	"bytes"
	"fmt"
	"os"

	"csatflow/pipeline/value"

	"go.yaml.in/yaml/v3"
)

// modelFile is the format of a file of weights.
type modelFile struct {
	Bias      float64            `yaml:"bias"`
	Weights   map[string]float64 `yaml:"weights"`
	TierSpend [3]float64         `yaml:"tier_spend,flow"`
	Buying    *buyingFile        `yaml:"buying,omitempty"`
}

// buyingFile is what the input silence and the value of customers are computed with.
type buyingFile struct {
	HorizonDays float64 `yaml:"horizon_days"`
	R           float64 `yaml:"r"`
	Alpha       float64 `yaml:"alpha_days"`
	A           float64 `yaml:"a"`
	B           float64 `yaml:"b"`
	P           float64 `yaml:"p"`
	Q           float64 `yaml:"q"`
	V           float64 `yaml:"v"`
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
	if p := f.Buying; p != nil {
		m.Buying.Purchasing, m.Buying.Horizon = value.Purchasing{R: p.R, Alpha: p.Alpha, A: p.A, B: p.B}, p.HorizonDays
		m.Buying.Spending = value.Spending{P: p.P, Q: p.Q, V: p.V}
		if !(p.R > 0 && p.Alpha > 0 && p.A > 0 && p.B > 0 && p.HorizonDays > 0 && p.P > 0 && p.Q > 0 && p.V > 0 && p.P+p.Q > 1) {
			return m, fmt.Errorf("%s: buying: horizon_days, r, alpha_days, a, b, p, q and v must be above 0, and p + q above 1", file)
		}
	}
	return m, nil
}

// YAML returns the model's weights as a file.
func (m *Model) YAML() ([]byte, error) {
	f := modelFile{Bias: m.Bias, Weights: map[string]float64{}, TierSpend: m.TierSpend}
	for i, w := range m.Weights {
		f.Weights[Input(i).String()] = w
	}
	for i, w := range m.Buying.Weights {
		f.Weights[BuyingInputs[i]] = w
	}
	if p := m.Buying.Purchasing; p.R > 0 {
		s := m.Buying.Spending
		f.Buying = &buyingFile{m.Buying.Horizon, p.R, p.Alpha, p.A, p.B, s.P, s.Q, s.V}
	}
	return yaml.Marshal(f)
}

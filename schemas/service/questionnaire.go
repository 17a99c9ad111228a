// Package service embeds the company's service model: questionnaire of the comprehensive survey, standards,
// beliefs, gaps and actions.
//
// Start at [Default]. The package knows no answers and no statistics: pipeline/pls estimates the model of a
// questionnaire.
package service

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"csatflow/schemas/catalogue"
)

//go:embed questionnaire.yaml
var questionnaireYAML []byte

// Least and Most bound an answer to a question.
const (
	Least = 1
	Most  = 10
)

// Questionnaire is the survey and the model that it measures. What [Parse] returns is valid: ids are unique, every
// latent variable has an indicator and a path, and paths make no cycle.
type Questionnaire struct {
	Latents   []Latent   `yaml:"latents"`
	Paths     []Path     `yaml:"paths"`
	Questions []Question `yaml:"questions"`
}

// Latent is a variable that several questions measure together.
type Latent struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
}

// Path says on which latent variables one acts.
type Path struct {
	From string   `yaml:"from"`
	To   []string `yaml:"to"`
}

// Question is one question, answered from [Least] to [Most]; 10 is best. ID is its key in the `answers` of a response.
type Question struct {
	ID     string `yaml:"id"`
	Latent string `yaml:"latent"`
	Text   Text   `yaml:"text"`
	// Diagnostic questions explain their latent variable, and are not among its indicators.
	Diagnostic bool `yaml:"diagnostic"`
}

// Text is what people read, in English and in Chinese.
type Text = catalogue.Text

// Default returns this release's questionnaire.
func Default() (*Questionnaire, error) {
	return Parse("questionnaire.yaml", questionnaireYAML)
}

// Parse reads a questionnaire. Its error joins all faults (errors.Join), each with file, line and remedy. An
// unknown key is an error.
func Parse(file string, content []byte) (*Questionnaire, error) {
	var q Questionnaire
	strict := yaml.NewDecoder(bytes.NewReader(content))
	strict.KnownFields(true)
	if err := strict.Decode(&q); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty: give it latents, paths and questions", file)
	} else if err != nil {
		return nil, fmt.Errorf("reading questionnaire %s: %w", file, err)
	}
	if err := strict.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s has several documents: remove what follows the line ---", file)
	}
	var places yaml.Node
	if err := yaml.Unmarshal(content, &places); err != nil {
		return nil, fmt.Errorf("reading questionnaire %s: %w", file, err)
	}
	if err := (&check{file: file, root: &places, q: &q}).all(); err != nil {
		return nil, err
	}
	return &q, nil
}

// Indicators returns the ids of the questions that measure a latent variable, in the order of the file.
func (q *Questionnaire) Indicators(latent string) []string { return q.under(latent, false) }

// Diagnostics returns the ids of a latent variable's diagnostic questions, in the order of the file.
func (q *Questionnaire) Diagnostics(latent string) []string { return q.under(latent, true) }

func (q *Questionnaire) under(latent string, diagnostic bool) []string {
	var ids []string
	for _, question := range q.Questions {
		if question.Latent == latent && question.Diagnostic == diagnostic {
			ids = append(ids, question.ID)
		}
	}
	return ids
}

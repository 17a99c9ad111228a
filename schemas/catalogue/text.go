package catalogue

import "fmt"

// Language is a language of labels.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// ParseLanguage reads the name of a language, as in the page and in reports.
func ParseLanguage(s string) (Language, error) {
	switch l := Language(s); l {
	case English, Chinese:
		return l, nil
	}
	return "", fmt.Errorf("language %q: one of %s, %s", s, English, Chinese)
}

// Text is a text in both languages.
type Text struct {
	English string `yaml:"en"`
	Chinese string `yaml:"zh"`
}

// In returns the text in a language; in English for an unknown one.
func (t Text) In(l Language) string {
	if l == Chinese {
		return t.Chinese
	}
	return t.English
}

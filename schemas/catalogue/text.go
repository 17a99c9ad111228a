package catalogue

import "fmt"

// Language is one that the product shows terms in.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// ParseLanguage reads a language as page and reports name it.
func ParseLanguage(s string) (Language, error) {
	switch l := Language(s); l {
	case English, Chinese:
		return l, nil
	}
	return "", fmt.Errorf("language %q: one of %s, %s", s, English, Chinese)
}

// Text is what people read, in both languages.
type Text struct {
	English string `yaml:"en"`
	Chinese string `yaml:"zh"`
}

// In gives the text in a language; in English where the language is none of ours.
func (t Text) In(l Language) string {
	if l == Chinese {
		return t.Chinese
	}
	return t.English
}

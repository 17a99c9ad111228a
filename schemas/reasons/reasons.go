// Package reasons has every reason for which a message becomes a dead letter, with its code and its wording in both languages.
//
// Whoever refuses a message makes the reason by [Reason.Text]; it travels as English text. [Read] finds code and values again in
// such a text, also in one of an earlier release, and [Told] words it in a language. Add a reason in list.go.
package reasons

import (
	"regexp"
	"strconv"
	"strings"
)

// Reason is a reason with places for values: {1}, {2} … . What stands between [ and ] is left out where its values are not to be shown.
type Reason struct {
	Code, English, Chinese string
	read                   *regexp.Regexp
}

var (
	all    []*Reason
	terms  = map[string]string{} // Chinese, by the English
	place  = regexp.MustCompile(`\{(\d)\}`)
	spared = regexp.MustCompile(`\[[^\]]*\]`)
)

func reason(code, english, chinese string) *Reason {
	pattern := regexp.QuoteMeta(english)
	pattern = strings.NewReplacer(`\[`, `(?:`, `\]`, `)?`).Replace(pattern)
	pattern = regexp.MustCompile(`\\\{\d\\\}`).ReplaceAllString(pattern, `(.*?)`)
	r := &Reason{code, english, chinese, regexp.MustCompile(`^(?s:` + pattern + `)$`)}
	all = append(all, r)
	return r
}

// term is a value of reasons that has a wording of its own in each language.
func term(english, chinese string) string {
	terms[english] = chinese
	return english
}

// Text is the reason in English, with values in their places.
func (r *Reason) Text(values ...string) string { return fill(r.English, values) }

func fill(text string, values []string) string {
	text = strings.NewReplacer("[", "", "]", "").Replace(text)
	return place.ReplaceAllStringFunc(text, func(p string) string {
		if i := int(p[1] - '1'); i < len(values) {
			return values[i]
		}
		return p
	})
}

// Read finds the reason that a text is of, and its values; those that were removed from it are missing at the end. It returns nil for a text that no reason has.
func Read(text string) (*Reason, []string) {
	for _, r := range all {
		m := r.read.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		values := m[1:]
		if m := spared.FindString(r.English); m != "" && !r.spares(text) {
			values = values[:len(values)-len(place.FindAllString(m, -1))]
		}
		return r, values
	}
	return nil, nil
}

// spares reports whether a text of the reason has what may be left out.
func (r *Reason) spares(text string) bool {
	at := r.read.FindStringSubmatchIndex(text)
	return at[len(at)-1] >= 0
}

// Chinese words a text in Chinese. One that no reason has follows its announcement as it stands.
func Chinese(text string) string {
	r, values := Read(text)
	if r == nil {
		if c, ok := terms[text]; ok {
			return c
		}
		return "未归类的原因：" + text
	}
	wording := r.Chinese
	if len(values) < len(place.FindAllString(wording, -1)) {
		wording = spared.ReplaceAllString(wording, "")
	}
	for i, v := range values {
		if c, ok := terms[v]; ok {
			values[i] = c
		} else if inner, _ := Read(v); inner != nil {
			values[i] = Chinese(v)
		}
	}
	return fill(wording, values)
}

// Number is a whole number as a value.
func Number(n int) string { return strconv.Itoa(n) }

// Offset is an offset as a value.
func Offset(n int64) string { return strconv.FormatInt(n, 10) }

package event

// The configuration keys under which an owner adds words to an enumeration (x-words in schemas/events).
const (
	SourceWords   = "measures.sources"
	CategoryWords = "measures.categories"
	StepWords     = "measures.steps"
)

// Words are what an owner has added to the enumerations, by configuration key. They may not change while a decoder reads. nil adds nothing.
type Words map[string]WordList

// WordList is what an owner has added to one enumeration.
type WordList []Word

// Word is a word that an owner has added to an enumeration.
type Word struct {
	Name string // as in events, rows and views; none of the release's
	Like uint8  // code of the release's name that it counts as, 0 for none
}

// Of returns the word of a name, nil if the owner has not added it.
func (l WordList) Of(name string) *Word {
	for i := range l {
		if l[i].Name == name {
			return &l[i]
		}
	}
	return nil
}

func (l WordList) names() (list []string) {
	for i := range l {
		list = append(list, l[i].Name)
	}
	return list
}

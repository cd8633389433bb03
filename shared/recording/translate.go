package recording

import (
	"strconv"

	"latchkey/shared/fault"
)

// MaxLanguages is into how many languages a document is translated at once.
const MaxLanguages = 50

// Translation asks for documents in other languages.
type Translation struct {
	Languages []string
	Filename  string // "" for the document's
}

// Translate refuses what cannot be translated, and says of the rest that
// there is no engine for it: Conflict.
func (a Access) Translate(t Translation) error {
	if !a.Manage {
		return errForbidden("translate the document")
	}
	switch n := len(t.Languages); {
	case n == 0:
		return fault.Field(fault.Missing, "languages", "is missing")
	case n > MaxLanguages:
		return fault.Field(fault.Invalid, "languages", "may be %d in one request", MaxLanguages)
	}
	for i, language := range t.Languages {
		if err := checkLanguage("languages["+strconv.Itoa(i)+"]", language); err != nil {
			return err
		}
	}
	if t.Filename != "" {
		if err := checkName("filename", t.Filename); err != nil {
			return err
		}
	}
	return fault.New(fault.Conflict, "no translation engine is set up")
}

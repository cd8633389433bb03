package recording

import (
	"context"
	"strconv"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// MaxLanguages is into how many languages a document is translated at once.
const MaxLanguages = 50

// Translation asks for documents in other languages.
type Translation struct {
	Languages []string
	Filename  string // "" for the document's
}

func (t Translation) validate() error {
	switch n := len(t.Languages); {
	case n == 0:
		return fault.Field(fault.Missing, "languages", "is missing")
	case n > MaxLanguages:
		return fault.Field(fault.Invalid, "languages", "may be %d in one request", MaxLanguages)
	}
	for i, language := range t.Languages {
		if err := checkLanguage(atLanguage(i), language); err != nil {
			return err
		}
	}
	if t.Filename != "" {
		return checkName("filename", t.Filename)
	}
	return nil
}

func atLanguage(i int) string { return "languages[" + strconv.Itoa(i) + "]" }

// Translate has a's document translated into each language, or, if one of them
// is not possible, into none. Errors are those of AddTranslation, but that
// fields are "languages[1]".
func (s *Service) Translate(ctx context.Context, a Access, t Translation) ([]Product, error) {
	if !a.Manage {
		return nil, errForbidden("translate the document")
	}
	if err := t.validate(); err != nil {
		return nil, err
	}
	documents, err := s.documents(ctx, a.Recording)
	if err != nil {
		return nil, err
	}
	for i, language := range t.Languages {
		err := a.translatable(language)
		if _, there := inLanguage(documents, language); err == nil && !there {
			err = s.possible(a, language)
		}
		if err != nil {
			return nil, fieldOf(err, atLanguage(i))
		}
	}
	out := make([]Product, len(t.Languages))
	for i, language := range t.Languages {
		if out[i], err = s.addTranslation(ctx, a, language, t.Filename); err != nil {
			return nil, fieldOf(err, atLanguage(i))
		}
	}
	return out, nil
}

// fieldOf names the field of a fault that names one as it is where it comes
// from.
func fieldOf(err error, field string) error {
	if f := fault.As(err); f.Field == "language" {
		return &fault.Error{Kind: f.Kind, Message: f.Message, Field: field, Cause: err}
	}
	return err
}

// AddTranslation has a's document translated, or without one the transcript of
// its recording. What was asked for before is not asked for again unless it
// failed. Invalid for the language that it is in, and where that is known
// (Pairs) for one that it cannot be translated into; Conflict
// (ErrNoTranscript) unless the recording is Completed.
func (s *Service) AddTranslation(ctx context.Context, a Access, language string) (Product, error) {
	if err := checkLanguage("language", language); err != nil {
		return Product{}, err
	}
	return s.addTranslation(ctx, a, language, "")
}

func (s *Service) addTranslation(ctx context.Context, a Access, language, filename string) (Product, error) {
	if err := a.translatable(language); err != nil {
		return Product{}, err
	}
	for attempt := 1; ; attempt++ {
		p, last, err := s.translation(ctx, a, language)
		if err == nil && p.Status != Failed || err != nil && !fault.Is(err, fault.NotFound) {
			return p, err
		}
		if err := s.possible(a, language); err != nil {
			return Product{}, err
		}
		p = s.newProduct(a, Translated)
		p.Language, p.Filename, p.Source, p.Document = language, filename, a.Document.ID, s.IDs.Chars(documentIDLength)
		p, err = s.addProduct(ctx, a.Who, p, last, account.Once{})
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return p, err
		}
	}
}

// spoken is the language that is translated from.
func (a Access) spoken() string {
	if a.Document.ID != "" {
		return a.Document.Language
	}
	return a.Recording.Language
}

// translatable says why a's document is not translated into a language now.
func (a Access) translatable(language string) error {
	if strings.EqualFold(language, a.spoken()) {
		return fault.Field(fault.Invalid, "language", "is its own already")
	}
	return a.ready()
}

// possible says why a's document cannot be translated into a language, if that
// is known.
func (s *Service) possible(a Access, language string) error {
	if s.Pairs == nil {
		return nil
	}
	return s.Pairs.Supports(a.spoken(), language)
}

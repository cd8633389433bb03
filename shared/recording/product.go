package recording

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
)

// Limits of what is made of recordings.
const (
	MaxProducts = 1000   // of one recording
	MaxPrompt   = 10_000 // characters
)

// ProductKind says what is made of a recording.
type ProductKind string

// The kinds.
const (
	Translated ProductKind = "translation"
	BurnedIn   ProductKind = "burn_in"
	Summarized ProductKind = "summary"
	Exported   ProductKind = "export"
)

// jobs are what makes each kind.
var jobs = map[ProductKind]job.Kind{Translated: job.Translate, BurnedIn: job.BurnIn, Summarized: job.Summarize, Exported: job.Export}

// Product is what is made of a recording that has a transcript. It goes with
// the recording.
type Product struct {
	ID           string // 8 characters of base62
	Organization string
	Recording    string
	Kind         ProductKind
	Status       Status // Queued, Processing, Completed or Failed
	Reason       string // why it failed
	Language     string // of a translation, or of what is burnt in: "" for the recording's own
	Prompt       string // of a summary
	BurnIn       BurnIn // of a burn-in
	Export       Export // of an export
	Hints        Hints  // of a summary
	Batch        string // id of the batch that it is of, or ""
	Document     string // id of the document that a translation is to become, or became
	Source       string // id of the document that a translation is to be of; "" for the recording's, and at the end
	Filename     string // of the document that a translation is to become; "" for its source's
	Text         string // of a summary, unless it is long
	TextKey      string // where the text of a long one is, or ""
	File         string // id of what the others became, or are becoming
	Ref          string // of the token that leads to that file: its SHA-256 in base64url, or ""
	Sealed       string // the token, sealed with ID
	CreatedBy    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Ended reports whether nothing will become of a product any more that it is
// not yet.
func (p Product) Ended() bool { return p.Status == Completed || p.Status == Failed }

// Name tells a product from all others of its recording: there is one
// translation into each language.
func (p Product) Name() string {
	if p.Kind == Translated {
		return string(p.Kind) + "#" + strings.ToLower(p.Language)
	}
	return string(p.Kind) + "#" + p.ID
}

func errNoProduct() error { return fault.New(fault.NotFound, "there is no such thing") }

// ready returns why nothing can be made of a's recording, or nil: Forbidden
// without the right, Conflict (ErrNoTranscript) unless it is Completed and has
// a transcript still.
func (a Access) ready() error {
	switch {
	case !a.Manage:
		return errForbidden("have something made of the recording")
	case a.Recording.Status != Completed || a.Recording.Documents == 0:
		return a.Recording.unwritten()
	}
	return nil
}

// newProduct describes what is to be made of a's recording.
func (s *Service) newProduct(a Access, kind ProductKind) Product {
	now := s.Now()
	return Product{
		ID: s.IDs.Chars(idLength), Organization: a.Recording.Organization, Recording: a.Recording.ID,
		Kind: kind, Status: Queued, CreatedBy: a.Who.User, CreatedAt: now, UpdatedAt: now,
	}
}

// add writes a product and its job. What takes the place of another names it.
func (s *Service) addProduct(ctx context.Context, who account.Principal, p Product, instead string, once account.Once) (Product, error) {
	err := s.Store.AddProduct(ctx, p, instead, []job.Job{job.New(jobs[p.Kind], who, p.ID).About(p.Recording)}, once)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) { // by the same request at the same time
		return s.Store.Product(ctx, p.Organization, replayed.Ref)
	}
	return p, err
}

// replayedProduct is what an earlier request with the same Once asked for, or
// none.
func (s *Service) replayedProduct(ctx context.Context, a Access, once account.Once) (Product, error) {
	ref, err := s.Store.Replay(ctx, once)
	if err != nil || ref == "" {
		return Product{}, err
	}
	return s.Store.Product(ctx, a.Recording.Organization, ref)
}

// Translation is how far the translation of a's recording into a language is;
// NotFound if none was asked for. One that was given counts as well.
func (s *Service) Translation(ctx context.Context, a Access, language string) (Product, error) {
	p, _, err := s.translation(ctx, a, language)
	return p, err
}

// translation returns the id of the record of it too, which stays when its
// document was deleted. The document is what counts.
func (s *Service) translation(ctx context.Context, a Access, language string) (p Product, last string, err error) {
	all, err := s.Store.Products(ctx, a.Recording.Organization, a.Recording.ID)
	if err != nil {
		return p, "", err
	}
	name := Product{Kind: Translated, Language: language}.Name()
	if i := slices.IndexFunc(all, func(p Product) bool { return p.Name() == name }); i >= 0 {
		p, last = all[i], all[i].ID
	}
	documents, err := s.documents(ctx, a.Recording)
	if err != nil {
		return p, last, err
	}
	d, ok := inLanguage(documents, language)
	switch {
	case ok:
		return Product{
			ID: last, Organization: a.Recording.Organization, Recording: a.Recording.ID, Kind: Translated, Status: Completed,
			Language: d.Language, Document: d.ID, Filename: d.Filename,
		}, last, nil
	case last == "" || p.Status == Completed:
		return Product{}, last, fault.Field(fault.NotFound, "language", "no translation into this language was asked for")
	}
	return p, last, nil
}

// AddSummary has a's recording summarised, or a question about it answered.
func (s *Service) AddSummary(ctx context.Context, a Access, prompt string, h Hints, once account.Once) (Product, error) {
	if err := checkText("prompt", prompt, MaxPrompt); err != nil {
		return Product{}, err
	}
	if err := h.validate(); err != nil {
		return Product{}, err
	}
	return s.ask(ctx, a, Summarized, once, func(p *Product) error {
		p.Prompt, p.Hints = prompt, h
		return nil
	})
}

// AddBurnIn has subtitles burnt into the video of a's recording. Invalid
// unless it is a video; NotFound without a transcript in the language.
func (s *Service) AddBurnIn(ctx context.Context, a Access, language string, b BurnIn, once account.Once) (Product, error) {
	b, err := b.checked()
	if err != nil {
		return Product{}, err
	}
	return s.ask(ctx, a, BurnedIn, once, func(p *Product) error {
		p.Language, p.BurnIn = language, b
		if !a.Recording.Video {
			return fault.New(fault.Invalid, "the recording is no video")
		}
		_, err := s.Main(ctx, a, language)
		return err
	})
}

// AddExport has parts of the media of a's recording put together. Invalid if
// that is nothing, or a video of what is none.
func (s *Service) AddExport(ctx context.Context, a Access, e Export, once account.Once) (Product, error) {
	e, err := e.checked()
	if err != nil {
		return Product{}, err
	}
	return s.ask(ctx, a, Exported, once, func(p *Product) error {
		p.Export = e
		switch {
		case !a.Recording.HasMedia():
			return fault.New(fault.Invalid, "the recording has no media")
		case e.Format == MP4 && !a.Recording.Video:
			return fault.Field(fault.Invalid, "media_format", "is for videos only")
		}
		main, err := s.Main(ctx, a, "")
		if err != nil {
			return err
		}
		read, err := s.content(ctx, main.Document)
		if err != nil {
			return err
		}
		return e.kept(read.Transcript).check(e)
	})
}

// ask makes a product of which there may be any number, as describe says.
func (s *Service) ask(ctx context.Context, a Access, kind ProductKind, once account.Once, describe func(*Product) error) (Product, error) {
	if err := a.ready(); err != nil {
		return Product{}, err
	}
	if p, err := s.replayedProduct(ctx, a, once); err != nil || p.ID != "" {
		return p, err
	}
	p := s.newProduct(a, kind)
	if err := describe(&p); err != nil {
		return Product{}, err
	}
	if err := s.link(ctx, &p); err != nil {
		return Product{}, err
	}
	return s.addProduct(ctx, a.Who, p, "", once)
}

// Product returns what was made of a recording that somebody sees, or
// NotFound.
func (s *Service) Product(ctx context.Context, who account.Principal, kind ProductKind, id string) (Product, error) {
	if !ident.IsChars(id, idLength) {
		return Product{}, errNoProduct()
	}
	p, err := s.Store.Product(ctx, who.Organization, id)
	if err != nil {
		return Product{}, err
	}
	if p.Kind != kind {
		return Product{}, errNoProduct()
	}
	if _, err := s.Own(ctx, who, account.ReadRecordings, p.Recording, ""); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = errNoProduct()
		}
		return Product{}, err
	}
	return p, nil
}

// NewestBurnIn returns the newest of a's recording, or NotFound.
func (s *Service) NewestBurnIn(ctx context.Context, a Access) (Product, error) {
	all, err := s.Store.Products(ctx, a.Recording.Organization, a.Recording.ID)
	all = slices.DeleteFunc(all, func(p Product) bool { return p.Kind != BurnedIn })
	if err != nil || len(all) == 0 {
		return Product{}, cmp.Or(err, errNoProduct())
	}
	return slices.MaxFunc(all, func(a, b Product) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	}), nil
}

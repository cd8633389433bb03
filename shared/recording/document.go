package recording

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// NewDocument describes a document to be made: from Transcript, as a copy of
// CopyOf, or, with neither, from the recording's first document.
type NewDocument struct {
	Filename   string // "" for the copied document's, or the recording's name
	Type       Type   // "" for the copied document's, or the recording's
	Language   string // the same
	Transcript *transcript.Transcript
	CopyOf     string             // id of a document of the same recording
	Limits     *transcript.Limits // of captions; nil leaves what is given or copied as it is
	Once       account.Once
}

// AddDocument makes a document of the recording that a opens. Conflict if it
// is to be made from the recording, and that has no transcript yet.
func (s *Service) AddDocument(ctx context.Context, a Access, n NewDocument) (Read, error) {
	if !a.Manage {
		return Read{}, errForbidden("make documents")
	}
	if n.Transcript != nil {
		t := transcript.Realign(transcript.Transcript{}, *n.Transcript)
		n.Transcript = &t
	}
	if err := n.validate(); err != nil {
		return Read{}, err
	}
	if ref, err := s.Store.Replay(ctx, n.Once); err != nil || ref != "" {
		return s.replayedDocument(ctx, a, ref, err)
	}
	t, of, err := s.source(ctx, a, n)
	if err != nil {
		return Read{}, err
	}
	now := s.Now()
	d := Document{
		ID: s.IDs.Chars(documentIDLength), Organization: a.Recording.Organization, Recording: a.Recording.ID,
		Filename: cmp.Or(n.Filename, of.Filename, a.Recording.Name), Type: cmp.Or(n.Type, of.Type, a.Recording.DocumentType, Transcript),
		Language: cmp.Or(n.Language, of.Language, a.Recording.Language), TimecodeOffset: cmp.Or(of.TimecodeOffset, "00:00:00:00"), Version: 1,
		CreatedBy: a.Who.User, CreatedAt: now, ModifiedAt: now,
	}
	if t, err = n.cut(t, d.Type); err != nil {
		return Read{}, err
	}
	if err := s.put(ctx, &d, t); err != nil {
		return Read{}, err
	}
	d.Original, d.OriginalSize = d.Content, d.Size
	done := a.Recording
	done.Status = Completed
	err = s.Store.AddDocument(ctx, d, n.Once, s.ended(a.Recording, done)...)
	var replayed *account.ReplayedError
	if errors.As(err, &replayed) { // by the same request at the same time
		s.drop(ctx, d)
		return s.replayedDocument(ctx, a, replayed.Ref, nil)
	}
	if refused(err) {
		s.drop(ctx, d)
	}
	return Read{Document: d, Transcript: t}, err
}

func (n NewDocument) validate() error {
	if n.Filename != "" {
		if err := checkName("filename", n.Filename); err != nil {
			return err
		}
	}
	if n.Language != "" {
		if err := checkLanguage("language", n.Language); err != nil {
			return err
		}
	}
	if err := checkType("type", n.Type); err != nil {
		return err
	}
	if n.Transcript != nil {
		return check(*n.Transcript)
	}
	return nil
}

// cut makes captions of what the recording says, or of anything if limits are
// given.
func (n NewDocument) cut(t transcript.Transcript, as Type) (transcript.Transcript, error) {
	limits := n.Limits
	switch {
	case limits == nil && (as != Caption || n.Transcript != nil || n.CopyOf != ""):
		return t, nil
	case limits == nil:
		limits = &transcript.DefaultLimits
	case as != Caption:
		return t, fault.Field(fault.Invalid, "type", "must be %q for there to be limits", Caption)
	}
	t = t.Split(*limits)
	return t, check(t)
}

// source is the content that a document is made with, and the document that
// it is a copy of, if it is one.
func (s *Service) source(ctx context.Context, a Access, n NewDocument) (t transcript.Transcript, of Document, err error) {
	if n.Transcript != nil {
		return *n.Transcript, of, nil
	}
	documents, err := s.Documents(ctx, a)
	if err != nil {
		return t, of, err
	}
	i := 0
	if n.CopyOf != "" {
		i = slices.IndexFunc(documents, func(d Document) bool { return d.ID == n.CopyOf })
	}
	switch {
	case i < 0:
		return t, of, errNotFound()
	case len(documents) == 0:
		return t, of, fault.New(fault.Conflict, "the recording has no transcript yet")
	}
	r, err := s.content(ctx, documents[i])
	if n.CopyOf != "" {
		of = r.Document
	}
	return r.Transcript, of, err
}

func (s *Service) replayedDocument(ctx context.Context, a Access, ref string, err error) (Read, error) {
	if err != nil {
		return Read{}, err
	}
	b, err := s.Own(ctx, a.Who, account.ReadRecordings, a.Recording.ID, ref)
	if err != nil {
		return Read{}, err
	}
	return s.content(ctx, b.Document)
}

// refused reports whether a commit was not done for sure: then the content
// that was stored for it is nobody's. Otherwise it may be in use.
func refused(err error) bool {
	return fault.Is(err, fault.Stale) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict)
}

// drop removes a content that is nobody's. If that fails it stays under the
// document's prefix, which goes with the document.
func (s *Service) drop(ctx context.Context, d Document) { _ = s.Contents.Delete(ctx, d.Content) }

// Documents lists a recording's documents, oldest first, consistently; of a
// link the one that it opens.
func (s *Service) Documents(ctx context.Context, a Access) ([]Document, error) {
	if a.ByLink() {
		return []Document{a.Document}, nil
	}
	return s.documents(ctx, a.Recording)
}

func (s *Service) documents(ctx context.Context, r Recording) ([]Document, error) {
	all, err := s.Store.Documents(ctx, r.Organization, r.ID)
	all = slices.DeleteFunc(all, func(d Document) bool { return d.Deleting })
	slices.SortFunc(all, func(a, b Document) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// mainOf is the transcript of a recording in a language, "" for its own: the
// first of its documents in it. Without one in its own, any is.
func mainOf(r Recording, documents []Document, language string) (Document, bool) {
	own := language == "" || strings.EqualFold(language, r.Language)
	d, ok := inLanguage(documents, cmp.Or(language, r.Language))
	if !ok && own && len(documents) > 0 {
		return documents[0], true
	}
	return d, ok
}

// inLanguage is the first document in a language.
func inLanguage(documents []Document, language string) (Document, bool) {
	i := slices.IndexFunc(documents, func(d Document) bool { return strings.EqualFold(d.Language, language) })
	if i < 0 {
		return Document{}, false
	}
	return documents[i], true
}

// Main opens the transcript of a recording in a language, "" for its own.
// Conflict (ErrNoTranscript) unless the recording is Completed, or while it is
// translated; NotFound if there is none in that language.
func (s *Service) Main(ctx context.Context, a Access, language string) (Access, error) {
	if a.Recording.Status != Completed {
		return a, a.Recording.unwritten()
	}
	documents, err := s.Documents(ctx, a)
	if err != nil {
		return a, err
	}
	d, ok := mainOf(a.Recording, documents, language)
	if !ok {
		return a, s.missing(ctx, a, language)
	}
	a.Document = d
	return a, nil
}

// missing says why there is no transcript in a language.
func (s *Service) missing(ctx context.Context, a Access, language string) error {
	if language == "" || strings.EqualFold(language, a.Recording.Language) { // its documents were deleted
		return errNoTranscript()
	}
	p, err := s.Translation(ctx, a, language)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	case err == nil && !p.Ended():
		return fault.Field(fault.Conflict, "language", "the translation is not finished")
	}
	return fault.Field(fault.NotFound, "language", "there is no transcript in this language")
}

// Read returns the document with its content, and notes who opened it if a
// link did.
func (s *Service) Read(ctx context.Context, a Access) (Read, error) {
	r, err := s.Reread(ctx, a)
	if err == nil {
		s.note(ctx, s.acted(a, share.Opened, ""))
	}
	return r, err
}

// Reread is Read in the course of something else that is noted.
func (s *Service) Reread(ctx context.Context, a Access) (Read, error) {
	return s.content(ctx, a.Document)
}

// Exportable returns Forbidden without the right to export.
func (a Access) Exportable() error {
	if !a.Export {
		return errForbidden("export the document")
	}
	return nil
}

// Exported notes that a document was exported in a format; Forbidden without
// the right. It is asked before a byte of the export is made.
func (s *Service) Exported(ctx context.Context, a Access, format string) error {
	if err := a.Exportable(); err != nil {
		return err
	}
	s.note(ctx, s.acted(a, share.Exported, format))
	return nil
}
